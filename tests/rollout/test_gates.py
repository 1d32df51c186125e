"""Every success criterion of the plan is a check that measurements decide; promote asks them all."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import GateError, SettingError
from mkdocs_gitguard.model import CheckResult, Measurement
from mkdocs_gitguard.rollout.gates import CRITERIA, evaluate_gate, next_phase, open_checks
from mkdocs_gitguard.rollout.resolve import resolve_settings, settings_of
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.rollout.status import rollout_status
from mkdocs_gitguard.rollout.steps import differences, promote, roll_back

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)

GREEN = {
    "staging": {
        "health.service": [1], "build.errors": [0, 0], "publish.external": [0], "health.failed": [0],
        "build.duration": [10, 11, 9, 10, 12], "build.latency": [100] * 5, "policies.ready": [1], "diagrams.ready": [1],
        "api.disabled": [1], "drills.ready": [1],
    },
    "canary": {
        "publish.external": [1], "publish.selected": [3], "publish.repositories": [3], "policies.references": [40],
        "diagrams.success": [1], "diagrams.pull-requests": [0.5], "freshness.p99": [4], "work.attempts": [100],
        "work.failures": [4], "build.latency": [4999], "publish.damaged": [0], "events.replay-lost": [0],
        "rollback.rehearsed": [1], "api.disabled": [1], "drills.ready": [1],
    },
    "production": {
        "publish.external": [1], "publish.selected": [30], "publish.repositories": [30], "policies.coverage": [0.91],
        "diagrams.pull-requests": [1], "freshness.p99": [9.9], "work.attempts": [1000], "work.failures": [9],
        "build.latency": [2999], "build.update": [10, 11, 9, 10, 12], "storage.events": [5], "storage.free": [0.5],
        "customers.affected": [0], "freshness.met": [1],
    },
    "advanced": {
        "api.port": [8002], "api.cors": [1], "drills.completed": [1], "drills.recovered": [1, 1], "api.response": [499],
        "drills.success": [0.96],
    },
    "embeddings": {
        "embeddings.ready": [1], "storage.events": [5], "storage.free": [0.5], "build.duration": [10],
        "build.latency": [2999], "embeddings.stored": [3_000_000], "embeddings.duration": [0.4],
    },
    "owners": {"owners.errors": [0], "owners.relations": [7], "documentation.updated": [1]},
}  # fmt: skip

# What turns a check red: its measurement on or just past the plan's limit.
RED = {
    "staging.service": ("health.service", 0),
    "staging.builds": ("build.errors", 1),
    "staging.no-publish": ("publish.external", 1),
    "staging.health": ("health.failed", 1),
    "staging.performance": ("build.duration", 900),
    "staging.policies": ("policies.ready", 0),
    "staging.diagrams": ("diagrams.ready", 0),
    "staging.graph-api": ("api.disabled", 0),
    "staging.chaos": ("drills.ready", 0),
    "canary.publish": ("publish.repositories", 2),
    "canary.policies": ("policies.references", 0),
    "canary.diagrams": ("diagrams.success", 0.99),
    "canary.error-rate": ("work.failures", 1.01),
    "canary.latency": ("build.latency", 5000),
    "canary.integrity": ("publish.damaged", 1),
    "canary.replay": ("events.replay-lost", 1),
    "canary.rollback": ("rollback.rehearsed", 0),
    "canary.graph-api": ("api.disabled", 0),
    "canary.chaos": ("drills.ready", 0),
    "production.publish": ("publish.external", 0),
    "production.policies": ("policies.coverage", 0.9),
    "production.diagrams": ("diagrams.pull-requests", 0.99),
    "production.freshness-p99": ("freshness.p99", 10),
    "production.error-rate": ("work.failures", 1),
    "production.latency": ("build.latency", 3000),
    "production.stable": ("build.update", 21),
    "production.storage": ("storage.free", 0.05),
    "production.customers": ("customers.affected", 1),
    "production.freshness": ("freshness.met", 0),
    "advanced.api-port": ("api.port", 8000),
    "advanced.cors": ("api.cors", 0),
    "advanced.drills": ("drills.completed", 0),
    "advanced.recovery": ("drills.recovered", 0),
    "advanced.response-time": ("api.response", 500),
    "advanced.drill-success": ("drills.success", 0.95),
    "embeddings.model-router": ("embeddings.ready", 0),
    "embeddings.storage": ("storage.free", 0.05),
    "embeddings.performance": ("build.latency", 3000),
    "owners.validation": ("owners.errors", 1),
    "owners.relations": ("owners.relations", 0),
    "owners.documentation": ("documentation.updated", 0),
}
NEVER_RED = {"staging.baseline", "canary.freshness"}
"""They ask whether something is measured: without it they have no data."""


def green(phase: str, *, age: timedelta = timedelta(hours=1)) -> list[Measurement]:
    return [
        Measurement(name=name, value=value, at=NOW - age - timedelta(minutes=place))
        for name, values in GREEN[phase].items()
        for place, value in enumerate(values)
    ]


SET_UP = {"JETSTREAM_URL": "nats://127.0.0.1", "CHAOS_ENGINEERING_ENABLED": "true"}
"""A site that has all that the plan measures: nothing is beside the point there."""


def settings(root: Path, phase: str, environ: Mapping[str, str] = SET_UP) -> Settings:
    return resolve_settings(phase, environ=environ, root=root)


def by_name(checks: tuple[CheckResult, ...]) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def test_the_criteria_are_the_plans_own_words() -> None:
    """Typed off the plan's four lists; the gate must hold every line, in order, and no other."""
    plan = {
        "staging": "Org-brain service starts successfully|Documentation builds complete without errors|No external publishing occurs|All health checks pass|Performance metrics within acceptable ranges|Policy transparency framework initialized|Mermaid graph generation pipeline ready|Graph API endpoints accessible (but disabled)|Chaos engineering framework initialized|SLO monitoring baseline established",
        "canary": "Canary repositories publish successfully|Policy transparency shows source code references|Mermaid graphs render correctly in PR pages|SLO monitoring tracks documentation freshness|Error rate < 5%|Latency < 5000ms|No data corruption or loss|JetStream replay functionality works|Rollback capability verified|Graph API endpoints ready (but disabled)|Chaos engineering framework prepared",
        "production": "All repositories publish successfully|Policy transparency coverage > 90%|Mermaid graphs generated for all PRs|SLO monitoring shows P99 < 10s|Error rate < 1%|Latency < 3000ms|System performance stable|Storage usage within limits|No customer impact|Documentation freshness SLOs met",
        "advanced": "Graph API responds on port 8002|CORS headers configured correctly|Chaos drills execute successfully|System recovers from chaos scenarios|API response times < 500ms|Chaos drill success rate > 95%",
        # It has no criteria for these two: what it says that they require.
        "embeddings": "Requires model router setup|Additional database storage|Performance impact assessment",
        "owners": "Requires CODEOWNERS file validation|Additional graph relationships|Documentation updates",
    }
    assert {phase: "|".join(item.words for item in items) for phase, (_, items) in CRITERIA.items()} == plan


