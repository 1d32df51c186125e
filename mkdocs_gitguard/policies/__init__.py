"""Policy sources, one format a file, behind a registry.

`scan` is the whole: files in, records out, nothing read and nothing kept. `read_file` is its first half, cacheable by
path and blob, and `link` its second, for one repository at one commit.
"""

from collections.abc import Iterable

from mkdocs_gitguard.policies.file_scan import (
    Description,
    FileScan,
    FoundException,
    FoundPolicy,
    FoundRule,
    FoundTest,
    Inherited,
    PolicyUse,
)
from mkdocs_gitguard.policies.fixtures import is_fixture
from mkdocs_gitguard.policies.format import Found, PolicyFile, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.link import PolicyScan, link
from mkdocs_gitguard.policies.read import (
    LARGEST,
    SCAN_VERSION,
    is_candidate,
    read_file,
    too_large,
)
from mkdocs_gitguard.policies.registry import policy_formats
from mkdocs_gitguard.policies.scanned_files import ScannedFiles

__all__ = [
    "LARGEST",
    "SCAN_VERSION",
    "Description",
    "FileScan",
    "Found",
    "FoundException",
    "FoundPolicy",
    "FoundRule",
    "FoundTest",
    "Inherited",
    "PolicyFile",
    "PolicyFormat",
    "PolicyScan",
    "PolicySource",
    "PolicyUse",
    "ScannedFiles",
    "is_candidate",
    "is_fixture",
    "link",
    "policy_formats",
    "read_file",
    "scan",
    "too_large",
]


def scan(files: Iterable[PolicyFile], repository: str, commit: str) -> PolicyScan:
    """Return the policies in the files of a repository, given by its node id, at a commit."""
    return link([read_file(file) for file in files], repository, commit)
