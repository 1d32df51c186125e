"""Measured figures in words, and the days of one as inline SVG. Colours are the style's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from mkdocs_gitguard.model.service_levels import in_percent
from mkdocs_gitguard.model.site_size import in_bytes
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from mkdocs_gitguard.model.dashboards import FigureLine

_STEP: Final = 10
_BAR: Final = 7
_HEIGHT: Final = 80
_WHOLE: Final = 100
"""From here on no digits are shown after the point."""


def figure(value: float | None, unit: str) -> str:
    """Return a measured value with its unit."""
    if value is None:
        return "\u2013"
    if unit == "share":
        return in_percent(value)
    if unit == "bytes":
        return in_bytes(round(value))
    if unit == "s" and 0 < value < 1:
        value, unit = value * 1000, "ms"
    shown = f"{value:,.0f}" if abs(value) >= _WHOLE or value == round(value) else f"{value:.3g}"
    return f"{shown} {unit}".strip()


def day_chart(line: FigureLine, unit: str, first: str, last: str, *, is_counter: bool) -> Markup:
    """Return a bar for each day: its last value, and a stroke from the least to the most; of what is counted, how many.

    Args:
        line: with at least one day.
        unit: of its values.
        first: the day at the left end.
        last: the day at the right end.
        is_counter: whether each value says how many there were since the one before.
    """
    begin = date.fromisoformat(first)
    number = (date.fromisoformat(last) - begin).days + 1
    highest = max(day.total if is_counter else day.most for day in line.days)
    scale = _HEIGHT / highest if highest > 0 else 0.0
    bars, strokes = "", ""
    for day in line.days:
        place = (date.fromisoformat(day.day) - begin).days * _STEP
        height = max(1.0, min(_HEIGHT, (day.total if is_counter else day.last) * scale))
        bars += f"M{place} {_HEIGHT}v-{height:.1f}h{_BAR}v{height:.1f}z"
        if not is_counter and day.most > day.least:
            top, bottom = _HEIGHT - day.most * scale, _HEIGHT - max(0.0, day.least) * scale
            strokes += f"M{place + _BAR / 2:g} {top:.1f}V{bottom:.1f}"
    words = (
        f"Measured on {len(line.days)} of {count(number, 'day')}; the {'most on a day' if is_counter else 'most'} is "
        f"{figure(highest, unit)}."
    )
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}"><path d="{}"/>'
        '<path class="gg-spread" d="{}"/></svg><p class="gg-sub gg-chart-ends"><span>{}</span><span>top: {}</span>'
        "<span>{}</span></p>"
    ).format(number * _STEP, _HEIGHT, words, bars, strokes, first, figure(highest, unit), last)
