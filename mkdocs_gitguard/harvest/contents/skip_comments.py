"""Finds comments that keep a scanner from reporting, in any file of a commit, by one `git grep` over its objects."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from typing import Final

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


def read_skip_comments(
    repository: GitRepository, commit: str, tree: CommitTree, earlier: str = "", previous: Sequence[FileScan] = ()
) -> tuple[FileScan, ...]:
    """Return the files of a commit that hold such comments, by path.

    A file that the clone does not hold (`git clone --filter`) is not searched.

    Args:
        repository: the opened repository.
        commit: its id.
        tree: the commit's.
        earlier: a commit that has been searched; `""` for none.
        previous: what was returned for it, used for files that have not changed since.

    Raises:
        GitCommandError: git failed.
    """
    changed = _changed(repository, earlier, commit) if earlier else None
    if changed is None or len(changed) > _MOST_CHANGED:
        return _searched(repository, commit, tree, ())
    gone = {path_text(path) for path in changed}
    there = [path for path in changed if path.decode("utf-8", "surrogateescape") in tree.rows]
    kept = [scan for scan in previous if scan.path not in gone]
    return tuple(
        sorted([*kept, *(_searched(repository, commit, tree, there) if there else ())], key=lambda scan: scan.path)
    )


def _changed(repository: GitRepository, earlier: str, commit: str) -> list[bytes] | None:
    """Return the paths in which two commits differ, None where the earlier one is gone."""
    if earlier == commit:
        return []
    if repository.resolve(earlier) is None:
        return None
    listed = repository.output(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", earlier, commit
    )
    return [path for path in listed.split(b"\0") if path]


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
