"""Snapshot in; the JSON files of nodes, shards, relations and kinds out, each planned before it is made.

A plan holds the digest of all that the bytes are made of, so that a file whose inputs are those of the last export need
not be made again. Pure: nothing is written here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from mkdocs_gitguard.graph_api.documents import (
    ITEMS_PER_PAGE,
    RELATIONS_OF_A_NODE,
    CloseNode,
    FromEvents,
    KindItem,
    KindPage,
    NodeDocument,
    RelationEnd,
    RelationsPage,
    ShardDocument,
)
from mkdocs_gitguard.graph_api.kept_plans import NodePlan
from mkdocs_gitguard.graph_api.layout import (
    RELATIONS_PER_PAGE,
    in_runs,
    kind_path,
    part_of,
    parts_for,
    relations_path,
    up,
)
from mkdocs_gitguard.graph_api.nodes import LONG_AGO, ApiInput, attributes_of, digest_of, page_href
from mkdocs_gitguard.graph_api.packing import packed
from mkdocs_gitguard.model import NODE_KINDS, Node, PullRequest, Related, Repository, Seen

_LIST_BREAKS_AT_ONE_OF: Final = 500
_encode = msgspec.json.Encoder().encode


class PlannedFile(NamedTuple):
    """A file of the export that can be made."""

    path: str
    """Under the API's root."""
    inputs: bytes
    """Digest of all that its bytes are made of, but for the code."""
    make: Callable[[], bytes]


def node_files(api: ApiInput) -> Iterator[PlannedFile]:
    """Plan every node's own file or shard, and the pages of the relations of those that have many."""
    shards: defaultdict[str, list[NodePlan]] = defaultdict(list)
    for node in api.snapshot.nodes():
        plan, parts = api.untouched.get(node.id), None
        if plan is None:
            plan, parts = _plan(api, node)
        api.take(plan)
        if plan.fact.file.startswith("nodes/"):
            yield PlannedFile(plan.fact.file, plan.inputs, partial(_node_file, api, node))
        else:
            shards[plan.fact.file].append(plan)
        if plan.pages:
            parts_of = cache(partial(_parts, api, node.id, plan.seen) if parts is None else partial(list, parts))
            for place, (path, digest) in enumerate(plan.pages):
                yield PlannedFile(path, digest, partial(_relations_page, api, node.id, parts_of, place))
    for path, plans in shards.items():
        yield PlannedFile(path, digest_of([plan.inputs for plan in plans]), partial(_shard, api, path, plans))


def _plan(api: ApiInput, node: Node) -> tuple[NodePlan, "list[_Part] | None"]:
    """Return a node's plan, and the pages of its relations if they had to be looked at."""
    seen, events, close = api.seen(node.id), _from_events(api, node), _close(api, node)
    known = api.plan_before(node, seen, events, close)
    parts = None
    if known is not None:
        inputs, pages = known.inputs, known.pages
    else:
        inputs, pages = _inputs(api, node, seen, events), ()
        if len(seen) > RELATIONS_OF_A_NODE:
            parts = _parts(api, node.id, seen)
            pages = tuple(_planned_pages(api, node.id, parts))
    return NodePlan(node, api.nodes[node.id], seen, events, close, inputs, pages), parts


def kind_files(api: ApiInput) -> Iterator[PlannedFile]:
    """Plan the pages of the list of each kind. One without nodes has a page too, so that its URL always answers."""

    def ends_page(node: str) -> bool:
        return api.nodes[node].checksum % _LIST_BREAKS_AT_ONE_OF == 0

    groups: dict[str, list[str]] = {kind.name: [] for kind in NODE_KINDS}
    for node, fact in api.nodes.items():
        groups[fact.kind].append(node)
    for kind, members in groups.items():
        # A node more or less changes the page on which it stands and no other.
        parts = [*in_runs(members, ends_page, ITEMS_PER_PAGE)] or [[]]
        for page, part in enumerate(parts, 1):
            is_last = page == len(parts)
            digest = digest_of((page, is_last, [api.nodes[member].shown for member in part]))
            yield PlannedFile(
                kind_path(kind, page), digest, partial(_kind_page, api, kind, part, page=page, is_last=is_last)
            )


