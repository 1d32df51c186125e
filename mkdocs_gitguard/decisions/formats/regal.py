"""Regal's JSON report (`regal lint --format json`): the linter's judgement on Rego files.

Source: `pkg/report/report.go` of https://github.com/open-policy-agent/regal.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.formats.sarif import regal_keys
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import mapping, mappings, text, whole
from mkdocs_gitguard.model import Outcome

_OUTCOMES: Final[Mapping[str, Outcome]] = {"error": "deny", "warning": "warn", "ignore": "skip"}


def _claims(document: Any) -> bool:
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("violations"), list)
        and "files_scanned" in mapping(document.get("summary"))
    )


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    for number, violation in enumerate(mappings(document["violations"]), 1):
        title, category = text(violation.get("title")), text(violation.get("category"))
        if not title:
            yield ReportProblem(message=f"Violation {number} has no title.", hint="Write the rule's name there.")
            continue
        location = mapping(violation.get("location"))
        description = text(violation.get("description"))
        yield ReportedDecision(
            format="regal",
            outcome=_OUTCOMES.get(text(violation.get("level")), "deny"),
            claims=(ReportedReason(keys=regal_keys(category, title)),),
            name=f"{category}/{title}".lstrip("/"),
            message=description,
            subject=ReportedSubject(path=text(location.get("file")), line=whole(location.get("row"))),
        )


FORMAT: Final = DecisionFormat(name="regal", title="Regal report", claims=_claims, read=_read)
