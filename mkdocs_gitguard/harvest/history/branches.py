"""Which commits a merge brought: a walk over the graph of commits, by number."""

from collections.abc import Collection, Iterator, Mapping, Sequence

Parents = Mapping[int, Sequence[int]]
"""Numbers of a commit's parents, the first first; commits beyond the end of what was read have no entry."""


def brought_by(line: Sequence[int], nested: Collection[int], parents: Parents, count: int) -> dict[int, list[int]]:
    """Return what their other parents brought for the merges of a line and for nested ones, the tip first.

    Args:
        line: the commits of the first-parent line, newest first.
        nested: merges off that line that are asked for.
        parents: of every commit.
        count: above every number.
    """
    result: dict[int, list[int]] = {}
    wanted = frozenset(nested)
    waiting = [(line, bytearray(count))]
    while waiting:
        branch, known = waiting.pop()
        for index in branch:
            known[index] = 1
        for index in reversed(branch):
            others = parents[index][1:]
            if not others:
                continue
            found = result[index] = _reachable(others, known, parents)
            if not wanted.isdisjoint(found):
                # The branch that was merged has a first-parent line of its own.
                outside = bytearray(b"\1") * count
                for one in found:
                    outside[one] = 0
                waiting.extend((inner, outside) for inner in _branches(others, outside, parents))
    return result


def _reachable(starts: Sequence[int], known: bytearray, parents: Parents) -> list[int]:
    """Return the commits reachable from `starts` that are not known yet, the first of `starts` first; know them."""
    found: list[int] = []
    waiting = list(reversed(starts))
    while waiting:
        index = waiting.pop()
        if not known[index] and index in parents:
            known[index] = 1
            found.append(index)
            waiting.extend(parents[index])
    return found


def _branches(tips: Sequence[int], outside: bytearray, parents: Parents) -> Iterator[list[int]]:
    """Yield the first-parent lines from `tips`, newest first, as far as they are not outside."""
    for tip in tips:
        line: list[int] = []
        index = tip
        while index in parents and not outside[index]:
            line.append(index)
            if not parents[index]:
                break
            index = parents[index][0]
        if line:
            yield line
