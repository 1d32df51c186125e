"""The records that each file of the Graph API is made of. Their JSON Schemas are published beside the files.

Every `href` is a relative reference (RFC 3986, section 4.2): resolve it against the URL of the file it stands in. So
the same bytes work at the root of a domain, under a project's path on GitHub Pages, and from a folder.
"""

from datetime import datetime
from typing import Any, Final, Literal

from mkdocs_gitguard.model import SCHEMA_VERSION, Record

ITEMS_PER_PAGE: Final = 1000
"""Nodes in one page of a kind."""
RELATIONS_PER_PAGE: Final = 500
"""Relations in a node's own file, and edges in one page of its neighbours."""

ChangeType = Literal["added", "changed", "removed"]


class KindEntry(Record, frozen=True, kw_only=True):
    """One kind of node: how many there are and where the first page of them is."""

    kind: str
    count: int
    href: str


class FileRef(Record, frozen=True, kw_only=True):
    """A file of the export and what its bytes are."""

    href: str
    sha256: str
    size: int
    """Bytes."""


class IndexDocument(Record, frozen=True, kw_only=True):
    """`index.json`: the way in, and the only file that holds a time of day."""

    schema_version: str = SCHEMA_VERSION
    generated_at: datetime
    commit: str = ""
    """The commit that the portal was built from; `""` where the builder did not say."""
    release: str
    """SHA-256 of the snapshot: two exports with the same release hold the same facts."""
    organization: str
    """The organization's node id."""
    kinds: tuple[KindEntry, ...]
    manifest: FileRef
    links: dict[str, str]
    """Name to href of everything else: `openapi`, `schemas`, `changes`, `export.ndjson`, ..."""


class KindItem(Record, frozen=True, kw_only=True):
    """One node in the list of its kind."""

    id: str
    label: str
    href: str
    page: str = ""
    """The node's page in the portal; `""` if it has none."""


class KindPage(Record, frozen=True, kw_only=True):
    """`kinds/{kind}/index.json`, `index.2.json`, ...: the nodes of a kind, in the snapshot's order."""

    schema_version: str = SCHEMA_VERSION
    kind: str
    count: int
    """Nodes on all pages."""
    page: int
    """From 1."""
    pages: int
    next: str | None = None
    prev: str | None = None
    items: tuple[KindItem, ...]


class RelationEnd(Record, frozen=True, kw_only=True):
    """A relation as this node sees it: it stands in relation `type` to the node `id`."""

    type: str
    id: str
    href: str
    paths: tuple[str, ...] = ()
    """The path groups that it holds for; empty: the whole node."""
    files: int | None = None


class NodeDocument(Record, frozen=True, kw_only=True):
    """`nodes/….json`: one node. Its bytes change only when the node or its relations do."""

    schema_version: str = SCHEMA_VERSION
    id: str
    kind: str
    label: str
    page: str = ""
    """The node's page in the portal; `""` if it has none."""
    neighbours: str
    """Href of the first page of its neighbours."""
    attributes: dict[str, Any]
    """The record, without `id`. A repository's file table is left out: `file_count` says how long it is."""
    relation_counts: dict[str, int]
    """How many relations of each type there are, all pages counted."""
    relations: tuple[RelationEnd, ...]
    relations_truncated: bool = False
    """True when there are more than stand here; the pages of `neighbours` hold them all."""


class GraphNodeMetadata(Record, frozen=True, kw_only=True):
    """What the graph says of a neighbour beside its label."""

    kind: str
    href: str
    page: str = ""


class GraphNode(Record, frozen=True, kw_only=True):
    """A node in JSON Graph Format."""

    label: str
    metadata: GraphNodeMetadata


class GraphEdgeMetadata(Record, frozen=True, kw_only=True):
    """What a relation holds for."""

    paths: tuple[str, ...] = ()
    files: int | None = None


