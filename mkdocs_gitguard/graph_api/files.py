"""Snapshot in; the JSON files of nodes, neighbours and kinds out, one at a time. Pure: nothing is written here."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from mkdocs_gitguard.graph_api.documents import (
    ITEMS_PER_PAGE,
    RELATIONS_PER_PAGE,
    GraphEdge,
    GraphEdgeMetadata,
    GraphNode,
    GraphNodeMetadata,
    KindItem,
    KindPage,
    NeighboursDocument,
    NeighboursGraph,
    NeighboursMetadata,
    NodeDocument,
    RelationEnd,
)
from mkdocs_gitguard.graph_api.layout import API_ROOT, kind_path, up
from mkdocs_gitguard.model import NODE_KINDS, Graph, Node, Relation, Repository, Seen, kind_of, label_of, path_of

_TO_SITE: Final = "../" * (API_ROOT.count("/") + 1)
_encode = msgspec.json.Encoder().encode


class File(NamedTuple):
    """A file of the export, by its path under the API's root."""

    path: str
    data: bytes


class NodeFact(NamedTuple):
    """What other files say of a node."""

    kind: str
    label: str
    path: str
    """`path_of` its id."""
    page: str
    """Its page's URL relative to the site's root, or absolute; `""` if it has none."""


class ApiInput:
    """What is looked up again and again while the files of one snapshot are made."""

    def __init__(self, graph: Graph, pages: Mapping[str, str]) -> None:
        """Look at every node once.

        Args:
            graph: of what to export.
            pages: node id to the URL of its page, relative to the site's root or absolute; others have no page.
        """
        self.graph = graph
        self.snapshot = graph.snapshot
        self.nodes = {
            node.id: NodeFact(kind_of(node.id), label_of(node), path_of(node.id), pages.get(node.id, ""))
            for node in self.snapshot.nodes()
        }

    def counts(self) -> dict[str, int]:
        """Return how many nodes there are of each kind, in the order of `NODE_KINDS`."""
        counts = Counter(node.kind for node in self.nodes.values())
        return {kind.name: counts[kind.name] for kind in NODE_KINDS}

    def relations(self) -> Iterator[Relation]:
        """Yield the relations whose ends are both nodes of this snapshot: every href must lead somewhere."""
        nodes = self.nodes
        return (item for item in self.snapshot.relations if item.source in nodes and item.target in nodes)

    def seen(self, node: str) -> list[Seen]:
        """Return a node's relations, those with one end missing left out."""
        return [seen for seen in self.graph.relations.get(node, ()) if seen.other in self.nodes]


def attributes_of(node: Node) -> dict[str, Any]:
    """Return the record as the API shows it."""
    attributes = {name: getattr(node, name) for name in node.__struct_fields__ if name != "id"}
    if isinstance(node, Repository):
        attributes["file_count"] = len(attributes.pop("files"))
    return attributes


def node_files(api: ApiInput) -> Iterator[tuple[str, File]]:
    """Yield every node's id and its file, then the same id and each page of its neighbours."""
    for node in api.snapshot.nodes():
        seen = api.seen(node.id)
        yield node.id, _node_file(api, node, seen)
        for file in _neighbour_files(api, node.id, seen):
            yield node.id, file


def kind_files(api: ApiInput) -> Iterator[File]:
    """Yield the pages of the list of each kind. One without nodes has a page too, so that its URL always answers."""
    groups: dict[str, list[str]] = {kind.name: [] for kind in NODE_KINDS}
    for node, fact in api.nodes.items():
        groups[fact.kind].append(node)
    for kind, members in groups.items():
        pages = _pages(len(members), ITEMS_PER_PAGE)
        for page in range(1, pages + 1):
            path = kind_path(kind, page)
            root = up(path)
            document = KindPage(
                kind=kind,
                count=len(members),
                page=page,
                pages=pages,
                next=_file_name(kind_path(kind, page + 1)) if page < pages else None,
                prev=_file_name(kind_path(kind, page - 1)) if page > 1 else None,
                items=tuple(
                    KindItem(
                        id=member,
                        label=api.nodes[member].label,
                        href=f"{root}nodes/{api.nodes[member].path}.json",
                        page=page_href(root, api.nodes[member].page),
                    )
                    for member in members[(page - 1) * ITEMS_PER_PAGE : page * ITEMS_PER_PAGE]
                ),
            )
            yield File(path, _encode(document))


