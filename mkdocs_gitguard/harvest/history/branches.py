"""Which commits a merge brought: a walk over the graph of commits, by number."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

MOST_NESTED_STEPS: Final = 20_000_000
"""Commits that are looked at for merges within merges: one that lies in ten branches within each other is looked at
ten times. Public repositories with a million commits need less than three million."""

Parents = Mapping[int, Sequence[int]]
"""Numbers of a commit's parents, the first first; commits beyond the end of what was read have no entry."""


class Brought(NamedTuple):
    """What merges brought."""

    by_merge: dict[int, list[int]]
    """Commits by merge, the tip first."""
    is_cut: bool
    """Whether merges are nested so deep that not all were looked at."""


def brought_by(line: Sequence[int], nested: Collection[int], parents: Parents, count: int) -> Brought:
    """Return what their other parents brought for the merges of a line and for nested ones, the tip first.

    Args:
        line: the commits of the first-parent line, newest first.
        nested: merges off that line that are asked for.
        parents: of every commit.
        count: above every number.
    """
    result: dict[int, list[int]] = {}
    wanted = frozenset(nested)
    known = bytearray(count)
    for index in line:
        known[index] = 1
    waiting: list[tuple[list[int], set[int]]] = []
    for index in reversed(line):
        others = parents[index][1:]
        if others:
            reached = result[index] = _reachable(others, known, parents)
            if not wanted.isdisjoint(reached):
                # The branch that was merged has a first-parent line of its own.
                inside = set(reached)
                waiting.extend((inner, inside) for inner in _branches(others, inside, parents))
    return Brought(result, is_cut=not _add_nested(result, waiting, wanted, parents))


def _add_nested(
    result: dict[int, list[int]], waiting: list[tuple[list[int], set[int]]], wanted: frozenset[int], parents: Parents
) -> bool:
    """Add what merges on the branches that wait brought; say whether all could be looked at."""
    steps = 0
    while waiting:
        branch, inside = waiting.pop()
        inside.difference_update(branch)
        for index in reversed(branch):
            others = parents[index][1:]
            if not others:
                continue
            reached = result[index] = _reachable_inside(others, inside, parents)
            steps += len(reached)
            if not wanted.isdisjoint(reached):
                deeper = set(reached)
                for inner in _branches(others, deeper, parents):
                    waiting.append((inner, deeper))
                    steps += len(inner)
            if steps > MOST_NESTED_STEPS:
                return False
    return True


def _reachable(starts: Sequence[int], known: bytearray, parents: Parents) -> list[int]:
    """Return the commits reachable from `starts` that are not known yet, the first of `starts` first; know them."""
    reached: list[int] = []
    waiting = list(reversed(starts))
    while waiting:
        index = waiting.pop()
        if not known[index] and index in parents:
            known[index] = 1
            reached.append(index)
            waiting.extend(parents[index])
    return reached


def _reachable_inside(starts: Sequence[int], inside: set[int], parents: Parents) -> list[int]:
    """Do as `_reachable`, where all that is not `inside` is known: a few commits among many."""
    reached: list[int] = []
    waiting = list(reversed(starts))
    while waiting:
        index = waiting.pop()
        if index in inside:
            inside.discard(index)
            reached.append(index)
            waiting.extend(parents[index])
    return reached


def _branches(tips: Sequence[int], inside: Collection[int], parents: Parents) -> Iterator[list[int]]:
    """Yield the first-parent lines from `tips`, newest first, as far as they are inside."""
    for tip in tips:
        line: list[int] = []
        index = tip
        while index in inside:
            line.append(index)
            if not parents[index]:
                break
            index = parents[index][0]
        if line:
            yield line
