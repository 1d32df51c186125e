"""Objectives judged by what was measured. Pure: the same measurements and moment, the same levels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from mkdocs_gitguard.model.service_levels import BurnRate, LevelDay, ObjectiveLevel, ServiceLevels, in_percent
from mkdocs_gitguard.slo.breaches import breaches_of, is_alerted
from mkdocs_gitguard.slo.objective import PLAIN, WINDOWS, Objective, Threshold, Window, in_words
from mkdocs_gitguard.slo.occurrences import Count, Occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_gitguard.model.service_levels import Breach, LevelState
    from mkdocs_gitguard.state.measurements import Measurements
    from mkdocs_gitguard.state.packed_days import Point

DAYS: Final = 90
"""Of the bar, and of what breaches are looked for in."""
STALE_AFTER: Final = timedelta(hours=24)
"""Older measurements say nothing about the present."""

_ORDER: Final[Mapping[LevelState, int]] = {"alert": 0, "missed": 1, "no data": 2, "met": 3}
_SHOWN: Final = 100
"""Breaches at most."""


def levels_of(
    objectives: Sequence[Objective], measurements: Measurements, *, now: datetime, with_past: bool = True
) -> ServiceLevels:
    """Judge objectives by a state file.

    Args:
        objectives: those in force.
        measurements: what was measured.
        now: what is later does not count: a clock was wrong.
        with_past: days and breaches too; without, the same judgement in a third of the time.

    Raises:
        SettingError: the state file is damaged.
    """
    at = measurements.newest(until=now)
    names = sorted({name for objective in objectives for name in objective.measurements})
    if at is None or not names:
        return levels(objectives, dict.fromkeys(names, ()), at=at)
    since = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    if with_past:
        return levels(objectives, measurements.points(names, since=since, until=at), at=at)
    longest = max(
        span
        for objective in objectives
        for span in (objective.window, *(window.long for window in _windows(objective)))
    )
    series = measurements.points(names, since=max(since, at - longest), until=at)
    if silent := [name for name in names if not series[name]]:
        # Of what nothing was measured in its window, the judgement says whether anything was before.
        series = {**series, **measurements.points(silent, since=since, until=at)}
    return levels(objectives, series, at=at, with_past=False)


def levels(
    objectives: Sequence[Objective],
    series: Mapping[str, Sequence[Point]],
    *,
    at: datetime | None,
    with_past: bool = True,
) -> ServiceLevels:
    """Judge objectives.

    Args:
        objectives: those in force.
        series: by measurement, the points of the last 90 days in the order of time.
        at: when the newest measurement was made; None: nothing was measured.
        with_past: days and breaches too.
    """
    judged: list[ObjectiveLevel] = []
    breaches: list[Breach] = []
    for objective in objectives:
        occurrences = Occurrences(objective, series)
        judged.append(_judge(objective, occurrences, series, at, with_past=with_past))
        breaches += breaches_of(objective, occurrences, series) if with_past else ()
    judged.sort(key=_worst_first)
    breaches.sort(key=lambda breach: (breach.alerted, breach.objective), reverse=True)
    state: LevelState = judged[0].state if judged else "no data"
    if state == "no data" and any(level.state == "met" for level in judged):
        # What is not measured yet calls nobody, and says nothing of what is measured.
        state = "met"
    return ServiceLevels(
        at=at,
        state=state,
        sentence=_sentence(judged),
        objectives=tuple(judged),
        breaches=tuple(breaches[:_SHOWN]),
        stale_after=int(STALE_AFTER.total_seconds()),
    )


def _worst_first(level: ObjectiveLevel) -> tuple[int, float, str]:
    return _ORDER[level.state], level.budget_left if level.budget_left is not None else 0.0, level.name


def _judge(
    objective: Objective,
    occurrences: Occurrences,
    series: Mapping[str, Sequence[Point]],
    at: datetime | None,
    *,
    with_past: bool,
) -> ObjectiveLevel:
    whole = occurrences.between(at - objective.window, at) if at else Count(0, 0)
    share = whole.share
    budget = None if share is None else 1 - (1 - share) / (1 - objective.target)
    rates = tuple(_burn(objective, occurrences, window, at) for window in _windows(objective)) if at else ()
    state, why = _state(objective, whole, rates, measured=bool(occurrences.moments))
    threshold = objective.indicator if isinstance(objective.indicator, Threshold) else None
    metric = objective.metric
    return ObjectiveLevel(
        name=objective.name,
        title=objective.title,
        description=objective.description,
        state=state,
        why=why,
        target=objective.target,
        condition=objective.condition,
        window=in_words(objective.window),
        measurements=objective.measurements,
        measured=share,
        number=whole.number,
        percentile=_percentile(objective, series, at) if threshold and at else None,
        unit=metric.unit if threshold and metric else "",
        limit=threshold.value if threshold else None,
        budget_left=budget,
        burn_rates=rates,
        days=tuple(_days(occurrences, at)) if at and with_past else (),
        measured_at=occurrences.moments[-1] if occurrences.moments else None,
    )


def _windows(objective: Objective) -> Sequence[Window]:
    return WINDOWS if objective.burns else (PLAIN,)


def _burn(objective: Objective, occurrences: Occurrences, window: Window, at: datetime) -> BurnRate:
    budget = 1 - (objective.target if objective.burns else objective.alert_below)
    counts = [occurrences.between(at - span, at) for span in (window.long, window.short)]
    long_rate, short_rate = (None if count.share is None else (1 - count.share) / budget for count in counts)
    return BurnRate(
        factor=window.factor,
        severity=window.severity,
        long=in_words(window.long),
        short=in_words(window.short),
        long_rate=long_rate,
        short_rate=short_rate,
        long_number=counts[0].number,
        short_number=counts[1].number,
        fires=is_alerted(objective, occurrences, window, at),
    )


def _state(objective: Objective, whole: Count, rates: Iterable[BurnRate], *, measured: bool) -> tuple[LevelState, str]:
    metric = objective.metric
    how = metric.how if metric else ""
    name = objective.measurements[0]
    if not whole.number:
        if measured:
            return "no data", f"{name} was not measured in the last {in_words(objective.window)}. {how}"
        return "no data", f"{name} has never been measured here. {how}"
    firing = next((rate for rate in rates if rate.fires), None)
    share = f"{in_percent(whole.good / whole.number)} of {number(whole.number)} were good"
    if firing and objective.burns:
        return "alert", f"In the last {firing.long} the budget burnt {firing.long_rate:.1f} times as fast as it may."
    if firing:
        return "alert", f"Of the last day less than {in_percent(objective.alert_below)} was good."
    if whole.good / whole.number < objective.target:
        return "missed", f"{share} in {in_words(objective.window)}, {in_percent(objective.target)} were to be."
    return "met", f"{share} in {in_words(objective.window)}."


def _percentile(objective: Objective, series: Mapping[str, Sequence[Point]], at: datetime) -> float | None:
    assert isinstance(objective.indicator, Threshold)  # noqa: S101 - the caller has looked
    since = at - objective.window
    points = [point for point in series[objective.indicator.measurement] if since < point.at <= at]
    is_least = objective.indicator.operator in ("gt", "gte")
    points.sort(key=lambda point: point.value, reverse=is_least)
    wanted = objective.target * sum(point.weight for point in points)
    passed = 0.0
    for point in points:
        passed += point.weight
        if passed >= wanted * (1 - 1e-12):
            return point.value
    return None


def _days(occurrences: Occurrences, at: datetime) -> Iterable[LevelDay]:
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in reversed(range(DAYS)):
        first = today - timedelta(days=back)
        count = occurrences.on(first, first + timedelta(days=1))
        yield LevelDay(day=first.date().isoformat(), good=count.good, number=count.number)


def _sentence(judged: Sequence[ObjectiveLevel]) -> str:
    by_state: dict[Literal["alert", "missed", "no data", "met"], list[str]] = {}
    for level in judged:
        by_state.setdefault(level.state, []).append(level.title)
    met, missing = len(by_state.get("met", ())), len(by_state.get("no data", ()))
    unknown = f" {missing} of {len(judged)} cannot be told for want of measurements." if missing else ""
    if "alert" in by_state:
        return f"Somebody must act: {_listed(by_state['alert'])}.{unknown}"
    if "missed" in by_state:
        return f"Nothing burns now, but less was good than was to be: {_listed(by_state['missed'])}.{unknown}"
    if not met:
        return "Nothing that an objective asks for has been measured yet."
    if not missing:
        return f"All {met} objectives are met." if met > 1 else "The objective is met."
    return f"{met} of {len(judged)} objectives are met.{unknown}"


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(titles)


def number(value: float) -> str:
    """Return how many, in words of figures."""
    return f"{value:,.0f}"
