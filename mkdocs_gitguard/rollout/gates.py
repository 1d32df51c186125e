"""The gates between the phases: every success criterion of the plan as a check over measurements.

A check looks at what was measured since the phase was entered and in the last `MAX_AGE`; what is older, or was never
measured, is `no data`, never a pass. A criterion about something that the site's set-up does not have is `not
applicable`, with the reason; it shuts no gate. `docs/rolling-out.md` says of each measurement how it is made.
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
    no_drills,
    no_embeddings,
    no_events,
    none,
    none_shown,
    published,
    some,
    stable,
    storage,
    unless_set_up,
    within_timeout,
    yes,
)
from mkdocs_gitguard.rollout.settings import PHASES, PLAN_PAGE, THE_PLAN, Settings

MAX_AGE: Final = timedelta(days=7)
"""Older measurements say nothing about the present."""

_BUILD: Final = "It is measured at each build."
_MEASURE: Final = "Measure with `gitguard rollout measure`."
_PUBLISH: Final = "Run `gitguard publish`; where publishing is refused, that is measured too."
_WATCH: Final = "`gitguard watch` measures it as it answers events."
_JUDGED: Final = "A build judges it while SLO_MONITORING_ENABLED is true, once `gitguard watch` has answered events."
_DRILLS: Final = "Run `gitguard chaos run --all`."
_MEANING: Final = "A build measures it while CODEX_EMBEDDINGS_ENABLED is true: build again."


class Criterion(NamedTuple):
    """A line of a phase's "Success Criteria"."""

    name: str
    words: str
    evaluate: Evaluate


_GRAPH_API_DISABLED: Final = latest("api.disabled", yes, _MEASURE)
_DRILLS_READY: Final = unless_set_up(latest("drills.ready", yes, _MEASURE), no_drills)
_NO_PULL_REQUESTS: Final = none_shown("shown.pull-requests", "pull request")
_EMBEDDINGS: Final = unless_set_up(latest("embeddings.ready", yes, _MEANING), no_embeddings)
_VECTORS: Final = unless_set_up(latest("embeddings.stored", some, _MEANING), no_embeddings)
_EMBEDDING_TIME: Final = unless_set_up(latest("embeddings.duration", some, _MEANING), no_embeddings)

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
                unless_set_up(
                    latest("policies.references", above(0), _BUILD), none_shown("shown.policy-rules", "policy rule")
                ),
            ),
            Criterion(
                "diagrams",
                "Mermaid graphs render correctly in PR pages",
                unless_set_up(
                    both(latest("diagrams.success", yes, _BUILD), latest("diagrams.pull-requests", above(0), _BUILD)),
                    _NO_PULL_REQUESTS,
                ),
            ),
            Criterion(
                "freshness",
                "SLO monitoring tracks documentation freshness",
                unless_set_up(latest("freshness.p99", above(0), _WATCH), no_events),
            ),
            Criterion("error-rate", "Error rate < 5%", error_rate),
            Criterion("latency", "Latency < 5000ms", latency),
            Criterion("integrity", "No data corruption or loss", every("publish.damaged", none, _PUBLISH)),
            Criterion(
                "replay",
                "JetStream replay functionality works",
                unless_set_up(
                    latest("events.replay-lost", none, "Rehearse with `gitguard events rehearse`."), no_events
                ),
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
                "policies",
                "Policy transparency coverage > 90%",
                unless_set_up(
                    latest("policies.coverage", above(0.9), _BUILD), none_shown("shown.decisions", "decision")
                ),
            ),
            Criterion(
                "diagrams",
                "Mermaid graphs generated for all PRs",
                unless_set_up(latest("diagrams.pull-requests", yes, _BUILD), _NO_PULL_REQUESTS),
            ),
            Criterion(
                "freshness-p99",
                "SLO monitoring shows P99 < 10s",
                unless_set_up(latest("freshness.p99", below(10), _WATCH), no_events),
            ),
            Criterion("error-rate", "Error rate < 1%", error_rate),
            Criterion("latency", "Latency < 3000ms", latency),
            Criterion("stable", "System performance stable", stable),
            Criterion("storage", "Storage usage within limits", storage),
            Criterion(
                "customers",
                "No customer impact",
                latest("customers.affected", none, "Only people know: say it with `gitguard rollout attest`."),
            ),
            Criterion(
                "freshness",
                "Documentation freshness SLOs met",
                unless_set_up(latest("freshness.met", yes, _JUDGED), no_events),
            ),
        ),
    ),
    "advanced": (
        "Phase 4: Advanced Features",
        (
            Criterion("api-port", "Graph API responds on port 8002", latest("api.port", exactly(8002), _MEASURE)),
            Criterion("cors", "CORS headers configured correctly", latest("api.cors", yes, _MEASURE)),
            Criterion(
                "drills",
                "Chaos drills execute successfully",
                unless_set_up(latest("drills.completed", yes, _DRILLS), no_drills),
            ),
            Criterion(
                "recovery",
                "System recovers from chaos scenarios",
                unless_set_up(every("drills.recovered", yes, _DRILLS), no_drills),
            ),
            Criterion("response-time", "API response times < 500ms", latest("api.response", below(500), _MEASURE)),
            Criterion(
                "drill-success",
                "Chaos drill success rate > 95%",
                unless_set_up(latest("drills.success", above(0.95), _DRILLS), no_drills),
            ),
        ),
    ),
    "embeddings": (
        "Phase 5: Enable Embeddings",
        (
            Criterion("model-router", "Requires model router setup", _EMBEDDINGS),
            Criterion("storage", "Additional database storage", both(storage, _VECTORS)),
            Criterion("performance", "Performance impact assessment", both(within_timeout, latency, _EMBEDDING_TIME)),
        ),
    ),
    "owners": (
        "Phase 6: Enable Owners",
        (
            Criterion("validation", "Requires CODEOWNERS file validation", latest("owners.errors", none, _BUILD)),
            Criterion("relations", "Additional graph relationships", latest("owners.relations", above(0), _BUILD)),
            Criterion(
                "documentation",
                "Documentation updates",
                latest("documentation.updated", yes, "Only people know: say it with `gitguard rollout attest`."),
            ),
        ),
    ),
}
"""By phase: the plan's heading, and its "Success Criteria" in order and in its words; of the phases 5 and 6, for which
it has none, what it says that they require."""


