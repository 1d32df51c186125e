"""Finds comments that keep a scanner from reporting, in any file of a commit, by one `git grep` over its objects."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from itertools import chain, compress
from typing import Final, NamedTuple

from mkdocs_gitguard.git.process import GitProcessError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import CommitTree, path_text
from mkdocs_gitguard.policies.file_scan import FileScan
from mkdocs_gitguard.policies.skip_comments import LONGEST_LINE, WORDS, may_hold_skips, read_skips

_LARGEST_OUTPUT: Final = 8 << 20
"""Bytes of lines that are looked at; the largest public repositories have some hundred thousand."""
_MOST_CHANGED: Final = 400
"""Files that have changed, of which alone is searched; the whole commit where there are more."""
_ARGUMENTS: Final = ("grep", "-z", "-n", "-I", "-F", "--full-name", "--no-color", "--threads=2")
_LARGEST_FILE: Final = 1 << 20
"""Bytes: git takes a file into memory whole to search it."""
_MOST_LEFT_OUT: Final = 1_000
"""Files that git can be told to pass over; the largest are."""
_NOTHING_THERE: Final = 1
"""Git's exit code."""


class Searched(NamedTuple):
    """What the search of a commit has found."""

    scans: tuple[FileScan, ...] = ()
    """Of the files that hold such comments, by path."""
    missing: bytes = b""
    """Of a partial clone, which of the commit's contents it did not hold: the sum of their ids, modulo 2 ** 256."""


class _Change(NamedTuple):
    """A path in which two commits differ."""

    path: bytes
    content: str
    """Of the file that the earlier commit has there; `""` where it has none."""


class Lacking(NamedTuple):
    """What a partial clone lacks of a commit, and of an earlier one."""

    changed: Sequence[_Change] | None
    """The paths in which they differ; None where the earlier one is gone, or there is none."""
    contents: AbstractSet[str] = frozenset()
    """Object ids of files."""


def lacking(repository: GitRepository, commit: str, tree: CommitTree, earlier: str = "") -> Lacking:
    """Return what the clone lacks now, before it is given more: nothing where it is whole.

    Args:
        repository: the opened repository.
        commit: its id.
        tree: the commit's.
        earlier: a commit that has been searched; `""` for none.

    Raises:
        GitCommandError: git failed.
    """
    changed = _changed(repository, earlier, commit) if earlier else None
    if not repository.is_partial:
        return Lacking(changed)
    contents = compress(tree.ids, tree.are_files)
    return Lacking(
        changed, repository.missing([*contents, *(change.content for change in changed or () if change.content)])
    )


def read_skip_comments(
    repository: GitRepository,
    commit: str,
    tree: CommitTree,
    lacked: Lacking | None = None,
    previous: Searched | None = None,
) -> Searched:
    """Return the files of a commit that hold such comments.

    A file that the clone does not hold (`git clone --filter`) is not searched.

    Args:
        repository: the opened repository.
        commit: its id.
        tree: the commit's.
        lacked: of the commit and the earlier one, from before the clone was given more for this reading.
        previous: what was returned for the earlier one, used for files that have not changed since, where the clone
            lacked the same of them until it was given more.

    Raises:
        GitCommandError: git failed.
    """
    changed, contents = lacked or lacking(repository, commit, tree)
    still = repository.missing(contents) if contents else frozenset[str]()
    missing = before = b""
    if repository.is_partial:
        missing = _sum_of(_rows_of(tree, still), tree)
        before = _sum_before(tree, changed or (), contents)
    came = {tree.raw_paths[row] for row in _rows_of(tree, contents - still)}
    touched = came.union(change.path for change in changed or ())
    if previous is None or changed is None or previous.missing != before or len(touched) > _MOST_CHANGED:
        return Searched(_searched(repository, commit, tree, ()), missing)
    gone = {path_text(change.path) for change in changed}
    there = [path for path in sorted(touched) if path.decode("utf-8", "surrogateescape") in tree.rows]
    kept = [scan for scan in previous.scans if scan.path not in gone]
    anew = _searched(repository, commit, tree, there) if there else ()
    return Searched(tuple(sorted([*kept, *anew], key=lambda scan: scan.path)), missing)


