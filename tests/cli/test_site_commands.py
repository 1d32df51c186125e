"""`build`, `preview`, `harvest` and `export` on real repositories, as a user runs them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from make import process
from make.git import import_commits, make_repository
from make.servers import PATIENCE, free_port

COMMAND = [sys.executable, "-m", "mkdocs_gitguard"]


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    remote = "https://github.com/acme/{}.git"
    folder = tmp_path / "portfolio"
    make_repository(
        folder / "billing", {"README.md": "# Billing\n\nSends all the invoices.\n"}, remote=remote.format("billing")
    )
    import_commits(folder / "billing", [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    make_repository(folder / "ledger", {"a.go": "package a\n"}, remote=remote.format("ledger"))
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return process.run(folder, "mkdocs_gitguard", *arguments, **{"SOURCE_DATE_EPOCH": "1767500000", **environment})


def test_harvest_prints_the_snapshot(portfolio: Path) -> None:
    done = run(portfolio, "harvest", "--format", "json")
    assert done.returncode == 0, done.stderr
    snapshot = json.loads(done.stdout)
    assert [repository["id"] for repository in snapshot["repositories"]] == [
        "repository:acme/billing",
        "repository:acme/ledger",
    ]
    [pull_request] = snapshot["pull_requests"]
    assert (pull_request["number"], pull_request["title"]) == (7, "Round half to even")
    assert pull_request["files"] == [{"path": "src/round.py", "status": "added", "additions": 1, "deletions": 0}]
    assert snapshot["organization"]["name"] == "acme"
    assert "[2/2]" in done.stderr


def test_harvest_takes_repositories_and_writes_to_a_file(portfolio: Path) -> None:
    done = run(portfolio, "harvest", "ledger", "-o", "out.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    [repository] = json.loads((portfolio / "out.json").read_text())["repositories"]
    assert repository["name"] == "ledger"


def test_a_second_harvest_reads_nothing_that_has_not_moved(portfolio: Path) -> None:
    first = run(portfolio, "harvest")
    second = run(portfolio, "harvest")
    assert first.stdout == second.stdout
    assert second.stderr.count("has not moved") == 2
    import_commits(portfolio / "ledger", [("Add b", {"b.go": "package a\n"})])
    assert "acme/ledger: read what is new" in run(portfolio, "harvest").stderr


def test_a_broken_repository_costs_only_itself(portfolio: Path) -> None:
    (portfolio / "broken" / ".git").mkdir(parents=True)
    done = run(portfolio, "harvest", "billing", "broken", "ledger", "--strict")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "broken" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(json.loads(done.stdout)["repositories"]) == 2


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("site_name: x\nplugins:\n- gitguard:\n    repositries: [.]\n", "Did you mean 'repositories'?"),
        ("site_name: x\nplugins:\n- gitguard:\n    phase: stagin\n", "staging"),
        ("site_name: x\nplugins:\n- gitguard:\n    forges: {a.org: githb}\n", "Did you mean 'github'?"),
        ("site_name: x\nplugins:\n- gitguard:\n    people: nobody.yml\n", "nobody.yml"),
    ],
)
@pytest.mark.parametrize("command", [["harvest"], ["build"]])
def test_a_wrong_option_is_named(portfolio: Path, config: str, message: str, command: list[str]) -> None:
    (portfolio / "mkdocs.yml").write_text(config)
    (portfolio / "docs").mkdir()
    done = run(portfolio, *command)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["", "1.10", "[a]"])
def test_what_an_entry_says_without_quotes_is_not_guessed(portfolio: Path, value: str) -> None:
    entry = f"repositories: [{{path: ledger, branch: {value}}}, billing]"
    (portfolio / "mkdocs.yml").write_text(f"site_name: x\nplugins:\n- gitguard:\n    {entry}\n")
    (portfolio / "docs").mkdir()
    done = run(portfolio, "harvest")
    assert "error: ledger: `branch` of ledger is not text. Write it in quotes." in done.stderr
    assert [repository["name"] for repository in json.loads(done.stdout)["repositories"]] == ["billing"]


def test_build_without_a_site_shows_what_lies_in_the_folder(portfolio: Path) -> None:
    done = run(portfolio, "build", "--strict", "--site-dir", "out")
    assert done.returncode == 0, done.stderr
    assert "Sends all the invoices." in (portfolio / "out/repository/acme/billing/index.html").read_text()
    assert "Round half to even" in (portfolio / "out/pull-request/acme/billing/7/index.html").read_text()


def test_export_writes_markdown_and_leaves_what_did_not_change(portfolio: Path) -> None:
    first = run(portfolio, "export", "--format", "markdown", "docs")
    assert first.returncode == 0, first.stderr
    page = portfolio / "docs/repository/acme/billing/index.md"
    os.utime(page, (1, 1))
    second = run(portfolio, "export", "--format", "markdown", "docs")
    assert " 0 files written" in second.stdout
    assert page.stat().st_mtime == 1
    assert "repository/index.md" in (portfolio / "docs/SUMMARY.md").read_text()


def test_a_selection_leaves_nothing_of_the_others(portfolio: Path) -> None:
    done = run(portfolio, "harvest", CODEX_REPO_INCLUDE_LIST="acme/ledger")
    assert done.returncode == 0, done.stderr
    assert "billing" not in done.stdout + done.stderr


def test_preview_builds_again_when_a_branch_moves(portfolio: Path) -> None:
    port = free_port()
    log = portfolio.parent / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*COMMAND, "preview", ".", "--address", f"127.0.0.1:{port}"],
            cwd=portfolio,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # A shell that runs the tests in the background has them ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it takes no lock
        )
    try:
        page = f"http://127.0.0.1:{port}/repository/acme/ledger/"
        _wait_for(page, "acme", server, log)
        rebuilds = _rebuilds_when_quiet(log)
        import_commits(portfolio / "ledger", [("Add the second", {"second.go": "package a\n"})])
        _wait_for(page, "second.go", server, log)
        # Two where MkDocs, on a busy machine, meets git's main.lock and then main: a preview that wakes itself goes on.
        assert 1 <= _rebuilds_when_quiet(log) - rebuilds <= 2
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(timeout=PATIENCE)
    assert "Traceback" not in log.read_text()


def test_preview_says_when_the_port_is_taken(portfolio: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(portfolio, "preview", "--address", f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 1
    assert "--address" in done.stderr


def _wait_for(url: str, text: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                if text in response.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"{text!r} never came to {url}:\n{log.read_text()}")


def _rebuilds_when_quiet(log: Path) -> int:
    """Return how many builds followed the first once none has begun or ended for four seconds."""
    text, since = log.read_text(), time.monotonic()
    while time.monotonic() - since < 4:
        time.sleep(0.2)
        if (now := log.read_text()) != text:
            text, since = now, time.monotonic()
    # Not "Documentation built in 0.52 seconds": MkDocs leaves a line out that it has logged before, word for word.
    return text.count("Reloading browsers")


def test_help_names_every_command() -> None:
    done = run(Path.cwd(), "--help")
    for command in ("build", "export", "harvest", "init", "preview"):
        assert re.search(rf"^  {command}\b", done.stdout, re.MULTILINE)
