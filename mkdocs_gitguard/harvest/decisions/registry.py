"""The formats of decision reports: ours, and those that other packages add.

A package adds one through the entry-point group `mkdocs_gitguard.decision_formats`, whose value is a `DecisionFormat`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.decisions.reported import Problem, ReportedDecision

ENTRY_POINTS: Final = "mkdocs_gitguard.decision_formats"


@dataclass(frozen=True, kw_only=True)
class DecisionFormat:
    """How one kind of report is known and read. Both functions are pure and take a decoded document of any type."""

    name: str
    """Stable; stands in `Decision.format` and in every decision's id."""
    title: str
    """For people."""
    claims: Callable[[Any], bool]
    """Tells whether a document is of this format. Never raises."""
    read: Callable[[Any], Iterator[ReportedDecision | Problem]]
    """Yields what the document says, and a problem for each part that says nothing. Never raises."""


@cache
def decision_formats() -> Mapping[str, DecisionFormat]:
    """Return every format by name, in the order in which they are asked whether a document is theirs.

    Raises:
        SettingError: an installed package's entry point gives no `DecisionFormat`, or takes a name that is taken.
    """
    from mkdocs_gitguard.harvest.decisions import formats  # noqa: PLC0415 - the formats import this module

    found = {format_.name: format_ for format_ in formats.OURS}
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        format_ = entry_point.load()
        if not isinstance(format_, DecisionFormat):
            raise SettingError(
                f"The entry point {ENTRY_POINTS}:{entry_point.name} ({entry_point.value}) is no DecisionFormat.",
                hint="Correct the package that registers it, or uninstall it.",
            )
        if format_.name in found:
            raise SettingError(
                f"The decision format {format_.name} of {entry_point.value} exists already.",
                hint="Give it another name, or uninstall one of the two packages.",
            )
        found[format_.name] = format_
    return found


def format_of(document: Any, formats: Iterable[DecisionFormat]) -> DecisionFormat | None:
    """Return the first of `formats` that claims the document."""
    return next((format_ for format_ in formats if format_.claims(document)), None)
