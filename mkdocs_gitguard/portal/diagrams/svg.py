"""A diagram drawn at the build: SVG with links, in the colours of the page's palette. It needs no script."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from markupsafe import escape

from mkdocs_gitguard.portal.diagrams.layout import LINE, lay_out
from mkdocs_gitguard.portal.diagrams.mermaid import BOXES, LINK, Diagram
from mkdocs_gitguard.words import one_line

if TYPE_CHECKING:
    from mkdocs_gitguard.portal.diagrams.layout import Arrow, Box
    from mkdocs_gitguard.portal.diagrams.mermaid import Direction, Edge, Node

_KEPT: Final = 300
"""Diagrams of some kilobytes: a page that is made again in a process that stays mostly shows the same one."""
_CORNER: Final = 6
_POINT: Final = 8
"""By how much the sides of a hexagon or a flag stand out."""
_TIP: Final = 7
_SMALLEST: Final = 0.75
"""Of its natural size: it scrolls rather than get smaller than can be read."""


def to_svg(diagram: Diagram) -> str:
    """Return the SVG element for a page."""
    return _drawn(diagram.title, diagram.direction, tuple(diagram.nodes), tuple(diagram.edges))


@lru_cache(_KEPT)
def _drawn(title: str, direction: Direction, nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> str:
    diagram = Diagram(title=title, direction=direction, nodes=[*nodes], edges=[*edges])
    layout = lay_out(diagram)
    width, height = layout.width, layout.height
    size = f'viewBox="0 0 {width} {height}" style="width:{width}px;min-width:{round(width * _SMALLEST)}px"'
    parts = [f'<svg class="gg-diagram-svg" {size} role="group" aria-label="{escape(diagram.title)}">']
    for is_dashed in (False, True):
        arrows = [arrow for arrow in layout.arrows if arrow.edge.is_dashed is is_dashed]
        if arrows:
            kind = "gg-dashed" if is_dashed else "gg-solid"
            parts.append(f'<path class="{kind}" d="{"".join(map(_line, arrows))}"/>')
    parts.append(f'<path class="gg-tip" d="{"".join(map(_tip, layout.arrows))}"/>')
    parts += map(_label, layout.arrows)
    placed = sorted(zip(diagram.nodes, layout.boxes, strict=True), key=lambda pair: list(BOXES).index(pair[0].kind))
    for kind, members in groupby(placed, key=lambda pair: pair[0].kind):
        parts.append(f'<g class="gg-box-{kind}">{"".join(_box(node, box) for node, box in members)}</g>')
    return "".join([*parts, "</svg>"])


def _line(arrow: Arrow) -> str:
    drawn = "M{},{}".format(*arrow.points[0])
    for (left, top), (right, bottom) in zip(arrow.points[::2], arrow.points[1::2], strict=True):
        middle = (left + right) // 2
        drawn += f"L{left},{top}C{middle},{top} {middle},{bottom} {right},{bottom}"
    return drawn


def _tip(arrow: Arrow) -> str:
    right, bottom = arrow.points[-1]
    return f"M{right},{bottom}l-{_TIP},-3v6z"


def _label(arrow: Arrow) -> str:
    """Return what an arrow says: at its end where it ends alone, else where it begins."""
    if not arrow.edge.label:
        return ""
    text = escape(one_line(arrow.edge.label))
    if arrow.is_alone_at_end:
        x, y = arrow.points[-1]
        return f'<text class="gg-says" x="{x - _TIP - 3}" y="{y - 5}" text-anchor="end">{text}</text>'
    x, y = arrow.points[0]
    return f'<text class="gg-says" x="{x + 5}" y="{y - 5}">{text}</text>'


def _box(node: Node, box: Box) -> str:
    first = box.y - (len(box.lines) - 1) * LINE / 2 + 4.5
    if len(box.lines) == 1:
        text = f'<text x="{box.x}" y="{first:g}">{escape(box.lines[0])}</text>'
    else:
        spans = "".join(
            f'<tspan x="{box.x}" y="{first + row * LINE:g}">{escape(line)}</tspan>'
            for row, line in enumerate(box.lines)
        )
        text = f"<text>{spans}</text>"
    drawn = _shape(node, box) + text
    if not node.link or not LINK.fullmatch(node.link):
        return drawn
    # Not plain `href`: Material's instant navigation sets it on every `a[href]`, which SVG's links do not take.
    return f'<a xlink:href="{escape(node.link)}">{drawn}</a>'


def _shape(node: Node, box: Box) -> str:
    left, top = box.x - box.width // 2, box.y - box.height // 2
    width, height = box.width, box.height
    match BOXES[node.kind].shape:
        case "{{", "}}":
            return (
                f'<path d="M{left},{top}h{width}l{_POINT},{height / 2:g}l-{_POINT},{height / 2:g}h-{width}'
                f'l-{_POINT},-{height / 2:g}z"/>'
            )
        case ">", "]":
            width += _POINT
            return f'<path d="M{left - _POINT},{top}h{width}v{height}h-{width}l{_POINT},-{height / 2:g}z"/>'
        case "[[", "]]":
            sides = f"M{left + 5},{top}v{height}m{width - 10},0v-{height}"
            return f'<path d="M{left},{top}h{width}v{height}h-{width}z{sides}"/>'
        case start, _:
            corner = {"([": height // 2, "(": _CORNER}.get(start, 2)
            return f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="{corner}"/>'
