"""The kinds of checks that the gates are made of: each evaluates a criterion by what was measured."""

from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import Final, NamedTuple

from mkdocs_gitguard.model import CheckState, Measurement
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.state.measurements import percentile

_BASELINE: Final = 5
"""Builds that make a baseline, and that "stable" is judged on."""
_STABLE: Final = 2.0
"""A build that takes longer than this many times the median is not stable."""

LEAST_FREE: Final = 0.1
"""The share of the disk that is to stay free."""


class Evaluation(NamedTuple):
    """What a check says, before it is named."""

    state: CheckState
    evidence: str
    at: datetime | None = None


class Measured:
    """The measurements that count for one phase, by name, newest first."""

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        """Keep the newest first."""
        self._by_name: dict[str, list[Measurement]] = {}
        for item in sorted(measurements, key=lambda item: item.at, reverse=True):
            self._by_name.setdefault(item.name, []).append(item)

    def all(self, name: str) -> list[Measurement]:
        """Return every measurement of a name, newest first."""
        return self._by_name.get(name, [])

    def latest(self, name: str) -> Measurement | None:
        """Return the newest measurement of a name."""
        return next(iter(self.all(name)), None)


Evaluate = Callable[[Measured, Settings], Evaluation]


def _missing(name: str, how: str) -> Evaluation:
    return Evaluation(
        "no data", f"{name} has not been measured in this phase, or not in the last 7 days. {how}".strip()
    )


def _shown(item: Measurement) -> str:
    number = f"{item.value:,.4f}".rstrip("0").rstrip(".")
    return f"{item.name} = {number}{f' {item.unit}' if item.unit else ''}" + (
        f" ({item.evidence})" if item.evidence else ""
    )


def latest(name: str, holds: Callable[[float], bool], how: str = "") -> Evaluate:
    """Return a check on the newest measurement of a name."""

    def evaluate(measured: Measured, _: Settings) -> Evaluation:
        item = measured.latest(name)
        if item is None:
            return _missing(name, how)
        return Evaluation("pass" if holds(item.value) else "fail", f"{_shown(item)}.", item.at)

    return evaluate


def every(name: str, holds: Callable[[float], bool], how: str = "") -> Evaluate:
    """Return a check that every measurement of a name must meet."""

    def evaluate(measured: Measured, _: Settings) -> Evaluation:
        items = measured.all(name)
        if not items:
            return _missing(name, how)
        bad = [item for item in items if not holds(item.value)]
        if bad:
            return Evaluation("fail", f"{len(bad)} of {len(items)}, the last: {_shown(bad[0])}.", bad[0].at)
        return Evaluation("pass", f"{len(items)} of {len(items)}, the last: {_shown(items[0])}.", items[-1].at)

    return evaluate


def both(*checks: Evaluate) -> Evaluate:
    """Return a check that holds where all of the given ones do; one that fails decides, then one without data."""

    def evaluate(measured: Measured, settings: Settings) -> Evaluation:
        evaluations = [check(measured, settings) for check in checks]
        for state in ("fail", "no data"):
            for evaluation in evaluations:
                if evaluation.state == state:
                    return evaluation
        moments = [evaluation.at for evaluation in evaluations if evaluation.at]
        return Evaluation(
            "pass", " ".join(evaluation.evidence for evaluation in evaluations), min(moments, default=None)
        )

    return evaluate


def error_rate(measured: Measured, settings: Settings) -> Evaluation:
    """Failed harvests and builds as a share of all: below `CODEX_ERROR_RATE_THRESHOLD`."""
    attempts = measured.all("work.attempts")
    failures = measured.all("work.failures")
    total = sum(item.value for item in attempts)
    if not total:
        return _missing("work.attempts", "It is counted at each build.")
    rate = sum(item.value for item in failures) / total
    limit = settings.codex_error_rate_threshold
    evidence = f"{rate:.2%} of {total:,.0f} harvests and builds failed; the threshold is {limit:.2%}."
    return Evaluation("pass" if rate < limit else "fail", evidence, attempts[-1].at)


