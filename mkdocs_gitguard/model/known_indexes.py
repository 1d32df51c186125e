"""Indexes of a graph that are dear to make, brought up to date from those of the graph before it.

What has not changed are the very same objects, and which keys may have another value is known beside them: so no line
of Python is run for each of the others, neither here nor where two indexes are compared. The tuples of a snapshot are
sorted, as its fields say. The keys of an index have no order: nobody walks through it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain, compress, count
from operator import attrgetter, is_not
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mkdocs_gitguard.model.graph_answers import Seen, Work
from mkdocs_gitguard.model.kinds import NODE_KINDS, label_of
from mkdocs_gitguard.model.owner import as_shown
from mkdocs_gitguard.model.relation import INVERSE, relation_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from mkdocs_gitguard.model.kinds import Node
    from mkdocs_gitguard.model.owner import Owner
    from mkdocs_gitguard.model.ownership import Ownership, PullRequestOwnership
    from mkdocs_gitguard.model.pull_request import PullRequest
    from mkdocs_gitguard.model.relation import Relation
    from mkdocs_gitguard.model.repository import Contribution, Repository
    from mkdocs_gitguard.model.snapshot import Snapshot


_SHORTEST: Final = 64
_LONGEST: Final = 8_192
"""Relations that are compared at once: the fewer, the nearer to one that differs."""
_MOST_APART: Final = 10_000
"""Relations that have come or gone; with more of them, as where a snapshot is not sorted, all are indexed anew."""
_MOST_MOVED: Final = 100
"""Repositories of which is looked at who did what there; with more of them, everybody's work is put together anew."""
_Item = TypeVar("_Item")
_Value = TypeVar("_Value")
_repository = attrgetter("repository")


class Apart(NamedTuple):
    """What two snapshots do not share, told by whether it is the same object."""

    gone: Sequence[Any]
    come: Sequence[Any]


class Moves:
    """What of a snapshot is not that of the one before; each found when it is first asked for."""

    def __init__(self, before: Snapshot, now: Snapshot) -> None:
        """Take the snapshots."""
        self.before = before
        self.now = now
        self._known: dict[str, Apart] = {}

    def of(self, field: str) -> Apart:
        """Return the stretches of a field outside which both snapshots have the same records in the same order."""
        known = self._known.get(field)
        if known is None:
            known = self._known[field] = Apart(*differing(_records(self.before, field), _records(self.now, field)))
        return known

    @cached_property
    def relations(self) -> Apart | None:
        """The relations that have gone, and those that have come. None: too many have to be worth it."""
        return _in_step(self.before.relations, self.now.relations)


class Updated(NamedTuple):
    """An index that was brought up to date."""

    entries: dict[str, Any]
    touched: frozenset[str]
    """All other keys have the very values that they had, or are missing still."""


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
    touched = frozenset(_ends_of(apart))
    gone = {id(one) for one in apart.gone}
    come = relations_by_end(apart.come)
    # As in `_replaced`.
    index = before | {}
    for node in touched:
        stayed = (seen for seen in index.pop(node, ()) if id(seen.relation) not in gone)
        if seen := sorted((*stayed, *come.get(node, ())), key=_key_of_seen):
            index[node] = tuple(seen)
    return Updated(index, touched)


def _key_of_seen(seen: Seen) -> tuple[object, ...]:
    return relation_key(seen.relation)


def touched_ends(before: Sequence[Relation], now: Sequence[Relation]) -> frozenset[str] | None:
    """Return the ends of relations that have come or gone, told by whether they are the same objects.

    The others stand in the same order, in which a node shows its own. None: too many have moved to be worth it.
    """
    apart = _in_step(before, now)
    return None if apart is None else frozenset(_ends_of(apart))


def _ends_of(apart: Apart) -> Iterator[str]:
    return (end for one in chain(*apart) for end in (one.source, one.target))


