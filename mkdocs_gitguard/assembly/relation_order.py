"""All relations of a snapshot in their order, of which most stood in it before: sorting a million takes its time."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model.relation import relation_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mkdocs_gitguard.model import Relation

_MOST: Final = 2_000
"""Relations that are put into their places one by one; for more of them all are sorted."""


class KnownOrder(NamedTuple):
    """Relations that were in order before."""

    groups: Mapping[str, Collection[Relation]]
    relations: tuple[Relation, ...]


def in_order(groups: Mapping[str, Collection[Relation]], before: KnownOrder | None = None) -> tuple[Relation, ...]:
    """Return the relations of all groups by source, type, target.

    Args:
        groups: by name; what one holds may have moved only where it is another object than before.
        before: those of an earlier time, most of them the same objects.
    """
    brought_up_to_date = _brought_up_to_date(groups, before) if before is not None else None
    if brought_up_to_date is not None:
        return brought_up_to_date
    return tuple(sorted(chain.from_iterable(groups.values()), key=relation_key))


def _brought_up_to_date(groups: Mapping[str, Collection[Relation]], before: KnownOrder) -> tuple[Relation, ...] | None:
    """Return the relations; None where that is not worth it, or two have the same key: then they stand as they come."""
    gone, come = _moved(before.groups, groups)
    if len(gone) + len(come) > _MOST:
        return None
    relations = list(before.relations)
    for one in gone:
        place = _place_of(one, relations)
        if place == len(relations) or relations[place] is not one:
            return None
        del relations[place]
    for one in come:
        place = _place_of(one, relations)
        if place < len(relations) and relation_key(relations[place]) == relation_key(one):
            return None
        relations.insert(place, one)
    return tuple(relations)


def _place_of(one: Relation, relations: list[Relation]) -> int:
    return bisect_left(relations, relation_key(one), key=relation_key)


def _moved(
    before: Mapping[str, Collection[Relation]], now: Mapping[str, Collection[Relation]]
) -> tuple[list[Relation], list[Relation]]:
    """Return the relations that are no more, and those that are new, told by the numbers of the objects."""
    gone: list[Relation] = []
    come: list[Relation] = []
    for name in before.keys() | now.keys():
        if before.get(name) is now.get(name):
            continue
        # The others of all repositories are one group: no line of Python for each.
        old, new = (_by_number(groups.get(name, ())) for groups in (before, now))
        gone += map(old.__getitem__, old.keys() - new.keys())
        come += map(new.__getitem__, new.keys() - old.keys())
    return gone, come


def _by_number(relations: Collection[Relation]) -> dict[int, Relation]:
    return dict(zip(map(id, relations), relations, strict=True))
