"""From staging to advanced by the gates alone, in an organisation with events, drills and publishing."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from make.git import git
from make.servers import PATIENCE

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.clock import system_clock, system_moment
from mkdocs_gitguard.demo.happen import happen
from mkdocs_gitguard.demo.organisation import make
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.opening import open_log

pytest.importorskip("chaoslib", reason="the extra `chaos` is not installed")


QUIET: Final = {"freshness%": 2.0, "build.latency": 1000.0, "api.response": 50.0}
"""What a machine without other work takes at most, in the units that they are measured in."""


class Walk:
    """A site that is led through the phases."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "acme"
        make(self.folder, repositories=5, seed=1, end=int(system_clock().timestamp()))
        # A few pages of the hundreds: what is walked through are the gates.
        self.config = self.folder / "mkdocs.yml"
        self.configure('decisions: ["reports', 'pull_request_pages: 10\n      decisions: ["reports')
        monkeypatch.chdir(self.folder)
        monkeypatch.delenv("CODEX_ROLLOUT_PHASE", raising=False)
        monkeypatch.setenv("CODEX_PUBLISH_TARGET", "directory:../public")
        monkeypatch.setenv("GITHUB_ACTOR", "mira")

    def configure(self, before: str, after: str) -> None:
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))

    def run(self, *arguments: str) -> str:
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        self.as_if_quiet()
        return result.output

    def as_if_quiet(self) -> None:
        """Take what was measured for what a quiet machine takes: that this one has other work says nothing of gates."""
        state = self.folder / ".gitguard" / "state.db"
        if not state.exists():
            return
        with closing(sqlite3.connect(state, timeout=PATIENCE)) as database, database:
            for name, most in QUIET.items():
                database.execute(
                    "UPDATE measurements SET value = min(value, :most) WHERE name LIKE :name AND name != 'freshness.met'",
                    {"name": name, "most": most},
                )

    def promote(self, before: str, after: str) -> None:
        assert f"{before} -> {after}" in self.run("rollout", "promote", "--why", "all pass")

    def states(self) -> dict[str, tuple[str, str]]:
        result = CliRunner().invoke(cli, ["rollout", "check", "--format", "json"])
        checks = json.loads(result.stdout)["checks"]
        return {check["name"].partition(".")[2]: (check["state"], check["evidence"]) for check in checks}

    def open_checks(self) -> dict[str, str]:
        return {name: state for name, (state, _) in self.states().items() if state != "pass"}

    def build_until(self, name: str, most: int = 12) -> None:
        """Build until a check that looks at the last builds passes: this machine has other work too."""
        for _ in range(most):
            self.run("build")
            if self.states()[name][0] == "pass":
                return
        pytest.fail(str(self.states()[name]))

    def answer_an_event(self) -> None:
        """Let a watch answer that a pull request was merged."""
        output = self.folder.parent / "watch.log"
        with output.open("w") as out:
            watch = subprocess.Popen(
                [sys.executable, "-P", "-m", "mkdocs_gitguard", "watch", "--reconcile", "0", "--copy", "../copies"],
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=out,
            )

        def wait_for(what: Callable[[], bool]) -> None:
            end = time.monotonic() + PATIENCE
            while not what():
                assert time.monotonic() < end, output.read_text()
                assert watch.poll() is None, output.read_text()
                time.sleep(0.05)

        try:
            # The first round is over, and nobody waits for it.
            wait_for((self.folder.parent / "copies" / "current" / "index.html").is_file)
            self._merge()
            wait_for(lambda: " answered, the oldest" in output.read_text())
        finally:
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(PATIENCE) == 0
            shutil.rmtree(self.folder.parent / "copies")
            self.as_if_quiet()

    def _merge(self) -> None:
        """Merge a pull request in a repository that the phase shows, and tell the log."""
        shown = self.folder.parent / "copies" / "current" / "repository" / "acme"
        repository = min(path.name for path in shown.iterdir())
        merged = happen(self.folder, repository=repository, at=int(system_clock().timestamp()))
        url = git(self.folder / "repositories" / repository, "remote", "get-url", "origin")
        log = open_log(self.folder / ".gitguard" / "events.db")
        log.append(
            [
                Event(
                    source="github",
                    name="push",
                    body=json.dumps({"number": merged.number}).encode(),
                    accepted_at=system_moment(),
                    delivery=f"{repository} {merged.number}",
                    repository=EventRepository(name=f"acme/{repository}", urls=(url,)),
                )
            ]
        )
        log.close()


@pytest.mark.slow
def test_staging_to_advanced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    if usage.free < 0.11 * usage.total:
        pytest.skip("The gates ask for a tenth of the disk, and this machine has no more than that.")
    walk = Walk(tmp_path, monkeypatch)
    public = tmp_path / "public" / "current"
    walk.promote("preview", "staging")
    walk.build_until("baseline")
    walk.run("publish")
    assert not public.exists()
    walk.run("rollout", "measure")
    assert walk.open_checks() == {"chaos": "not applicable"}, walk.states()

    walk.promote("staging", "canary")
    walk.run("build")
    walk.run("publish")
    walk.answer_an_event()
    walk.run("events", "rehearse")
    walk.run("rollback", "--rehearse")
    walk.run("rollout", "measure")
    assert walk.open_checks() == {"chaos": "not applicable"}, walk.states()
    assert len([*public.glob("repository/*/*/index.html")]) == 1

    walk.promote("canary", "production")
    walk.run("build")
    # Half of the decisions say only which of two rules it may have been: the gate is shut until that is mended.
    assert walk.open_checks()["policies"] == "fail"
    assert CliRunner().invoke(cli, ["rollout", "promote", "--why", "hurry"]).exit_code != 0
    walk.configure('"reports/merges.jsonl", ', "")
    walk.answer_an_event()
    walk.build_until("stable")
    walk.run("publish")
    walk.run("rollout", "measure")
    walk.run("rollout", "attest", "customers.affected", "0", "--evidence", "no ticket")
    assert walk.open_checks() == {}, walk.states()

    walk.promote("production", "advanced")
    walk.run("build")
    walk.run("publish")
    walk.run("chaos", "run", "publish-kill", "event-kill", "--seed", "1")
    walk.run("rollout", "measure")
    assert walk.open_checks() == {}, walk.states()
    status = json.loads(walk.run("rollout", "status", "--format", "json"))
    assert status["phase"] == "advanced"
    assert [(change["after"], change["overridden"]) for change in status["changes"]][::-1] == [
        (phase, []) for phase in ("staging", "canary", "production", "advanced")
    ]