def _in_step(before: Sequence[Relation], now: Sequence[Relation]) -> Apart | None:
    """Return the relations of each that are not in step with the other's; None if they are more than is worth it.

    Both are sorted, so that the lower one of two that differ is the one that the other lacks.
    """
    gone: list[Relation] = []
    come: list[Relation] = []
    old = new = 0
    stretch = _SHORTEST
    while old < len(before) and new < len(now):
        pair = before[old : old + stretch], now[new : new + stretch]
        same = _same_at_the_start(*pair)
        old, new = old + same, new + same
        if same == min(map(len, pair)):
            stretch = min(2 * stretch, _LONGEST)
            continue
        if len(gone) + len(come) > _MOST_APART:
            return None
        stretch = _SHORTEST
        key, other = relation_key(before[old]), relation_key(now[new])
        if key <= other:
            gone.append(before[old])
            old += 1
        if other <= key:
            come.append(now[new])
            new += 1
    return Apart([*gone, *before[old:]], [*come, *now[new:]])


def _each_node(value: Callable[[Node], Any]) -> DearIndex:
    """Return how an index is made that has one value a node."""

    def make(snapshot: Snapshot) -> dict[str, Any]:
        return {node.id: value(node) for node in snapshot.nodes()}

    def update(before: MappingProxyType[str, Any], moves: Moves) -> Updated | None:
        apart = [moves.of(kind.field) for kind in NODE_KINDS]
        updated = _replaced(
            before,
            (node.id for one in apart for node in one.gone),
            ((node.id, value(node)) for one in apart for node in one.come),
        )
        # Where two nodes have one id, the other may still be there when one has gone.
        number = sum(len(_records(moves.now, kind.field)) for kind in NODE_KINDS)
        return updated if len(updated.entries) == number else None

    return DearIndex(make, update)


def _ownership_by_pull_request(snapshot: Snapshot) -> dict[str, PullRequestOwnership]:
    return dict(_touched_by_pull_requests(snapshot.ownership))


def _updated_ownership_by_pull_request(
    before: MappingProxyType[str, PullRequestOwnership], moves: Moves
) -> Updated | None:
    gone, come = moves.of("ownership")
    return _replaced(before, (key for key, _ in _touched_by_pull_requests(gone)), _touched_by_pull_requests(come))


def _touched_by_pull_requests(ownership: Iterable[Ownership]) -> Iterator[tuple[str, PullRequestOwnership]]:
    return ((touched.pull_request, touched) for one in ownership for touched in one.pull_requests)


def _owners(snapshot: Snapshot) -> dict[str, Owner]:
    return {owner.id: as_shown(owner) for owner in snapshot.owners}


def _updated_owners(before: MappingProxyType[str, Owner], moves: Moves) -> Updated | None:
    gone, come = moves.of("owners")
    return _replaced(before, (owner.id for owner in gone), ((owner.id, as_shown(owner)) for owner in come))


def _replaced(
    before: MappingProxyType[str, _Value], gone: Iterable[str], come: Iterable[tuple[str, _Value]]
) -> Updated:
    # `dict` would ask a proxy for each of a million keys.
    index = before | {}
    touched = [*gone]
    for key in touched:
        index.pop(key, None)
    new = dict(come)
    index.update(new)
    return Updated(index, frozenset((*touched, *new)))


def _pull_requests(snapshot: Snapshot) -> dict[str, tuple[PullRequest, ...]]:
    return grouped((change.repository, change) for change in snapshot.pull_requests)


def _updated_pull_requests(before: MappingProxyType[str, tuple[PullRequest, ...]], moves: Moves) -> Updated | None:
    touched = frozenset(map(_repository, chain(*moves.of("pull_requests"))))
    groups = ((repository, _pull_requests_of(moves.now, repository)) for repository in touched)
    return _replaced(before, touched, ((repository, changes) for repository, changes in groups if changes))


def _pull_requests_of(snapshot: Snapshot, repository: str) -> tuple[PullRequest, ...]:
    everything = snapshot.pull_requests
    first = bisect_left(everything, repository, key=_repository)
    return everything[first : bisect_right(everything, repository, first, key=_repository)]


