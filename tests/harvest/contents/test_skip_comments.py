"""Skip comments are read from git objects alone, and after a move only from what has changed."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from make.git import Scratch, git

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.contents.skip_comments import Searched, lacking, read_skip_comments

SKIP = "x = 1  # nosemgrep: rule-a\n"


def read(folder: Path, earlier: str = "", previous: Searched | None = None) -> Searched:
    repository = GitRepository.open(folder)
    head = repository.resolve("HEAD")
    assert head is not None
    tree = repository.tree(head)
    return read_skip_comments(repository, head, tree, lacking(repository, head, tree, earlier), previous)


def test_any_file_of_the_commit_but_prose_tests_samples_and_links(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    files = {
        "src/a.py": f"\n{SKIP}y = 2\n",
        "main.tf": "#checkov:skip=CKV_AWS_1:because\n",
        'odd\n "name".py': SKIP,
        "né.py": SKIP,
        "README.md": SKIP,
        "testdata/a.py": SKIP,
        "examples/a.py": SKIP,
        "long.js": f"{'x' * 5_000} // nosemgrep\n",
        "-e.py": SKIP,
    }
    repo.write("Files", files)
    (tmp_path / "src/link.py").symlink_to("a.py")
    repo.git("add", "-A")
    repo.git("commit", "-m", "Link")
    scans = {scan.path: scan for scan in read(tmp_path).scans}
    assert set(scans) == {"src/a.py", "main.tf", "né.py", "-e.py"}
    assert [(one.name, one.first_line) for one in scans["src/a.py"].exceptions] == [("rule-a", 2)]
    assert scans["main.tf"].exceptions[0].reason == "because"
    assert scans["main.tf"].blob == repo.git("rev-parse", "HEAD:main.tf")


def test_large_files_are_passed_over(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    repo.write(
        "Files", {"a*.py": SKIP, "aa.py": SKIP + "y" * (1 << 20), "a.py": SKIP, "[b].py": SKIP + "y" * (1 << 20)}
    )
    first = read(tmp_path)
    assert {scan.path for scan in first.scans} == {"a*.py", "a.py"}
    earlier = repo.git("rev-parse", "HEAD")
    repo.write("Grow", {"a*.py": SKIP + "y" * (1 << 20), "aa.py": SKIP})
    assert {scan.path for scan in read(tmp_path, earlier, first).scans} == {"aa.py", "a.py"}


def test_a_commit_without_any(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    repo.write("Nothing", {"a.py": "x = 1\n"})
    assert read(tmp_path) == Searched()


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a.py", "b.py", "d/c.py"]), st.sampled_from(["", SKIP, "y\n", None])),
        min_size=2,
        max_size=5,
    )
)
def test_what_moved_is_read_as_if_all_were(tmp_path_factory, moves: list[tuple[str, str | None]]) -> None:  # type: ignore[no-untyped-def]
    repo = Scratch(tmp_path_factory.mktemp("repo"))
    repo.write("First", {"a.py": SKIP, "b.py": "x\n", "keep.txt": "k"})
    earlier, previous = repo.git("rev-parse", "HEAD"), read(repo.folder)
    for number, (path, text) in enumerate(moves):
        if text is None and not (repo.folder / path).exists():
            continue
        if text is not None and (repo.folder / path).exists() and (repo.folder / path).read_text() == text:
            continue
        repo.write(f"Move {number}", {path: text})
        moved = read(repo.folder, earlier, previous)
        assert moved == read(repo.folder)
        earlier, previous = repo.git("rev-parse", "HEAD"), moved


def _partial(folder: Path, files: dict[str, str | None]) -> tuple[Scratch, Path]:
    """Return a repository and a clone of it that holds no file's content."""
    repo = Scratch(folder / "upstream")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.write("First", files)
    git(folder, "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repo.folder}", "clone")
    return repo, folder / "clone"


