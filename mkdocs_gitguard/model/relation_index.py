"""Relations by each of their ends, made anew only for the ends whose relations have changed."""

from __future__ import annotations

from collections import defaultdict
from itertools import compress, count, filterfalse
from operator import attrgetter, is_not, or_
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model.graph_answers import Seen
from mkdocs_gitguard.model.relation import INVERSE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import MappingProxyType

    from mkdocs_gitguard.model.relation import Relation


_source = attrgetter("source")
_target = attrgetter("target")


class KnownRelations(NamedTuple):
    """Relations that were indexed before."""

    relations: Sequence[Relation]
    by_end: MappingProxyType[str, tuple[Seen, ...]]


def index_of_relations(
    relations: Sequence[Relation], before: KnownRelations | None = None
) -> dict[str, tuple[Seen, ...]]:
    """Return relations by each of their ends, in the order that they have, named from that end.

    Args:
        relations: of a snapshot.
        before: those of an earlier one, of which many are the same objects, and in the same order.
    """
    touched = None if before is None else touched_ends(before.relations, relations)
    if before is None or touched is None:
        return _grouped(relations)
    index = before.by_end | {}
    for node in touched:
        index.pop(node, None)
    index.update(_grouped(relations, touched))
    return index


def touched_ends(before: Sequence[Relation], now: Sequence[Relation]) -> frozenset[str] | None:
    """Return the ends of relations that have come or gone, told by the numbers of the objects.

    None where the others stand in another order: a node shows its own in that.
    """
    first = _same_at_the_start(before, now)
    last = _same_at_the_start(before[first:][::-1], now[first:][::-1])
    parts = (relations[first : len(relations) - last] for relations in (before, now))
    old, new = (dict(zip(map(id, part), part, strict=True)) for part in parts)
    others = old.keys() ^ new.keys()
    if [*filterfalse(others.__contains__, old)] != [*filterfalse(others.__contains__, new)]:
        return None
    changed = (old.get(key) or new[key] for key in others)
    return frozenset(end for one in changed for end in (one.source, one.target))


def _same_at_the_start(one: Sequence[Relation], other: Sequence[Relation]) -> int:
    """Return how many objects two sequences begin with that are the same."""
    return next(compress(count(), map(is_not, one, other)), min(len(one), len(other)))


def _grouped(relations: Sequence[Relation], wanted: Collection[str] | None = None) -> dict[str, tuple[Seen, ...]]:
    ends: defaultdict[str, list[Seen]] = defaultdict(list)
    if wanted is not None:
        # Of all relations few are wanted: no line of Python for each.
        is_wanted = wanted.__contains__
        is_end = map(or_, map(is_wanted, map(_source, relations)), map(is_wanted, map(_target, relations)))
        relations = [*compress(relations, is_end)]
    for one in relations:
        if wanted is None or one.source in wanted:
            ends[one.source].append(Seen(one.type, one.target, one))
        if wanted is None or one.target in wanted:
            ends[one.target].append(Seen(INVERSE[one.type], one.source, one))
    return {node: tuple(seen) for node, seen in ends.items()}
