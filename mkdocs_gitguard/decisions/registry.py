"""The formats of decision reports: ours, and those that other packages add.

A package adds one through the entry-point group `mkdocs_gitguard.decision_formats`, whose value is a `DecisionFormat`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from mkdocs_gitguard.decisions import formats
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.entry_points import DECISION_FORMATS, load_named


@cache
def decision_formats() -> Mapping[str, DecisionFormat]:
    """Return every format by name, in the order in which they are asked whether a document is theirs.

    Raises:
        SettingError: an entry point is not a `DecisionFormat`, cannot be imported, or takes a name that is taken.
    """
    return load_named(DECISION_FORMATS, DecisionFormat, formats.BUILT_IN)


def format_of(document: Any, candidates: Iterable[DecisionFormat]) -> DecisionFormat | None:
    """Return the first of `candidates` that claims the document."""
    return next((format_ for format_ in candidates if format_.claims(document)), None)