class _Did:
    """What owners did in some repositories."""

    def __init__(self, repositories: Iterable[Repository], pull_requests: Iterable[PullRequest]) -> None:
        self.contributions: defaultdict[str, list[tuple[str, Contribution]]] = defaultdict(list)
        self.authored: defaultdict[str, list[PullRequest]] = defaultdict(list)
        self.merged: Counter[str] = Counter()
        for repository in repositories:
            for contribution in repository.contributors:
                self.contributions[contribution.owner].append((repository.id, contribution))
        for change in pull_requests:
            for author in dict.fromkeys((change.author, *change.co_authors)):
                if author:
                    self.authored[author].append(change)
            if change.merger:
                self.merged[change.merger] += 1

    @classmethod
    def within(cls, snapshot: Snapshot, repositories: Collection[str]) -> _Did:
        """Return what owners did in the repositories with some ids."""
        return cls(
            (one for one in snapshot.repositories if one.id in repositories),
            chain.from_iterable(_pull_requests_of(snapshot, one) for one in sorted(repositories)),
        )

    @property
    def owners(self) -> dict[str, None]:
        """Those who did something."""
        return dict.fromkeys((*self.contributions, *self.authored, *self.merged))

    def of(self, owner: str) -> Work:
        """Return what one owner did."""
        contributions, authored = self.contributions.get(owner, ()), self.authored.get(owner, ())
        return Work(tuple(contributions), tuple(authored), self.merged[owner])


def _work_by_owner(snapshot: Snapshot) -> dict[str, Work]:
    did = _Did(snapshot.repositories, snapshot.pull_requests)
    return {owner: did.of(owner) for owner in did.owners}


def _updated_work_by_owner(before: MappingProxyType[str, Work], moves: Moves) -> Updated | None:
    moved = {one.id for one in chain(*moves.of("repositories"))}
    moved.update(map(_repository, chain(*moves.of("pull_requests"))))
    if len(moved) > _MOST_MOVED:
        return None
    then, now = _Did.within(moves.before, moved), _Did.within(moves.now, moved)
    touched = {**then.owners, **now.owners}
    theirs = ((owner, _with(before.get(owner, _NOTHING), then.of(owner), now.of(owner), moved)) for owner in touched)
    return _replaced(before, touched, ((owner, work) for owner, work in theirs if work != _NOTHING))


_NOTHING: Final = Work()


def _with(before: Work, then: Work, now: Work, moved: Collection[str]) -> Work:
    """Return what an owner did, who did something else in some repositories than before."""
    contributions = [one for one in before.contributions if one[0] not in moved]
    authored = [change for change in before.authored if change.repository not in moved]
    # Within a repository the order stays.
    return Work(
        tuple(sorted((*contributions, *now.contributions), key=lambda one: one[0])),
        tuple(sorted((*authored, *now.authored), key=_repository)),
        before.merged - then.merged + now.merged,
    )


DEAR_INDEXES: Final[Mapping[str, DearIndex]] = MappingProxyType(
    {
        "relations": DearIndex(lambda snapshot: relations_by_end(snapshot.relations), _updated_relations),
        "labels": _each_node(label_of),
        "nodes": _each_node(lambda node: node),
        "owners": DearIndex(_owners, _updated_owners),
        "pull_requests": DearIndex(_pull_requests, _updated_pull_requests),
        "ownership_by_pull_request": DearIndex(_ownership_by_pull_request, _updated_ownership_by_pull_request),
        "work_by_owner": DearIndex(_work_by_owner, _updated_work_by_owner),
    }
)
"""By the name that a graph gives each."""


def _records(snapshot: Snapshot, field: str) -> Sequence[Any]:
    records: Any = getattr(snapshot, field)
    return records if isinstance(records, tuple) else (records,)


def grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, tuple[_Item, ...]]:
    """Return the second of each pair by the first, in the order in which they come."""
    groups: defaultdict[str, list[_Item]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return _frozen(groups)


def _frozen(groups: Mapping[str, Sequence[_Item]]) -> dict[str, tuple[_Item, ...]]:
    return {key: tuple(group) for key, group in groups.items()}


def differing(before: Sequence[_Item], now: Sequence[_Item]) -> tuple[Sequence[_Item], Sequence[_Item]]:
    """Return the stretch of each outside which both begin and end with the same objects."""
    first = _same_at_the_start(before, now)
    last = _same_at_the_start(before[first:][::-1], now[first:][::-1])
    return before[first : len(before) - last], now[first : len(now) - last]


def _same_at_the_start(one: Sequence[_Item], other: Sequence[_Item]) -> int:
    """Return how many objects two sequences begin with that are the same."""
    return next(compress(count(), map(is_not, one, other)), min(len(one), len(other)))