def _changed(repository: GitRepository, earlier: str, commit: str) -> list[_Change] | None:
    """Return the paths in which two commits differ, None where the earlier one is gone."""
    if earlier == commit:
        return []
    if repository.resolve(earlier) is None:
        return None
    # `:<mode> <mode> <id> <id> <letter> NUL <path> NUL`
    # https://git-scm.com/docs/diff-format#_raw_output_format
    options = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--end-of-options")
    fields = repository.output(*options, earlier, commit).split(b"\0")[:-1]
    changes = []
    for heading, path in zip(fields[::2], fields[1::2], strict=True):
        mode, _, content, *_ = heading[1:].decode("ascii").split(" ")
        changes.append(_Change(path, content if mode.startswith("100") else ""))
    return changes


def _rows_of(tree: CommitTree, contents: AbstractSet[str]) -> list[int]:
    """Return the rows of those files whose contents are among some."""
    return [row for row, content in enumerate(tree.ids) if content in contents and tree.are_files[row]]


def _sum_before(tree: CommitTree, changed: Sequence[_Change], contents: AbstractSet[str]) -> bytes:
    """Return what `Searched.missing` of the earlier commit is if the clone lacked then what it lacks now."""
    paths = {change.path for change in changed}
    stayed = [row for row in _rows_of(tree, contents) if tree.raw_paths[row] not in paths]
    return _sum_of(stayed, tree, (change.content for change in changed if change.content in contents))


def _sum_of(rows: Iterable[int], tree: CommitTree, others: Iterable[str] = ()) -> bytes:
    ids = chain((tree.ids[row] for row in rows), others)
    return (sum(int(content, 16) for content in ids) % (1 << 256)).to_bytes(32, "little")


def _too_large(repository: GitRepository, tree: CommitTree, paths: Sequence[str]) -> list[str]:
    """Return those of some paths, or of all, whose files are too large to be searched."""
    rows = [tree.rows[path] for path in paths] if paths else range(len(tree))
    ids = {row: tree.id(row) for row in rows if tree.is_file(row)}
    sizes = repository.sizes(ids.values()) if ids else {}
    large = sorted((row for row in ids if sizes[ids[row]] > _LARGEST_FILE), key=lambda row: -sizes[ids[row]])
    return [tree.paths[row] for row in large[:_MOST_LEFT_OUT]]


def _searched(repository: GitRepository, commit: str, tree: CommitTree, paths: Sequence[bytes]) -> tuple[FileScan, ...]:
    words = [argument for word in WORDS for argument in ("-e", word)]
    below = [path.decode("utf-8", "surrogateescape") for path in paths]
    large = _too_large(repository, tree, below)
    specs = [f":(literal){path}" for path in below] + [f":(exclude,literal){path}" for path in large]
    lines: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    # Git prints `commit:path NUL line NUL text LF`.
    prefix = len(commit) + 1
    rest = b""
    size = 0
    # The commit is an object id; the grep of git 2.39 knows no `--end-of-options`.
    stream = repository.stream(*_ARGUMENTS, *words, commit, "--", *specs, has_magic=True)
    with closing(stream):
        try:
            for chunk in stream:
                size += len(chunk)
                *rows, rest = (rest + chunk).split(b"\n")
                for row in rows:
                    path, _, line = row.partition(b"\0")
                    number, _, text = line.partition(b"\0")
                    if number.isdigit() and len(text) <= LONGEST_LINE * 4:
                        lines[path[prefix:].decode("utf-8", "surrogateescape")].append(
                            (int(number), text.decode("utf-8", "replace"))
                        )
                if size > _LARGEST_OUTPUT:
                    break
        except GitProcessError as error:
            if error.exit_code != _NOTHING_THERE:
                raise
    scans = (
        read_skips(path_text(path.encode("utf-8", "surrogateescape")), tree.id(tree.rows[path]), own_lines)
        for path, own_lines in lines.items()
        if path in tree.rows and tree.is_file(tree.rows[path]) and may_hold_skips(path)
    )
    return tuple(sorted((scan for scan in scans if not scan.is_blank), key=lambda scan: scan.path))