class GraphEdge(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An edge in JSON Graph Format. `relation` is named from `source`."""

    source: str
    target: str
    relation: str
    metadata: GraphEdgeMetadata = GraphEdgeMetadata()


class NeighboursMetadata(Record, frozen=True, kw_only=True):
    """Which part of the neighbourhood this file holds."""

    schema_version: str = SCHEMA_VERSION
    node: str
    href: str
    """The node's own file."""
    depth: int = 1
    count: int
    """Edges on all pages."""
    page: int
    pages: int
    truncated: bool
    """True when this file alone is not the whole neighbourhood."""
    next: str | None = None
    prev: str | None = None


class NeighboursGraph(Record, frozen=True, kw_only=True):
    """The graph object of JSON Graph Format v2."""

    id: str
    type: str = "neighbours"
    label: str
    directed: bool = True
    metadata: NeighboursMetadata
    nodes: dict[str, GraphNode]
    edges: tuple[GraphEdge, ...]


class NeighboursDocument(Record, frozen=True, kw_only=True):
    """`….neighbours.json`, `….neighbours/2.json`, ...: JSON Graph Format v2 (https://jsongraphformat.info)."""

    graph: NeighboursGraph


class ManifestEntry(Record, frozen=True, kw_only=True):
    """What a file's bytes are."""

    sha256: str
    size: int
    """Bytes."""


class ApiManifest(Record, frozen=True, kw_only=True):
    """`manifest.json`: every file but itself and `index.json`, by its path under the API's root."""

    schema_version: str = SCHEMA_VERSION
    files: dict[str, ManifestEntry]


class ChangeLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A line of `changes.ndjson`: what became of a node since the build before.

    A removed node is told by the SHA-256 of its path only: who had the node can find it again by its href, and a node
    that the rollout has taken out of view is not named once more.
    """

    change: ChangeType
    path_sha256: str
    """Of the node's path under the API's root, for instance `nodes/owner/user/mira.json`."""
    id: str = ""
    href: str = ""


class ExportNode(Record, frozen=True, kw_only=True, tag_field="record", tag="node"):
    """A node's line in `export/graph.ndjson`."""

    id: str
    kind: str
    label: str
    href: str
    attributes: dict[str, Any]


class ExportRelation(Record, frozen=True, kw_only=True, tag_field="record", tag="relation"):
    """A relation's line in `export/graph.ndjson`, after all nodes."""

    source: str
    type: str
    target: str
    paths: tuple[str, ...] = ()
    files: int | None = None


class CytoscapeNodeData(Record, frozen=True, kw_only=True):
    """What Cytoscape keeps of a node."""

    id: str
    label: str
    kind: str
    href: str


class CytoscapeNode(Record, frozen=True, kw_only=True):
    """A node as Cytoscape.js reads it."""

    data: CytoscapeNodeData


class CytoscapeEdgeData(Record, frozen=True, kw_only=True):
    """What Cytoscape keeps of an edge."""

    id: str
    source: str
    target: str
    relation: str


class CytoscapeEdge(Record, frozen=True, kw_only=True):
    """An edge as Cytoscape.js reads it."""

    data: CytoscapeEdgeData


class CytoscapeElements(Record, frozen=True, kw_only=True):
    """Both lists."""

    nodes: tuple[CytoscapeNode, ...]
    edges: tuple[CytoscapeEdge, ...]


class CytoscapeDocument(Record, frozen=True, kw_only=True):
    """`export/graph.cytoscape.json` (https://js.cytoscape.org/#notation/elements-json)."""

    elements: CytoscapeElements


class ErrorDocument(Record, frozen=True, kw_only=True):
    """What the server says when it has no file to give. A static host answers in its own way."""

    status: int
    error: str


class HealthDocument(Record, frozen=True, kw_only=True):
    """`/healthz` of the server."""

    status: Literal["ok"] = "ok"
    graph_api: Literal["enabled", "disabled"]
    release: str = ""