@pytest.mark.parametrize("phase", CRITERIA)
def test_without_measurements_nothing_passes(tmp_path: Path, phase: str) -> None:
    checklist = evaluate_gate(phase, settings(tmp_path, phase), [], now=NOW)
    assert set(by_name(checklist.checks).values()) == {"no data"}
    assert all(check.evidence for check in checklist.checks)


@pytest.mark.parametrize("phase", CRITERIA)
def test_what_a_small_site_has_not_set_up_does_not_apply_and_says_why(tmp_path: Path, phase: str) -> None:
    """Drills where their flag is off, freshness and replay where no events come in: what the plan leaves to a site."""
    small = settings(tmp_path, phase, environ={})
    checks = {check.name: check for check in evaluate_gate(phase, small, [], now=NOW).checks}
    left_out = {name for name, check in checks.items() if check.state == "not applicable"}
    assert (
        left_out
        == {
            "staging": {"staging.chaos"},
            "canary": {"canary.chaos", "canary.freshness", "canary.replay"},
            "production": {"production.freshness", "production.freshness-p99"},
            "advanced": set(),
            "embeddings": set(),
            "owners": set(),
        }[phase]
    )
    assert {check.state for name, check in checks.items() if name not in left_out} <= {"no data"}
    assert all(re.search(r"is false \(|No events come in", checks[name].evidence) for name in left_out)


def test_with_embeddings_off_no_model_is_asked_for(tmp_path: Path) -> None:
    off = settings(tmp_path, "embeddings", environ={"CODEX_EMBEDDINGS_ENABLED": "false"})
    measured = [item for item in green("embeddings") if not item.name.startswith("embeddings.")]
    checks = by_name(evaluate_gate("embeddings", off, measured, now=NOW).checks)
    assert checks == {
        "embeddings.model-router": "not applicable",
        "embeddings.storage": "pass",
        "embeddings.performance": "pass",
    }