def _hold(clone: Path, path: str) -> None:
    """Have git fetch the content that a path has at the head."""
    git(clone, "cat-file", "-t", f"HEAD:{path}")


def _follow(clone: Path) -> None:
    git(clone, "fetch", "--quiet", "origin", "+main:main")


def test_of_a_partial_clone_only_what_has_moved_is_searched_again(tmp_path: Path) -> None:
    repo, clone = _partial(tmp_path, {"a.py": SKIP, "b.py": f"\n{SKIP}", "c.py": "x\n"})
    assert read(clone).scans == ()
    _hold(clone, "a.py")
    first = read(clone)
    assert [scan.path for scan in first.scans] == ["a.py"]
    earlier = git(clone, "rev-parse", "HEAD")
    repo.write("More", {"c.py": f"\n\n{SKIP}", "d.py": "y\n"})
    _follow(clone)
    # Neither is in the clone, so that nothing has been found but what was before.
    assert read(clone, earlier, first) == read(clone)
    assert read(clone, earlier, first._replace(scans=())).scans == ()
    _hold(clone, "c.py")
    assert [scan.path for scan in read(clone, earlier, first._replace(scans=())).scans] == ["c.py"]
    # What came into the clone since then was not searched: all is.
    _hold(clone, "b.py")
    assert [scan.path for scan in read(clone, earlier, first._replace(scans=())).scans] == ["a.py", "b.py", "c.py"]


def test_what_a_partial_clone_is_given_meanwhile_is_searched(tmp_path: Path) -> None:
    repo, clone = _partial(tmp_path, {"a.py": SKIP, "b.py": f"\n{SKIP}", "c.py": "x\n"})
    _hold(clone, "a.py")
    first, earlier = read(clone), git(clone, "rev-parse", "HEAD")
    repo.write("More", {"c.py": "y\n"})
    _follow(clone)
    repository = GitRepository.open(clone)
    head = git(clone, "rev-parse", "HEAD")
    tree = repository.tree(head)
    lacked = lacking(repository, head, tree, earlier)
    # As what is counted of a pull request is: both sides of what has changed, and more.
    git(clone, "cat-file", "-t", f"{earlier}:c.py")
    _hold(clone, "b.py")
    whole = read_skip_comments(repository, head, tree)
    assert [scan.path for scan in whole.scans] == ["a.py", "b.py"]
    assert read_skip_comments(repository, head, tree, lacked, first) == whole
    assert [
        scan.path for scan in read_skip_comments(repository, head, tree, lacked, Searched((), first.missing)).scans
    ] == ["b.py"]


_PATHS = st.sampled_from(["a.py", "b.py", "d/c.py", "link.py"])


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(_PATHS, st.sampled_from(["held", "x\n", SKIP, "y\n", None])), min_size=3, max_size=7))
def test_a_partial_clone_is_read_as_if_all_were(tmp_path_factory, moves: list[tuple[str, str | None]]) -> None:  # type: ignore[no-untyped-def]
    repo, clone = _partial(tmp_path_factory.mktemp("partial"), {"a.py": SKIP, "b.py": "x\n", "keep.txt": "k"})
    (repo.folder / "link.py").symlink_to("a.py")
    repo.git("add", "-A")
    repo.git("commit", "-m", "Link")
    _follow(clone)
    earlier, previous = git(clone, "rev-parse", "HEAD"), read(clone)
    for number, (path, text) in enumerate(moves):
        is_there = (repo.folder / path).is_symlink() or (repo.folder / path).exists()
        if text == "held":
            if not is_there:
                continue
            _hold(clone, path)
        elif text is None and not is_there:
            continue
        else:
            (repo.folder / path).unlink(missing_ok=True)
            repo.write(f"Move {number}", {path: text} if text else {"at": f"{number}\n"})
            _follow(clone)
        moved = read(clone, earlier, previous)
        assert moved == read(clone)
        earlier, previous = git(clone, "rev-parse", "HEAD"), moved
