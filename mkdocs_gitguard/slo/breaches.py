"""When an objective's alert was on: worked out again for every moment at which something was measured."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model.service_levels import Breach
from mkdocs_gitguard.slo.objective import PLAIN, WINDOWS, Objective, Threshold, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.slo.occurrences import Occurrences
    from mkdocs_gitguard.state.packed_days import Point


_EVIDENCE: Final = late_pattern(r"(.*?)(?: \((https?://[^\s()]+)\))?", re.DOTALL)
"""What is said of a measurement, and the run that it is of."""


def is_alerted(objective: Objective, occurrences: Occurrences, window: Window, at: datetime) -> bool:
    """Tell whether a pair of windows that ends at a moment says that somebody must act."""
    allowed = 1 - (objective.target if objective.burns else objective.alert_below)
    for span in (window.long, window.short):
        share = occurrences.between(at - span, at).share
        # Shares are compared with some room: sums of floats that are equal differ in their last digits.
        if share is None or 1 - share <= allowed * window.factor + 1e-9:
            return False
    return True


def breaches_of(objective: Objective, occurrences: Occurrences, series: Mapping[str, Sequence[Point]]) -> list[Breach]:
    """Return the stretches in which an alert that pages somebody was on, the oldest first."""
    windows = [window for window in WINDOWS if window.severity == "page"] if objective.burns else [PLAIN]
    stretches: list[tuple[datetime, datetime | None]] = []
    is_on = False
    reach = max(window.long for window in windows)
    last_bad: datetime | None = None
    for moment, is_bad in occurrences.by_moment():
        last_bad = moment if is_bad else last_bad
        # No window reaches further back, so that most moments need no look at any.
        may_be_on = last_bad is not None and moment - last_bad < reach
        now_on = may_be_on and any(is_alerted(objective, occurrences, window, moment) for window in windows)
        if now_on and not is_on:
            stretches.append((moment, None))
        elif is_on and not now_on:
            stretches[-1] = stretches[-1][0], moment
        is_on = now_on
    bad = _bad_points(objective, series) if stretches else []
    return [_breach(objective, occurrences, bad, *stretch) for stretch in stretches]


def _breach(
    objective: Objective,
    occurrences: Occurrences,
    all_bad: Sequence[Point],
    alerted: datetime,
    ended: datetime | None,
) -> Breach:
    longest = max(window.long for window in (WINDOWS[:1] if objective.burns else (PLAIN,)))
    bad = [point for point in all_bad if alerted - longest < point.at <= (ended or point.at)]
    began = min((point.at for point in bad), default=alerted)
    until = ended or occurrences.moments[-1]
    count = occurrences.between(began - timedelta(microseconds=1), until)
    worst = max(bad, key=lambda point: _badness(objective, point), default=None)
    match = _EVIDENCE.fullmatch(worst.evidence) if worst else None
    return Breach(
        objective=objective.name,
        began=began,
        alerted=alerted,
        ended=ended,
        good=count.good,
        number=count.number,
        cause=match[1] if match else "",
        run=match[2] or "" if match else "",
    )


def _bad_points(objective: Objective, series: Mapping[str, Sequence[Point]]) -> list[Point]:
    indicator = objective.indicator
    if isinstance(indicator, Threshold):
        return [point for point in series[indicator.measurement] if not indicator.is_good(point.value)]
    if indicator.is_bad:
        return [point for point in series[indicator.part] if point.value > 0]
    totals = {point.at: point.value for point in series[indicator.total]}
    return [point for point in series[indicator.part] if point.value < totals.get(point.at, point.value)]


def _badness(objective: Objective, point: Point) -> float:
    indicator = objective.indicator
    if isinstance(indicator, Threshold):
        return point.value if indicator.operator in ("lt", "lte") else -point.value
    return point.value if indicator.is_bad else -point.value
