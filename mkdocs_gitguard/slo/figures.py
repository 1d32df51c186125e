"""The dashboards' figures, for the portal's pages: the days of each measurement, and what objectives come to."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model.dashboards import Dashboard, Dashboards, FigureDay, FigureLine, FigurePanel
from mkdocs_gitguard.slo.dashboards import BOARDS, panels_of
from mkdocs_gitguard.slo.metrics import Metric, counter_names, metric_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_gitguard.model.dashboards import SlowRepository
    from mkdocs_gitguard.model.service_levels import ObjectiveLevel, ServiceLevels
    from mkdocs_gitguard.slo.dashboards import Panel
    from mkdocs_gitguard.state.measurements import Measurements
    from mkdocs_gitguard.state.packed_days import Day

DAYS: Final = 30
"""Days that a dashboard shows."""
_MOST_LINES: Final = 12
"""Of a chart."""
_BUILT: Final = "build.duration"
"""What every build measures, so that it was last measured when the last build was."""
_STATUS: Final = "status"
"""Path of the page of all objectives."""
_JUDGED: Final = "Worked out of what the objective is judged by."


def dashboards_of(
    levels: ServiceLevels, measurements: Measurements, slowest: tuple[SlowRepository, ...] = ()
) -> Dashboards:
    """Return the dashboards as of the newest measurement.

    Args:
        levels: the objectives, judged.
        measurements: by which they were.
        slowest: the repositories that took longest to read.

    Raises:
        SettingError: the state file is damaged.
    """
    at = levels.at
    known: defaultdict[str, list[Day]] = defaultdict(list)
    totals: Mapping[str, float] = {}
    first = last = ""
    if at is not None:
        since = at - timedelta(days=DAYS - 1)
        first, last = since.date().isoformat(), at.date().isoformat()
        for day in measurements.summaries(since=since, until=at):
            known[day.name].append(day)
        totals = measurements.totals(counter_names(known))
    return Dashboards(
        at=at,
        first=first,
        last=last,
        stale_after=levels.stale_after,
        slowest=slowest,
        boards=tuple(
            Dashboard(
                name=board.name,
                title=board.title,
                panels=tuple(_figures(panel, known, totals, levels.objectives) for panel in panels_of(board)),
            )
            for board in BOARDS
        ),
    )


def _figures(
    panel: Panel,
    known: Mapping[str, Sequence[Day]],
    totals: Mapping[str, float],
    objectives: Sequence[ObjectiveLevel],
) -> FigurePanel:
    metric = None
    source, page = _JUDGED, _STATUS
    if panel.subject == "measurement":
        metric = _metric(panel.measurement)
        source, page = metric.how, metric.page
        lines = [*_measured(metric, known, totals)]
    elif panel.subject == "age":
        source = _metric(_BUILT).how
        lines = [FigureLine(value=None, on=days[-1].day) for days in [known.get(_BUILT)] if days]
    else:
        lines = [line for level in objectives for line in _of_objective(panel, level)]
    return FigurePanel(
        title=panel.title,
        unit=panel.unit,
        is_counter=metric is not None and metric.is_counter,
        source=source,
        metric=panel.exported,
        page=page,
        lines=tuple(lines[:_MOST_LINES]),
        left_out=max(0, len(lines) - _MOST_LINES),
    )


def _metric(name: str) -> Metric:
    metric = metric_of(f"{name}x" if name.endswith(".") else name)
    assert metric is not None, name  # noqa: S101 - a name of ours, and a test holds it
    return metric


def _measured(metric: Metric, known: Mapping[str, Sequence[Day]], totals: Mapping[str, float]) -> Iterator[FigureLine]:
    names = [name for name in sorted(known) if metric_of(name) is metric] if metric.label else [metric.name]
    for name in names:
        days = known.get(name)
        if not days:
            continue
        yield FigureLine(
            label=name.removeprefix(metric.name),
            value=totals[name] if metric.is_counter else days[-1].last,
            on=days[-1].day,
            days=tuple(
                FigureDay(
                    day=day.day, last=day.last, least=day.least, most=day.most, total=day.total, number=day.number
                )
                for day in days
            ),
        )


def _of_objective(panel: Panel, level: ObjectiveLevel) -> Iterator[FigureLine]:
    page, on = f"{_STATUS}/{level.name}", level.measured_at.date().isoformat() if level.measured_at else ""
    match panel.subject:
        case "good part":
            shares = [(day, day.good / day.number) for day in level.days[-DAYS:] if day.number > 0]
            days = tuple(
                FigureDay(day=day.day, last=part, least=part, most=part, total=part, number=round(day.number))
                for day, part in shares
            )
            if level.measured is not None:
                yield FigureLine(label=level.title, page=page, value=level.measured, on=on, days=days)
        case "budget left":
            if level.budget_left is not None:
                yield FigureLine(label=level.title, page=page, value=level.budget_left, on=on)
        case "burn rate":
            for rate in level.burn_rates:
                if rate.long_rate is not None:
                    yield FigureLine(label=f"{level.title}, {rate.long}", page=page, value=rate.long_rate, on=on)
        case "percentile":
            if level.percentile is not None:
                unit = f", {level.unit}" if level.unit else ""
                yield FigureLine(label=f"{level.title}{unit}", page=page, value=level.percentile, on=on)
