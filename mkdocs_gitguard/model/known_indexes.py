"""Indexes of a graph that are dear to make, brought up to date from those of the graph before it.

What has not changed are the very same objects, and which keys may have another value is known beside them: so no line
of Python is run for each of the others, neither here nor where two indexes are compared. The tuples of a snapshot are
sorted, as its fields say. The keys of an index have no order: nobody walks through it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, wraps
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from mkdocs_gitguard.model.graph_answers import Seen
from mkdocs_gitguard.model.kinds import NODE_KINDS, label_of
from mkdocs_gitguard.model.moves import MadeOf, Moves, Updated, ends_of, records_of, replaced
from mkdocs_gitguard.model.owner import as_shown
from mkdocs_gitguard.model.owner_work import updated_work_by_owner, work_by_owner
from mkdocs_gitguard.model.relation import INVERSE, relation_key
from mkdocs_gitguard.model.snapshot import pull_requests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mkdocs_gitguard.model.kinds import Node
    from mkdocs_gitguard.model.owner import Owner
    from mkdocs_gitguard.model.ownership import Ownership, PullRequestOwnership
    from mkdocs_gitguard.model.pull_request import PullRequest
    from mkdocs_gitguard.model.relation import Relation
    from mkdocs_gitguard.model.snapshot import Snapshot


_Item = TypeVar("_Item")
_Value = TypeVar("_Value")
_Graph = TypeVar("_Graph", bound="Following")
_repository = attrgetter("repository")


class DearIndex(NamedTuple):
    """How an index is made of a snapshot, and brought up to date for the next one."""

    make: Callable[[Snapshot], dict[str, Any]]
    update: Callable[[MappingProxyType[str, Any], Moves], Updated | None]
    """None: it has to be made."""


class KnownIndexes(NamedTuple):
    """Indexes of an earlier snapshot, by name."""

    snapshot: Snapshot | None = None
    indexes: Mapping[str, MappingProxyType[str, Any]] = MappingProxyType({})


NOTHING_KNOWN: Final = KnownIndexes()
STAYING: Final[dict[str, MadeOf]] = {}
"""By name, the indexes that a graph takes from the one before where all that they are made of is the same."""


class Following(Protocol):
    """A graph that may follow another."""

    def standing(self, name: str) -> Mapping[str, Any] | None:
        """Return an index of the graph before, where nothing has moved that it is made of."""


def staying(
    *fields: str, relation_type: str = ""
) -> Callable[[Callable[[_Graph], Mapping[str, _Value]]], cached_property[Mapping[str, _Value]]]:
    """Mark an index of a graph as one that stays while some fields of its snapshot do. Arguments as in `MadeOf`."""

    def marked(make: Callable[[_Graph], Mapping[str, _Value]]) -> cached_property[Mapping[str, _Value]]:
        name = make.__name__
        STAYING[name] = MadeOf(fields, relation_type)

        @wraps(make)
        def known_or_made(graph: _Graph) -> Mapping[str, _Value]:
            known = graph.standing(name)
            return make(graph) if known is None else known

        return cached_property(known_or_made)

    return marked


def relations_by_end(relations: Sequence[Relation]) -> dict[str, tuple[Seen, ...]]:
    """Return relations by each of their ends, in the order that they have, named from that end."""
    ends: defaultdict[str, list[Seen]] = defaultdict(list)
    for one in relations:
        ends[one.source].append(Seen(one.type, one.target, one))
        ends[one.target].append(Seen(INVERSE[one.type], one.source, one))
    return _frozen(ends)


def _updated_relations(before: MappingProxyType[str, tuple[Seen, ...]], moves: Moves) -> Updated | None:
    apart = moves.relations
    if apart is None:
        return None
    touched = frozenset(ends_of(apart))
    gone = {id(one) for one in apart.gone}
    come = relations_by_end(apart.come)
    # As in `replaced`.
    index = before | {}
    for node in touched:
        stayed = (seen for seen in index.pop(node, ()) if id(seen.relation) not in gone)
        if seen := sorted((*stayed, *come.get(node, ())), key=_key_of_seen):
            index[node] = tuple(seen)
    return Updated(index, touched)


def _key_of_seen(seen: Seen) -> tuple[object, ...]:
    return relation_key(seen.relation)


def _each_node(value: Callable[[Node], Any]) -> DearIndex:
    """Return how an index is made that has one value a node."""

    def make(snapshot: Snapshot) -> dict[str, Any]:
        return {node.id: value(node) for node in snapshot.nodes()}

    def update(before: MappingProxyType[str, Any], moves: Moves) -> Updated | None:
        apart = [moves.of(kind.field) for kind in NODE_KINDS]
        updated = replaced(
            before,
            (node.id for one in apart for node in one.gone),
            ((node.id, value(node)) for one in apart for node in one.come),
        )
        # Where two nodes have one id, the other may still be there when one has gone.
        number = sum(len(records_of(moves.now, kind.field)) for kind in NODE_KINDS)
        return updated if len(updated.entries) == number else None

    return DearIndex(make, update)


def _ownership_by_pull_request(snapshot: Snapshot) -> dict[str, PullRequestOwnership]:
    return dict(_touched_by_pull_requests(snapshot.ownership))


def _updated_ownership_by_pull_request(
    before: MappingProxyType[str, PullRequestOwnership], moves: Moves
) -> Updated | None:
    gone, come = moves.of("ownership")
    return replaced(before, (key for key, _ in _touched_by_pull_requests(gone)), _touched_by_pull_requests(come))


def _touched_by_pull_requests(ownership: Iterable[Ownership]) -> Iterator[tuple[str, PullRequestOwnership]]:
    return ((touched.pull_request, touched) for one in ownership for touched in one.pull_requests)


def _owners(snapshot: Snapshot) -> dict[str, Owner]:
    return {owner.id: as_shown(owner) for owner in snapshot.owners}


def _updated_owners(before: MappingProxyType[str, Owner], moves: Moves) -> Updated | None:
    gone, come = moves.of("owners")
    return replaced(before, (owner.id for owner in gone), ((owner.id, as_shown(owner)) for owner in come))


def _pull_requests(snapshot: Snapshot) -> dict[str, tuple[PullRequest, ...]]:
    return grouped((change.repository, change) for change in snapshot.pull_requests)


def _updated_pull_requests(before: MappingProxyType[str, tuple[PullRequest, ...]], moves: Moves) -> Updated | None:
    touched = frozenset(map(_repository, chain(*moves.of("pull_requests"))))
    groups = ((repository, pull_requests_of(moves.now, repository)) for repository in touched)
    return replaced(before, touched, ((repository, changes) for repository, changes in groups if changes))


DEAR_INDEXES: Final[Mapping[str, DearIndex]] = MappingProxyType(
    {
        "relations": DearIndex(lambda snapshot: relations_by_end(snapshot.relations), _updated_relations),
        "labels": _each_node(label_of),
        "nodes": _each_node(lambda node: node),
        "owners": DearIndex(_owners, _updated_owners),
        "pull_requests": DearIndex(_pull_requests, _updated_pull_requests),
        "ownership_by_pull_request": DearIndex(_ownership_by_pull_request, _updated_ownership_by_pull_request),
        "work_by_owner": DearIndex(work_by_owner, updated_work_by_owner),
    }
)
"""By the name that a graph gives each."""


def grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, tuple[_Item, ...]]:
    """Return the second of each pair by the first, in the order in which they come."""
    groups: defaultdict[str, list[_Item]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return _frozen(groups)


def _frozen(groups: Mapping[str, Sequence[_Item]]) -> dict[str, tuple[_Item, ...]]:
    return {key: tuple(group) for key, group in groups.items()}
