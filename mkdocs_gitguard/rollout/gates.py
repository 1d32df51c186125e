"""The gates between the phases: every success criterion of the plan as a check over measurements.

A check looks at what was measured since the phase was entered and in the last `MAX_AGE`; what is older, or was never
measured, is `no data`, never a pass. `docs/rolling-out.md` says of each measurement how it is made.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import GateError
from mkdocs_gitguard.model import Checklist, CheckResult, Measurement
from mkdocs_gitguard.rollout.checks import (
    Evaluate,
    Measured,
    above,
    baseline,
    below,
    both,
    error_rate,
    every,
    exactly,
    latency,
    latest,
    none,
    published,
    stable,
    storage,
    within_timeout,
    yes,
)
from mkdocs_gitguard.rollout.settings import PHASES, Settings

MAX_AGE: Final = timedelta(days=7)
"""Older measurements say nothing about the present."""

_BUILD: Final = "It is measured at each build."
_MEASURE: Final = "Measure with `gitguard rollout measure`."
_PUBLISH: Final = "Run `gitguard publish`; where publishing is refused, that is measured too."
_LATER: Final = "Nothing measures it in this version."


class Criterion(NamedTuple):
    """A line of a phase's "Success Criteria"."""

    name: str
    words: str
    evaluate: Evaluate


_GRAPH_API_DISABLED: Final = latest("api.disabled", yes, _MEASURE)
_DRILLS_READY: Final = latest("drills.ready", yes, _LATER)

CRITERIA: Final[Mapping[str, tuple[str, tuple[Criterion, ...]]]] = {
    "staging": (
        "Phase 1: Staging Cut",
        (
            Criterion("service", "Org-brain service starts successfully", latest("health.service", yes, _MEASURE)),
            Criterion("builds", "Documentation builds complete without errors", every("build.errors", none, _BUILD)),
            Criterion("no-publish", "No external publishing occurs", every("publish.external", none, _PUBLISH)),
            Criterion("health", "All health checks pass", latest("health.failed", none, _MEASURE)),
            Criterion("performance", "Performance metrics within acceptable ranges", both(within_timeout, latency)),
            Criterion("policies", "Policy transparency framework initialized", latest("policies.ready", yes, _MEASURE)),
            Criterion("diagrams", "Mermaid graph generation pipeline ready", latest("diagrams.ready", yes, _MEASURE)),
            Criterion("graph-api", "Graph API endpoints accessible (but disabled)", _GRAPH_API_DISABLED),
            Criterion("chaos", "Chaos engineering framework initialized", _DRILLS_READY),
            Criterion("baseline", "SLO monitoring baseline established", baseline),
        ),
    ),
    "canary": (
        "Phase 2: Canary Deployment",
        (
            Criterion("publish", "Canary repositories publish successfully", published),
            Criterion(
                "policies",
                "Policy transparency shows source code references",
                latest("policies.references", above(0), _BUILD),
            ),
            Criterion(
                "diagrams",
                "Mermaid graphs render correctly in PR pages",
                both(latest("diagrams.success", yes, _BUILD), latest("diagrams.pull-requests", above(0), _BUILD)),
            ),
            Criterion(
                "freshness",
                "SLO monitoring tracks documentation freshness",
                latest("freshness.p99", above(0), _LATER),
            ),
            Criterion("error-rate", "Error rate < 5%", error_rate),
            Criterion("latency", "Latency < 5000ms", latency),
            Criterion("integrity", "No data corruption or loss", every("publish.damaged", none, _PUBLISH)),
            Criterion(
                "replay",
                "JetStream replay functionality works",
                latest("events.replay-lost", none, "Rehearse with `gitguard events rehearse`."),
            ),
            Criterion(
                "rollback",
                "Rollback capability verified",
                latest("rollback.rehearsed", yes, "Rehearse with `gitguard rollback --rehearse`."),
            ),
            Criterion("graph-api", "Graph API endpoints ready (but disabled)", _GRAPH_API_DISABLED),
            Criterion("chaos", "Chaos engineering framework prepared", _DRILLS_READY),
        ),
    ),
    "production": (
        "Phase 3: Full Production",
        (
            Criterion("publish", "All repositories publish successfully", published),
            Criterion(
                "policies", "Policy transparency coverage > 90%", latest("policies.coverage", above(0.9), _BUILD)
            ),
            Criterion(
                "diagrams", "Mermaid graphs generated for all PRs", latest("diagrams.pull-requests", yes, _BUILD)
            ),
            Criterion("freshness-p99", "SLO monitoring shows P99 < 10s", latest("freshness.p99", below(10), _LATER)),
            Criterion("error-rate", "Error rate < 1%", error_rate),
            Criterion("latency", "Latency < 3000ms", latency),
            Criterion("stable", "System performance stable", stable),
            Criterion("storage", "Storage usage within limits", storage),
            Criterion(
                "customers",
                "No customer impact",
                latest("customers.affected", none, "Only people know: say it with `gitguard rollout attest`."),
            ),
            Criterion("freshness", "Documentation freshness SLOs met", latest("freshness.met", yes, _LATER)),
        ),
    ),
    "advanced": (
        "Phase 4: Advanced Features",
        (
            Criterion("api-port", "Graph API responds on port 8002", latest("api.port", exactly(8002), _MEASURE)),
            Criterion("cors", "CORS headers configured correctly", latest("api.cors", yes, _MEASURE)),
            Criterion("drills", "Chaos drills execute successfully", latest("drills.completed", yes, _LATER)),
            Criterion("recovery", "System recovers from chaos scenarios", every("drills.recovered", yes, _LATER)),
            Criterion("response-time", "API response times < 500ms", latest("api.response", below(500), _MEASURE)),
            Criterion("drill-success", "Chaos drill success rate > 95%", latest("drills.success", above(0.95), _LATER)),
        ),
    ),
}
"""By phase: the plan's heading, and its "Success Criteria" in order and in its words."""


