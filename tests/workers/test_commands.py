"""`gitguard worker`, `build --workers`, `harvest --shard`: as processes, as users start them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from make.nats_server import NatsServer
from make.workers import PATIENCE, Portal, await_that, pages_in

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.elsewhere import elsewhere_of
from mkdocs_gitguard.site_build.wishes import FACTS, WORKERS

GITGUARD = [sys.executable, "-P", "-m", "mkdocs_gitguard"]


class Site:
    """A portal with a `mkdocs.yml` for each machine: the same but for where its state is."""

    def __init__(self, folder: Path, url: str) -> None:
        self.portal = Portal(folder, url)
        self.folder = folder
        self.in_hand = folder / "in-hand"
        """Is there as soon as a worker with a slow git is at work."""
        self.environment = os.environ | {
            "JETSTREAM_URL": url,
            "JETSTREAM_STREAM": self.portal.stream,
            "SOURCE_DATE_EPOCH": "1767400000",
        }
        (folder / "docs").mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []

    def config(self, name: str, **more: object) -> Path:
        path = self.folder / f"{name}.yml"
        options = {"repositories": ["repositories/*"], "state_dir": f".{name}", "strict_findings": "never", **more}
        config = {"site_name": "Acme", "theme": "mkdocs", "plugins": [{"gitguard": options}]}
        path.write_text(yaml.safe_dump(config))
        return path

    def worker(self, name: str, *, is_slow: bool = False, **options: object) -> subprocess.Popen[bytes]:
        environment = dict(self.environment)
        if is_slow:
            environment["PATH"] = f"{self._slow_git()}:{environment['PATH']}"
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [*GITGUARD, "worker", "-f", str(self.config(name, **options))]
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def _slow_git(self) -> Path:
        """Return a folder with a git that takes ten minutes to read a history."""
        folder = self.folder / "slow"
        folder.mkdir(exist_ok=True)
        program = folder / "git"
        program.write_text(
            f"#!/bin/sh\ncase \"$*\" in *log*) touch '{self.in_hand}'; exec sleep 600;; esac\n"
            f"exec '{shutil.which('git')}' \"$@\"\n"
        )
        program.chmod(0o755)
        return folder

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*GITGUARD, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*GITGUARD, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def site(tmp_path: Path, server: NatsServer) -> Iterator[Site]:
    made = Site(tmp_path, server.url)
    yield made
    for process in made.processes:
        process.kill()
        process.wait(PATIENCE)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_but_time(site: Site) -> None:
    alone = site.run("build", "-f", str(site.config("alone")), "-d", str(site.folder / "one"))
    assert alone.returncode == 0, alone.stderr
    first = site.worker("first", is_slow=True)
    await_that(lambda: "Reads for builds" in site.log("first"))
    build = site.start(
        "build", "-f", str(site.config("builder")), "-d", str(site.folder / "two"), "--workers", "jetstream", "-v"
    )
    await_that(site.in_hand.exists)
    # A build reads by itself what no worker has come for in ten seconds: this one is there before the first is gone.
    site.worker("second")
    await_that(lambda: "Reads for builds" in site.log("second"))
    first.kill()
    first.wait(PATIENCE)
    output, _ = build.communicate(timeout=2 * PATIENCE)
    assert build.returncode == 0, output
    assert "is read here" not in output
    assert site.log("second").count("read in") == len(site.portal.repositories)
    assert pages_in(site.folder / "two") == pages_in(site.folder / "one")


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_hands_its_job_back(site: Site) -> None:
    first = site.worker("first", is_slow=True)
    await_that(lambda: "Reads for builds" in site.log("first"))
    build = site.start("build", "-f", str(site.config("builder")), "--workers", "jetstream")
    await_that(site.in_hand.exists)
    second = site.worker("second")
    await_that(lambda: "Reads for builds" in site.log("second"))
    first.terminate()
    assert first.wait(PATIENCE) == 0
    output, _ = build.communicate(timeout=2 * PATIENCE)
    assert build.returncode == 0, output
    assert site.log("second").count("read in") == len(site.portal.repositories)
    # What the site is made by has changed: it starts over, by itself.
    site.config("second", pull_request_pages=3)
    await_that(lambda: site.log("second").count("Reads for builds") == 2)
    assert second.poll() is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["worker"], "JETSTREAM_URL is not set"),
        (["harvest", "--shard", "1/2"], "--facts DIR"),
        (["harvest", "--facts", "facts", "--shard", "3/2"], "2/5"),
    ],
)
def test_what_cannot_be_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    site = Site(tmp_path, "")
    monkeypatch.delenv("JETSTREAM_URL", raising=False)
    done = CliRunner().invoke(cli, [*arguments, "-f", str(site.config("builder"))])
    assert done.exit_code == 1
    assert words in done.output


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({WORKERS: "jetstream"}, "JETSTREAM_URL is not set"),
        ({WORKERS: "kafka"}, "GITGUARD_WORKERS is 'kafka'"),
        ({WORKERS: "jetstream", FACTS: "."}, "are both set"),
        ({FACTS: "none"}, "none is not a folder of facts"),
    ],
)
def test_who_else_reads_cannot_be_anything(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError, match=re.escape(words)):
        elsewhere_of(environ, resolve_settings("preview", environ={}, root=tmp_path), is_build=True)


def test_a_server_of_an_env_file_is_asked_by_builds_alone(tmp_path: Path) -> None:
    (tmp_path / "own.env").write_text("JETSTREAM_URL=nats://broker.example\n")
    settings = resolve_settings("own.env", environ={}, root=tmp_path)
    assert elsewhere_of({WORKERS: "jetstream"}, settings, is_build=True)
    with pytest.raises(SettingError, match=r"own\.env.*whose server only a build asks"):
        elsewhere_of({WORKERS: "jetstream"}, settings, is_build=False)
