"""Repositories as they should not be: each a clear finding, and every other repository is read all the same."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from make.git import environment, git, import_commits, make_repository

from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.model import Finding, Organization, Snapshot


def run(folder: Path, *entries: str, **options: object) -> HarvestResult:
    """Harvest, with a good repository beside, which must never suffer."""
    make_repository(folder / "good", {"README.md": "# Good\n\nIt is good in every way.\n"})
    result = harvest(HarvestOptions(repositories=(*entries, "good"), folder=folder, **options))  # type: ignore[arg-type]
    assert result.facts[-1].about.name == "good"
    assert result.facts[-1].findings == ()
    for finding in result.findings:
        assert finding.hint
        assert finding.source
        assert finding.message.isprintable()
    return result


def snapshot(result: HarvestResult) -> Snapshot:
    return assemble(
        result.facts, organization=Organization(id="organization:acme", name="Acme"), findings=result.findings
    )


def codes(result: HarvestResult) -> list[tuple[str, str]]:
    """Code and repository of every finding, those within the facts included."""
    return [(finding.code, finding.repository) for finding in snapshot(result).findings]


def nothing(folder: Path) -> None:
    del folder


def a_file(folder: Path) -> None:
    folder.write_text("not a folder")


def a_folder(folder: Path) -> None:
    folder.mkdir()


def half_a_repository(folder: Path) -> None:
    (folder / ".git/refs").mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")


def a_pointer_to_nowhere(folder: Path) -> None:
    folder.mkdir()
    (folder / ".git").write_text("gitdir: ../gone\n")


def a_ring_of_links(folder: Path) -> None:
    folder.symlink_to(folder.name)


def empty(folder: Path) -> None:
    make_repository(folder)


def unborn(folder: Path) -> None:
    make_repository(folder, {"a": "1"})
    git(folder, "symbolic-ref", "HEAD", "refs/heads/unborn")
    git(folder, "branch", "-m", "main", "one")
    git(folder, "branch", "two", "one")


def shallow(folder: Path) -> None:
    upstream = make_repository(folder.parent / "upstream", {"a": "1"})
    import_commits(upstream, [("Second (#2)", {"b": "2"})])
    git(folder.parent, "clone", "-q", "--depth=1", f"file://{upstream}", folder.name)


def without_its_head_commit(folder: Path) -> None:
    make_repository(folder, {"a": "1"})
    (folder / ".git/refs/heads/main").write_text("1" * 40 + "\n")


def without_a_tree(folder: Path) -> None:
    make_repository(folder, {"a/b": "1", "c": "2"})
    unpack(folder)
    remove(folder, git(folder, "rev-parse", "HEAD:a"))


def without_an_old_commit(folder: Path) -> None:
    make_repository(folder, {"a": "1"})
    import_commits(folder, [("Second", {"b": "2"})])
    unpack(folder)
    remove(folder, git(folder, "rev-parse", "HEAD~1"))


def without_the_readme(folder: Path) -> None:
    make_repository(folder, {"README.md": "# R\n\nIt is no longer there.\n"})
    unpack(folder)
    remove(folder, git(folder, "rev-parse", "HEAD:README.md"))


def a_damaged_object(folder: Path) -> None:
    make_repository(folder, {"README.md": "# R\n\nIt is no longer whole.\n"})
    unpack(folder)
    commit = git(folder, "rev-parse", "HEAD")
    path = folder / ".git/objects" / commit[:2] / commit[2:]
    path.chmod(0o644)
    path.write_bytes(b"damage")


def a_broken_config(folder: Path) -> None:
    make_repository(folder, {"a": "1"})
    (folder / ".git/config").write_text("[core\nbroken")


def a_config_of_the_future(folder: Path) -> None:
    make_repository(folder, {"a": "1"})
    git(folder, "config", "core.repositoryformatversion", "1")
    git(folder, "config", "extensions.fromTheFuture", "true")


def unpack(folder: Path) -> None:
    """Make every object a file of its own, so that one can be taken away."""
    for pack in list((folder / ".git/objects/pack").glob("*.pack")):
        content = pack.read_bytes()
        for part in pack.parent.glob(f"{pack.stem}.*"):
            part.unlink()
        git(folder, "unpack-objects", "-q", stdin=content)


def remove(folder: Path, blob: str) -> None:
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (nothing, "not-found"),
        (a_file, "not-a-repository"),
        (a_folder, "not-a-repository"),
        (half_a_repository, "not-a-repository"),
        (a_pointer_to_nowhere, "not-a-repository"),
        (a_ring_of_links, "not-found"),
        (without_its_head_commit, "missing-objects"),
        (without_a_tree, "missing-objects"),
        (without_an_old_commit, "missing-objects"),
        (a_damaged_object, "missing-objects"),
        (a_broken_config, "broken-config"),
        (a_config_of_the_future, "broken-config"),
    ],
)
def test_a_repository_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], None], code: str) -> None:
    make(tmp_path / "bad")
    result = run(tmp_path, "bad")
    assert codes(result) == [(code, "repository:local/bad")]
    assert [facts.about.name for facts in result.facts] == ["good"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (empty, "empty-repository"),
        (unborn, "empty-repository"),
        (without_the_readme, "missing-objects"),
    ],
)
def test_a_repository_that_can_be_read_in_part(tmp_path: Path, make: Callable[[Path], None], code: str) -> None:
    make(tmp_path / "bad")
    result = run(tmp_path, "bad")
    assert codes(result) == [(code, "repository:local/bad")]
    assert [facts.about.name for facts in result.facts] == ["bad", "good"]


def test_a_shallow_clone_tells_no_history(tmp_path: Path) -> None:
    shallow(tmp_path / "bad")
    result = run(tmp_path, "bad")
    # The clone is named by where it came from.
    assert codes(result) == [("shallow-clone", "repository:local/upstream")]
    [_, bad] = snapshot(result).repositories
    assert (bad.is_shallow, bad.commits, bad.contributors, bad.activity) == (True, 0, (), ())
    assert [(file.path, file.last_commit) for file in bad.files] == [("a", ""), ("b", "")]
    git(tmp_path / "bad", "fetch", "-q", "--unshallow")
    [_, bad] = snapshot(run(tmp_path, "bad")).repositories
    assert (bad.is_shallow, bad.commits) == (False, 2)


@pytest.mark.parametrize("damage", [None, b"damage"])
def test_an_old_content_that_is_gone_costs_line_counts_only(tmp_path: Path, damage: bytes | None) -> None:
    folder = make_repository(tmp_path / "bad", {"a": "1\n"})
    import_commits(
        folder, [("Second (#2)", {"a": "gone\n"}), ("Third (#3)", {"a": "3\n"}), ("Last (#4)", {"b": "4\n"})]
    )
    unpack(folder)
    blob = git(folder, "rev-parse", "main~2:a")
    remove(folder, blob)
    if damage:
        (folder / ".git/objects" / blob[:2] / blob[2:]).write_bytes(damage)
    result = run(tmp_path, "bad")
    assert codes(result) == [("missing-objects", "repository:local/bad")]
    shown = snapshot(result)
    assert [(change.number, [file.path for file in change.files]) for change in shown.pull_requests] == [
        (4, ["b"]),
        (3, ["a"]),
        (2, ["a"]),
    ]
    assert [change.files[0].additions for change in shown.pull_requests] == [None if damage else 1, None, None]


def test_a_repaired_repository_is_read_again(tmp_path: Path) -> None:
    without_the_readme(tmp_path / "bad")
    assert codes(run(tmp_path, "bad")) == [("missing-objects", "repository:local/bad")]
    git(tmp_path / "bad", "hash-object", "-w", "--stdin", stdin=b"# R\n\nIt is no longer there.\n")
    assert codes(run(tmp_path, "bad")) == []


def test_a_partial_clone_without_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = make_repository(tmp_path / "upstream", {"README.md": "# R\n\nIt was left out.\n"})
    git(upstream, "config", "uploadpack.allowFilter", "true")
    git(upstream, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{upstream}", "bad")
    first = run(tmp_path, "bad")
    assert codes(first) == [("missing-objects", "repository:local/upstream")]
    with monkeypatch.context() as patched:
        patched.setattr("mkdocs_gitguard.git.repository.run", None)
        again = harvest(HarvestOptions(repositories=("bad", "good"), folder=tmp_path))
    assert codes(again) == codes(first)
    git(tmp_path / "bad", "cat-file", "blob", "main:README.md")
    assert codes(run(tmp_path, "bad")) == []


def test_a_bare_mirror_without_config(tmp_path: Path) -> None:
    made = make_repository(tmp_path / "made", {"README.md": "# R\n\nIt has no configuration.\n"})
    (tmp_path / "acme+billing").mkdir()
    (made / ".git").rename(tmp_path / "acme+billing/repo")
    (tmp_path / "acme+billing/repo/config").unlink()
    result = run(tmp_path, "acme+billing/repo")
    assert codes(result) == []
    assert result.facts[0].about.id == "repository:acme/billing"
    assert result.facts[0].readme_description == "It has no configuration."


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_repository_of_another_user(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "theirs", {"a": "1"})
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, 12345, 12345)
    refused = subprocess.run(["git", "status"], cwd=folder, env=environment(), capture_output=True, check=False)
    assert b"dubious ownership" in refused.stderr, "the trap must work on a git that is not told"
    result = run(tmp_path, "theirs")
    assert codes(result) == []
    assert result.facts[0].history.commits == 1


def test_links_and_submodules_are_named_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("# Secret\n\nThis stands outside of the repository.\n")
    folder = make_repository(tmp_path / "r", {"a": "1"})
    for name in ("README.md", "CODEOWNERS", "LICENSE"):
        (folder / name).symlink_to("../secret")
    git(folder, "add", "-A")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(folder, "commit", "-q", "-m", "Links")
    result = run(tmp_path, "r")
    shown = snapshot(result)
    repository = next(one for one in shown.repositories if one.name == "r")
    assert {file.path: file.type for file in repository.files} == {
        "CODEOWNERS": "symlink",
        "LICENSE": "symlink",
        "README.md": "symlink",
        "a": "file",
        "sub": "submodule",
    }
    assert (repository.readme_path, repository.licence_path) == ("", "")
    assert b"Secret" not in shown.to_json()


HOSTILE = [
    "new\nline",
    "tab\there",
    "quo\"te'",
    "back\\slash",
    "\x1b[31mred",
    "<script>alert(1)<",
    "\u202etxt.exe",
    "zero\u200bwidth",
    "🦄",
    "latin\udce9",
    "--output=x",
    ":(exclude)a",
    "*",
    " ",
    "-",
    "{{ x }}",
    "%2e%2e",
    "CON",
    "a" * 300,
]


def test_hostile_names_are_shown_for_what_they_are(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r")
    import_commits(folder, [("Begin (#1)", dict.fromkeys(HOSTILE, "x"))])
    files = snapshot(run(tmp_path, "r")).repositories[1].files
    shown = {file.path for file in files}
    assert len(shown) == len(HOSTILE)
    assert all(path.isprintable() for path in shown)
    assert {r"new\x0aline", r"\x1b[31mred", r"\u202etxt.exe", r"zero\u200bwidth", "🦄", r"latin\xe9"} <= shown
    assert all(file.last_commit for file in files)
    assert not (folder / "x").exists()


def test_a_tree_that_climbs(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r")
    blob = git(folder, "hash-object", "-w", "--stdin", stdin=b"* @mallory\n")
    inner = git(folder, "mktree", "-z", stdin=f"100644 blob {blob}\tpasswd\x00".encode())
    up = git(folder, "mktree", "-z", stdin=f"040000 tree {inner}\tetc\x00".encode())
    tree = git(folder, "mktree", "-z", stdin=f"040000 tree {up}\t..\x00100644 blob {blob}\t.git\x00".encode())
    git(folder, "update-ref", "refs/heads/main", git(folder, "commit-tree", "-m", "Climb (#1)", tree))
    shown = snapshot(run(tmp_path, "r"))
    assert [file.path for file in shown.repositories[1].files] == ["../etc/passwd", ".git"]


def test_hostile_authors_and_messages(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r")
    commit = (
        b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
        b"author \x1b[31m<img src=x>\xff <a\xffb> 99999999999999 +9999\n"
        b"committer  <> -1 +0000\nencoding no-such\n\n\xff\x00\x01 (#1)\n"
    )
    git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
    made = git(folder, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=commit)
    git(folder, "update-ref", "refs/heads/main", made)
    result = run(tmp_path, "r")
    assert codes(result) == []
    shown = snapshot(result)
    assert shown.repositories[1].commits == 1
    assert all(owner.name.isprintable() for owner in shown.owners)


def test_a_hundred_thousand_files(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r")
    files = {f"src/{number % 300}/{number % 7}/file-{number}.py": "" for number in range(100_000)}
    import_commits(folder, [("Begin", files)])
    result = run(tmp_path, "r")
    assert codes(result) == []
    assert sum(1 for _ in result.facts[0].files()) == 100_000
    assert [(language.name, language.files) for language in result.facts[0].languages] == [("Python", 100_000)]


_MEASURE = """
import resource, sys
from pathlib import Path
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import harvest
usage = lambda who: resource.getrusage(who).ru_maxrss // 1024
before = usage(resource.RUSAGE_SELF)
result = harvest(HarvestOptions(repositories=("r",), folder=Path(sys.argv[1])))
[facts] = result.facts
print(facts.readme_path, repr(facts.readme_summary), len(facts.codeowners), usage(resource.RUSAGE_SELF) - before,
    usage(resource.RUSAGE_CHILDREN))
