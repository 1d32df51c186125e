"""The kinds of checks that the gates are made of: each evaluates a criterion by what was measured."""

from collections.abc import Callable, Collection, Sequence
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

    def __init__(
        self, measurements: Sequence[Measurement], *, ever: Collection[str] = (), has_events: bool = False
    ) -> None:
        """Keep the newest first.

        Args:
            measurements: those that count.
            ever: the names of all that is remembered, however old.
            has_events: the site keeps a log of events.
        """
        self.has_events = has_events
        self._ever = ever
        self._by_name: dict[str, list[Measurement]] = {}
        for item in sorted(measurements, key=lambda item: item.at, reverse=True):
            self._by_name.setdefault(item.name, []).append(item)

    def all(self, name: str) -> list[Measurement]:
        """Return every measurement of a name, newest first."""
        return self._by_name.get(name, [])

    def latest(self, name: str) -> Measurement | None:
        """Return the newest measurement of a name."""
        return next(iter(self.all(name)), None)

    def was_ever(self, *beginnings: str) -> bool:
        """Say whether anything was ever measured whose name begins so."""
        return any(name.startswith(beginnings) for name in (*self._ever, *self._by_name))


Evaluate = Callable[[Measured, Settings], Evaluation]
WhyNot = Callable[[Measured, Settings], str]
"""Why a criterion does not apply to a site's set-up; `""` where it does."""


def unless_set_up(evaluate: Evaluate, why_not: WhyNot) -> Evaluate:
    """Return a check that does not apply where nothing in the site's set-up could measure it.

    What has been measured is judged, whatever the set-up; and where the set-up has what measures it, no measurement
    stays "no data".
    """

    def evaluated(measured: Measured, settings: Settings) -> Evaluation:
        evaluation = evaluate(measured, settings)
        reason = why_not(measured, settings) if evaluation.state == "no data" else ""
        return Evaluation("not applicable", reason) if reason else evaluation

    return evaluated


def no_drills(_: Measured, settings: Settings) -> str:
    """Drills are run where their flag is on, which the plan turns on with phase 4."""
    if settings.chaos_engineering_enabled:
        return ""
    return f"CHAOS_ENGINEERING_ENABLED is false ({settings.origins['CHAOS_ENGINEERING_ENABLED']}): no drills are run."


def no_events(measured: Measured, settings: Settings) -> str:
    """Freshness counts from an event, so that a site that is built by hand or by a schedule has none."""
    if settings.jetstream_url or measured.has_events or measured.was_ever("events.", "freshness"):
        return ""
    return "No events come in: the site is built by hand or by a schedule, and has no log of events."


def none_shown(name: str, what: str) -> WhyNot:
    """Return the reason that the last build showed nothing of what a criterion is about."""

    def why_not(measured: Measured, _: Settings) -> str:
        item = measured.latest(name)
        return f"The portal shows no {what}." if item is not None and item.value == 0 else ""

    return why_not


def no_embeddings(_: Measured, settings: Settings) -> str:
    """Vectors are made where their flag is on, which the plan turns on with phase 5."""
    if settings.codex_embeddings_enabled:
        return ""
    return f"CODEX_EMBEDDINGS_ENABLED is false ({settings.origins['CODEX_EMBEDDINGS_ENABLED']}): no model is asked."


def _missing(name: str, how: str) -> Evaluation:
    return Evaluation(
        "no data", f"{name} has not been measured in this phase, or not in the last 7 days. {how}".strip()
    )


def _shown(item: Measurement) -> str:
    number = f"{item.value:,.4f}".rstrip("0").rstrip(".")
    return f"{item.name} = {number}{f' {item.unit}' if item.unit else ''}" + (
        f" ({item.evidence.removesuffix('.')})" if item.evidence else ""
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
    """The time that an update takes for one repository, 95th percentile: below `CODEX_LATENCY_THRESHOLD_MS`."""
    items = measured.all("build.latency")
    if not items:
        return _missing("build.latency", "It is measured at each build that brings a site up to date: build again.")
    # One slow build in twenty does not decide.
    worst = percentile([item.value for item in items], 95)
    limit = settings.codex_latency_threshold_ms
    evidence = (
        f"95 % of {len(items)} updates took at most {worst:,.0f} ms for a repository; the threshold is {limit:,} ms."
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
        return Evaluation(
            "no data", f"{len(items)} of the {_BASELINE} builds that make a baseline have been measured: build again."
        )
    middle = median(item.value for item in items)
    return Evaluation("pass", f"{len(items)} builds, median {middle:,.1f} s.", items[-1].at)


def stable(measured: Measured, _: Settings) -> Evaluation:
    """None of the last builds that brought the site up to date took much longer than the others."""
    items = measured.all("build.update")[:_BASELINE]
    if len(items) < _BASELINE:
        return Evaluation(
            "no data",
            f"{len(items)} of the {_BASELINE} builds needed, that bring a site up to date, have been measured: build "
            "again.",
        )
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


def some(value: float) -> bool:
    """Say whether there is a measurement at all: whatever it is, people judge it."""
    return value >= 0


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
