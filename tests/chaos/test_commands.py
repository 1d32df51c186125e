"""`gitguard chaos`, and the drills beside a watch."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from make.git import make_repository
from make.servers import PATIENCE

from mkdocs_gitguard.chaos.drills import DRILLS
from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.drill_journal import DrillJournal


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_repository(tmp_path / "billing", {"README.md": "# Billing\n"})
    config = {"site_name": "Acme", "plugins": [{"gitguard": {"repositories": ["billing"]}}]}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAOS_ENGINEERING_ENABLED", "true")
    return tmp_path


def test_a_run_stands_in_the_journal_and_in_what_gates_read(site: Path) -> None:
    ran = CliRunner().invoke(cli, ["chaos", "run", "reader-over-releases", "--seed", "7"])
    assert ran.exit_code == 0, ran.output
    assert "✓ reader-over-releases" in ran.output
    assert "1 of 1 drill passed, which proves with 95 % certainty that more than 20.7% do." in ran.output
    listed = CliRunner().invoke(cli, ["chaos", "list"]).output
    assert "reader-over-releases (short): A reader stays in a release over three more." in listed
    assert listed.count("never run") == len(DRILLS) - 1
    journal = DrillJournal(site / ".gitguard" / STATE_FILE, warn=pytest.fail)
    assert journal.known() == tuple(drill.about for drill in DRILLS)
    measured = {item.name: item.value for item in RolloutState(site / ".gitguard" / STATE_FILE).measurements()}
    assert {name: measured[name] for name in ("drills.run", "drills.passed", "drills.completed", "drills.success")} == {
        "drills.run": 1, "drills.passed": 1, "drills.completed": 1, "drills.success": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "Error: No drill is named. Name some, or give --short or --all.\n"),
        (["run", "nothing"], "Error: 'nothing' is not a drill. See `gitguard chaos list`.\n"),
        (["schedule", "--every", "0"], "Error: --every is 0. Give an interval: 7d.\n"),
    ],
)
def test_what_cannot_be_run_is_told(site: Path, arguments: list[str], message: str) -> None:
    printed = CliRunner().invoke(cli, ["chaos", *arguments])
    assert (printed.exit_code, printed.output) == (1, message)


def test_with_the_flag_off_none_is_run(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_ENGINEERING_ENABLED", "false")
    printed = CliRunner().invoke(cli, ["chaos", "run", "--short"])
    assert printed.exit_code == 1
    assert "CHAOS_ENGINEERING_ENABLED is false" in printed.output
    assert "CHAOS_ENGINEERING_ENABLED is false" in CliRunner().invoke(cli, ["watch", "--drills"]).output


def test_every_drill_is_listed_as_an_experiment(site: Path) -> None:
    listed = json.loads(CliRunner().invoke(cli, ["chaos", "list", "--format", "json"]).output)
    assert [item["name"] for item in listed] == [drill.about.name for drill in DRILLS]
    assert {item["experiment"]["version"] for item in listed} == {"1.0.0"}


@pytest.mark.slow
def test_a_watch_has_drills_run_beside_it(site: Path) -> None:
    watch = subprocess.Popen(
        [sys.executable, "-P", "-m", "mkdocs_gitguard", "watch", "--no-events", "--drills"],
        cwd=site,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert watch.stdout is not None
    deadline = time.monotonic() + PATIENCE
    lines = []
    while not any(line.startswith("✓ ") for line in lines):
        lines.append(watch.stdout.readline())
        assert time.monotonic() < deadline, lines
    watch.send_signal(signal.SIGTERM)
    assert watch.wait(PATIENCE) == 0, watch.stdout.read()
    watch.stdout.close()