def page_href(root: str, page: str) -> str:
    """Return the href of a portal page from a file whose way up to the API's root is `root`."""
    return page if not page or "://" in page else f"{root}{_TO_SITE}{page}"


def _node_file(api: ApiInput, node: Node, seen: Sequence[Seen]) -> File:
    fact = api.nodes[node.id]
    path = f"nodes/{fact.path}.json"
    root = up(path)
    nodes = api.nodes
    return File(
        path,
        _encode(
            NodeDocument(
                id=node.id,
                kind=fact.kind,
                label=fact.label,
                page=page_href(root, fact.page),
                neighbours=f"{_file_name(fact.path)}.neighbours.json",
                attributes=attributes_of(node),
                relation_counts=dict(sorted(Counter(item.type for item in seen).items())),
                relations=tuple(
                    RelationEnd(
                        type=item.type,
                        id=item.other,
                        href=f"{root}nodes/{nodes[item.other].path}.json",
                        paths=item.relation.paths,
                        files=item.relation.files,
                    )
                    for item in seen[:RELATIONS_PER_PAGE]
                ),
                relations_truncated=len(seen) > RELATIONS_PER_PAGE,
            )
        ),
    )


def _neighbour_files(api: ApiInput, node: str, seen: Sequence[Seen]) -> Iterator[File]:
    fact = api.nodes[node]
    # A relation from a node to itself is seen from both its ends; as an edge it stands once.
    edges = [item.relation for item in seen if item.other != node or item.type == item.relation.type]
    pages = _pages(len(edges), RELATIONS_PER_PAGE)
    stem = f"nodes/{fact.path}.neighbours"
    for page in range(1, pages + 1):
        path = f"{stem}.json" if page == 1 else f"{stem}/{page}.json"
        root = up(path)
        part = edges[(page - 1) * RELATIONS_PER_PAGE : page * RELATIONS_PER_PAGE]
        ids = dict.fromkeys([node])
        for edge in part:
            ids[edge.source] = ids[edge.target] = None
        name = _file_name(stem)
        here = "" if page == 1 else "../"
        document = NeighboursDocument(
            graph=NeighboursGraph(
                id=node,
                label=fact.label,
                metadata=NeighboursMetadata(
                    node=node,
                    href=f"{root}nodes/{fact.path}.json",
                    count=len(edges),
                    page=page,
                    pages=pages,
                    truncated=pages > 1,
                    next=f"{here}{name}/{page + 1}.json" if page < pages else None,
                    prev=None if page == 1 else f"../{name}.json" if page == 2 else f"{page - 1}.json",  # noqa: PLR2004 the page after the first
                ),
                nodes={key: _graph_node(api.nodes[key], root) for key in ids},
                edges=tuple(_graph_edge(edge) for edge in part),
            )
        )
        yield File(path, _encode(document))


def _graph_node(fact: NodeFact, root: str) -> GraphNode:
    return GraphNode(
        label=fact.label,
        metadata=GraphNodeMetadata(
            kind=fact.kind, href=f"{root}nodes/{fact.path}.json", page=page_href(root, fact.page)
        ),
    )


def _graph_edge(relation: Relation) -> GraphEdge:
    if not relation.paths and relation.files is None:
        return GraphEdge(source=relation.source, target=relation.target, relation=relation.type)
    return GraphEdge(
        source=relation.source,
        target=relation.target,
        relation=relation.type,
        metadata=GraphEdgeMetadata(paths=relation.paths, files=relation.files),
    )


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]