def _kind_page(api: ApiInput, kind: str, members: Sequence[str], *, page: int, is_last: bool) -> bytes:
    root = up(kind_path(kind, page))
    facts = [(member, api.nodes[member]) for member in members]
    return _encode(
        KindPage(
            kind=kind,
            page=page,
            next=None if is_last else _file_name(kind_path(kind, page + 1)),
            prev=_file_name(kind_path(kind, page - 1)) if page > 1 else None,
            items=tuple(
                KindItem(id=member, label=fact.label, href=root + fact.file, page=page_href(root, fact.page))
                for member, fact in facts
            ),
        )
    )


def _inputs(api: ApiInput, node: Node, seen: Sequence[Seen], events: FromEvents | UnsetType) -> bytes:
    parts = (api.nodes[node.id].own, _shown_of(api, seen))
    close = [(api.nodes[item.id].shown, item.score) for item in _close(api, node)]
    return digest_of((*parts, *([] if events is UNSET else [events]), *([close] if close else [])))


def _close(api: ApiInput, node: Node) -> list[Related]:
    return [item for item in api.graph.related.get(node.id, ()) if item.id in api.nodes]


def _from_events(api: ApiInput, node: Node) -> FromEvents | UnsetType:
    if isinstance(node, Repository) and (open_ones := api.graph.open_pull_requests.get(node.id)):
        return FromEvents(open_pull_requests=open_ones)
    if isinstance(node, PullRequest) and (status := api.graph.statuses.get(node.id)):
        return FromEvents(pull_request=status)
    return UNSET


def _shown_of(api: ApiInput, seen: Sequence[Seen]) -> tuple[list[str], bytes, list[object]]:
    """Return what tells whether these relations would be shown as they were, and in the same order."""
    nodes = api.nodes
    more = [
        (place, relation.paths, relation.files, relation.evidence)
        for place, (_, _, relation) in enumerate(seen)
        if relation.paths or relation.files is not None or relation.evidence
    ]
    return [item.type for item in seen], b"".join([nodes[item.other].as_end for item in seen]), [*more]


def _node_file(api: ApiInput, node: Node) -> bytes:
    return _encode(_document(api, node, api.seen(node.id), up(api.nodes[node.id].file)))


def _shard(api: ApiInput, path: str, plans: Sequence[NodePlan]) -> bytes:
    root = up(path)
    documents = {plan.node.id: _document(api, plan.node, plan.seen, root) for plan in plans}
    return packed(_encode(ShardDocument(kind=path.split("/")[1], nodes=documents)))


def _document(api: ApiInput, node: Node, seen: Sequence[Seen], root: str) -> NodeDocument:
    fact = api.nodes[node.id]
    counts = dict(sorted(Counter(item.type for item in seen).items()))
    parts = _parts(api, node.id, seen) if len(seen) > RELATIONS_OF_A_NODE else []
    shown = list(_some_of_each_type(api, seen)) if parts else _newest_first(api, seen)
    shown_counts = Counter(item.type for item in shown)
    return NodeDocument(
        id=node.id,
        kind=fact.kind,
        label=fact.label,
        page=page_href(root, fact.page),
        attributes=attributes_of(node),
        relation_counts=counts,
        relations=tuple(_end(api, item, root) for item in shown),
        all_relations=root + parts[0].path if parts else None,
        relation_pages={
            part.relation: root + part.path
            for part in parts
            if part.number == 1 and shown_counts[part.relation] < counts[part.relation]
        },
        from_events=_from_events(api, node),
        close_in_meaning=tuple(_close_end(api, item, root) for item in _close(api, node)) or UNSET,
    )


def _close_end(api: ApiInput, item: Related, root: str) -> CloseNode:
    fact = api.nodes[item.id]
    return CloseNode(
        id=item.id,
        label=fact.label,
        kind=fact.kind,
        href=root + fact.file,
        page=page_href(root, fact.page),
        score=item.score,
    )