def evaluate_gate(
    phase: str,
    settings: Settings,
    measurements: Sequence[Measurement],
    *,
    now: datetime,
    entered: datetime | None = None,
    has_events: bool = False,
) -> Checklist:
    """Evaluate every criterion of a phase.

    Args:
        phase: one of `CRITERIA`.
        settings: whose thresholds count.
        measurements: all that is remembered.
        now: the moment that age counts from.
        entered: when the phase was entered; what was measured before does not count. None: not known.
        has_events: the site keeps a log of events.

    Raises:
        GateError: the plan has no such phase.
    """
    if phase not in CRITERIA:
        raise GateError(
            f"{phase} has no success criteria: it is not a phase of the rollout plan.",
            hint=f"Run `gitguard rollout promote` to enter its first phase. {THE_PLAN} {PLAN_PAGE}",
        )
    since = max(now - MAX_AGE, entered) if entered else now - MAX_AGE
    measured = Measured(
        [item for item in measurements if since <= item.at <= now],
        ever={item.name for item in measurements},
        has_events=has_events,
    )
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
    return tuple(check for check in checklist.checks if check.state in {"fail", "no data"})


def in_numbers(checklist: Checklist) -> str:
    """Return how many of a phase's checks pass, in words."""
    states = [check.state for check in checklist.checks]
    passed, left_out = states.count("pass"), states.count("not applicable")
    more = f", {left_out} not applicable" if left_out else ""
    return f"{passed} of {len(states)} {'check' if len(states) == 1 else 'checks'} pass{more}"


def next_phase(phase: str) -> str:
    """Return the phase after `phase`.

    Raises:
        GateError: there is none, or the phase is a site's own.
    """
    if phase not in PHASES:
        raise GateError(
            f"{phase!r} is not a phase of the rollout plan.",
            hint=f"Name the plan's phase in the file: CODEX_ROLLOUT_PHASE=staging. {THE_PLAN} {PLAN_PAGE}",
        )
    if phase == PHASES[-1]:
        raise GateError(f"{phase} is the last phase.")
    return PHASES[PHASES.index(phase) + 1]
