"""Objectives as inline SVG: the bar of 90 days, and the good part of each day over time. Colours are the style's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from mkdocs_gitguard.model.service_levels import in_percent
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from mkdocs_gitguard.model.service_levels import LevelDay, ObjectiveLevel

_STEP: Final = 4
_BAR: Final = 3
_HEIGHT: Final = 28
_CHART: Final = 120
_LEAST_SPAN: Final = 0.02
"""Of the chart's range: below it every difference would look like a fall."""


def day_bar(level: ObjectiveLevel) -> Markup:
    """Return a small bar for each day, coloured by whether the target was met on it."""
    bars = [
        Markup('<rect x="{}" width="{}" height="{}" class="{}"/>').format(
            place * _STEP, _BAR, _HEIGHT, _class_of(day, level.target)
        )
        for place, day in enumerate(level.days)
    ]
    return Markup(
        '<svg class="gg-days" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        "<title>{}</title>{}</svg>"
    ).format(len(level.days) * _STEP, _HEIGHT, days_in_words(level), days_in_words(level), Markup("").join(bars))


def days_in_words(level: ObjectiveLevel) -> str:
    """Return what `day_bar` shows, in a sentence."""
    measured = [day for day in level.days if day.number > 0]
    met = sum(day.good / day.number >= level.target for day in measured)
    if not measured:
        return f"Nothing was measured in the last {count(len(level.days), 'day')}."
    return f"Measured on {len(measured)} of the last {count(len(level.days), 'day')}; the target was met on {met}."


def chart(level: ObjectiveLevel) -> Markup:
    """Return the good part of each day as a bar, and the target as a line."""
    shares = [day.good / day.number for day in level.days if day.number > 0]
    lowest = min([*shares, level.target])
    span = max(_LEAST_SPAN, (1 - lowest) * 1.1)
    bottom = max(0.0, 1 - span)

    def height(share: float) -> float:
        return max(1.0, _CHART * (share - bottom) / (1 - bottom))

    bars = [
        Markup('<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}" class="{}"><title>{}</title></rect>').format(
            place * _STEP,
            _CHART - height(day.good / day.number),
            _BAR,
            height(day.good / day.number),
            _class_of(day, level.target),
            f"{day.day}: {in_percent(day.good / day.number)} of {day.number:,.0f}",
        )
        for place, day in enumerate(level.days)
        if day.number > 0
    ]
    line = _CHART - height(level.target)
    width = len(level.days) * _STEP
    return Markup(
        '<figure class="gg-level-chart"><svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}<line x1="0" x2="{}" y1="{:.1f}" y2="{:.1f}"/></svg>'
        "<figcaption><span>{}</span><span>line: the target, {}; top 100 %, bottom {}</span><span>{}</span>"
        "</figcaption></figure>"
    ).format(
        width,
        _CHART,
        f"Good part of each day. {days_in_words(level)}",
        Markup("").join(bars),
        width,
        line,
        line,
        level.days[0].day,
        in_percent(level.target),
        in_percent(bottom),
        level.days[-1].day,
    )


def _class_of(day: LevelDay, target: float) -> str:
    if day.number <= 0:
        return "gg-day-none"
    return "gg-day-met" if day.good / day.number >= target else "gg-day-missed"
