"""The branch target: one commit a release, pushed without force; refusals leave the published branch as it was."""

import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from make.release import NOON, make_site, manifest_of

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.publish.branch import BranchTarget
from mkdocs_gitguard.publish.release import describe_site, make_manifest

Git = Callable[..., str]


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Git:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(*arguments: str, cwd: str = "work") -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", *arguments],
            cwd=tmp_path / cwd, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "server.git"], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path / "work"], check=True)
    run("commit", "-q", "--allow-empty", "-m", "start")
    run("remote", "add", "origin", str(tmp_path / "server.git"))
    return run


@pytest.fixture
def target(git: Git, tmp_path: Path) -> BranchTarget:
    return BranchTarget("", root=tmp_path / "work")


def publish(target: BranchTarget, tmp_path: Path, content: str) -> str:
    site = make_site(tmp_path / "site", content)
    return target.publish(site, manifest_of(site, commit="c0ffee")).release.id


def on_server(git: Git, path: str = "index.html") -> str:
    return git("show", f"gh-pages:{path}", cwd="server.git")


def test_releases_are_commits(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    assert target.current() is None
    assert target.releases() == ()
    ids = [publish(target, tmp_path, content) for content in ("one", "two")]
    assert "two" in on_server(git)
    assert on_server(git, ".nojekyll") == ""
    current = target.current()
    assert current is not None
    assert current.release.id == ids[1]
    assert [release.id for release in target.releases()] == ids[::-1]
    assert git("log", "-1", "--format=%an %aI %s", "gh-pages", cwd="server.git").startswith(
        "gitguard 2026-02-10T12:00:00+00:00 Publish release 2026"
    )
    assert git("branch", "--format=%(refname)") == "refs/heads/main\n"
    assert git("status", "--porcelain") == ""


def test_the_same_content_is_no_new_commit(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    site = make_site(tmp_path / "site", "one")
    assert not target.publish(site, manifest_of(site)).is_new
    assert git("rev-list", "--count", "gh-pages", cwd="server.git") == "1\n"


def test_rollback_adds_a_commit_with_the_earlier_files(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    ids = [publish(target, tmp_path, content) for content in ("one", "two", "three")]
    assert target.rollback().id == ids[1]
    assert "two" in on_server(git)
    assert target.rollback(ids[0]).id == ids[0]
    assert "one" in on_server(git)
    assert git("rev-list", "--count", "gh-pages", cwd="server.git") == "5\n"
    with pytest.raises(PublishError, match="no earlier release"):
        target.rollback()
    with pytest.raises(PublishError, match="holds no release 'x'"):
        target.rollback("x")
    assert publish(target, tmp_path, "four") > ids[0]


def test_going_back_shows_other_content(target: BranchTarget, tmp_path: Path) -> None:
    first = publish(target, tmp_path, "one")
    publish(target, tmp_path, "two")
    target.rollback()
    files = describe_site(make_site(tmp_path / "site", "two"))
    later = make_manifest(files, created_at=NOON + timedelta(hours=1), phase="canary", flags=Flags())
    target.publish(tmp_path / "site", later)
    assert target.rollback().id == first


def test_a_dirty_branch_is_left_alone(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    git("clone", "-q", "-b", "gh-pages", str(tmp_path / "server.git"), str(tmp_path / "other"))
    (tmp_path / "other" / "index.html").write_text("by hand")
    git("commit", "-qam", "by hand", cwd="other")
    git("push", "-q", cwd="other")
    site = make_site(tmp_path / "site", "two")
    with pytest.raises(
        PublishError, match=r"The branch gh-pages is dirty: its commit [0-9a-f]{12} was not made by gitguard"
    ):
        target.publish(site, manifest_of(site))
    assert on_server(git) == "by hand"


def test_a_refused_push_is_told(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    hook = tmp_path / "server.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'this branch is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PublishError, match=r"The push to the branch gh-pages was refused: .*this branch is protected"):
        publish(target, tmp_path, "two")
    assert "one" in on_server(git)
    assert git("branch", "--format=%(refname)") == "refs/heads/main\n"
    hook.unlink()
    publish(target, tmp_path, "two")
    assert "two" in on_server(git)


def test_somebody_who_was_faster_wins(
    git: Git, target: BranchTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(target, tmp_path, "one")
    push = BranchTarget._push

    def slow_push(self: BranchTarget, commit: str) -> None:
        monkeypatch.setattr(BranchTarget, "_push", push)
        site = make_site(tmp_path / "other-site", "faster")
        subprocess.run(
            ["git", "clone", "-q", tmp_path / "server.git", tmp_path / "fast"], check=True, capture_output=True
        )
        BranchTarget("", root=tmp_path / "fast").publish(site, manifest_of(site))
        push(self, commit)

    monkeypatch.setattr(BranchTarget, "_push", slow_push)
    with pytest.raises(PublishError, match="If someone else has published meanwhile, publish again"):
        publish(target, tmp_path, "slower")
    assert "faster" in on_server(git)


def test_no_repository_and_no_remote(git: Git, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    with pytest.raises(
        PublishError, match="cannot be looked up: git ls-remote failed: fatal: 'origin' does not appear"
    ):
        BranchTarget("", root=tmp_path / "site").publish(site, manifest_of(site))
    git("remote", "remove", "origin")
    with pytest.raises(PublishError, match="pushed to the remote `origin` of the site's repository: see `git remote"):
        BranchTarget("pages", root=tmp_path / "work").publish(site, manifest_of(site))


@pytest.mark.parametrize("name", ["--evil", "a b", "a..b", "@{-1}", "x.lock", "refs/heads/"])
def test_a_name_that_is_no_branch_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match="names no branch that git allows"):
        BranchTarget(name, root=tmp_path)
