"""What of a snapshot is not that of the one before it, told by which objects are the same."""

from __future__ import annotations

from functools import cached_property
from itertools import chain, compress, count
from operator import is_not
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mkdocs_gitguard.model.relation import relation_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import MappingProxyType

    from mkdocs_gitguard.model.relation import Relation
    from mkdocs_gitguard.model.snapshot import Snapshot


_SHORTEST: Final = 64
_LONGEST: Final = 8_192
"""Relations that are compared at once: the fewer, the nearer to one that differs."""
_MOST_APART: Final = 10_000
"""Relations that have come or gone; with more of them, as where a snapshot is not sorted, all are indexed anew."""
_Item = TypeVar("_Item")
_Value = TypeVar("_Value")


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
            known = self._known[field] = Apart(*differing(records_of(self.before, field), records_of(self.now, field)))
        return known

    @cached_property
    def relations(self) -> Apart | None:
        """The relations that have gone, and those that have come. None: too many have to be worth it."""
        return _in_step(self.before.relations, self.now.relations)

    def leave(self, what: MadeOf) -> bool:
        """Tell whether nothing has moved that an index is made of."""
        if any(any(self.of(field)) for field in what.fields):
            return False
        if not what.relation_type:
            return True
        apart = self.relations
        return apart is not None and not any(one.type == what.relation_type for one in chain(*apart))


class MadeOf(NamedTuple):
    """What an index is made of."""

    fields: tuple[str, ...]
    """Of the snapshot."""
    relation_type: str
    """Of the relations, those of this type; `""`: none."""


class Updated(NamedTuple):
    """An index that was brought up to date."""

    entries: dict[str, Any]
    touched: frozenset[str]
    """All other keys have the very values that they had, or are missing still."""


def touched_ends(before: Sequence[Relation], now: Sequence[Relation]) -> frozenset[str] | None:
    """Return the ends of relations that have come or gone, told by whether they are the same objects.

    The others stand in the same order, in which a node shows its own. None: too many have moved to be worth it.
    """
    apart = _in_step(before, now)
    return None if apart is None else frozenset(ends_of(apart))


def ends_of(apart: Apart) -> Iterator[str]:
    """Yield the ends of relations that have come or gone."""
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


def replaced(before: MappingProxyType[str, _Value], gone: Iterable[str], come: Iterable[tuple[str, _Value]]) -> Updated:
    """Return an index without some keys, and with others.

    Args:
        before: the index.
        gone: keys that are taken out.
        come: keys and values that are put in.
    """
    # `dict` would ask a proxy for each of a million keys.
    index = before | {}
    touched = [*gone]
    for key in touched:
        index.pop(key, None)
    new = dict(come)
    index.update(new)
    return Updated(index, frozenset((*touched, *new)))


def records_of(snapshot: Snapshot, field: str) -> Sequence[Any]:
    """Return the records of a field; the one of a field that is not a list."""
    records: Any = getattr(snapshot, field)
    return records if isinstance(records, tuple) else (records,)


def differing(before: Sequence[_Item], now: Sequence[_Item]) -> tuple[Sequence[_Item], Sequence[_Item]]:
    """Return the stretch of each outside which both begin and end with the same objects."""
    first = _same_at_the_start(before, now)
    last = _same_at_the_start(before[first:][::-1], now[first:][::-1])
    return before[first : len(before) - last], now[first : len(now) - last]


def _same_at_the_start(one: Sequence[_Item], other: Sequence[_Item]) -> int:
    """Return how many objects two sequences begin with that are the same."""
    return next(compress(count(), map(is_not, one, other)), min(len(one), len(other)))
