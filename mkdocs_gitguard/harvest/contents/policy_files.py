"""Reads the policy files of a commit's tree from git objects; files that did not change are not read again."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import CommitTree
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.policies.file_scan import FileScan
from mkdocs_gitguard.policies.format import FileContent, PolicyFile
from mkdocs_gitguard.policies.formats.semgrep import sibling_tests
from mkdocs_gitguard.policies.read import LARGEST, candidate_test, read_file, too_large

MOST_POLICY_FILES: Final = 200_000
"""Files of one tree that are searched for policies. The largest public ones have some ten thousand."""
MOST_COPIES: Final = 1_000
"""Paths of one content that are searched: a small repository can hold the same large file at any number of paths."""


def read_policy_files(
    repository: GitRepository, tree: CommitTree, previous: Iterable[FileScan] = ()
) -> tuple[FileScan, ...]:
    """Return the scan of every file of a tree that a format wants, by path.

    Args:
        repository: the opened repository.
        tree: the commit's. Symbolic links and submodules are passed over.
        previous: scans of an earlier commit, read with the same formats; used where path and blob are the same.

    Raises:
        GitCommandError: an object is broken, or git failed.
    """
    plain = {printable(path): tree.id(row) for row, path in enumerate(tree.paths) if tree.is_file(row)}
    wanted, left_out = _limited({path: plain[path] for path in filter(candidate_test(), plain)})
    scans = {scan.path: scan for scan in previous if wanted.get(scan.path) == scan.blob and not _is_missing(scan)}
    unread = {path: blob for path, blob in wanted.items() if path not in scans}
    for scan in _read(repository, unread):
        scans[scan.path] = scan
    if left_out:
        first = min(left_out)
        scans[first] = _too_many(first, left_out[first], len(left_out))
    for scan in sibling_tests(tuple(scans.values()), plain):
        known = scans.get(scan.path, scan)
        scans[scan.path] = replace(known, tests=tuple(dict.fromkeys((*known.tests, *scan.tests))))
    return tuple(scans[path] for path in sorted(scans))


def _limited(wanted: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return blobs by path of the files that are read, and of those that are too many: the last by path."""
    kept: dict[str, str] = {}
    left_out: dict[str, str] = {}
    paths: Counter[str] = Counter()
    for path, blob in sorted(wanted.items()):
        paths[blob] += 1
        is_read = len(kept) < MOST_POLICY_FILES and paths[blob] <= MOST_COPIES
        (kept if is_read else left_out)[path] = blob
    return kept, left_out


def _too_many(path: str, blob: str, count: int) -> FileScan:
    finding = Finding(
        code="policy-files-too-many",
        severity="warning",
        message=f"{count:,} files, this first, are not searched for policies: over {MOST_POLICY_FILES:,} could hold "
        f"some, or over {MOST_COPIES:,} are copies of one.",
        hint="Move policies into a repository of their own.",
        path=path,
    )
    return FileScan(path=path, blob=blob, findings=(finding,))


def _read(repository: GitRepository, wanted: dict[str, str]) -> Iterator[FileScan]:
    if not wanted:
        return
    paths: dict[str, list[str]] = {}
    for path, object_id in wanted.items():
        paths.setdefault(object_id, []).append(path)
    for blob in repository.blobs(paths, limit=LARGEST):
        names = paths[blob.id]
        content = FileContent(blob.data) if blob.data is not None and len(names) > 1 else None
        for name in names:
            if blob.data is not None:
                yield read_file(PolicyFile(name, blob.id, blob.data, content))
            elif blob.size < 0:
                yield _missing(name, blob.id)
            else:
                yield too_large(name, blob.id, blob.size)


def _missing(path: str, blob: str) -> FileScan:
    finding = Finding(
        code="policy-file-missing",
        severity="info",
        message="The clone does not hold the file's content, so it is not searched for policies.",
        hint="Clone without `filter`, or run `git backfill` in it.",
        path=path,
    )
    return FileScan(path=path, blob=blob, findings=(finding,))


def _is_missing(scan: FileScan) -> bool:
    return any(finding.code == "policy-file-missing" for finding in scan.findings)
