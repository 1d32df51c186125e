"""What a graph answers otherwise than the one before it, for all who have kept what they asked that one.

A portal of 3,000 pages asks 300,000 questions. An index is compared once, without a line of Python for a key that has
the same object as value; who asked then looks whether a key of theirs is among the few that changed.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from itertools import compress, repeat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mkdocs_gitguard.model.graph import Graph

_ABSENT: Final = object()


class GraphChanges:
    """Compares two graphs, each index when it is first asked about."""

    def __init__(self, before: Graph, now: Graph) -> None:
        """Take the graphs."""
        self.before = before
        self.now = now
        self._keys: dict[str, frozenset[str]] = {}
        self._is_changed: dict[str, bool] = {}

    def keys(self, index: str) -> frozenset[str]:
        """Return the keys of an index that have another value, have come or are gone."""
        known = self._keys.get(index)
        if known is None:
            before, now = getattr(self.before, index), getattr(self.now, index)
            touched = self.now.touched_since(self.before, index)
            known = self._keys[index] = (
                changed_keys(before, now) if touched is None else _differing(before, now, touched)
            )
        return known

    def is_changed(self, name: str) -> bool:
        """Tell whether anything of an index is another, or a value that is not one."""
        known = self._is_changed.get(name)
        if known is None:
            value = getattr(self.now, name)
            is_index = isinstance(value, Mapping)
            known = bool(self.keys(name)) if is_index else value != getattr(self.before, name)
            self._is_changed[name] = known
        return known

    def are_others_changed(self, node: str, relation_type: str) -> bool:
        """Tell whether the others of a node, by one type of relation, are not those that they were."""
        if node not in self.keys("relations"):
            return False
        return self.now.others(node, relation_type) != self.before.others(node, relation_type)


def changed_keys(before: Mapping[str, object], now: Mapping[str, object]) -> frozenset[str]:
    """Return the keys of an index that have another value than before, have come or are gone."""
    others = [*compress(now, map(operator.is_not, now.values(), map(before.get, now, repeat(_ABSENT))))]
    return _differing(before, now, others) | (before.keys() - now.keys())


def _differing(before: Mapping[str, object], now: Mapping[str, object], keys: Collection[str]) -> frozenset[str]:
    differ = map(operator.ne, map(now.get, keys, repeat(_ABSENT)), map(before.get, keys, repeat(_ABSENT)))
    return frozenset(compress(keys, differ))