def latency(measured: Measured, settings: Settings) -> Evaluation:
    """The time that a build takes for one repository, 95th percentile: below `CODEX_LATENCY_THRESHOLD_MS`."""
    items = measured.all("build.latency")
    if not items:
        return _missing("build.latency", "It is measured at each build.")
    # One slow build in twenty does not decide.
    worst = percentile([item.value for item in items], 95)
    limit = settings.codex_latency_threshold_ms
    evidence = (
        f"95 % of {len(items)} builds took at most {worst:,.0f} ms for a repository; the threshold is {limit:,} ms."
    )
    return Evaluation("pass" if worst < limit else "fail", evidence, items[-1].at)


def within_timeout(measured: Measured, settings: Settings) -> Evaluation:
    """Every build ends within `BUILD_TIMEOUT`."""
    items = measured.all("build.duration")
    if not items:
        return _missing("build.duration", "It is measured at each build.")
    limit = settings.build_timeout.total_seconds()
    worst = max(items, key=lambda item: item.value)
    evidence = f"The longest of {len(items)} builds took {worst.value:,.1f} s; BUILD_TIMEOUT is {limit:,.0f} s."
    return Evaluation("pass" if worst.value < limit else "fail", evidence, items[-1].at)


def baseline(measured: Measured, _: Settings) -> Evaluation:
    """Enough builds have been measured to know what is usual."""
    items = measured.all("build.duration")
    if len(items) < _BASELINE:
        return Evaluation("no data", f"{len(items)} of the {_BASELINE} builds that make a baseline have been measured.")
    middle = median(item.value for item in items)
    return Evaluation("pass", f"{len(items)} builds, median {middle:,.1f} s.", items[-1].at)


def stable(measured: Measured, _: Settings) -> Evaluation:
    """None of the last builds took much longer than the others."""
    items = measured.all("build.duration")[:_BASELINE]
    if len(items) < _BASELINE:
        return Evaluation("no data", f"{len(items)} of the {_BASELINE} builds needed have been measured.")
    middle, worst = median(item.value for item in items), max(item.value for item in items)
    evidence = f"Of the last {_BASELINE} builds the longest took {worst:,.1f} s, the median {middle:,.1f} s."
    return Evaluation("pass" if worst <= _STABLE * middle else "fail", evidence, items[-1].at)


def published(measured: Measured, _: Settings) -> Evaluation:
    """The last publish went out, with every repository that the phase chooses."""
    external, shown, selected = map(measured.latest, ("publish.external", "publish.repositories", "publish.selected"))
    if external is None or shown is None or selected is None:
        return _missing("publish.external", "Publish with `gitguard publish`.")
    evidence = (
        f"{shown.value:,.0f} of {selected.value:,.0f} chosen repositories were in the last publish; {_shown(external)}."
    )
    passed = external.value == 1 and shown.value == selected.value > 0
    return Evaluation("pass" if passed else "fail", evidence, external.at)


def storage(measured: Measured, settings: Settings) -> Evaluation:
    """The event log is within `JETSTREAM_MAX_BYTES`, and a tenth of the disk is free."""
    state, free = measured.latest("storage.events"), measured.latest("storage.free")
    if state is None or free is None:
        return _missing("storage.events", "Measure with `gitguard rollout measure`.")
    limit = settings.jetstream_max_bytes
    within = limit < 0 or state.value <= limit
    limit_in_words = "no limit is set" if limit < 0 else f"the limit is {limit:,} bytes"
    evidence = f"The event log has {state.value:,.0f} bytes, {limit_in_words}; {free.value:.0%} of the disk is free."
    return Evaluation("pass" if within and free.value >= LEAST_FREE else "fail", evidence, state.at)


def yes(value: float) -> bool:
    """Say whether a measurement says yes, or all of something."""
    return value == 1


def none(value: float) -> bool:
    """Say whether a measurement counted nothing."""
    return value == 0


def below(limit: float) -> Callable[[float], bool]:
    """Return the condition `value < limit`."""
    return lambda value: value < limit


def above(limit: float) -> Callable[[float], bool]:
    """Return the condition `value > limit`."""
    return lambda value: value > limit


def exactly(wanted: float) -> Callable[[float], bool]:
    """Return the condition `value == wanted`."""
    return lambda value: value == wanted
