"""What a check prints of what it found: text, JSON, SARIF and GitHub's workflow commands. Pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from mkdocs_gitguard import __version__
from mkdocs_gitguard.cli.output import command_data, command_property
from mkdocs_gitguard.log_text import log_json, log_line
from mkdocs_gitguard.site_build.findings import finding_line
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mkdocs_gitguard.model import Severity

SARIF_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}


class Problem(NamedTuple):
    """One thing that a check found."""

    code: str
    """Stable name of the kind of problem."""
    severity: Severity
    message: str
    hint: str = ""
    path: str = ""
    """In the repository; `""` where it is about no file."""
    line: int = 0
    """From 1; 0 for the file as a whole."""
    column: int = 0
    """From 1; 0 where it is not known."""
    label: str = ""
    """What people see in place of `code`."""


class Checked(NamedTuple):
    """One repository's result."""

    repository: str
    """What messages call it."""
    problems: Sequence[Problem]
    summary: Callable[[str], str]
    """Gives the line in sum, from the numbers of errors and warnings in words."""
    facts: Mapping[str, Any]
    """What the JSON document says of the repository beside its problems."""
    details: Mapping[str, Any]
    """The problems as the JSON document has them, under their name."""

    def number(self, severity: Severity) -> int:
        """Return how many problems are that bad."""
        return sum(problem.severity == severity for problem in self.problems)


class Check(NamedTuple):
    """Who checks."""

    name: str
    """The command."""
    category: str
    """What tells its SARIF runs from those of other checks of a repository."""
    rules: Sequence[Mapping[str, Any]] = ()
    """SARIF's description of each code; without, one is made for each code that was found."""


def is_bad(results: Sequence[Checked], *, strict: bool) -> bool:
    """Say whether a check fails: an error was found, or with `strict` a warning."""
    return any(result.number("error") or (strict and result.number("warning")) for result in results)


def as_text(results: Sequence[Checked], check: Check) -> str:
    """Return one line for each problem, as compilers write them, and a line in sum for each repository."""
    del check
    lines: list[str] = []
    for result in results:
        prefix = f"{result.repository}: " if len(results) > 1 else ""
        lines += [_in_words(problem, prefix) for problem in result.problems]
        numbers = ", ".join((count(result.number("error"), "error"), count(result.number("warning"), "warning")))
        lines.append(log_line(prefix + result.summary(numbers)))
    return "\n".join(lines)


def as_json(results: Sequence[Checked], check: Check) -> str:
    """Return everything as a JSON document."""
    repositories = [
        {
            "repository": result.repository,
            **result.facts,
            "errors": result.number("error"),
            "warnings": result.number("warning"),
            **result.details,
        }
        for result in results
    ]
    return _json({"schema_version": "1.0", "tool": check.name, "repositories": repositories})


def as_sarif(results: Sequence[Checked], check: Check) -> str:
    """Return a SARIF 2.1.0 log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/) with one run for each repository."""
    return _json(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [_run(result, check) for result in results],
        }
    )


def as_github(results: Sequence[Checked], check: Check) -> str:
    """Return workflow commands, which GitHub Actions shows at their lines.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
    """
    del check
    lines = []
    for result in results:
        for problem in result.problems:
            place = [f"file={command_property(problem.path)}"] if problem.path else []
            place += [f"line={problem.line}"] if problem.line else []
            place += [f"col={problem.column}"] if problem.column else []
            place.append(f"title={command_property(problem.code)}")
            lines.append(f"::{_GITHUB_COMMANDS[problem.severity]} {','.join(place)}::{command_data(_message(problem))}")
    return "\n".join(lines)


REPORTS: Final[Mapping[str, Callable[[Sequence[Checked], Check], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
"""By name of the format."""


def _message(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}".strip()


def _in_words(problem: Problem, prefix: str) -> str:
    numbers = [str(number) for number in (problem.line, problem.column) if number]
    place = ":".join([problem.path, *numbers])
    subject = f"{prefix}{place}: {problem.severity}" if place else f"{prefix}{problem.severity}"
    return finding_line(subject, problem.message, problem.hint, problem.label or problem.code)


def _json(document: Mapping[str, Any]) -> str:
    return log_json(json.dumps(document, indent=2).encode()).decode()


def _run(result: Checked, check: Check) -> dict[str, Any]:
    codes = sorted({problem.code for problem in result.problems})
    made = [{"id": code, "shortDescription": {"text": code.replace("-", " ").capitalize() + "."}} for code in codes]
    driver = {
        "name": check.name,
        "semanticVersion": __version__,
        "informationUri": "https://pypi.org/project/mkdocs-gitguard/",
        "rules": list(check.rules or made),
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{check.category}/{result.repository}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "results": [_result(problem) for problem in result.problems],
    }


def _result(problem: Problem) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.path), "uriBaseId": "%SRCROOT%"}}
    if problem.line:
        location["region"] = {"startLine": problem.line}
        if problem.column:
            location["region"]["startColumn"] = problem.column
    return {
        "ruleId": problem.code,
        "level": SARIF_LEVELS[problem.severity],
        "message": {"text": _message(problem)},
        "locations": [{"physicalLocation": location}] if problem.path else [],
    }
