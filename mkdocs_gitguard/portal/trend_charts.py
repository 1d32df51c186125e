"""Figures from day to day as inline SVG: a line for each, days as far apart as they are. Colours are the style's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup

from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH_DAYS: Final = 2
"""Days that make a line."""
_WIDTH: Final = 600
_HEIGHT: Final = 120
_STEP: Final = 0.1
"""A chart of shares begins at a whole tenth below the least."""


class ChartLine(NamedTuple):
    """One line of a chart."""

    label: str
    """`""`: it is the only one."""
    points: Sequence[tuple[str, float]]
    """Day and value, the oldest first; at least two, on two days."""


class Scale(NamedTuple):
    """What the bottom and the top of a chart stand for."""

    bottom: float
    top: float


def scale_of(lines: Sequence[ChartLine], *, is_share: bool) -> Scale:
    """Return the scale that all lines fit into: of shares up to all, of numbers from 0."""
    values = [value for line in lines for _, value in line.points]
    if is_share:
        # A share that is a whole tenth stands above the bottom, where its line is seen.
        return Scale(max(0.0, round((int(min(values) / _STEP) - 1) * _STEP, 1)), 1.0)
    return Scale(0.0, max(1.0, *values))


def trend_chart(lines: Sequence[ChartLine], *, is_share: bool, words: str) -> Markup:
    """Return a chart.

    Args:
        lines: at least one.
        is_share: whether the values are parts of 1.
        words: what it shows, in a sentence.
    """
    scale = scale_of(lines, is_share=is_share)
    days = [date.fromisoformat(day) for line in lines for day, _ in line.points]
    first, span = min(days), (max(days) - min(days)).days

    def place(day: str, value: float) -> str:
        across = (date.fromisoformat(day) - first).days / span * _WIDTH
        return f"{across:.1f} {_HEIGHT - (value - scale.bottom) / (scale.top - scale.bottom) * _HEIGHT:.1f}"

    paths = Markup("").join(
        Markup('<path class="gg-line-{}" d="M{}"/>').format(
            number, "L".join(place(day, value) for day, value in line.points)
        )
        for number, line in enumerate(lines)
    )
    legend = Markup("").join(
        Markup('<span class="gg-legend gg-line-{}">{}</span>').format(number, line.label)
        for number, line in enumerate(lines)
        if line.label
    )
    return Markup(
        '<figure class="gg-trend"><svg viewBox="0 -4 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '</svg><figcaption class="gg-sub gg-chart-ends"><span>{}</span><span>top {}, bottom {}</span><span>{}</span>'
        "</figcaption>{}</figure>"
    ).format(
        _WIDTH,
        _HEIGHT + 8,
        words,
        paths,
        first.isoformat(),
        _in_words(scale.top, is_share=is_share),
        _in_words(scale.bottom, is_share=is_share),
        max(days).isoformat(),
        Markup('<p class="gg-sub">{}</p>').format(legend) if legend else "",
    )


def chart_in_words(label: str, points: Sequence[tuple[str, float]], *, is_share: bool) -> str:
    """Return what a line shows, in a sentence."""
    (first, begin), (last, end) = points[0], points[-1]
    shown_begin, shown_end = _in_words(begin, is_share=is_share), _in_words(end, is_share=is_share)
    how = f"{shown_end} on both ends" if shown_begin == shown_end else f"from {shown_begin} to {shown_end}"
    return f"{label}: {how}, on {count(len(points), 'day')} between {first} and {last}."


def _in_words(value: float, *, is_share: bool) -> str:
    return share_in_words(value) if is_share else f"{value:,.0f}"


def share_in_words(value: float) -> str:
    """Return a share in per cent with one decimal, all and none for these alone."""
    if value in (0, 1):
        return f"{value:.0%}".replace("%", "\u00a0%")
    return f"{min(max(value * 100, 0.1), 99.9):.1f}\u00a0%"
