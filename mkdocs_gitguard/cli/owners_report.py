"""What `gitguard owners check` prints: text, JSON, SARIF and GitHub's workflow commands. Pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from mkdocs_gitguard import __version__
from mkdocs_gitguard.ownership import PROBLEM_KINDS, OwnersProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_gitguard.model import Finding, Ownership, Severity

_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_FILE_KIND = "codeowners-file"
_FILE_TITLE = "Something about where the CODEOWNERS file stands or how it is stored"


class Checked(NamedTuple):
    """One repository's result."""

    repository: str
    """What messages call it."""
    ownership: Ownership
    problems: Sequence[OwnersProblem]
    findings: Sequence[Finding]
    """About the file as a whole: where it stands, how large it is."""

    def count(self, severity: Severity) -> int:
        """Return how many problems and findings are that bad."""
        said = [problem.severity for problem in self.problems] + [finding.severity for finding in self.findings]
        return said.count(severity)


def as_text(results: Sequence[Checked]) -> str:
    """Return one line for each problem, as compilers write them, and a line in sum for each repository."""
    lines: list[str] = []
    for result in results:
        prefix = f"{result.repository}: " if len(results) > 1 else ""
        lines += [
            f"{prefix}{finding.path}: {finding.severity}: {finding.message} {finding.hint} [{finding.code}]"
            for finding in result.findings
        ]
        lines += [
            f"{prefix}{_place(result, problem)}: {problem.severity}: {problem.message} [{problem.kind}]"
            for problem in result.problems
        ]
        lines.append(prefix + _sum(result))
    return "\n".join(lines)


def as_json(results: Sequence[Checked]) -> str:
    """Return everything as a JSON document."""
    return json.dumps({"schema_version": "1.0", "repositories": [_as_value(result) for result in results]}, indent=2)


def as_sarif(results: Sequence[Checked]) -> str:
    """Return a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/) with one run for each repository."""
    rules = [
        {
            "id": name,
            "shortDescription": {"text": f"{kind.title}."},
            "help": {"text": kind.hint},
            "defaultConfiguration": {"level": _SARIF_LEVELS[kind.severity]},
        }
        for name, kind in PROBLEM_KINDS.items()
    ]
    rules.append({"id": _FILE_KIND, "shortDescription": {"text": f"{_FILE_TITLE}."}})
    driver = {
        "name": "gitguard owners check",
        "semanticVersion": __version__,
        "informationUri": "https://pypi.org/project/mkdocs-gitguard/",
        "rules": rules,
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "automationDetails": {"id": f"gitguard-owners/{result.repository}/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
                "results": [_sarif_result(result, problem) for problem in _all(result)],
            }
            for result in results
        ],
    }
    return json.dumps(log, indent=2)


def as_github(results: Sequence[Checked]) -> str:
    """Return workflow commands, which GitHub Actions shows at their lines.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    lines = []
    for result in results:
        for problem in _all(result):
            place = [f"file={_property(result.ownership.path or 'CODEOWNERS')}"]
            if problem.line:
                place += [f"line={problem.line}", f"col={problem.column}"]
            place.append(f"title={_property(problem.kind)}")
            command = _GITHUB_COMMANDS[problem.severity]
            lines.append(f"::{command} {','.join(place)}::{_data(problem.message)}")
    return "\n".join(lines)


def _all(result: Checked) -> list[OwnersProblem]:
    whole = [
        OwnersProblem(_FILE_KIND, finding.severity, 0, 1, f"{finding.message} {finding.hint}")
        for finding in result.findings
    ]
    return [*whole, *result.problems]


def _place(result: Checked, problem: OwnersProblem) -> str:
    path = result.ownership.path
    return f"{path}:{problem.line}:{problem.column}" if problem.line else path


def _sum(result: Checked) -> str:
    ownership = result.ownership
    if not ownership.path:
        return "No CODEOWNERS file."
    counts = ", ".join(
        f"{number:,} {name}{'s' * (number != 1)}"
        for name, number in (("error", result.count("error")), ("warning", result.count("warning")))
    )
    return f"{ownership.path}: {counts}; {ownership.owned:,} of {ownership.files:,} files have an owner."


def _as_value(result: Checked) -> dict[str, Any]:
    ownership = result.ownership
    return {
        "repository": result.repository,
        "path": ownership.path,
        "dialect": ownership.dialect,
        "rules": len(ownership.rules),
        "files": ownership.files,
        "owned": ownership.owned,
        "errors": result.count("error"),
        "warnings": result.count("warning"),
        "problems": [problem._asdict() for problem in _all(result)],
    }


def _sarif_result(result: Checked, problem: OwnersProblem) -> dict[str, Any]:
    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(result.ownership.path or "CODEOWNERS"), "uriBaseId": "%SRCROOT%"}
    }
    if problem.line:
        location["region"] = {"startLine": problem.line, "startColumn": problem.column}
    return {
        "ruleId": problem.kind,
        "level": _SARIF_LEVELS[problem.severity],
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": location}],
    }


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