def test_what_the_portal_has_none_of_does_not_apply_and_what_was_measured_is_judged(tmp_path: Path) -> None:
    def states(phase: str, *measured: tuple[str, float], days: int = 0) -> dict[str, str]:
        items = [Measurement(name=name, value=value, at=NOW - timedelta(days=days)) for name, value in measured]
        return by_name(evaluate_gate(phase, settings(tmp_path, phase, environ={}), items, now=NOW).checks)

    nothing = ("shown.pull-requests", 0.0), ("shown.policy-rules", 0.0), ("shown.decisions", 0.0)
    assert states("canary", *nothing)["canary.policies"] == "not applicable"
    assert states("canary", *nothing)["canary.diagrams"] == "not applicable"
    assert states("production", *nothing)["production.policies"] == "not applicable"
    assert states("production", ("shown.decisions", 3.0))["production.policies"] == "no data"
    assert states("production", *nothing, ("diagrams.pull-requests", 0.5))["production.diagrams"] == "fail"
    assert states("canary", ("drills.ready", 0.0))["canary.chaos"] == "fail"
    assert states("canary", ("freshness.p99", 3.0), days=30)["canary.freshness"] == "no data", "events did come in"


@pytest.mark.parametrize("phase", CRITERIA)
def test_all_pass_on_good_measurements_with_evidence_and_age(tmp_path: Path, phase: str) -> None:
    checklist = evaluate_gate(phase, settings(tmp_path, phase), green(phase), now=NOW)
    assert by_name(open_checks(checklist)) == {}
    assert all(
        check.at is not None and check.at < NOW and re.search(r"\d", check.evidence) for check in checklist.checks
    )


@pytest.mark.parametrize("phase", CRITERIA)
def test_old_measurements_and_those_of_the_phase_before_do_not_count(tmp_path: Path, phase: str) -> None:
    own = settings(tmp_path, phase)
    old = evaluate_gate(phase, own, green(phase, age=timedelta(days=8)), now=NOW)
    before = evaluate_gate(phase, own, green(phase), now=NOW, entered=NOW - timedelta(minutes=30))
    assert {check.state for check in (*old.checks, *before.checks)} == {"no data"}


@pytest.mark.parametrize("name", RED)
def test_each_check_fails_on_its_own(tmp_path: Path, name: str) -> None:
    phase = name.partition(".")[0]
    measurement, value = RED[name]
    bad = Measurement(name=measurement, value=value, at=NOW)
    checks = evaluate_gate(phase, settings(tmp_path, phase), [*green(phase), bad], now=NOW).checks
    assert by_name(checks)[name] == "fail"


def test_every_check_can_fail() -> None:
    names = {f"{phase}.{item.name}" for phase, (_, items) in CRITERIA.items() for item in items}
    assert names == set(RED) | NEVER_RED


def test_a_missing_measurement_shuts_the_gate(tmp_path: Path) -> None:
    for phase, names in GREEN.items():
        for missing in names:
            some = [item for item in green(phase) if item.name != missing]
            checklist = evaluate_gate(phase, settings(tmp_path, phase), some, now=NOW)
            assert missing == "work.failures" or open_checks(checklist), missing


def test_promote_refuses_then_goes_and_remembers(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "state.db")
    staging = settings(tmp_path, "staging")
    with pytest.raises(
        GateError, match=r"10 of the checks of staging do not pass: staging.service: no data; .*--override"
    ):
        promote(staging, state, root=tmp_path, now=NOW, who="mira", why="")
    assert state.changes() == ()
    state.remember(*green("staging"))
    step = promote(staging, state, root=tmp_path, now=NOW, who="mira", why="all green")
    assert (step.change.before, step.change.after, step.change.who, step.change.overridden) == (
        "staging", "canary", "mira", (),
    )  # fmt: skip
    assert "option `phase` in mkdocs.yml still says staging" in step.obstacle
    following = resolve_settings(environ={}, root=tmp_path)
    assert (following.phase, str(following.phase_origin)) == ("canary", "config/rollout/current.env:2")


@pytest.mark.parametrize("link", ["config", "config/rollout", "config/rollout/current.env"])
def test_a_step_is_not_written_through_a_link(tmp_path: Path, link: str) -> None:
    (tmp_path / "home").mkdir()
    place = tmp_path / "site" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "home" if "." not in link else tmp_path / "home/profile")
    state = RolloutState(tmp_path / "state.db")
    staging = settings(tmp_path, "staging")
    step = {"root": tmp_path / "site", "now": NOW, "who": "mira", "why": "", "override": "yes"}
    if link.endswith(".env"):
        promote(staging, state, **step)
        assert not (tmp_path / "site" / link).is_symlink()
    else:
        with pytest.raises(SettingError, match="symbolic link"):
            promote(staging, state, **step)
        assert state.changes() == ()
    assert list((tmp_path / "home").iterdir()) == []


def test_an_override_is_remembered_with_what_it_overrode(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "state.db")
    state.remember(*[item for item in green("staging") if item.name != "drills.ready"])
    promote(
        settings(tmp_path, "staging"), state, root=tmp_path, now=NOW, who="mira", why="", override="drills come later"
    )
    (change,) = state.changes()
    assert change.overridden == ("staging.chaos",)
    assert change.why == "Overridden: drills come later"