def _end(api: ApiInput, item: Seen, root: str) -> RelationEnd:
    fact = api.nodes[item.other]
    return RelationEnd(
        type=item.type,
        id=item.other,
        label=fact.label,
        kind=fact.kind,
        href=root + fact.file,
        page=page_href(root, fact.page),
        paths=item.relation.paths,
        files=item.relation.files,
        evidence=item.relation.evidence,
    )


def _some_of_each_type(api: ApiInput, seen: Sequence[Seen]) -> Iterator[Seen]:
    """Yield `RELATIONS_OF_A_NODE` relations: of each type as many as of any other, as far as it has them."""
    by_type: defaultdict[str, list[Seen]] = defaultdict(list)
    for item in seen:
        by_type[item.type].append(item)
    left = RELATIONS_OF_A_NODE
    shares = {}
    for place, (name, items) in enumerate(sorted(by_type.items(), key=lambda entry: len(entry[1]))):
        shares[name] = min(len(items), left // (len(by_type) - place))
        left -= shares[name]
    for name, items in by_type.items():
        yield from _newest_first(api, items)[: shares[name]]


def _newest_first(api: ApiInput, seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda item: api.nodes[item.other].moment, reverse=True)


class _Part(NamedTuple):
    """What stands on one page of a node's relations."""

    path: str
    relation: str
    year: int | None
    number: int
    """Among the pages of its type, from 1."""
    seen: list[Seen]


def _parts(api: ApiInput, node: str, seen: Sequence[Seen]) -> list[_Part]:
    """Return a node's relations page by page: a new one changes one page, or a year of pages."""
    groups: defaultdict[str, defaultdict[int, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for item in seen:
        groups[item.type][api.nodes[item.other].moment.year].append(item)
    parts = []
    for relation, years in sorted(groups.items()):
        number = 0
        for year, items in sorted(years.items(), reverse=True):
            pages = parts_for(len(items), RELATIONS_PER_PAGE)
            filled: list[list[Seen]] = [[] for _ in range(pages)]
            for item in items:
                filled[part_of(f"{item.type} {item.other}", pages) - 1].append(item)
            shown_year = None if year == LONG_AGO.year else year
            for page, members in enumerate(filled, 1):
                number += 1
                path = relations_path(node, relation, page, shown_year)
                parts.append(_Part(path, relation, shown_year, number, members))
    return parts


def first_relations_page(api: ApiInput, node: str) -> str | None:
    """Return the path of the first page of a node's relations, None where it has none."""
    parts = _parts(api, node, api.seen(node))
    return parts[0].path if parts else None


def _planned_pages(api: ApiInput, node: str, parts: Sequence[_Part]) -> Iterator[tuple[str, bytes]]:
    for place, part in enumerate(parts):
        before, after = _neighbours(parts, place)
        yield part.path, digest_of((api.nodes[node].file, part.number, before, after, _shown_of(api, part.seen)))


def _neighbours(parts: Sequence[_Part], place: int) -> tuple[str, str]:
    """Return the paths of the pages before and after one, `""` for none."""
    return parts[place - 1].path if place else "", parts[place + 1].path if place + 1 < len(parts) else ""


def _relations_page(api: ApiInput, node: str, parts: Callable[[], list[_Part]], place: int) -> bytes:
    part = parts()[place]
    before, after = _neighbours(parts(), place)
    root = up(part.path)
    page = RelationsPage(
        node=node,
        href=root + api.nodes[node].file,
        type=part.relation,
        year=part.year,
        page=part.number,
        next=_beside(part.path, after),
        prev=_beside(part.path, before),
        relations=tuple(_end(api, item, root) for item in _newest_first(api, part.seen)),
    )
    return packed(_encode(page))


def _beside(path: str, other: str) -> str | None:
    """Return the href of another page of the same node's relations, None for `""`."""
    if not other:
        return None
    is_of_type = path.rpartition("/")[0] == other.rpartition("/")[0]
    return _file_name(other) if is_of_type else f"../{'/'.join(other.split('/')[-2:])}"


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]
