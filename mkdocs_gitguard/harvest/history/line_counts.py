"""How many lines a pull request added to and took from each of its files.

Counting reads file contents, ten times the cost of all the rest, so only the newest pull requests are counted, in one
process for all of them.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mkdocs_gitguard.git.tree import path_text
from mkdocs_gitguard.harvest.history.records import LineCommit
from mkdocs_gitguard.model import Record

MOST_COUNTED_FILES: Final = 300
"""A pull request that touches more files is not counted: nobody reads those lines, vendored code above all, and a few
such cost more than all others together. GitHub shows as many files of a diff at once."""

COUNT_ARGUMENTS: Final = (
    "diff-tree",
    "--stdin",
    "-z",
    "-r",
    "--root",
    "--numstat",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
)
"""The arguments of the `git diff-tree` whose output `parse_counts` reads."""


CONTENT_ARGUMENTS: Final = (
    "diff-tree",
    "--stdin",
    "-z",
    "-r",
    "--root",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--ignore-submodules=none",
)
"""The arguments of the `git diff-tree` whose output `parse_contents` reads: it tells which contents a counting needs,
and needs none itself."""

_SUBMODULE: Final = b"160000"


class LineCount(Record, frozen=True, kw_only=True, array_like=True):
    """Lines of one file in one commit."""

    path: str
    additions: int
    deletions: int


class CommitCounts(Record, frozen=True, kw_only=True, array_like=True):
    """The counted files of one commit; binary ones are left out."""

    commit: str
    files: tuple[LineCount, ...]


def count_input(line: Iterable[LineCommit], wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield what `git diff-tree` is to read: each wanted commit and its first parent, which comes next on the line."""
    wanted = frozenset(wanted)
    commits = list(line)
    for index, commit in enumerate(commits):
        if commit.commit in wanted:
            parent = f" {commits[index + 1].commit}" if index + 1 < len(commits) else ""
            yield f"{commit.commit}{parent}\n".encode()


def parse_contents(chunks: Iterable[bytes]) -> dict[str, set[str]]:
    """Return the blobs that a counting needs by commit, from what `git diff-tree` with `CONTENT_ARGUMENTS` prints."""
    contents: dict[str, set[str]] = {}
    current: set[str] = set()
    rest = b""
    is_path = False
    for chunk in chunks:
        *fields, rest = (rest + chunk).split(b"\0")
        for field in fields:
            if is_path:
                is_path = False
            elif field.startswith(b":"):
                old_mode, new_mode, old, new, _ = field[1:].split(b" ")
                is_path = True
                for mode, blob in ((old_mode, old), (new_mode, new)):
                    if mode != _SUBMODULE and blob.strip(b"0"):
                        current.add(blob.decode("ascii"))
            else:
                current = contents.setdefault(field.decode("ascii", "replace"), set())
    return contents


def parse_counts(chunks: Iterable[bytes]) -> dict[str, CommitCounts]:
    """Return the counts by commit, from what `git diff-tree` with `COUNT_ARGUMENTS` prints."""
    counts: dict[str, list[LineCount]] = {}
    current: list[LineCount] = []
    rest = b""
    for chunk in chunks:
        *fields, rest = (rest + chunk).split(b"\0")
        for field in fields:
            added, tab, tail = field.partition(b"\t")
            if not tab:
                current = counts.setdefault(field.decode("ascii", "replace"), [])
                continue
            deleted, _, path = tail.partition(b"\t")
            if added.isdigit() and deleted.isdigit():
                current.append(LineCount(path=path_text(path), additions=int(added), deletions=int(deleted)))
    return {commit: CommitCounts(commit=commit, files=tuple(files)) for commit, files in counts.items()}
