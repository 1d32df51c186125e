"""Findings: what went wrong or needs attention, each with what to do."""

from typing import Final, Literal, get_args

from mkdocs_gitguard.model.record import Record

Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""The gravest first."""


class Finding(Record, frozen=True, kw_only=True):
    """One problem, in words for the person who can cure it. Never holds credentials."""

    code: str
    """Stable name of the kind of problem, for instance `shallow-clone`."""
    severity: Severity
    message: str
    hint: str = ""
    """What to do."""
    repository: str = ""
    """Node id, or `""` where no repository could be made out."""
    source: str = ""
    """The setting or repository entry at fault, as the site gave it, credentials masked."""
    path: str = ""
    line: int = 0
