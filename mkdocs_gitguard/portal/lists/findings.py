"""Findings by their cause: many files with one fault need one remedy. Pure functions over findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs_gitguard.model import Finding, Severity

_PLAIN: Final = late_pattern(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A code that a path can be made of. One of a third party's may be anything."""
_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "broken-link": "Links that lead nowhere",
        "carried-over": "Repositories shown as they stood before",
        "catalog-unreadable": "Catalog files that cannot be read",
        "clone-failed": "Repositories that could not be cloned",
        "codeowners-dead-rule": "CODEOWNERS rules that match no file",
        "codeowners-invalid-owner": "CODEOWNERS lines that name no owner the forge knows",
        "codeowners-invalid-pattern": "CODEOWNERS patterns that the forge skips",
        "codeowners-ignored": "CODEOWNERS files that are ignored",
        "codeowners-misplaced": "CODEOWNERS files where no forge looks",
        "diagram-not-drawn": "Diagrams that could not be drawn",
        "empty-repository": "Repositories without commits",
        "exception-broken": "Exceptions that cannot be read",
        "exception-date": "Exceptions whose date is not a date",
        "exceptions-cut": "Exceptions left out, because there are too many",
        "missing-objects": "Clones without all contents",
        "page-clash": "Pages left out, because another has their place",
        "policy-file-missing": "Policy files whose content the clone does not hold",
        "policy-file-too-large": "Policy files that are too large to be read",
        "policy-files-too-many": "Policy files left out, because there are too many",
        "rego-broken": "Rego that OPA refuses to load",
        "secret-in-output": "Pages and files that may hold a secret",
        "shallow-clone": "Shallow clones",
        "workers-lost": "Repositories over which every worker ended",
        "workflow-permissions-unstated": "Workflows that do not state permissions",
        "workflow-permissions-write-all": "Workflows whose token may write everything",
        "workflow-unpinned-action": "Workflows with actions not pinned to a commit",
        "yaml-broken": "YAML that cannot be read",
        "yaml-templated": "YAML templates, readable only when rendered",
    }
)
"""What a group of findings is called; the words of the code where it is not among these."""


class Cause(NamedTuple):
    """All findings of one code."""

    code: str
    severity: Severity
    """The gravest of theirs."""
    title: str
    message: str
    """Their message, where all have the same; else `""`, and each row has its own."""
    hint: str
    """What to do about most of them."""
    findings: tuple[Finding, ...]
    repositories: int
    """How many repositories have some."""

    @property
    def anchor(self) -> str:
        """Where it stands on the page of findings; `""` where the code is none of ours to make an anchor of."""
        return self.code if _PLAIN.fullmatch(self.code) else ""

    @property
    def path(self) -> str:
        """Path of the page with all of them, or `""`."""
        return f"finding/{self.code}" if self.anchor else ""


def causes(findings: Iterable[Finding]) -> list[Cause]:
    """Return findings by their code: the gravest first, then those of which there are most."""
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    grouped = [_cause(code, group) for code, group in by_code.items()]
    return sorted(grouped, key=lambda cause: (SEVERITIES.index(cause.severity), -len(cause.findings), cause.code))


def _cause(code: str, findings: list[Finding]) -> Cause:
    messages = {finding.message for finding in findings}
    hints = Counter(finding.hint for finding in findings)
    return Cause(
        code=code,
        severity=min((finding.severity for finding in findings), key=SEVERITIES.index),
        title=_TITLES.get(code) or code.replace("-", " ").capitalize(),
        message=messages.pop() if len(messages) == 1 else "",
        hint=min(hints, key=lambda hint: (-hints[hint], hint)),
        findings=tuple(sorted(findings, key=_place)),
        repositories=len({finding.repository for finding in findings if finding.repository}),
    )


def _place(finding: Finding) -> tuple[int, str, str, int, str]:
    return (
        SEVERITIES.index(finding.severity),
        finding.repository,
        finding.path or finding.source,
        finding.line,
        finding.message,
    )
