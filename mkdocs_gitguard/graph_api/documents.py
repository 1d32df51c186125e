"""The records that each file of the Graph API is made of. Their JSON Schemas are published beside the files.

Every `href` is a relative reference (RFC 3986, section 4.2): resolve it against the URL of the file it stands in. So
the same bytes work at the root of a domain, under a project's path on GitHub Pages, and from a folder.
"""

from datetime import datetime
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType, field

from mkdocs_gitguard.model import SCHEMA_VERSION, Evidence, PullRequestStatus, Record
from mkdocs_gitguard.model.service_levels import ServiceLevels

ITEMS_PER_PAGE: Final = 1000
"""Nodes in one page of a kind, at most."""
RELATIONS_OF_A_NODE: Final = 200
"""Relations that a node itself shows, at most."""

ChangeType = Literal["added", "changed", "removed"]


class KindEntry(Record, frozen=True, kw_only=True):
    """One kind of node: how many there are and where the first page of them is."""

    kind: str
    count: int
    href: str
    shards: int
    """In how many shards those without a page of their own stand: a power of two, or 0."""


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
    """SHA-256 of the snapshot, and of what events say where they do: the same release, the same facts."""
    organization: str
    """The organization's node id."""
    kinds: tuple[KindEntry, ...]
    manifest: FileRef
    links: dict[str, str]
    """Name to href of everything else: `openapi`, `schemas`, `changes`, `export.ndjson`, ..."""
    exports: dict[str, str] = field(default_factory=dict)
    """Name of each export of the whole graph (`ndjson`) to the release that it is of: where `gitguard watch` answers
    events, a large one may be older than `release` for some minutes."""


class ServiceLevelsDocument(Record, frozen=True, kw_only=True):
    """`service-levels.json`: objectives with the days of their last 90, and breaches; of no repository, as they are."""

    schema_version: str = SCHEMA_VERSION
    service_levels: ServiceLevels


class KindItem(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One node in the list of its kind."""

    id: str
    label: str
    href: str
    """Of its own file, or of the shard in which it stands under its id."""
    page: str = ""
    """The node's page in the portal, or its place on another's; left out if it has none."""


class KindPage(Record, frozen=True, kw_only=True):
    """`kinds/{kind}/index.json`, `index.2.json`, ...: the nodes of a kind, in the snapshot's order."""

    schema_version: str = SCHEMA_VERSION
    kind: str
    page: int
    """From 1."""
    next: str | None = None
    prev: str | None = None
    items: tuple[KindItem, ...]


class RelationEnd(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A relation as a node sees it: it stands in relation `type` to the node `id`."""

    type: str
    id: str
    label: str
    kind: str
    href: str
    """Of the other node's own file, or of the shard in which it stands under its id."""
    page: str = ""
    """The other node's page in the portal, or its place on another's; left out if it has none."""
    paths: tuple[str, ...] = ()
    """The path groups that it holds for; left out: the whole node."""
    files: int | None = None
    evidence: tuple[Evidence, ...] = ()
    """Of `subject_to` and `applies_to`: why the policy is said to apply."""


class FromEvents(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What events of its forge say of a node, for git does not know it; `at` is the moment of the latest event."""

    open_pull_requests: tuple[PullRequestStatus, ...] = ()
    """Of a repository, those that git does not know to be merged, the highest number first."""
    pull_request: PullRequestStatus | None = None
    """Of a pull request: its labels, reviews and checks."""


class CloseNode(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A node whose text is close in meaning to that of the one that it stands in."""

    id: str
    label: str
    kind: str
    href: str
    """Of its own file, or of the shard in which it stands under its id."""
    page: str = ""
    """Its page in the portal, or its place on another's; left out if it has none."""
    score: float
    """Cosine of the two texts' vectors, in hundredths: 1 is the same text."""


class NodeDocument(Record, frozen=True, kw_only=True):
    """`nodes/….json`: one node. Its bytes change only when the node, its relations or their other ends' names do."""

    schema_version: str = SCHEMA_VERSION
    id: str
    kind: str
    label: str
    page: str = ""
    """The node's page in the portal, or its place on another's; `""` if it has none."""
    attributes: dict[str, Any]
    """The record, without `id`. A repository's file table is left out: `file_count` says how long it is."""
    relation_counts: dict[str, int]
    """How many relations of each type there are, those among them that do not stand here."""
    relations: tuple[RelationEnd, ...]
    """All of them, the newest first; where `all_relations` is given, some of each type, of each the newest first."""
    all_relations: str | None = None
    """Href of the first page of all relations; null where they all stand here."""
    relation_pages: dict[str, str]
    """By type of which not all relations stand here, the href of the first page of that type."""
    from_events: FromEvents | UnsetType = UNSET
    """Left out where events say nothing of the node."""
    close_in_meaning: tuple[CloseNode, ...] | UnsetType = UNSET
    """Of repositories and policies, the closest first. Left out where nothing is close, or nobody has compared."""


class RelationsPage(Record, frozen=True, kw_only=True):
    """`relations/…/{type}/….json.gz`: all relations of a node that has many, each type on pages of its own.

    Pages of what happened at a moment are of one year each, or several of one year, the newest year first. What is on
    one page is newest first.
    """

    schema_version: str = SCHEMA_VERSION
    node: str
    href: str
    """Of the node's own file, or of the shard in which it stands under its id."""
    type: str
    """Of all relations on the page, as the node sees them."""
    year: int | None = None
    """In which what they lead to happened (UTC); null for what has no moment."""
    page: int
    """Among those of its type, from 1."""
    next: str | None = None
    """Behind the last page of a type comes the first of the next."""
    prev: str | None = None
    relations: tuple[RelationEnd, ...]


class ShardDocument(Record, frozen=True, kw_only=True):
    """`shards/{kind}/1.json.gz`, `2.json.gz`, ...: nodes that have no page of their own, by id."""

    schema_version: str = SCHEMA_VERSION
    kind: str
    nodes: dict[str, NodeDocument]
    """Every href in them counts from the shard."""


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
    """Of the node's path under the API's root, for instance `nodes/owner/user/mira.json`, also where it stands in a
    shard."""
    id: str = ""
    href: str = ""
    """Of its file, or of the shard in which it stands under its id."""


class ExportNode(Record, frozen=True, kw_only=True, tag_field="record", tag="node"):
    """A node's line in `export/graph.ndjson.gz`."""

    id: str
    kind: str
    label: str
    href: str
    attributes: dict[str, Any]


class ExportRelation(Record, frozen=True, kw_only=True, tag_field="record", tag="relation"):
    """A relation's line in `export/graph.ndjson.gz`, after all nodes."""

    source: str
    type: str
    target: str
    paths: tuple[str, ...] = ()
    files: int | None = None
    evidence: tuple[Evidence, ...] = ()


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
    """`export/graph.cytoscape.json.gz` (https://js.cytoscape.org/#notation/elements-json)."""

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
