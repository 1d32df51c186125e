"""The branch target: one commit a release, pushed without force; refusals leave the published branch as it was."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE

import pytest
from make.git import git as run_git
from make.git import make_repository
from make.release import NOON, make_site, manifest_of

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.publish.branch import BranchTarget, head_commit
from mkdocs_gitguard.publish.release import describe_site, make_manifest

Git = Callable[..., str]
TESTS = Path(__file__).parents[1]


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Git:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(*arguments: str, cwd: str = "work") -> str:
        return run_git(tmp_path / cwd, *arguments)

    make_repository(tmp_path / "server.git", is_bare=True)
    make_repository(tmp_path / "work", {}, remote=str(tmp_path / "server.git"))
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
    assert git("branch", "--format=%(refname)") == "refs/heads/main"
    assert git("status", "--porcelain") == ""


def test_the_same_content_is_no_new_commit(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    site = make_site(tmp_path / "site", "one")
    assert not target.publish(site, manifest_of(site)).is_new
    assert git("rev-list", "--count", "gh-pages", cwd="server.git") == "1"


def test_rollback_adds_a_commit_with_the_earlier_files(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    ids = [publish(target, tmp_path, content) for content in ("one", "two", "three")]
    assert target.rollback().id == ids[1]
    assert "two" in on_server(git)
    assert target.rollback(ids[0]).id == ids[0]
    assert "one" in on_server(git)
    assert git("rev-list", "--count", "gh-pages", cwd="server.git") == "5"
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
    assert git("branch", "--format=%(refname)") == "refs/heads/main"
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
        git("clone", "-q", "server.git", "fast", cwd=".")
        BranchTarget("", root=tmp_path / "fast").publish(site, manifest_of(site))
        push(self, commit)

    monkeypatch.setattr(BranchTarget, "_push", slow_push)
    with pytest.raises(PublishError, match="Publish again if someone else has published meanwhile"):
        publish(target, tmp_path, "slower")
    assert "faster" in on_server(git)


def test_no_repository_and_no_remote(git: Git, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    with pytest.raises(PublishError, match=r"has no repository to be in: .*/site stands in none\. Make one with"):
        BranchTarget("", root=tmp_path / "site").publish(site, manifest_of(site))
    git("remote", "remove", "origin")
    with pytest.raises(PublishError, match=r"cannot be looked up: .*git ls-remote failed .*'origin' does not appear"):
        BranchTarget("pages", root=tmp_path / "work").publish(site, manifest_of(site))
    with pytest.raises(
        PublishError, match="See with `git remote -v` that the site's repository has the remote `origin`"
    ):
        BranchTarget("pages", root=tmp_path / "work").publish(site, manifest_of(site))


def test_a_site_anywhere_in_its_repository(git: Git, tmp_path: Path) -> None:
    below = tmp_path / "work" / "portal" / "of" / "acme"
    below.mkdir(parents=True)
    target = BranchTarget("", root=below)
    release = publish(target, tmp_path, "one")
    current = target.current()
    assert current is not None
    assert target.damage(current) == []
    assert head_commit(below) == git("rev-parse", "HEAD").strip()
    git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    assert [item.id for item in BranchTarget("", root=tmp_path / "linked").releases()] == [release]
    (tmp_path / "work" / "portal" / ".git").write_text("gitdir: /nowhere")
    with pytest.raises(RepositoryError):
        BranchTarget("", root=below).current()


@pytest.mark.parametrize("depth", [(), ("--depth=1",), ("--single-branch",), ("--filter=blob:none",)])
def test_any_clone_will_do(git: Git, target: BranchTarget, tmp_path: Path, depth: tuple[str, ...]) -> None:
    git("push", "-q", "origin", "main")
    git("config", "uploadpack.allowFilter", "true", cwd="server.git")
    first = publish(target, tmp_path, "one")
    git("clone", "-q", *depth, "-b", "main", f"file://{tmp_path}/server.git", str(tmp_path / "clone"))
    clone = BranchTarget("", root=tmp_path / "clone")
    site = make_site(tmp_path / "site", "two")
    done = clone.publish(site, manifest_of(site))
    assert clone.damage(done.manifest) == []
    assert BranchTarget("", root=tmp_path / "clone").damage(done.manifest) == []
    assert clone.rollback().id == first
    assert "one" in on_server(git)
    assert git("for-each-ref", "--format=%(refname)", "refs/heads", cwd="clone") == "refs/heads/main"


def test_a_repository_with_longer_ids(git: Git, tmp_path: Path) -> None:
    for name in ("long.git", "long"):
        bare = ["--bare"] if name.endswith(".git") else []
        git("init", "-q", *bare, "--object-format=sha256", name, cwd=".")
    git("remote", "add", "origin", str(tmp_path / "long.git"), cwd="long")
    target = BranchTarget("", root=tmp_path / "long")
    publish(target, tmp_path, "one")
    publish(target, tmp_path, "two")
    assert "two" in git("show", "gh-pages:index.html", cwd="long.git")


def bytes_on_server(tmp_path: Path) -> dict[str, bytes]:
    def git(*arguments: str) -> bytes:
        return subprocess.run(
            ["git", *arguments], cwd=tmp_path / "server.git", check=True, capture_output=True
        ).stdout  # fmt: skip

    names = git("ls-tree", "-r", "-z", "--name-only", "gh-pages").decode().split("\0")[:-1]
    return {name: git("cat-file", "blob", f"gh-pages:{name}") for name in names}


def test_what_is_pushed_is_the_sites_bytes_whatever_is_configured(
    git: Git, target: BranchTarget, tmp_path: Path
) -> None:
    git("config", "core.autocrlf", "true")
    git("config", "core.safecrlf", "true")
    git("config", "filter.shout.clean", "tr a-z A-Z")
    git("config", "filter.shout.required", "true")
    git("config", "push.followTags", "true")
    git("config", "remote.origin.mirror", "true")
    git("config", "fetch.prune", "true")
    git("tag", "-am", "mine", "mine")
    attributes = "* text=auto eol=crlf ident filter=shout export-ignore working-tree-encoding=UTF-16\nx export-subst\n"
    (tmp_path / "work" / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / "work" / ".git" / "info" / "attributes").write_text(attributes)
    marker = tmp_path / "ran"
    hooks = tmp_path / "work" / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (hooks / name).chmod(0o755)
    site = make_site(tmp_path / "site", "one")
    (site / ".gitattributes").write_bytes(attributes.encode())
    (site / ".gitignore").write_bytes(b"*\n")
    (site / "mixed.txt").write_bytes(b"a\r\nb\n$Id$ $Format:%H$\x00")
    (site / ".well-known").mkdir()
    (site / ".well-known" / "\u00fc -x.txt").write_bytes(b"")
    done = target.publish(site, manifest_of(site))
    assert target.damage(done.manifest) == []
    expected = {file.path: (site / file.path).read_bytes() for file in done.manifest.files}
    there = bytes_on_server(tmp_path)
    assert there == {**expected, ".nojekyll": b"", "release.json": there["release.json"]}
    assert git("for-each-ref", "--format=%(refname)", cwd="server.git") == "refs/heads/gh-pages"
    assert not marker.exists()
    assert not (site / "release.json").exists()


def test_a_file_that_changed_after_the_checks_goes_nowhere(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    site = make_site(tmp_path / "site", "two")
    manifest = manifest_of(site)
    (site / "page-1" / "index.html").write_text("a secret")
    with pytest.raises(PublishError, match=r"page-1/index\.html changed while it was published"):
        target.publish(site, manifest)
    assert "one" in on_server(git)
    assert not list((tmp_path / "work" / ".git").glob("fast_import_crash*"))
    (site / "page-1" / "index.html").unlink()
    with pytest.raises(PublishError, match=r"page-1/index\.html cannot be read"):
        target.publish(site, manifest)


def test_damage_on_the_server_is_found(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    publish(target, tmp_path, "one")
    manifest = manifest_of(make_site(tmp_path / "site", "two"))
    assert target.damage(manifest) == ["index.html has other content than the manifest says."]
    (tmp_path / "site" / "more.html").touch()
    assert "more.html is not there." in target.damage(manifest_of(tmp_path / "site"))


def commit_by_hand(git: Git, tmp_path: Path, *commands: tuple[str, ...], **files: str) -> None:
    git("clone", "-q", "-b", "gh-pages", str(tmp_path / "server.git"), str(tmp_path / "host"))
    for name, content in files.items():
        (tmp_path / "host" / name).write_text(content)
    git("add", "-A", cwd="host")
    for command in commands:
        git(*command, cwd="host")
    git("commit", "-qm", "Create CNAME", cwd="host")
    git("push", "-q", cwd="host")
    shutil.rmtree(tmp_path / "host")


def test_the_domain_that_the_host_has_committed_is_kept(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    ids = [publish(target, tmp_path, content) for content in ("one", "two")]
    commit_by_hand(git, tmp_path, CNAME="docs.acme.example")
    current = target.current()
    assert current is not None
    assert current.release.id == ids[1]
    publish(target, tmp_path, "three")
    assert on_server(git, "CNAME") == "docs.acme.example"
    assert target.rollback(ids[0]).id == ids[0]
    assert on_server(git, "CNAME") == "docs.acme.example"
    commit_by_hand(git, tmp_path, ("rm", "-q", "CNAME"))
    publish(target, tmp_path, "four")
    assert "CNAME" not in bytes_on_server(tmp_path)
    commit_by_hand(git, tmp_path, CNAME="docs.acme.example", stray="x")
    with pytest.raises(PublishError, match="is dirty"):
        publish(target, tmp_path, "five")


def test_a_domain_of_the_sites_own_goes_with_its_release(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    first = publish(target, tmp_path, "one")
    site = make_site(tmp_path / "site", "two")
    (site / "CNAME").write_text("own.acme.example")
    target.publish(site, manifest_of(site))
    assert on_server(git, "CNAME") == "own.acme.example"
    assert target.rollback().id == first
    assert "CNAME" not in bytes_on_server(tmp_path)


def test_publishers_of_one_clone_do_not_meet(git: Git, tmp_path: Path) -> None:
    git("branch", "gitguard/publish")
    git("branch", "gitguard-publish")
    program = (
        "import sys; from pathlib import Path; from make.release import *;"
        "from mkdocs_gitguard.publish.branch import BranchTarget;"
        "name, root = sys.argv[1], Path(sys.argv[2]); site = make_site(root / name, name, pages=50);"
        "print(BranchTarget(name.partition('-')[0], root=root / 'work').publish(site, manifest_of(site)).release.id)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    names = ("one-a", "two-a", "two-b", "two-c")
    runs = {
        name: subprocess.Popen(
            [sys.executable, "-c", program, name, str(tmp_path)], env=environment, stdout=PIPE, stderr=PIPE, text=True
        )
        for name in names
    }
    results = {name: (*run.communicate(), run.returncode) for name, run in runs.items()}
    assert results["one-a"][2] == 0, results["one-a"]
    assert any(results[name][2] == 0 for name in names[1:])
    for _, errors, code in results.values():
        assert code == 0 or "was refused" in errors or "Try again" in errors, errors
    for branch in ("one", "two"):
        name = git("show", f"{branch}:index.html", cwd="server.git")[7:-8]
        assert name.startswith(branch)
    assert git("branch", "--format=%(refname:short)").split() == ["gitguard-publish", "gitguard/publish", "main"]
    assert git("for-each-ref", "--format=%(refname)", "refs/gitguard") == ""


def test_a_name_that_git_keeps_for_itself(target: BranchTarget, tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    (site / "a" / ".GIT").mkdir(parents=True)
    (site / "a" / ".GIT" / "config").touch()
    with pytest.raises(PublishError, match=r"a/\.GIT/config cannot be in a branch"):
        target.publish(site, manifest_of(site))


def test_configuration_that_the_user_gives_by_variables_counts(
    git: Git, target: BranchTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("remote", "set-url", "origin", "forge:server.git")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "forge:")
    for variable, value in {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_INDEX_FILE": "/nowhere"}.items():
        monkeypatch.setenv(variable, value)
    release = publish(target, tmp_path, "one")
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable)
    assert release in git("log", "-1", "--format=%s", "gh-pages", cwd="server.git")


def test_a_release_is_read_back_where_it_was_pushed_to(git: Git, target: BranchTarget, tmp_path: Path) -> None:
    make_repository(tmp_path / "mirror.git", is_bare=True)
    git("push", "-q", "origin", "main", cwd="work")
    git("remote", "set-url", "origin", str(tmp_path / "mirror.git"))
    git("remote", "set-url", "--push", "origin", str(tmp_path / "server.git"))
    first = publish(target, tmp_path, "one")
    manifest = target.current()
    assert manifest is not None
    assert target.damage(manifest) == []
    second = publish(target, tmp_path, "two")
    assert [release.id for release in target.releases()] == [second, first]
    assert "two" in on_server(git)
    assert git("branch", cwd="mirror.git") == ""
    assert "gitguard-pushed" not in (tmp_path / "work/.git/config").read_text()


@pytest.mark.parametrize("url", ["../server.git", "./../server.git"])
def test_a_relative_remote_counts_from_the_top_of_the_work_tree(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    git("remote", "set-url", "origin", url)
    (tmp_path / "work/docs/site").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    release = publish(BranchTarget("", root=Path("work/docs/site")), tmp_path, "one")
    assert release in git("log", "-1", "--format=%s", "gh-pages", cwd="server.git")


def test_no_head_yet(tmp_path: Path) -> None:
    assert head_commit(tmp_path) == ""
    make_repository(tmp_path)
    assert head_commit(tmp_path) == ""


@pytest.mark.parametrize("name", ["--evil", "HEAD", "a b", "a..b", "@{-1}", "x.lock", "refs/heads/"])
def test_a_name_that_is_no_branch_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match="names no branch that git allows"):
        BranchTarget(name, root=tmp_path)
