"""Reads one file with the formats that want it. Pure: the same path and bytes give the same scan."""

import re
from typing import Final

from mkdocs_gitguard.harvest.policies.found import FileScan
from mkdocs_gitguard.harvest.policies.registry import formats
from mkdocs_gitguard.harvest.policies.source import Found, PolicyFile, PolicySource
from mkdocs_gitguard.model import Finding

SCAN_VERSION: Final = 4
"""Raised whenever the same file would give another scan, so that cached ones are not used."""
LARGEST: Final = 2_000_000
"""Bytes of a file that is read; larger ones become a finding."""
LONGEST_TEXT: Final = 200_000
"""Characters of a source that a snapshot holds."""

_CODE_FIXTURES: Final = re.compile(r"(?:\A|/)(?:testdata|fixtures?|e2e|\.[^/]*test[^/]*)/", re.IGNORECASE)
"""For languages whose tests are told by their own names, so that a folder `test` is a folder like any other."""
_FIXTURES: Final = re.compile(
    r"(?:\A|/)(?:\.[^/]*test[^/]*|(?:[\w-]+[-_])?(?:tests?|testdata|fixtures?)|e2e)/", re.IGNORECASE
)


def is_candidate(path: str) -> bool:
    """Return whether any format wants a path, so that its blob need be read at all."""
    return any(known.wants(path) for known in formats())


def is_fixture(path: str) -> bool:
    """Return whether a path lies in a folder for tests, whose policies govern nothing: `testdata/`."""
    folders = _CODE_FIXTURES if path.endswith((".rego", ".cedar")) else _FIXTURES
    return folders.search(path) is not None


def read_file(file: PolicyFile) -> FileScan:
    """Return what a file holds. Policies in folders for tests are left out, tests are kept."""
    if len(file.data) > LARGEST:
        return too_large(file.path, file.blob, len(file.data))
    source = PolicySource(file)
    found = [
        known.read(source)
        for known in formats()
        if known.wants(file.path) and (not known.hints or any(hint in file.data for hint in known.hints))
    ]
    policies = () if is_fixture(file.path) else tuple(policy for part in found for policy in part.policies)
    tests = tuple(test for part in found for test in part.tests)
    text = source.text if policies or tests else ""
    return FileScan(
        path=file.path,
        blob=file.blob,
        policies=policies,
        tests=tests,
        inherited=tuple(record for part in found for record in part.inherited),
        findings=() if is_fixture(file.path) else _findings(found, source),
        text=text[:LONGEST_TEXT],
        is_truncated=len(text) > LONGEST_TEXT,
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


def _findings(found: list[Found], source: PolicySource) -> tuple[Finding, ...]:
    findings = [finding for part in found for finding in part.findings]
    findings += source.yaml_findings()
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message)))
