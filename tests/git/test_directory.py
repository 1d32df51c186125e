"""HEAD, refs and folders read by hand are what git says they are."""

from pathlib import Path

import pytest
from make.git import git, import_commits, make_repository

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.directory import GitDirectory, Head, is_ref_name
from mkdocs_gitguard.git.repository import GitRepository


def opened(folder: Path) -> GitDirectory:
    return GitDirectory.find(folder, label="r")


def test_refs_are_what_git_lists(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    for number in range(3):
        git(folder, "tag", f"packed-{number}")
        git(folder, "branch", f"feature/{number}")
    git(folder, "tag", "-a", "-m", "One", "annotated")
    git(folder, "pack-refs", "--all")
    import_commits(folder, [("Second", {"b": "2"})])
    git(folder, "tag", "loose/deep")
    git(folder, "tag", "-f", "packed-1")
    git(folder, "symbolic-ref", "refs/tags/symbolic", "refs/heads/main")
    listed = git(folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    assert opened(folder).refs("refs/") == dict(line.split() for line in listed)
    assert list(opened(folder).refs("refs/tags/")) == [line.split()[0] for line in listed if "refs/tags" in line]
    for line in listed:
        name, commit = line.split()
        assert opened(folder).read_ref(name) == commit


def test_a_checked_out_branch_is_the_default_branch_without_a_remote(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    git(folder, "checkout", "-q", "-b", "release")
    assert opened(folder).head() == Head("release", git(folder, "rev-parse", "HEAD"))
    assert opened(folder).head("main") == Head("main", git(folder, "rev-parse", "main"))
    assert opened(folder).head("nothing") == Head("nothing", "")


def test_the_remote_says_what_its_default_branch_is(tmp_path: Path) -> None:
    upstream = make_repository(tmp_path / "up", {"a": "1"})
    git(tmp_path, "clone", "-q", str(upstream), "clone")
    clone = tmp_path / "clone"
    first = git(clone, "rev-parse", "HEAD")
    import_commits(upstream, [("Second", {"b": "1"})])
    git(clone, "fetch", "-q")
    second = git(clone, "rev-parse", "origin/main")
    assert opened(clone).head() == Head("main", first), "what is checked out counts"
    git(clone, "checkout", "-q", "-b", "feature")
    assert opened(clone).head() == Head("main", second), "what is not, counts as fetched"


def test_a_detached_head_in_ci(tmp_path: Path) -> None:
    upstream = make_repository(tmp_path / "up", {"a": "1"})
    git(upstream, "branch", "feature")
    ci = tmp_path / "ci"
    ci.mkdir()
    git(ci, "init", "-q")
    git(ci, "remote", "add", "origin", str(upstream))
    git(ci, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    git(ci, "checkout", "-q", "--detach", "origin/feature")
    commit = git(ci, "rev-parse", "HEAD")
    assert opened(ci).head() == Head("main", commit)
    alone = tmp_path / "alone"
    alone.mkdir()
    git(alone, "init", "-q")
    git(alone, "fetch", "-q", "--depth=1", str(upstream.resolve()), "main")
    git(alone, "checkout", "-q", "--detach", "FETCH_HEAD")
    assert opened(alone).head() == Head("", commit)


def test_the_only_branch_stands_in_for_a_head_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "master")
    import_commits(tmp_path, [("Begin", {"a": "1"})], branch="stable")
    assert opened(tmp_path).head() == Head("stable", git(tmp_path, "rev-parse", "stable"))


def test_a_linked_work_tree_and_a_submodule_open(tmp_path: Path) -> None:
    inner = make_repository(tmp_path / "inner", {"a": "1"})
    outer = make_repository(tmp_path / "outer", {"b": "1"})
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    git(outer, "worktree", "add", "-q", "../linked", "-b", "side")
    linked = opened(tmp_path / "linked")
    assert linked.common_dir == outer / ".git"
    assert linked.head() == Head("side", git(outer, "rev-parse", "side"))
    assert opened(outer / "sub").git_dir == outer / ".git/modules/sub"
    assert GitRepository.open(outer / "sub").resolve("HEAD") == git(inner, "rev-parse", "HEAD")
    assert GitRepository.open(tmp_path / "linked").resolve("HEAD") == git(outer, "rev-parse", "side")


def test_a_bare_folder_needs_no_config_file(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    (folder / ".git").rename(tmp_path / "bare")
    (tmp_path / "bare/config").unlink()
    repository = GitRepository.open(tmp_path / "bare")
    commit = repository.resolve("HEAD") or ""
    assert repository.resolve(commit[:8]) == commit
    assert [entry.path for entry in repository.tree(commit)] == ["a"]


def test_refs_that_only_git_reads(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    git(folder, "tag", "v1")
    commit = git(folder, "rev-parse", "HEAD")
    # This git reads files whatever else is there; what counts is that it is git who is asked.
    (folder / ".git/reftable").mkdir()
    directory = GitRepository.open(folder).directory
    assert type(directory) is not GitDirectory
    assert directory.head() == Head("main", commit)
    assert directory.refs("refs/tags/") == {"refs/tags/v1": commit}
    git(folder, "checkout", "-q", "--detach")
    git(folder, "branch", "-D", "main")
    assert GitRepository.open(folder).directory.head() == Head("", commit)


def test_the_state_changes_when_facts_may(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    states = [opened(folder).state()]

    def moved(*args: str) -> bool:
        git(folder, *args)
        states.append(opened(folder).state())
        return states[-1] not in states[:-1]

    assert moved("tag", "v1")
    assert not moved("pack-refs", "--all")
    assert moved("update-ref", "refs/pull/7/head", "HEAD")
    assert moved("update-ref", "refs/merge-requests/7/head", "HEAD")
    git(folder, "pack-refs", "--all")
    states.append(opened(folder).state())
    assert moved("update-ref", "-d", "refs/pull/7/head")
    assert moved("commit", "-q", "--allow-empty", "-m", "Second")
    assert not moved("branch", "other")
    (folder / ".git/shallow").write_text("0" * 40)
    assert opened(folder).state() not in states


@pytest.mark.parametrize("target", ["../../outside", "/etc", "nowhere", "\0", ""])
def test_a_pointer_that_leads_nowhere(tmp_path: Path, target: str) -> None:
    (tmp_path / ".git").write_text(f"gitdir: {target}\n")
    with pytest.raises(SourceError, match="not a git repository"):
        opened(tmp_path)


@pytest.mark.parametrize(
    "name", ["refs/../HEAD", "refs//x", "refs/heads/../../config", "/etc/passwd", "config", "refs/a b", "refs/x\n"]
)
def test_a_ref_does_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    assert not is_ref_name(name)
    folder = make_repository(tmp_path, {"a": "1"})
    (folder / ".git/HEAD").write_text(f"ref: {name}\n")
    assert opened(folder).head().commit in ("", git_main(folder))


def git_main(folder: Path) -> str:
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_a_ring_of_symbolic_refs_ends(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    (folder / ".git/refs/heads/one").write_text("ref: refs/heads/two\n")
    (folder / ".git/refs/heads/two").write_text("ref: refs/heads/one\n")
    assert opened(folder).read_ref("refs/heads/one") == ""


def agrees_with_git(folder: Path) -> None:
    branch = git(folder, "symbolic-ref", "--short", "HEAD")
    assert opened(folder).head() == Head(branch, git(folder, "rev-parse", "HEAD"))


def test_head_as_a_symbolic_link(tmp_path: Path) -> None:
    """core.preferSymlinkRefs; the link dangles once its branch is packed."""
    folder = make_repository(tmp_path, {"a": "1"})
    git(folder, "checkout", "-q", "-b", "release")
    import_commits(folder, [("Second", {"b": "2"})], "release")
    (folder / ".git/HEAD").unlink()
    (folder / ".git/HEAD").symlink_to("refs/heads/release")
    agrees_with_git(folder)
    git(folder, "pack-refs", "--all")
    assert not (folder / ".git/refs/heads/release").exists()
    agrees_with_git(folder)


def test_a_link_that_names_no_ref_is_no_head(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    (folder / ".git/HEAD").unlink()
    (folder / ".git/HEAD").symlink_to("nowhere")
    with pytest.raises(SourceError, match="not a git repository"):
        opened(folder)
    (folder / ".git/HEAD").unlink()
    (folder / ".git/HEAD").symlink_to("refs/heads/../../config")
    assert opened(folder).read_ref("HEAD") == ""


def test_a_chain_of_symbolic_refs(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    git(folder, "checkout", "-q", "-b", "real")
    import_commits(folder, [("Second", {"b": "2"})], "real")
    git(folder, "symbolic-ref", "refs/heads/alias", "refs/heads/real")
    git(folder, "symbolic-ref", "refs/heads/alias-of-alias", "refs/heads/alias")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/alias-of-alias")
    assert opened(folder).head() == Head("real", git(folder, "rev-parse", "HEAD"))


def test_a_chain_that_is_too_long_for_git_is_too_long_here(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    previous = "main"
    for number in range(6):
        (folder / f".git/refs/heads/s{number}").write_text(f"ref: refs/heads/{previous}\n")
        previous = f"s{number}"
        listed = git(folder, "for-each-ref", "--format=%(objectname)", f"refs/heads/{previous}")
        assert opened(folder).read_ref(f"refs/heads/{previous}") == listed, number


def test_a_remote_head_that_is_gone_tells_nothing(tmp_path: Path) -> None:
    upstream = make_repository(tmp_path / "up", {"a": "1"})
    git(upstream, "branch", "-m", "master")
    git(tmp_path, "clone", "-q", str(upstream), "clone")
    clone = tmp_path / "clone"
    git(upstream, "branch", "-m", "master", "main")
    import_commits(upstream, [("Second", {"b": "2"})])
    git(clone, "fetch", "-q", "--prune")
    git(clone, "checkout", "-q", "main")
    assert opened(clone).head() == Head("main", git(upstream, "rev-parse", "main"))
    git(clone, "checkout", "-q", "--detach")
    assert opened(clone).head() == Head("main", git(upstream, "rev-parse", "main"))


def test_the_head_of_a_linked_work_tree_is_its_own(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    git(folder, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    agrees_with_git(tmp_path / "linked")
    git(tmp_path / "linked", "update-ref", "refs/worktree/mine", "HEAD")
    assert opened(tmp_path / "linked").read_ref("refs/worktree/mine") == git(folder, "rev-parse", "main")
    assert opened(folder).read_ref("refs/worktree/mine") == ""


def test_a_short_name_means_what_git_means(tmp_path: Path) -> None:
    """gitrevisions: a tag comes before a branch, a branch before a remote's."""
    folder = make_repository(tmp_path, {"a": "1"})
    git(folder, "tag", "v1.1")
    git(folder, "tag", "-a", "-m", "Two", "of-a-tag", "v1.1")
    git(folder, "branch", "v1.1")
    import_commits(folder, [("Second", {"b": "2"})], "v1.1")
    repository = GitRepository.open(folder)
    for name in ("v1.1", "refs/heads/v1.1", "heads/v1.1", "tags/v1.1", "of-a-tag", "HEAD", "HEAD~0"):
        assert repository.resolve(name) == git(folder, "rev-parse", f"{name}^{{commit}}"), name
    assert repository.resolve("nothing") is None
