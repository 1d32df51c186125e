"""Decisions: what a policy engine said of a subject, and which rules made it say so."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.record import Record

Outcome = Literal["allow", "deny", "warn", "error", "skip"]
Resolution = Literal["exact", "candidates", "unresolved"]


class Subject(Record, frozen=True, kw_only=True):
    """What was judged. Never the policy."""

    repository: str = ""
    """Node id, where the repository is of this portal; `name` says what the report called it."""
    name: str = ""
    commit: str = ""
    pull_request: str = ""
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
    policies: tuple[str, ...] = ()
    input: str = ""
    """Redacted JSON text of the input's shape and of the keys that the site allows."""
    source: str = ""
    """The report it came from, as the site names it, and its line or index."""
