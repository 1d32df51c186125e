"""A file as the formats see it, and what a format is."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from mkdocs_gitguard.model import Finding, FormatTraits
from mkdocs_gitguard.model.finding import Severity
from mkdocs_gitguard.policies.file_scan import FoundException, FoundPolicy, FoundTest, Inherited, PolicyUse
from mkdocs_gitguard.policies.fixtures import is_fixture
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, marked_documents


class Found(NamedTuple):
    """What a format found in a file."""

    policies: tuple[FoundPolicy, ...] = ()
    tests: tuple[FoundTest, ...] = ()
    inherited: tuple[Inherited, ...] = ()
    findings: tuple[Finding, ...] = ()
    uses: tuple[PolicyUse, ...] = ()
    """Policies that it says are asked about its repository."""
    exceptions: tuple[FoundException, ...] = ()


class FileContent:
    """What bytes are wherever they stand, decoded once for all formats and all paths. Nothing is done before."""

    def __init__(self, data: bytes) -> None:
        """Keep the bytes."""
        self._data = data

    @cached_property
    def text(self) -> str:
        """The text, UTF-8; what is none becomes U+FFFD."""
        return self._data.decode("utf-8-sig", "replace")

    @cached_property
    def documents(self) -> list[YamlDocument]:
        """The YAML documents in it."""
        return list(marked_documents(self._data.removeprefix(b"\xef\xbb\xbf")))


class PolicyFile(NamedTuple):
    """A file of a commit's tree."""

    path: str
    blob: str
    data: bytes
    content: FileContent | None = None
    """Of `data`, where files of the same blob share it."""


class PolicySource:
    """A file as a format sees it: each may ask for what it needs."""

    def __init__(self, file: PolicyFile) -> None:
        """Keep the file."""
        self.path = file.path
        self.data = file.data
        self._content = file.content or FileContent(file.data)
        self._certain: dict[int, YamlDocument] = {}

    @property
    def name(self) -> str:
        """The path's last segment."""
        return PurePosixPath(self.path).name

    @property
    def text(self) -> str:
        """The text, UTF-8; what is none becomes U+FFFD."""
        return self._content.text

    @cached_property
    def is_fixture(self) -> bool:
        """Whether the file lies in a folder for tests, so that nothing of it counts but the tests that it holds."""
        return is_fixture(self.path)

    def documents(self, *hints: bytes, is_certain: bool = True) -> Iterator[YamlDocument]:
        """Yield the YAML documents whose bytes hold any of `hints`; all, where there are none.

        Where that makes it certain enough that they are of the format, what is wrong with them becomes findings.
        """
        for document in self._content.documents:
            if not hints or any(hint in document.data for hint in hints):
                if is_certain:
                    self._certain[document.first_line] = document
                yield document

    def yaml_findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the documents that formats have read."""
        for _, document in sorted(self._certain.items()):
            if document.is_surely_fine:
                continue
            problem = document.problem
            if problem is not None:
                templated = problem.code == "yaml-templated"
                yield self.finding(
                    problem.code,
                    "info" if templated else "warning",
                    problem.message,
                    problem.line,
                    "Render the chart into a repository to see its policies here." if templated else "",
                )
            for double in document.duplicate_keys():
                yield self.finding(double.code, "warning", double.message, double.line)

    def finding(self, code: str, severity: Severity, message: str, line: int, hint: str = "") -> Finding:
        """Return a finding at a line of this file."""
        return Finding(code=code, severity=severity, message=message, hint=hint, path=self.path, line=line)


class PolicyFormat(NamedTuple):
    """How one kind of policy source is read. A third party registers one under `mkdocs_gitguard.policy_formats`."""

    name: str
    """Stands in ids, in JSON and on pages."""
    title: str
    """What people call the format."""
    wants: Callable[[str], bool]
    """Whether a path can be of this format."""
    hints: tuple[bytes, ...]
    """A file that holds none of these is not read; empty: all are."""
    read: Callable[[PolicySource], Found]
    """Never raises for what a file holds: what is wrong becomes a finding."""
    skips_test_folders: bool = False
    """Whether files in folders for tests are not read, because none of this format can hold a test."""
    is_testable: bool = True
    """See `FormatTraits.is_testable`."""
    has_rule_pages: bool = True
    """See `FormatTraits.has_rule_pages`."""
    is_automation: bool = False
    """Whether what it reads is automation, which no page counts among the policies."""

    @property
    def traits(self) -> FormatTraits:
        """What the portal has to know of the format."""
        return FormatTraits(self.title, is_testable=self.is_testable, has_rule_pages=self.has_rule_pages)
