"""What a report says, before anything is resolved: the form that every format's reader gives."""

from datetime import datetime
from typing import Any, Final

from mkdocs_gitguard.model import Finding, Outcome, Record

MESSAGE_MEMBERS: Final = frozenset({"msg", "message", "msgs", "messages", "reason", "reasons"})
"""Members of a result that are texts for people: Conftest's and Gatekeeper's `msg`, Kubernetes' `message` and
`reason`, and their plurals. Any other member is data."""


class ReportPlace(Record, frozen=True, kw_only=True):
    """Where a report says that a policy or rule stands. Only our own event says it."""

    repository: str = ""
    """As the report calls it: a name, a URL."""
    commit: str = ""
    path: str = ""
    line: int = 0


class ReportedReason(Record, frozen=True, kw_only=True):
    """One voice in a decision: what the report calls the rule, and what that rule said."""

    keys: tuple[str, ...] = ()
    """In the words of `model/policy_keys.py`, the most telling first; the first that is known counts."""
    message: str = ""
    """As the engine gave it, unredacted; used to tell rules of one name apart, never shown."""
    verdict: bool | None = None
    """What a rule of true and false said, where it is one: `allow` was `False`."""
    value: Any = None
    """What the first key gave, raw, where the report shows it: a rule's value, an element of its set or array, a
    member of its object. Used to tell rules apart, never shown."""
    entry: str | None = None
    """Where `value` is a member of the rule's object: its key."""
    around: Any = None
    """Where the first key names a member of what was asked for: all that was given."""
    is_silent: bool = False
    """No rule of these keys objected: all that the keys name had their say, so all made the decision."""
    is_undefined: bool = False
    """The rule gave nothing at all, so none of its bodies held and it has no default."""
    is_unknown: bool = False
    """What the rule gave is not in the report: it was masked, or its evaluation failed."""
    family: str = ""
    """Where the tool calls rules by less than their name (`deny` for `deny_root`): the key of their package."""
    family_names: tuple[str, ...] = ()
    """How the names of those rules begin; empty: any of the package."""
    place: ReportPlace | None = None


class ReportedSubject(Record, frozen=True, kw_only=True):
    """What was judged, in the report's words."""

    repository: str = ""
    """A name (`acme/billing`) or a URL."""
    name: str = ""
    """What it is, where it is not a file: `Deployment default/web`."""
    commit: str = ""
    pull_request: int = 0
    path: str = ""
    line: int = 0


class ReportedDecision(Record, frozen=True, kw_only=True):
    """One outcome as a report gives it."""

    format: str
    outcome: Outcome
    claims: tuple[ReportedReason, ...] = ()
    name: str = ""
    """What the report calls the policy or rule, for people."""
    message: str = ""
    at: datetime | None = None
    report_id: str = ""
    """The report's own id of the decision, unique among all of its format; `""` where it has none."""
    revision: str = ""
    """Commit of the policies, where the report says."""
    revisions: tuple[str, ...] = ()
    """Where it names several, as policies came from several bundles: all of them."""
    policies: str = ""
    """Repository of the policies, where the report or the site says; a name or a URL."""
    policies_path: str = ""
    """Folder of the policies in their repository, where the site says."""
    subject: ReportedSubject = ReportedSubject()
    input: Any = None
    """JSON values from a format's reader, which are raw; redacted JSON text once `loading` is through with it."""
    source: str = ""
    """The report's file as the site names it, and the line or index in it."""

    @property
    def named_revisions(self) -> tuple[str, ...]:
        """Every commit of policies that the report names."""
        return (self.revision,) if self.revision else self.revisions


class ReportProblem(Record, frozen=True, kw_only=True):
    """What a reader could not use, and why; it becomes a finding that names the file."""

    message: str
    hint: str = ""
    line: int = 0


class ReportRead(Record, frozen=True, kw_only=True):
    """What came out of reports: what could be used, and a finding for what could not."""

    decisions: tuple[ReportedDecision, ...] = ()
    findings: tuple[Finding, ...] = ()
