"""What a check prints of its findings: text, JSON, SARIF and GitHub's workflow commands. Pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

import msgspec

from mkdocs_gitguard import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mkdocs_gitguard.model import Finding, Severity

_SARIF_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}


class Checked(NamedTuple):
    """One repository's result."""

    repository: str
    """What messages call it."""
    findings: Sequence[Finding]
    summary: str
    """One line: what was looked at."""

    def count(self, severity: Severity) -> int:
        """Return how many findings are that bad."""
        return sum(1 for finding in self.findings if finding.severity == severity)


def as_text(results: Sequence[Checked], tool: str) -> str:
    """Return one line for each finding, as compilers write them, and a line in sum for each repository."""
    del tool
    lines: list[str] = []
    for result in results:
        prefix = f"{result.repository}: " if len(results) > 1 else ""
        lines += [f"{prefix}{_in_words(finding)}" for finding in result.findings]
        counts = ", ".join(
            f"{number:,} {name}{'s' * (number != 1)}"
            for name, number in (("error", result.count("error")), ("warning", result.count("warning")))
        )
        lines.append(f"{prefix}{result.summary}: {counts}.")
    return "\n".join(lines)


def as_json(results: Sequence[Checked], tool: str) -> str:
    """Return everything as a JSON document."""
    repositories = [
        {
            "repository": result.repository,
            "errors": result.count("error"),
            "warnings": result.count("warning"),
            "findings": msgspec.to_builtins(result.findings),
        }
        for result in results
    ]
    return json.dumps({"schema_version": "1.0", "tool": tool, "repositories": repositories}, indent=2)


def as_sarif(results: Sequence[Checked], tool: str) -> str:
    """Return a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/) with one run for each repository."""
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [_run(result, tool) for result in results],
    }
    return json.dumps(log, indent=2)


def as_github(results: Sequence[Checked], tool: str) -> str:
    """Return workflow commands, which GitHub Actions shows at their lines.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    del tool
    lines = []
    for result in results:
        for finding in result.findings:
            place = [f"file={_property(finding.path)}"] if finding.path else []
            if finding.line:
                place.append(f"line={finding.line}")
            place.append(f"title={_property(finding.code)}")
            message = _data(f"{finding.message} {finding.hint}".strip())
            lines.append(f"::{_GITHUB_COMMANDS[finding.severity]} {','.join(place)}::{message}")
    return "\n".join(lines)


REPORTS: Final[Mapping[str, Callable[[Sequence[Checked], str], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
"""By name of the format."""


def _in_words(finding: Finding) -> str:
    place = finding.path + (f":{finding.line}" if finding.line else "")
    said = f"{finding.message} {finding.hint}".strip()
    return f"{place}: {finding.severity}: {said} [{finding.code}]"


def _run(result: Checked, tool: str) -> dict[str, Any]:
    codes = sorted({finding.code for finding in result.findings})
    driver = {
        "name": tool,
        "semanticVersion": __version__,
        "informationUri": "https://pypi.org/project/mkdocs-gitguard/",
        "rules": [
            {"id": code, "shortDescription": {"text": code.replace("-", " ").capitalize() + "."}} for code in codes
        ],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{tool.replace(' ', '-')}/{result.repository}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding) for finding in result.findings],
    }


def _result(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.path), "uriBaseId": "%SRCROOT%"}}
    if finding.line:
        location["region"] = {"startLine": finding.line}
    return {
        "ruleId": finding.code,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.hint}".strip()},
        "locations": [{"physicalLocation": location}] if finding.path else [],
    }


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
