"""Reads the policy files of a commit's tree from git objects; files that did not change are not read again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Final, NamedTuple

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import CommitTree
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.policies.file_scan import FileScan
from mkdocs_gitguard.policies.format import FileContent, PolicyFile
from mkdocs_gitguard.policies.formats.semgrep import rule_files_of, sibling_tests
from mkdocs_gitguard.policies.read import LARGEST, candidate_test, read_file, too_large
from mkdocs_gitguard.policies.scanned_files import ScannedFiles, with_tests

MOST_POLICY_FILES: Final = 200_000
"""Files of one tree that are searched for policies. The largest public ones have some ten thousand."""
MOST_COPIES: Final = 1_000
"""Paths of one content that are searched: a small repository can hold the same large file at any number of paths."""


def read_policy_files(
    repository: GitRepository, tree: CommitTree, previous: Iterable[FileScan] = ()
) -> tuple[FileScan, ...]:
    """Return the scan of every file of a tree that a format wants, and of its tests, by path.

    Args:
        repository: the opened repository.
        tree: the commit's. Symbolic links and submodules are passed over.
        previous: scans of an earlier commit, read with the same formats, each as the file alone tells it; used where
            path and blob are the same.

    Raises:
        GitCommandError: an object is broken, or git failed.
    """
    plain = _plain_files(tree)
    own = _own_scans(repository, _wanted(plain), previous)
    return with_tests(own, sibling_tests(rule_files_of(own), plain))


def read_to_keep(repository: GitRepository, tree: CommitTree, previous: ScannedFiles) -> ScannedFiles:
    """Return the same, packed. Where no file that a format wants has moved, none of them is unpacked.

    Args:
        repository: the opened repository.
        tree: the commit's.
        previous: what was kept of an earlier commit, read with the same formats.

    Raises:
        GitCommandError: an object is broken, or git failed.
    """
    plain = _plain_files(tree)
    wanted = _wanted(plain)
    if previous.is_whole and not wanted.left_out and previous.blobs == wanted.blobs:
        return previous.paired_anew(sibling_tests(previous.rule_files, plain))
    own = _own_scans(repository, wanted, previous)
    rule_files = rule_files_of(own)
    return ScannedFiles.of(
        own,
        paired=sibling_tests(rule_files, plain),
        rule_files=rule_files,
        is_whole=not wanted.left_out and not any(map(_is_missing, own)),
        before=previous,
    )


class _Wanted(NamedTuple):
    """Files of a tree that a format wants, path to blob."""

    blobs: dict[str, str]
    """Those that are read."""
    left_out: dict[str, str]
    """Those that are too many: the last by path."""


def _plain_files(tree: CommitTree) -> dict[str, str]:
    return dict(compress(zip(tree.shown_paths, tree.ids, strict=True), tree.are_files))


def _own_scans(repository: GitRepository, wanted: _Wanted, previous: Iterable[FileScan]) -> Sequence[FileScan]:
    """Return the scan of each file, as it alone tells it."""
    blobs, left_out = wanted
    scans = {scan.path: scan for scan in previous if blobs.get(scan.path) == scan.blob and not _is_missing(scan)}
    unread = {path: blob for path, blob in blobs.items() if path not in scans}
    for scan in _read(repository, unread):
        scans[scan.path] = scan
    if left_out:
        first = min(left_out)
        scans[first] = _too_many(first, left_out[first], len(left_out))
    return tuple(scans.values())


def _wanted(plain: Mapping[str, str]) -> _Wanted:
    wanted = {path: plain[path] for path in filter(candidate_test(), plain)}
    kept: dict[str, str] = {}
    left_out: dict[str, str] = {}
    paths: Counter[str] = Counter()
    for path, blob in sorted(wanted.items()):
        paths[blob] += 1
        is_read = len(kept) < MOST_POLICY_FILES and paths[blob] <= MOST_COPIES
        (kept if is_read else left_out)[path] = blob
    return _Wanted(kept, left_out)


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
