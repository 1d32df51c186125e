"""Skip comments are read from git objects alone, and after a move only from what has changed."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from make.git import Scratch

from mkdocs_gitguard.harvest.contents.skip_comments import read_skip_comments
from mkdocs_gitguard.policies.file_scan import FileScan

SKIP = "x = 1  # nosemgrep: rule-a\n"


def read(repo: Scratch, earlier: str = "", previous: tuple[FileScan, ...] = ()) -> tuple[FileScan, ...]:
    repository = repo.open()
    head = repository.resolve("HEAD")
    assert head is not None
    return read_skip_comments(repository, head, repository.tree(head), earlier, previous)


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
    scans = {scan.path: scan for scan in read(repo)}
    assert set(scans) == {"src/a.py", "main.tf", "né.py", "-e.py"}
    assert [(one.name, one.first_line) for one in scans["src/a.py"].exceptions] == [("rule-a", 2)]
    assert scans["main.tf"].exceptions[0].reason == "because"
    assert scans["main.tf"].blob == repo.git("rev-parse", "HEAD:main.tf")


def test_large_files_are_passed_over(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    repo.write(
        "Files", {"a*.py": SKIP, "aa.py": SKIP + "y" * (1 << 20), "a.py": SKIP, "[b].py": SKIP + "y" * (1 << 20)}
    )
    first = read(repo)
    assert {scan.path for scan in first} == {"a*.py", "a.py"}
    earlier = repo.git("rev-parse", "HEAD")
    repo.write("Grow", {"a*.py": SKIP + "y" * (1 << 20), "aa.py": SKIP})
    assert {scan.path for scan in read(repo, earlier, first)} == {"aa.py", "a.py"}


def test_a_commit_without_any(tmp_path: Path) -> None:
    repo = Scratch(tmp_path)
    repo.write("Nothing", {"a.py": "x = 1\n"})
    assert read(repo) == ()


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
    earlier, previous = repo.git("rev-parse", "HEAD"), read(repo)
    for number, (path, text) in enumerate(moves):
        if text is None and not (repo.folder / path).exists():
            continue
        if text is not None and (repo.folder / path).exists() and (repo.folder / path).read_text() == text:
            continue
        repo.write(f"Move {number}", {path: text})
        moved = read(repo, earlier, previous)
        assert moved == read(repo)
        earlier, previous = repo.git("rev-parse", "HEAD"), moved
