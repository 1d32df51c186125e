"""What a format of decision reports is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mkdocs_gitguard.decisions.report import ReportedDecision, ReportProblem


@dataclass(frozen=True, kw_only=True)
class DecisionFormat:
    """How one kind of report is known and read. Both functions are pure and take a decoded document of any type."""

    name: str
    """Stable; stands in `Decision.format` and in every decision's id."""
    title: str
    """For people."""
    claims: Callable[[Any], bool]
    """Tells whether a document is of this format. Never raises."""
    read: Callable[[Any], Iterator[ReportedDecision | ReportProblem]]
    """Yields what the document says, and a problem for each part that says nothing. Never raises."""
