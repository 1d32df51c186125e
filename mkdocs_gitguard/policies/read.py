"""Reads one file with the formats that want it. Pure: the same path and bytes give the same scan."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.policies.file_scan import FileScan
from mkdocs_gitguard.policies.fixtures import is_fixture
from mkdocs_gitguard.policies.format import Found, PolicyFile, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.registry import format_versions, policy_formats
from mkdocs_gitguard.policies.uses import MOST_USES

SCAN_VERSION: Final = 9
"""Raised whenever the same file would give another scan, so that cached ones are not used."""
LARGEST: Final = 2_000_000
"""Bytes of a file that is read; larger ones become a finding."""
LONGEST_TEXT: Final = 200_000
"""Characters of a source that a snapshot holds."""
_REMEMBERED: Final = 65_536
"""Paths of which a process remembers whether a format wants them."""


def reading_versions() -> tuple[str, ...]:
    """Return what is another whenever the same file may give another scan, though its repository did not move."""
    return (f"scan {SCAN_VERSION}", *format_versions())


def is_candidate(path: str) -> bool:
    """Return whether any format wants a path, so that its blob need be read at all."""
    return candidate_test()(path)


def candidate_test() -> Callable[[str], bool]:
    """Return what tells whether any format wants a path, for who asks of thousands; it remembers what it was asked."""
    return _test_of(policy_formats())


@lru_cache(maxsize=1)
def _test_of(formats: tuple[PolicyFormat, ...]) -> Callable[[str], bool]:
    # A repository that moves is searched again, and nearly all of its paths are as they were.
    return lru_cache(_REMEMBERED)(lambda path: any(known.wants(path) for known in formats))


def read_file(file: PolicyFile) -> FileScan:
    """Return what a file holds. Policies in folders for tests are left out, tests are kept."""
    if len(file.data) > LARGEST:
        return too_large(file.path, file.blob, len(file.data))
    likely = [
        known
        for known in policy_formats()
        if known.wants(file.path)
        and not (known.skips_test_folders and is_fixture(file.path))
        and (not known.hints or any(map(file.data.__contains__, known.hints)))
    ]
    if not likely:
        return FileScan(path=file.path, blob=file.blob)
    source = PolicySource(file)
    contents = [known.read(source) for known in likely]
    policies = () if source.is_fixture else tuple(policy for part in contents for policy in part.policies)
    tests = tuple(test for part in contents for test in part.tests)
    text = source.text if policies or tests else ""
    return FileScan(
        path=file.path,
        blob=file.blob,
        policies=policies,
        tests=tests,
        inherited=tuple(record for part in contents for record in part.inherited),
        findings=() if source.is_fixture else _findings(contents, source),
        text=text[:LONGEST_TEXT],
        is_truncated=len(text) > LONGEST_TEXT,
        uses=() if source.is_fixture else tuple(use for part in contents for use in part.uses)[:MOST_USES],
        exceptions=() if source.is_fixture else tuple(one for part in contents for one in part.exceptions),
    )


def too_large(path: str, blob: str, size: int) -> FileScan:
    """Return the scan of a file that is not read because of its size in bytes."""
    finding = Finding(
        code="policy-file-too-large",
        severity="info",
        message=f"The file has {size:,} bytes and is not searched for policies.",
        hint=f"Split it into files under {LARGEST:,} bytes.",
        path=path,
    )
    return FileScan(path=path, blob=blob, findings=(finding,))


def _findings(contents: list[Found], source: PolicySource) -> tuple[Finding, ...]:
    findings = [finding for part in contents for finding in part.findings]
    findings += source.yaml_findings()
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message)))
