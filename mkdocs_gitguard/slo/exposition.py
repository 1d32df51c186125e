"""What was measured as metrics, in the two texts that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4) and OpenMetrics 1.0
(https://prometheus.io/docs/specs/om/open_metrics_spec/), which differ in how a counter is declared and in the end. What
was not measured has no line. The same measurements give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.slo.metrics import METRICS, metric_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.model import Measurement
    from mkdocs_gitguard.model.service_levels import ObjectiveLevel, ServiceLevels

BUILD_TIMESTAMP: Final = "gitguard_build_timestamp_seconds"
MEASURED_TIMESTAMP: Final = "gitguard_measured_timestamp_seconds"
OBJECTIVE_TARGET: Final = "gitguard_objective_target_ratio"
OBJECTIVE_GOOD: Final = "gitguard_objective_good_ratio"
OBJECTIVE_NUMBER: Final = "gitguard_objective_measured"
OBJECTIVE_BUDGET: Final = "gitguard_objective_budget_left_ratio"
OBJECTIVE_BURN: Final = "gitguard_objective_burn_rate"
OBJECTIVE_PERCENTILE: Final = "gitguard_objective_percentile"


class OwnMetric(NamedTuple):
    """A metric that no measurement becomes."""

    words: str
    """What it is, without a full stop."""
    labels: tuple[str, ...] = ()


OWN_METRICS: Final[Mapping[str, OwnMetric]] = {
    BUILD_TIMESTAMP: OwnMetric(
        "When these metrics were written; a file that nobody writes any more looks the same for ever"
    ),
    MEASURED_TIMESTAMP: OwnMetric("When something was last measured", ("measurement",)),
    OBJECTIVE_TARGET: OwnMetric("The part that is to be good", ("objective",)),
    OBJECTIVE_GOOD: OwnMetric("The part of the objective's window that is good", ("objective",)),
    OBJECTIVE_NUMBER: OwnMetric("How much was measured in the objective's window", ("objective",)),
    OBJECTIVE_BUDGET: OwnMetric("The part of what may be bad that is left, below 0 where more was", ("objective",)),
    OBJECTIVE_BURN: OwnMetric(
        "How many times as fast as it may the budget was used in a window up to the last measurement",
        ("objective", "window"),
    ),
    OBJECTIVE_PERCENTILE: OwnMetric(
        "The value that the target's part of all values does not exceed, in the measurement's unit", ("objective",)
    ),
}


class Sample(NamedTuple):
    """One line."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Family(NamedTuple):
    """A metric and its samples."""

    name: str
    is_counter: bool
    words: str
    samples: tuple[Sample, ...]


def exported_names() -> frozenset[str]:
    """Return the names of all metrics that there can be."""
    return frozenset(OWN_METRICS) | {metric.exported for metric in METRICS}


def families(
    latest: Sequence[Measurement], totals: Mapping[str, float], levels: ServiceLevels, *, at: datetime | None
) -> tuple[Family, ...]:
    """Return every metric that there is something to say of, by name.

    Args:
        latest: the newest of each measurement.
        totals: by measurement that counts, the sum of all.
        levels: the objectives, judged.
        at: when the last build was, or its metrics are written; None: nobody knows.
    """
    samples: defaultdict[str, list[Sample]] = defaultdict(list)
    words = {name: metric.words for name, metric in OWN_METRICS.items()}
    counters = set()

    def add(name: str, value: float, **labels: str) -> None:
        samples[name].append(Sample(name, tuple(sorted(labels.items())), float(value)))

    if at is not None:
        add(BUILD_TIMESTAMP, at.timestamp())
    for item in latest:
        metric = metric_of(item.name)
        if metric is None:
            continue
        words[metric.exported] = metric.words
        add(MEASURED_TIMESTAMP, item.at.timestamp(), measurement=item.name)
        labels = {metric.label: item.name.removeprefix(metric.name)} if metric.label else {}
        if metric.is_counter:
            counters.add(metric.exported)
            add(metric.exported, totals.get(item.name, item.value), **labels)
        else:
            add(metric.exported, item.value * metric.factor, **labels)
    for level in levels.objectives:
        for sample in _of_objective(level):
            samples[sample.name].append(sample)
    return tuple(Family(name, name in counters, words[name], tuple(sorted(samples[name]))) for name in sorted(samples))


def _of_objective(level: ObjectiveLevel) -> Iterator[Sample]:
    of = ("objective", level.name)
    yield Sample(OBJECTIVE_TARGET, (of,), level.target)
    for name, value in (
        (OBJECTIVE_GOOD, level.measured),
        (OBJECTIVE_NUMBER, level.number if level.measured is not None else None),
        (OBJECTIVE_BUDGET, level.budget_left),
        (OBJECTIVE_PERCENTILE, level.percentile),
    ):
        if value is not None:
            yield Sample(name, (of,), value)
    rates = {rate.long: rate.long_rate for rate in level.burn_rates} | {
        rate.short: rate.short_rate for rate in level.burn_rates
    }
    for window, rate in rates.items():
        if rate is not None:
            yield Sample(OBJECTIVE_BURN, (of, ("window", window)), rate)


def exposition(shown: Sequence[Family], *, is_openmetrics: bool = False) -> str:
    """Return the metrics as a text: of Prometheus, or of OpenMetrics."""
    lines = []
    for family in shown:
        declared = family.name.removesuffix("_total") if is_openmetrics and family.is_counter else family.name
        lines.append(f"# HELP {declared} {_escaped(family.words)}.")
        lines.append(f"# TYPE {declared} {'counter' if family.is_counter else 'gauge'}")
        lines += map(_line, family.samples)
    if is_openmetrics:
        lines.append("# EOF")
    return "".join(f"{line}\n" for line in lines)


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
    return f"{sample.name}{{{labels}}} {sample.value!r}" if labels else f"{sample.name} {sample.value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