"""


def test_a_file_of_200_megabytes_is_never_read(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    git(folder, "config", "core.compression", "1")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    blob = git(folder, "hash-object", "-w", str(tmp_path / "huge"))
    for name in ("README.md", "CODEOWNERS", "policy.rego", "x.yaml"):
        git(folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    git(folder, "commit", "-q", "-m", "Grow (#1)")
    result = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path)], capture_output=True, check=True, env=environment(), text=True
    )
    path, summary, codeowners, python_mebibytes, git_mebibytes = result.stdout.split()
    assert (path, summary, codeowners) == ("README.md", "''", "1")
    assert int(python_mebibytes) < 50
    assert int(git_mebibytes) < 150


def test_a_finding_never_holds_what_a_name_hides(tmp_path: Path) -> None:
    name = "\x1b[31m\u202e\n<b>"
    (tmp_path / name).mkdir()
    result = run(tmp_path, name)
    finding: Finding = result.findings[0]
    assert finding.code == "not-a-repository"
    assert "x1b" in finding.message
    assert finding.source.isprintable()


def test_findings_name_the_entry_that_they_are_about(tmp_path: Path) -> None:
    result = run(tmp_path, "gone", "https://me:hunter2@127.0.0.1:1/acme/x.git")
    assert [finding.source for finding in result.findings] == [
        "https://***@127.0.0.1:1/acme/x.git",
        "gone",
        "https://***@127.0.0.1:1/acme/x.git",
    ]
    assert "hunter2" not in repr(result)
