"""The formats of decision reports: ours, and those that other packages add.

A package adds one through the entry-point group `mkdocs_gitguard.decision_formats`, whose value is a `DecisionFormat`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

from mkdocs_gitguard.decisions import formats
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.errors import SettingError

ENTRY_POINTS: Final = "mkdocs_gitguard.decision_formats"


@cache
def decision_formats() -> Mapping[str, DecisionFormat]:
    """Return every format by name, in the order in which they are asked whether a document is theirs.

    Raises:
        SettingError: an installed package's entry point gives no `DecisionFormat`, or takes a name that is taken.
    """
    found = {format_.name: format_ for format_ in formats.OURS}
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value)):
        format_ = entry_point.load()
        if not isinstance(format_, DecisionFormat):
            raise SettingError(
                f"The entry point {ENTRY_POINTS}:{entry_point.name} ({entry_point.value}) is not a DecisionFormat.",
                hint="Fix the package that registers it, or uninstall it.",
            )
        if format_.name in found:
            raise SettingError(
                f"The decision format {format_.name} of {entry_point.value} exists already.",
                hint="Give it another name, or uninstall one of the two packages.",
            )
        found[format_.name] = format_
    return found


def format_of(document: Any, candidates: Iterable[DecisionFormat]) -> DecisionFormat | None:
    """Return the first of `candidates` that claims the document."""
    return next((format_ for format_ in candidates if format_.claims(document)), None)
