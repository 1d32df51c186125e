"""Indexes of a graph that are dear to make, brought up to date from those of the graph before it.

What has not changed are the very same objects, so that no line of Python is run for each.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress, count
from operator import attrgetter, is_not, or_
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from mkdocs_gitguard.model.graph_answers import Seen
from mkdocs_gitguard.model.kinds import NODE_KINDS, label_of
from mkdocs_gitguard.model.relation import INVERSE, relation_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import MappingProxyType

    from mkdocs_gitguard.model.kinds import Node, NodeKind
    from mkdocs_gitguard.model.relation import Relation
    from mkdocs_gitguard.model.snapshot import Snapshot


_SHORTEST: Final = 64
_LONGEST: Final = 8_192
"""Relations that are compared at once: the fewer, the nearer to one that differs."""
_MOST_APART: Final = 10_000
"""Relations that have come or gone; with more of them, as where a snapshot is not sorted, all are indexed anew."""
_Item = TypeVar("_Item")
_source = attrgetter("source")
_target = attrgetter("target")


class KnownRelations(NamedTuple):
    """Relations that were indexed before."""

    relations: Sequence[Relation]
    by_end: MappingProxyType[str, tuple[Seen, ...]]


class KnownLabels(NamedTuple):
    """What the nodes of an earlier snapshot were called."""

    snapshot: Snapshot
    labels: MappingProxyType[str, str]


class KnownIndexes(NamedTuple):
    """Those of an earlier graph, each with what it was made of; None: nobody has asked for it."""

    relations: KnownRelations | None = None
    labels: KnownLabels | None = None

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        relations: MappingProxyType[str, tuple[Seen, ...]] | None,
        labels: MappingProxyType[str, str] | None,
    ) -> KnownIndexes:
        """Return indexes of a snapshot."""
        return cls(
            None if relations is None else KnownRelations(snapshot.relations, relations),
            None if labels is None else KnownLabels(snapshot, labels),
        )


NOTHING_KNOWN: Final = KnownIndexes()


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
    """Return the ends of relations that have come or gone, told by whether they are the same objects.

    The others stand in the same order, in which a node shows its own. None: too many have moved to be worth it.
    """
    apart = _apart(before, now)
    return None if apart is None else frozenset(end for one in apart for end in (one.source, one.target))


def _apart(before: Sequence[Relation], now: Sequence[Relation]) -> list[Relation] | None:
    """Return the relations of both that are not in step with the other's.

    Both are sorted, so that the lower one of two that differ is the one that the other lacks.
    """
    apart: list[Relation] = []
    old = new = 0
    stretch = _SHORTEST
    while old < len(before) and new < len(now):
        pair = before[old : old + stretch], now[new : new + stretch]
        same = _same_at_the_start(*pair)
        old, new = old + same, new + same
        if same == min(map(len, pair)):
            stretch = min(2 * stretch, _LONGEST)
            continue
        if len(apart) > _MOST_APART:
            return None
        stretch = _SHORTEST
        gone, come = before[old], now[new]
        key, other = relation_key(gone), relation_key(come)
        if key <= other:
            apart.append(gone)
            old += 1
        if other <= key:
            apart.append(come)
            new += 1
    return [*apart, *before[old:], *now[new:]]


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


def labels_of(snapshot: Snapshot, before: KnownLabels | None = None) -> dict[str, str]:
    """Return what every node is called, by id.

    Args:
        snapshot: that holds the nodes.
        before: those of an earlier one, of which many are the same objects.
    """
    if before is not None:
        labels = _brought_up_to_date(snapshot, before)
        if len(labels) == sum(len(_of_kind(snapshot, kind)) for kind in NODE_KINDS):
            return labels
    return {node.id: label_of(node) for node in snapshot.nodes()}


def _brought_up_to_date(snapshot: Snapshot, before: KnownLabels) -> dict[str, str]:
    labels = before.labels | {}
    come: list[Node] = []
    for kind in NODE_KINDS:
        gone, more = differing(_of_kind(before.snapshot, kind), _of_kind(snapshot, kind))
        for node in gone:
            labels.pop(node.id, None)
        come += more
    labels.update((node.id, label_of(node)) for node in come)
    return labels


def _of_kind(snapshot: Snapshot, kind: NodeKind) -> Sequence[Node]:
    nodes: Node | tuple[Node, ...] = getattr(snapshot, kind.field)
    return nodes if isinstance(nodes, tuple) else (nodes,)


def differing(before: Sequence[_Item], now: Sequence[_Item]) -> tuple[Sequence[_Item], Sequence[_Item]]:
    """Return the stretch of each outside which both begin and end with the same objects."""
    first = _same_at_the_start(before, now)
    last = _same_at_the_start(before[first:][::-1], now[first:][::-1])
    return before[first : len(before) - last], now[first : len(now) - last]


def _same_at_the_start(one: Sequence[_Item], other: Sequence[_Item]) -> int:
    """Return how many objects two sequences begin with that are the same."""
    return next(compress(count(), map(is_not, one, other)), min(len(one), len(other)))