def evaluate_gate(
    phase: str,
    settings: Settings,
    measurements: Sequence[Measurement],
    *,
    now: datetime,
    entered: datetime | None = None,
) -> Checklist:
    """Evaluate every criterion of a phase.

    Args:
        phase: `staging`, `canary`, `production` or `advanced`.
        settings: whose thresholds count.
        measurements: all that is remembered.
        now: the moment that age counts from.
        entered: when the phase was entered; what was measured before does not count. None: not known.

    Raises:
        GateError: the plan has no such phase.
    """
    if phase not in CRITERIA:
        raise GateError(
            f"The plan has no success criteria for {phase!r}.", hint=f"Choose one of {', '.join(CRITERIA)}."
        )
    since = max(now - MAX_AGE, entered) if entered else now - MAX_AGE
    measured = Measured([item for item in measurements if since <= item.at <= now])
    title, criteria = CRITERIA[phase]
    checks = []
    for criterion in criteria:
        evaluation = criterion.evaluate(measured, settings)
        checks.append(
            CheckResult(
                name=f"{phase}.{criterion.name}",
                criterion=criterion.words,
                state=evaluation.state,
                evidence=evaluation.evidence,
                at=evaluation.at,
            )
        )
    return Checklist(phase=phase, title=title, checks=tuple(checks))


def open_checks(checklist: Checklist) -> tuple[CheckResult, ...]:
    """Return the checks that keep the gate shut: those that fail and those without data."""
    return tuple(check for check in checklist.checks if check.state != "pass")


def next_phase(phase: str) -> str:
    """Return the phase after `phase`.

    Raises:
        GateError: there is none, or the phase is a site's own.
    """
    if phase not in PHASES:
        raise GateError(
            f"{phase!r} is not a phase of the plan.",
            hint="Name the plan's phase in the file: CODEX_ROLLOUT_PHASE=staging.",
        )
    if phase == PHASES[-1]:
        raise GateError(f"{phase} is the last phase.")
    return PHASES[PHASES.index(phase) + 1]
