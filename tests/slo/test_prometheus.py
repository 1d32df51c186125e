"""What Prometheus is given, judged by its own promtool: metrics, rules and what the rules do on made series."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.site_build.metrics_files import write_metrics
from mkdocs_gitguard.slo.alert_rules import alert_rules
from mkdocs_gitguard.slo.dashboards import BOARDS, dashboard, panels_of
from mkdocs_gitguard.slo.exposition import exported_names
from mkdocs_gitguard.slo.metrics import METRICS, metric_of
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.history_file import read_history_file
from mkdocs_gitguard.state.measurements import Measurements

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed; CI has it")


def promtool(*arguments: str, folder: Path, stdin: bytes = b"") -> str:
    done = subprocess.run(["promtool", *arguments], cwd=folder, input=stdin, capture_output=True, check=False)
    answer = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, answer
    return answer


def test_promtool_is_there_where_it_counts() -> None:
    import os

    assert shutil.which("promtool") or not os.environ.get("CI")


@pytest.fixture
def measured(tmp_path: Path) -> Measurements:
    """Everything that can be measured, for two days."""
    kept = Measurements(tmp_path / "state" / "state.db")
    for hours in (30, 20, 1, 0):
        kept.remember(
            *(
                Measurement(
                    name=f"{metric.name}unreadable" if metric.label else metric.name,
                    value=2.5,
                    unit=metric.unit,
                    at=NOW - timedelta(hours=hours),
                    evidence='a "quoted"\nword',
                )
                for metric in METRICS
            )
        )
    return kept


@needs_promtool
def test_metrics_are_clean(tmp_path: Path, measured: Measurements) -> None:
    objectives = objectives_of(tmp_path)
    write_metrics(tmp_path / "metrics", measured, objectives, now=NOW)
    text = (tmp_path / "metrics" / "gitguard.prom").read_bytes()
    assert promtool("check", "metrics", folder=tmp_path, stdin=text).strip() == ""
    assert b"gitguard_work_attempts_total 10.0\n" in text
    assert b"gitguard_build_latency_seconds 0.0025\n" in text
    assert b'gitguard_errors_by_cause{cause="unreadable"} 2.5\n' in text
    assert f"gitguard_build_timestamp_seconds {NOW.timestamp()!r}\n".encode() in text
    assert {
        line.split(b"{")[0].split()[0].decode() for line in text.splitlines() if line[:1] != b"#"
    } <= exported_names()


def test_openmetrics_declares_a_counter_without_its_ending(tmp_path: Path, measured: Measurements) -> None:
    write_metrics(tmp_path / "metrics", measured, objectives_of(tmp_path), now=NOW)
    text = (tmp_path / "metrics" / "gitguard.openmetrics").read_text()
    assert text.endswith("\n# EOF\n")
    assert "# TYPE gitguard_work_attempts counter\ngitguard_work_attempts_total 10.0\n" in text


def test_the_same_measurements_give_the_same_bytes(tmp_path: Path, measured: Measurements) -> None:
    objectives = objectives_of(tmp_path)
    for name in ("one", "two"):
        write_metrics(tmp_path / name, measured, objectives, now=NOW)
    files = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.*")}
    assert len(files) == 15
    assert all((tmp_path / "two" / path).read_bytes() == data for path, data in files.items())
    days, damaged = read_history_file(tmp_path / "one" / "history.msgpack")
    assert (days, damaged) == (measured.packed(), 0)


def test_what_was_not_measured_has_no_line(tmp_path: Path) -> None:
    write_metrics(tmp_path / "metrics", Measurements(tmp_path / "state.db"), objectives_of(tmp_path), now=NOW)
    text = (tmp_path / "metrics" / "gitguard.prom").read_text()
    names = {line.split("{")[0].split()[0] for line in text.splitlines() if not line.startswith("#")}
    assert names == {"gitguard_build_timestamp_seconds", "gitguard_objective_target_ratio"}


def test_the_rules_are_the_same_where_yaml_is_not_in_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objectives = objectives_of(tmp_path)
    rules = alert_rules(objectives)
    monkeypatch.setattr("mkdocs_gitguard.slo.alert_rules._DUMPER", yaml.SafeDumper)
    assert alert_rules(objectives) == rules
    assert len(yaml.safe_load(rules)["groups"]) == 2


def test_dashboards_show_only_metrics_that_exist() -> None:
    assert len(BOARDS) == 11
    words = {"increase", "time", "d"}
    for board in BOARDS:
        document = json.loads(dashboard(board))
        assert document["panels"]
        for panel in document["panels"]:
            for target in panel["targets"]:
                names = {name for name in re.findall(r"\b[a-z][a-z0-9_]*", target["expr"]) if name not in words}
                assert names <= exported_names()
                assert names
    assert {name for board in BOARDS for name in board.measurements} >= {
        metric.name for metric in METRICS if metric.name.split(".")[0] not in ("publish", "rollback")
    }
    assert all(metric_of(name + "x" * name.endswith(".")) for board in BOARDS for name in board.measurements)
    assert sum(1 for board in BOARDS for _ in panels_of(board)) > 30


def series(name: str, values: str) -> dict[str, str]:
    return {"series": name, "values": values}


HEALTHY = [
    series("gitguard_build_timestamp_seconds", "0+240x750"),
    series("gitguard_work_attempts_total", "0+10x750"),
    series("gitguard_work_failures_total", "0x750"),
    series("gitguard_build_latency_seconds", "0.5x750"),
    *(
        item
        for name, window, rate in [
            (name, window, "0x750")
            for name in ("api-response", "diagrams", "drills", "error-rate", "freshness", "latency", "policy-coverage")
            for window in ("1h", "5m", "6h", "30m", "1d", "2h", "3d")
        ]
        for item in [series(f'gitguard_objective_burn_rate{{objective="{name}",window="{window}"}}', rate)]
    ),
    *(
        series(f'gitguard_objective_good_ratio{{objective="{name}"}}', "1x750")
        for name in ("api-response", "diagrams", "drills", "error-rate", "freshness", "latency", "policy-coverage")
    ),
]
BURNING = 'gitguard_objective_burn_rate{objective="freshness",window="%s"}'


def without(*names: str) -> list[dict[str, str]]:
    return [item for item in HEALTHY if item["series"] not in names]


CASES: dict[str, tuple[list[dict[str, str]], str, dict[str, list[dict[str, str]]]]] = {
    "healthy": (HEALTHY, "2d", {}),
    "burning": (
        [
            *without(BURNING % "1h", BURNING % "5m"),
            series(BURNING % "1h", "20x750"),
            series(BURNING % "5m", "15x750"),
        ],
        "2h",
        {"GitGuardObjectiveBurns": [{"severity": "page", "objective": "freshness", "long": "1h", "window": "1h"}]},
    ),
    "burnt, and over": (
        [*without(BURNING % "1h", BURNING % "5m"), series(BURNING % "1h", "20x750"), series(BURNING % "5m", "0x750")],
        "2h",
        {},
    ),
    "errors": (
        [*without("gitguard_work_failures_total"), series("gitguard_work_failures_total", "0+1x750")],
        "2d",
        {"GitGuardErrorRate": [{"severity": "page"}]},
    ),
    "idle": (
        [
            *without("gitguard_work_failures_total", "gitguard_work_attempts_total"),
            series("gitguard_work_failures_total", "7x750"),
            series("gitguard_work_attempts_total", "70x750"),
        ],
        "2d",
        {},
    ),
    "counter reset": (
        [
            *without("gitguard_work_failures_total", "gitguard_work_attempts_total"),
            series("gitguard_work_failures_total", "500x25 0x725"),
            series("gitguard_work_attempts_total", "9000+10x25 0+10x725"),
        ],
        "20h",
        {},
    ),
    "missing": (
        [],
        "2h",
        {
            "GitGuardMissing": [{"severity": "page"}],
            "GitGuardObjectiveAbsent": [
                {"severity": "ticket", "objective": name}
                for name in (
                    "api-response",
                    "diagrams",
                    "drills",
                    "error-rate",
                    "freshness",
                    "latency",
                    "policy-coverage",
                )
            ],
        },
    ),
    "stale": (
        [*without("gitguard_build_timestamp_seconds"), series("gitguard_build_timestamp_seconds", "600x750")],
        "25h",
        {"GitGuardStale": [{"severity": "page"}]},
    ),
    "the database": (
        [*HEALTHY, series("gitguard_health_database", "0x750")],
        "1h",
        {"GitGuardDatabase": [{"severity": "page"}]},
    ),
    "JetStream": (
        [*HEALTHY, series("gitguard_events_connected", "0x750")],
        "1h",
        {"GitGuardJetStream": [{"severity": "page"}]},
    ),
    "health": (
        [*HEALTHY, series("gitguard_health_failed", "2x750")],
        "1h",
        {"GitGuardHealthChecks": [{"severity": "page"}]},
    ),
    "coverage": (
        [*HEALTHY, series("gitguard_policies_coverage_ratio", "0.84x750")],
        "1h",
        {"GitGuardPolicyCoverage": [{"severity": "page"}]},
    ),
    "diagrams": (
        [*HEALTHY, series("gitguard_diagrams_failed", "1x750")],
        "1h",
        {"GitGuardDiagrams": [{"severity": "ticket"}]},
    ),
    "the Graph API": (
        [*HEALTHY, series("gitguard_api_response_seconds", "1.1x750")],
        "1h",
        {"GitGuardGraphApi": [{"severity": "page"}]},
    ),
    "latency": (
        [*without("gitguard_build_latency_seconds"), series("gitguard_build_latency_seconds", "3.5x750")],
        "1h",
        {"GitGuardLatency": [{"severity": "page"}]},
    ),
    "drills": (
        [*HEALTHY, series("gitguard_drills_run_total", "0+1x750"), series("gitguard_drills_passed_total", "0x750")],
        "1d",
        {"GitGuardDrills": [{"severity": "page"}]},
    ),
    "freshness": (
        [*HEALTHY, series('gitguard_objective_percentile{objective="freshness"}', "11x750")],
        "1h",
        {"GitGuardFreshness": [{"severity": "page", "objective": "freshness"}]},
    ),
}


@pytest.mark.slow
@needs_promtool
def test_every_rule_does_what_its_name_says(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    write_metrics(tmp_path, kept, objectives_of(tmp_path, "advanced"), now=NOW)
    assert "SUCCESS" in promtool("check", "rules", "alerts.yml", folder=tmp_path)
    groups = yaml.safe_load((tmp_path / "alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    tests = [
        {
            "name": name,
            "interval": "4m",
            "input_series": given,
            "alert_rule_test": [
                {
                    "eval_time": moment,
                    "alertname": alert,
                    "exp_alerts": [
                        {"exp_labels": labels, "exp_annotations": annotations_of(alert, labels, rules)}
                        for labels in fires.get(alert, [])
                    ],
                }
                for alert in sorted({rule["alert"] for rule in rules})
            ],
        }
        for name, (given, moment, fires) in CASES.items()
    ]
    document = {"rule_files": ["alerts.yml"], "evaluation_interval": "12m", "tests": tests}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document, sort_keys=False))
    assert "SUCCESS" in promtool("test", "rules", "tests.yml", folder=tmp_path)
    assert {alert for _, _, fires in CASES.values() for alert in fires} == {rule["alert"] for rule in rules}


def annotations_of(alert: str, labels: dict[str, str], rules: list[dict[str, Any]]) -> dict[str, str]:
    return next(
        rule["annotations"] for rule in rules if rule["alert"] == alert and {**labels, **rule["labels"]} == labels
    )
