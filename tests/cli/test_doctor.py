"""`gitguard doctor` says what is there, in plain words, and fails where something that is needed does not work."""

import json
import os
import socket
import sqlite3
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.events import made_event
from make.git import make_repository

from mkdocs_gitguard.cli import cli, doctor, probes
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.rollout_site import open_site
from mkdocs_gitguard.events.jetstream import link
from mkdocs_gitguard.events.sqlite.log import SqliteLog


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make_repository(
        tmp_path / "site", {"README.md": "# x\n", "mkdocs.yml": "site_name: x\nplugins: [gitguard]\n", "docs/a.md": "x"}
    )
    return tmp_path / "site"


def _run(site: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    before = Path.cwd()
    os.chdir(site)
    try:
        done = CliRunner().invoke(cli, ["doctor", *arguments], env={"JETSTREAM_URL": None} | environment)
    finally:
        os.chdir(before)
    assert done.exit_code == code, done.output
    return done.output


def test_all_is_well(site) -> None:
    words = _run(site)
    assert "✓ Python: 3." in words
    assert "✓ git: 2." in words
    assert "✓ Extra jetstream: events on a JetStream server." in words
    assert "- Events: there is no log yet" in words
    diagnoses = json.loads(_run(site, "--format", "json"))
    assert [item["what"] for item in diagnoses][:3] == ["Python", "git", "SQLite"]


def test_every_extra_for_users_is_looked_at(site) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = set(project["optional-dependencies"]) - {"test", "bench", "lint"}
    looked_at = {item["what"].removeprefix("Extra ") for item in json.loads(_run(site, "--format", "json"))}
    assert ours - looked_at == set()


@pytest.mark.parametrize(("version", "state"), [((3, 40, 1), "warning"), ((3, 53, 0), "ok")])
def test_the_fault_of_sqlite_is_told(monkeypatch, version, state) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    diagnosis = doctor._sqlite()
    assert diagnosis.state == state
    assert ("may lose commits" in diagnosis.sentence) == (state == "warning")


def test_an_extra_that_is_missing_is_not_an_error(site, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_is_installed", lambda package: package != "nats-py")
    words = _run(site)
    assert "- Extra jetstream: not installed: nats-py. " in words
    assert "pip install 'mkdocs-gitguard[jetstream]'" in words


def test_a_damaged_log_is_an_error(site) -> None:
    log = SqliteLog(site / ".gitguard" / "events.db")
    log.append([made_event(number) for number in range(200)])
    log.close()
    assert "is sound" in _run(site)
    with (site / ".gitguard" / "events.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    assert "✗ Events: The event log" in _run(site, code=1)


def test_a_server_that_is_not_there_and_a_site_that_cannot_be_read(site, monkeypatch) -> None:
    monkeypatch.setattr(link, "_CONNECT", 0.3)
    assert "✗ Events: JetStream at nats://127.0.0.1:1 cannot be used" in _run(
        site, code=1, JETSTREAM_URL="nats://127.0.0.1:1"
    )
    (site / "mkdocs.yml").write_text("site_name: [\n")
    assert "✗ Site: " in _run(site, code=1)


def test_a_server_that_a_strangers_site_names_is_not_asked_without_a_word(site, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        (site / "config/rollout").mkdir(parents=True)
        (site / "config/rollout/production.env").write_text(f"JETSTREAM_URL=nats://u:hush@127.0.0.1:{port}\n")
        (site / "config/rollout/current.env").write_text("CODEX_ROLLOUT_PHASE=production\n")
        monkeypatch.setattr(link, "_CONNECT", 0.3)
        words = _run(site)
        assert "- Events: `JETSTREAM_URL` (asks a server: nats://" in words
        assert "not asked without your word" in words
        assert "hush" not in words
        assert not {
            one.name for one in probes._event_log(open_site(site / "mkdocs.yml")._replace(loaded=load_site(site)))
        }
        with pytest.raises(TimeoutError):
            server.accept()
    assert "✗ Events: JetStream at nats://" in _run(site, "--config-file", str(site / "mkdocs.yml"), code=1)
    # What stands in the user's own environment is the user's.
    assert "✗ Events: JetStream at nats://" in _run(site, code=1, JETSTREAM_URL=f"nats://127.0.0.1:{port}")
