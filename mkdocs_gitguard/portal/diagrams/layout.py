"""Where the boxes and arrows of a diagram stand: in columns from left to right, as few crossings as a few sweeps give.

After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981): columns by
longest path, order by the mean of neighbours, then each box as near to its neighbours as those above and below allow.
Pure and exact: the same diagram gives the same numbers. All lengths are CSS pixels.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.diagrams.mermaid import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_gitguard.portal.diagrams.mermaid import Diagram, Edge

LINE: Final = 17
"""Height of a line of text in a box."""
_FONT: Final = 13
_PADDING: Final = 14
_BETWEEN_ROWS: Final = 10
_BETWEEN_COLUMNS: Final = 44
_MARGIN: Final = 4
_SWEEPS: Final = 6
_NARROW: Final = frozenset("fijltrI1.,:;'|!()[]/ -")
_BROAD: Final = frozenset("mwMW@%")


class Box(NamedTuple):
    """A node of the diagram in its place."""

    x: int
    """Of its middle."""
    y: int
    width: int
    height: int
    lines: tuple[str, ...]


class Arrow(NamedTuple):
    """An edge of the diagram, through all the columns that it crosses."""

    edge: Edge
    points: tuple[tuple[int, int], ...]
    """In pairs: from the first of a pair to the second it crosses a gap, from there to the next pair a column."""
    is_alone_at_end: bool
    """No other arrow ends where it ends, so that its label has room there."""


class Layout(NamedTuple):
    """A diagram in its place."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    """By the nodes' places in the diagram."""
    arrows: tuple[Arrow, ...]


@dataclass(slots=True)
class _Item:
    """What stands in a column: a box, or a bend of an arrow that passes through."""

    column: int
    width: int
    height: int
    y: float = 0.0
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)


def lay_out(diagram: Diagram) -> Layout:
    """Return where everything in a diagram stands."""
    texts = [tuple(lines_of(node.label)) for node in diagram.nodes]
    items = [
        _Item(column, max(map(text_width, lines)) + 2 * _PADDING, LINE * len(lines) + _PADDING)
        for column, lines in zip(_columns(diagram), texts, strict=True)
    ]
    chains = [_chain(items, edge) for edge in diagram.edges]
    columns = _ordered(items)
    _set_heights(items, columns)
    lefts, widths = _across(items, columns, diagram, chains)
    height = max((item.y + item.height / 2 for item in items), default=0.0)
    ends: defaultdict[int, int] = defaultdict(int)
    for edge in diagram.edges:
        ends[edge.target] += 1

    def at(place: int, side: int) -> tuple[int, int]:
        item = items[place]
        return round(lefts[item.column] + (1 + side) * widths[item.column] / 2), round(item.y)

    arrows = tuple(
        Arrow(
            edge,
            tuple(point for one, other in pairwise(chain) for point in (at(one, 1), at(other, -1))),
            ends[edge.target] == 1,
        )
        for edge, chain in zip(diagram.edges, chains, strict=True)
    )
    boxes = tuple(
        Box(*at(place, 0), widths[item.column], item.height, texts[place])
        for place, item in enumerate(items[: len(texts)])
    )
    right = lefts[-1] + widths[-1] if lefts else 0
    return Layout(right + _MARGIN, round(height) + _MARGIN, boxes, arrows)


def text_width(text: str) -> int:
    """Return about how wide a line is: no font is at hand at the build, so rather too wide than too narrow."""
    width = 0.0
    for character in text:
        if character in _NARROW:
            width += 0.4
        elif character in _BROAD or unicodedata.east_asian_width(character) in "WF":
            width += 1.0
        else:
            width += 0.72 if character.isupper() else 0.6
    return round(width * _FONT)


def _columns(diagram: Diagram) -> list[int]:
    """Return each node's column: as far right as the longest way to it, and what leads to one place next to that."""
    after: defaultdict[int, list[int]] = defaultdict(list)
    before: defaultdict[int, int] = defaultdict(int)
    for edge in diagram.edges:
        if edge.source != edge.target:
            after[edge.source].append(edge.target)
            before[edge.target] += 1
    columns = [0] * len(diagram.nodes)
    left = [place for place in range(len(columns)) if not before[place]]
    starts = list(left)
    placed: set[int] = set()
    while len(placed) < len(columns):
        # In a circle nothing comes first: its first node does.
        place = left.pop(0) if left else next(one for one in range(len(columns)) if one not in placed)
        placed.add(place)
        for target in after[place]:
            if target in placed:
                continue
            columns[target] = max(columns[target], columns[place] + 1)
            before[target] -= 1
            if not before[target]:
                left.append(target)
    for start in starts:
        if after[start]:
            columns[start] = max(0, min(columns[target] for target in after[start]) - 1)
    return columns


