"""`mkdocs serve` on a real repository: rebuilt when its refs move, and only then."""

import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from make.events import pull_request
from make.git import commit, git, make_repository
from make.servers import PATIENCE, free_port

from mkdocs_gitguard.events.sqlite.log import SqliteLog

pytestmark = pytest.mark.slow


def rebuilds(log: Path) -> int:
    # Not "Documentation built in 0.52 seconds": MkDocs leaves a line out that it has logged before, word for word.
    return log.read_text().count("Reloading browsers")


def wait_for(condition, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def settles(log: Path, *, after: int) -> bool:
    """Whether, once it has rebuilt, the server rests for four seconds after at most so many rebuilds.

    MkDocs polls each watched folder in a thread of its own and waits 0.1 s for more: on a busy machine what lies below
    two of them is met twice, and so is a branch that moves: git writes main.lock, and then names it main. A server that
    its own output wakes never rests.
    """
    return wait_for(lambda: rebuilds(log) > 0, seconds=PATIENCE) and not wait_for(
        lambda: rebuilds(log) > after, seconds=4
    )


def test_a_commit_and_an_event_rebuild_and_a_changed_worktree_does_not(tmp_path) -> None:
    remote = "git@github.com:acme/billing.git"
    repository = make_repository(tmp_path / "billing", {"first.txt": "first"}, remote=remote)
    site = tmp_path / "portal"
    (site / "docs").mkdir(parents=True)
    config = {
        "site_name": "Acme",
        "theme": "mkdocs",
        "plugins": ["search", {"gitguard": {"repositories": ["../billing"]}}],
    }
    (site / "mkdocs.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"], cwd=site, stdout=output, stderr=output
        )
        try:
            assert wait_for(lambda: "Serving on" in log.read_text(), seconds=PATIENCE), log.read_text()
            (repository / "first.txt").write_text("changed, not committed")
            git(repository, "status")
            (repository / "second.txt").write_text("new")
            git(repository, "add", ".")
            assert not wait_for(lambda: rebuilds(log) > 0, seconds=2), log.read_text()
            commit(repository, "Add the third", {"third.txt": "third"})
            assert settles(log, after=2), log.read_text()
            before = rebuilds(log)
            events = SqliteLog(site / ".gitguard" / "events.db")
            events.append([pull_request(412, title="Round half to even")])
            events.close()
            assert wait_for(lambda: rebuilds(log) > before, seconds=PATIENCE), log.read_text()
            with urlopen(f"http://127.0.0.1:{port}/repository/acme/billing/", timeout=PATIENCE) as answer:
                assert "Round half to even" in answer.read().decode()
            assert settles(log, after=before + 2), log.read_text()
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)


@pytest.mark.parametrize(("watch", "options"), [(".", []), ("..", []), (".", ["--clean"])])
def test_a_site_that_watches_its_own_folder_settles(tmp_path, watch: str, options: list[str]) -> None:
    site = tmp_path / "watched" / "portal"
    (site / "docs").mkdir(parents=True)
    (site / "docs" / "hello.md").write_text("# Hello")
    commit(make_repository(site), "Begin")
    config = {"site_name": "Acme", "theme": "mkdocs", "watch": [watch], "plugins": ["gitguard"]}
    (site / "mkdocs.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    log = tmp_path / "log"
    command = [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}", *options]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=site, stdout=output, stderr=output)
        try:
            assert wait_for(lambda: "Serving on" in log.read_text(), seconds=PATIENCE), log.read_text()
            assert not wait_for(lambda: rebuilds(log) > 0, seconds=3), log.read_text()
            (site / "docs" / "hello.md").write_text("# Hello again")
            assert settles(log, after=2), log.read_text()
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)
    assert (site / ".gitguard").exists() is bool(options)
