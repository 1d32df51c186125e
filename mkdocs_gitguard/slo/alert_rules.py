"""Alert rules for Prometheus: the rollout plan's alert conditions, and for each objective how fast its budget burns.

A ratio is divided by `(… > 0)`: with nothing in a window it would be NaN, which no comparison holds for and no alert is
about. A file that is scraped but no longer written looks well for ever, so its age is a condition of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from mkdocs_gitguard.slo.exposition import (
    BUILD_TIMESTAMP,
    OBJECTIVE_BURN,
    OBJECTIVE_GOOD,
)
from mkdocs_gitguard.slo.metrics import metric_of
from mkdocs_gitguard.slo.objective import PLAIN, WINDOWS, Objective, Ratio, Threshold, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STALE: Final = 24 * 3600
"""Seconds without a build."""
_COVERAGE: Final = 0.85
_SLOWEST_API: Final = 1.0
"""Seconds; both are the rollout plan's, "Alert Conditions"."""
_FRESHNESS: Final = 10.0
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The one in C writes the same in a sixth of the time; the rules are written by each build."""
_HEADER: Final = "# Alert rules of mkdocs-gitguard: written by `gitguard slo export`.\n"


def alert_rules(objectives: Sequence[Objective]) -> str:
    """Return the rules as the YAML that `promtool check rules` reads.

    Args:
        objectives: those in force.
    """
    groups = [
        {"name": "gitguard-plan", "rules": [*_of_plan(objectives)]},
        {"name": "gitguard-objectives", "rules": [rule for item in objectives for rule in _of_objective(item)]},
    ]
    document = {"groups": [group for group in groups if group["rules"]]}
    return _HEADER + yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120)


def _of_plan(objectives: Sequence[Objective]) -> Iterator[dict[str, Any]]:
    """Yield the plan's ten conditions, in its order, and the one about the age of the file."""
    failures, attempts = _metric("work.failures"), _metric("work.attempts")
    most = _most_bad(objectives, "work.failures", 0.05)
    yield _rule(
        "GitGuardErrorRate",
        f"sum(increase({failures}[1d])) / (sum(increase({attempts}[1d])) > 0) > {most:g}",
        "Error rate exceeds threshold",
    )
    latency = _limit(objectives, "build.latency", 5000) * 0.001
    yield _rule(
        "GitGuardLatency", f"{_metric('build.latency')} > {latency:g}", "Latency exceeds threshold", lasts="30m"
    )
    yield _rule(
        "GitGuardHealthChecks",
        f"{_metric('health.failed')} > 0 or {_metric('health.service')} == 0",
        "Service health check failures",
    )
    yield _rule("GitGuardDatabase", f"{_metric('health.database')} == 0", "Database connection issues")
    yield _rule(
        "GitGuardJetStream", f"{_metric('events.connected')} == 0", "JetStream connectivity problems", lasts="5m"
    )
    yield _rule(
        "GitGuardPolicyCoverage",
        f"{_metric('policies.coverage')} < {_COVERAGE:g}",
        "Policy transparency coverage drops below 85%",
    )
    yield _rule(
        "GitGuardDiagrams", f"{_metric('diagrams.failed')} > 0", "Mermaid graph generation failures", is_ticket=True
    )
    yield _rule("GitGuardGraphApi", f"{_metric('api.response')} > {_SLOWEST_API:g}", "Graph API response time > 1000ms")
    run, passed = _metric("drills.run"), _metric("drills.passed")
    yield _rule("GitGuardDrills", f"sum(increase({run}[1d])) - sum(increase({passed}[1d])) > 0", "Chaos drill failures")
    yield _rule(
        "GitGuardFreshness",
        f'gitguard_objective_percentile{{objective="freshness"}} > {_FRESHNESS:g}',
        "SLO breach (P99 > 10s)",
    )
    yield _rule("GitGuardStale", f"time() - {BUILD_TIMESTAMP} > {STALE}", "No build has written its metrics for a day")
    yield _rule("GitGuardMissing", f"absent({BUILD_TIMESTAMP})", "No metrics are there", lasts="15m")


def _of_objective(objective: Objective) -> Iterator[dict[str, Any]]:
    def burn(window: str) -> str:
        return f'{OBJECTIVE_BURN}{{objective="{objective.name}",window="{window}"}}'

    labels = {"objective": objective.name}
    for window in WINDOWS if objective.burns else (PLAIN,):
        long, short = in_words(window.long), in_words(window.short)
        expression = f"{burn(long)} > {window.factor:g}"
        if short != long:
            expression += f" and ignoring (window) {burn(short)} > {window.factor:g}"
        words = (
            f"{objective.title}: the budget burns {window.factor:g} times as fast as it may ({long}, {short})"
            if objective.burns
            else f"{objective.title}: of the last {long} less than {objective.alert_below:.0%} is good"
        )
        yield _rule(
            "GitGuardObjectiveBurns", expression, words, is_ticket=window.severity == "ticket", long=long, **labels
        )
    yield _rule(
        "GitGuardObjectiveAbsent",
        f'absent({OBJECTIVE_GOOD}{{objective="{objective.name}"}})',
        f"{objective.title}: nothing is measured",
        lasts="1h",
        is_ticket=True,
        **labels,
    )


def _rule(
    name: str, expression: str, summary: str, *, lasts: str = "", is_ticket: bool = False, **labels: str
) -> dict[str, Any]:
    rule: dict[str, Any] = {"alert": name, "expr": expression}
    if lasts:
        rule["for"] = lasts
    rule["labels"] = {"severity": "ticket" if is_ticket else "page", **labels}
    # Prometheus fills templates in annotations, so that braces of a user's title must not be any.
    rule["annotations"] = {"summary": summary.replace("{{", "{ {")}
    return rule


def _metric(name: str) -> str:
    metric = metric_of(name)
    assert metric is not None, name  # noqa: S101 - a name of ours, and a test holds it
    return metric.exported


def _most_bad(objectives: Sequence[Objective], measurement: str, default: float) -> float:
    """Return the part that may be bad, by the objective that counts the bad ones; rounded, for 1 - 0.95 is not 0.05."""
    shares = [
        round(1 - item.target, 12)
        for item in objectives
        if isinstance(item.indicator, Ratio) and item.indicator.part == measurement
    ]
    return min(shares, default=default)


def _limit(objectives: Sequence[Objective], measurement: str, default: float) -> float:
    limits = [
        item.indicator.value
        for item in objectives
        if isinstance(item.indicator, Threshold) and item.indicator.measurement == measurement
    ]
    return min(limits, default=default)