def test_the_phases_follow_one_another_and_go_back(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "state.db")
    promote(resolve_settings(environ={}, root=tmp_path), state, root=tmp_path, now=NOW, who="mira", why="start")
    assert resolve_settings(environ={}, root=tmp_path).phase == "staging"
    promote(
        resolve_settings(environ={}, root=tmp_path),
        state,
        root=tmp_path,
        now=NOW,
        who="mira",
        why="",
        override="a test",
    )
    now = resolve_settings(environ={}, root=tmp_path)
    assert roll_back(now, state, root=tmp_path, now=NOW, who="mira", why="errors").change.after == "staging"
    assert resolve_settings(environ={}, root=tmp_path).phase == "staging"
    assert [change.action for change in state.changes()] == ["rollback", "promote", "promote"]
    with pytest.raises(GateError, match="'production' is not a phase before staging"):
        roll_back(
            resolve_settings(environ={}, root=tmp_path), state, root=tmp_path, now=NOW, who="", why="", to="production"
        )
    with pytest.raises(GateError, match="There is no phase before preview"):
        roll_back(settings(tmp_path, "preview"), state, root=tmp_path, now=NOW, who="", why="")
    assert [next_phase(phase) for phase in ("advanced", "embeddings")] == ["embeddings", "owners"]
    with pytest.raises(GateError, match="owners is the last phase"):
        next_phase("owners")
    with pytest.raises(GateError, match="'site' is not a phase of the rollout plan"):
        next_phase("site")


def test_the_plan_is_a_diff(tmp_path: Path) -> None:
    states = {
        item.name: (item.before, item.after)
        for item in differences(settings(tmp_path, "staging"), settings_of("canary", environ={}, root=tmp_path))
    }
    assert states["CODEX_PUBLISH_PORTAL"] == ("build-only", "external")
    assert states["CODEX_REPO_INCLUDE_LIST"] == ("", "10%")
    assert "GRAPH_API_ENABLED" not in states


def test_the_environment_still_counts_in_another_phase(tmp_path: Path) -> None:
    environ = {"CODEX_ROLLOUT_PHASE": "staging", "GRAPH_API_ENABLED": "true"}
    other = settings_of("canary", environ=environ, root=tmp_path)
    assert (other.phase, other.graph_api_enabled) == ("canary", True)


def test_a_recorded_phase_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config" / "rollout").mkdir(parents=True)
    (tmp_path / "config" / "rollout" / "current.env").write_text("\nCODEX_PUBLISH_ENABLED=true\n")
    with pytest.raises(SettingError, match=r"config/rollout/current.env:2: only CODEX_ROLLOUT_PHASE"):
        resolve_settings(environ={}, root=tmp_path)


def test_the_status_judges_each_phase_by_its_own_thresholds_and_time(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "state.db")
    yesterday = NOW - timedelta(days=1)
    (tmp_path / "config" / "rollout").mkdir(parents=True)
    current = tmp_path / "config" / "rollout" / "current.env"
    current.write_text("CODEX_ROLLOUT_PHASE=canary\n")
    state.remember(*[item for item in green("canary", age=timedelta(days=1, hours=1)) if item.name != "build.latency"])
    state.remember(Measurement(name="build.latency", value=4000, at=yesterday - timedelta(hours=1)))
    canary = resolve_settings(environ={}, root=tmp_path)
    promote(canary, state, root=tmp_path, now=yesterday, who="mira", why="green")
    state.remember(*green("production"))
    state.remember(Measurement(name="build.latency", value=4000, at=NOW))
    production = resolve_settings(environ={}, root=tmp_path)
    status = rollout_status(production, state, environ={}, root=tmp_path, now=NOW)
    states = {check.name: check.state for checklist in status.checklists for check in checklist.checks}
    assert status.phase == "production"
    assert states["canary.latency"] == "pass"
    assert states["production.latency"] == "fail"
    assert states["staging.service"] == "no data"
    assert states["advanced.cors"] == "no data"
    assert status.may_publish


def test_the_status_names_no_repository(tmp_path: Path) -> None:
    environ = {
        "CODEX_REPO_EXCLUDE_LIST": "acme/secret,acme/hush",
        "CODEX_REPO_INCLUDE_LIST": "acme/seen",
        "ALERT_WEBHOOK_URL": "https://x.example/t0ken",
    }
    status = rollout_status(
        resolve_settings("canary", environ=environ, root=tmp_path), RolloutState(tmp_path / "s"), environ=environ, root=tmp_path, now=NOW
    )  # fmt: skip
    shown = {item.name: item.value for item in status.settings}
    assert shown["CODEX_REPO_EXCLUDE_LIST"] == "2 entries"
    assert shown["CODEX_REPO_INCLUDE_LIST"] == "1 entry"
    assert "acme" not in str(status)
    assert "t0ken" not in str(status)