def _chain(items: list[_Item], edge: Edge) -> list[int]:
    """Return an edge's way from item to item, its bends added to them; none for one that leads nowhere to the right."""
    source, target = edge.source, edge.target
    if items[target].column <= items[source].column:
        return [source, target]
    chain = [source]
    for column in range(items[source].column + 1, items[target].column):
        items.append(_Item(column, 0, LINE))
        chain.append(len(items) - 1)
    chain.append(target)
    for one, other in pairwise(chain):
        items[one].after.append(other)
        items[other].before.append(one)
    return chain


def _ordered(items: Sequence[_Item]) -> list[list[int]]:
    """Return what stands in each column from top to bottom."""
    columns: list[list[int]] = [[] for _ in range(max((item.column for item in items), default=-1) + 1)]
    for place, item in enumerate(items):
        columns[item.column].append(place)
    rank = {place: row for column in columns for row, place in enumerate(column)}
    for sweep in range(_SWEEPS):
        is_forth = sweep % 2 == 0
        for column in columns if is_forth else columns[::-1]:
            keys = {}
            for place in column:
                mean = _mean([rank[one] for one in (items[place].before if is_forth else items[place].after)])
                # What has no neighbour on that side keeps its place.
                keys[place] = (rank[place] if mean is None else mean, rank[place])
            column.sort(key=keys.__getitem__)
            rank.update({place: row for row, place in enumerate(column)})
    return columns


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _set_heights(items: Sequence[_Item], columns: Sequence[Sequence[int]]) -> None:
    """Give everything a height at which it is near to its neighbours and covers nothing else of its column."""
    for column in columns:
        _stack(items, column, {})
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wanted: dict[int, float] = {}
            for place in column:
                mean = _mean([items[one].y for one in (*items[place].before, *items[place].after)])
                if mean is not None:
                    wanted[place] = mean
            _stack(items, column, wanted)
    top = min((item.y - item.height / 2 for item in items), default=0.0) - _MARGIN
    for item in items:
        item.y -= top


def _stack(items: Sequence[_Item], column: Sequence[int], wanted: Mapping[int, float]) -> None:
    """Place a column: each at the height that is wanted, those that would overlap as one block around their mean."""
    blocks: list[tuple[float, float, list[int]]] = []  # sum of wanted tops, height, members
    for place in column:
        item = items[place]
        height = item.height + _BETWEEN_ROWS
        top = wanted.get(place, item.y) - height / 2
        total, tall, members = top, float(height), [place]
        while blocks and blocks[-1][0] / len(blocks[-1][2]) + blocks[-1][1] > total / len(members):
            above, above_tall, above_members = blocks.pop()
            total = above + total - above_tall * len(members)
            tall += above_tall
            members = above_members + members
        blocks.append((total, tall, members))
    for total, _, members in blocks:
        top = total / len(members)
        for place in members:
            height = items[place].height + _BETWEEN_ROWS
            items[place].y = top + height / 2
            top += height


def _across(
    items: Sequence[_Item], columns: Sequence[Sequence[int]], diagram: Diagram, chains: Sequence[Sequence[int]]
) -> tuple[list[int], list[int]]:
    """Return where each column begins and how wide it is; a gap is as wide as the labels in it want."""
    widths = [max((items[place].width for place in column), default=0) for column in columns]
    gaps = [_BETWEEN_COLUMNS] * len(columns)
    for edge, chain in zip(diagram.edges, chains, strict=True):
        column = items[chain[-1]].column
        if edge.label and column:
            gaps[column] = max(gaps[column], text_width(edge.label) + _BETWEEN_COLUMNS)
    lefts: list[int] = []
    right = _MARGIN
    for column, width in enumerate(widths):
        left = right + (gaps[column] if column else 0)
        lefts.append(left)
        right = left + width
    return lefts, widths
