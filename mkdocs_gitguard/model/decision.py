"""Decisions: what a policy engine said of a subject, and which rules made it say so."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal

from mkdocs_gitguard.model.policy import SourceSpan
from mkdocs_gitguard.model.record import Record

Outcome = Literal["allow", "deny", "warn", "error", "skip"]
OUTCOME_WORDS: Final[Mapping[Outcome, str]] = {
    "deny": "denied",
    "warn": "warned",
    "error": "failed",
    "allow": "allowed",
    "skip": "skipped",
}
"""Each outcome in a word for people, the ones that need attention first."""
Resolution = Literal["exact", "candidates", "unresolved"]


class Subject(Record, frozen=True, kw_only=True):
    """What was judged. Never the policy."""

    repository: str = ""
    """Node id, where the repository is of this portal; `name` says what the report called it."""
    name: str = ""
    commit: str = ""
    pull_request: str = ""
    """Node id, where the pull request is of this portal."""
    pull_request_by: Literal["", "number", "commit", "time"] = ""
    """How it was found: the report's number, the commit judged, or the newest one on the default branch by then."""
    path: str = ""
    line: int = 0


class Decision(Record, frozen=True, kw_only=True):
    """One outcome by one rule, or by one query where the report names no rule."""

    id: str
    format: str
    """The registry's name of the report format: `opa`, `conftest`, `sarif`, ..."""
    outcome: Outcome
    message: str = ""
    at: datetime | None = None
    subject: Subject
    policy_key: str = ""
    """What the report called the policy or rule."""
    policy_revision: str = ""
    """Commit of the policies, where the report says (OPA's `bundles{}.revision`)."""
    resolution: Resolution = "unresolved"
    reason: str = ""
    """Why the resolution is what it is, one sentence."""
    rules: tuple[str, ...] = ()
    """Those that decided, or those that may have, as `resolution` says; ids of this snapshot's rules."""
    policies: tuple[str, ...] = ()
    """What the rules belong to; with no rules, what decided as a whole."""
    spans: tuple[SourceSpan, ...] = ()
    """Where they stand, at the decision's own commit where its text was read, also where no such rule is left today."""
    input: str = ""
    """Redacted JSON text of the input's shape and of the keys that the site allows."""
    source: str = ""
    """The report it came from, as the site names it, and its line or index."""


class Coverage(Record, frozen=True, kw_only=True):
    """How many decisions lead to the very rules that made them."""

    decisions: int = 0
    exact: int = 0
    candidates: int = 0
    unresolved: int = 0

    @property
    def share(self) -> float | None:
        """The exact ones' share, from 0 to 1; None where there are no decisions, which means no data, not 0 or 1."""
        return self.exact / self.decisions if self.decisions else None


def coverage(decisions: Iterable[Decision]) -> Coverage:
    """Return how far `decisions` could be led back to their rules."""
    counts = Counter(decision.resolution for decision in decisions)
    return Coverage(
        decisions=counts.total(),
        exact=counts["exact"],
        candidates=counts["candidates"],
        unresolved=counts["unresolved"],
    )
