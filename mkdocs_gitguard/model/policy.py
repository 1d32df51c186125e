"""Policies and their rules, each with the exact lines it stands on, and exceptions from them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args

from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.relation import Evidence

PolicySeverity = Literal["critical", "high", "medium", "low", "info"]
POLICY_SEVERITIES: Final[tuple[PolicySeverity, ...]] = get_args(PolicySeverity)
"""What policies say of themselves, the gravest first. One may use a word of its own, or say nothing."""

PolicyRole = Literal["policy", "automation", "sample", "test", "version"]
POLICY_ROLES: Final[tuple[PolicyRole, ...]] = get_args(PolicyRole)
"""What a policy's source is for. Only those of the first are counted as policies and asked for owners and tests."""


class SourceSpan(Record, frozen=True, kw_only=True):
    """Lines of a file at a commit. Lines count from 1, both ends included."""

    repository: str
    path: str
    first_line: int
    last_line: int
    commit: str
    """The one that last changed the file, where it is known: it holds the lines as the head does."""
    blob: str
    """Object id of the file's content, the key into `Snapshot.sources`."""


class Change(Record, frozen=True, kw_only=True):
    """A commit on the default branch that changed a file, and the pull request that brought it."""

    commit: str
    at: datetime
    author: str = ""
    pull_request: str = ""


class PolicyTest(Record, frozen=True, kw_only=True):
    """A test that exercises a policy or rule: a Rego `test_*` rule, a case of a Kyverno or Gatekeeper suite."""

    name: str
    span: SourceSpan


class ResourceScope(Record, frozen=True, kw_only=True):
    """Resources of a cluster or a cloud that a policy applies to, and why."""

    resources: tuple[str, ...]
    """Kinds, as the source writes them: `Pod`, `apps/Deployment`, `aws.s3`."""
    evidence: Evidence


class Policy(Record, frozen=True, kw_only=True):
    """A policy: a Rego package's file, a Kyverno policy, a ConstraintTemplate, a workflow, ..."""

    id: str
    repository: str
    format: str
    """The registry's name of the format: `rego`, `gatekeeper`, `kyverno`, ..."""
    type: str
    """The source's own word for it: `package`, `ClusterPolicy`, `ConstraintTemplate`, ..."""
    name: str
    role: PolicyRole = "policy"
    """`policy`: a policy that its repository holds. `automation`: a workflow. `sample`, `test`: it stands among
    samples, documentation or test data. `version`: an older version, or a copy, of another policy of the repository."""
    version_of: str = ""
    """Of a version: the id of the policy that it is a version of."""
    title: str = ""
    description: str = ""
    severity: str = ""
    category: str = ""
    related: tuple[str, ...] = ()
    """http(s) URLs."""
    enforcement: str = ""
    """The source's own word for what comes of a violation: `deny`, `dryrun`, `Audit`, `disabled`; `""`: not said."""
    scopes: tuple[ResourceScope, ...] = ()
    """The resources outside of repositories that it applies to."""
    span: SourceSpan
    rules: tuple[str, ...] = ()
    """Rule ids, in source order."""
    metadata_line: int = 0
    """First line of the annotation block that belongs to it; 0 for none."""
    tests: tuple[PolicyTest, ...] = ()
    """By path and line."""
    changes: tuple[Change, ...] = ()
    """Newest first."""
    owners: tuple[str, ...] = ()
    """Code owners of the file, by the repository's own CODEOWNERS."""
    keys: tuple[str, ...] = ()
    """What decisions call it: the keys that the resolver looks up, in the words of `model/policy_keys.py`."""


class Rule(Record, frozen=True, kw_only=True):
    """A rule of a policy: one definition. Definitions of one name are a rule group."""

    id: str
    policy: str
    name: str
    """What the definitions of a group share: `deny`."""
    type: str = ""
    """The source's own word for it: `set`, `function`, `validate`, `job`, ..."""
    title: str = ""
    description: str = ""
    severity: str = ""
    """Its own, else its policy's."""
    category: str = ""
    """Its own, else its policy's."""
    related: tuple[str, ...] = ()
    """http(s) URLs."""
    span: SourceSpan
    """From the rule's first line to its last; the metadata block above it is `metadata_line`."""
    metadata_line: int = 0
    """First line of the annotation block that belongs to it; 0 for none."""
    tests: tuple[PolicyTest, ...] = ()
    keys: tuple[str, ...] = ()
    """As `Policy.keys`, for decisions that name the rule."""


class SourceText(Record, frozen=True, kw_only=True):
    """The text of a file that policies stand in, once for each blob."""

    blob: str
    text: str
    is_truncated: bool = False


class FormatTraits(NamedTuple):
    """What a policy format's policies have in common, for whoever shows them."""

    title: str
    """What people call the format."""
    is_testable: bool = True
    """False: its tests, if there are any, cannot be told from other files, so that a policy without one lacks none."""
    has_rule_pages: bool = True
    """False: its rules are settings or jobs, of which their policy's page says all there is to say."""


def gravity(severity: str) -> int:
    """Return the place of a policy's severity among all, the gravest being 0; a word that is not known is the last."""
    return POLICY_SEVERITIES.index(severity) if severity in POLICY_SEVERITIES else len(POLICY_SEVERITIES)


def gravest_first(policies: Iterable[Policy]) -> list[Policy]:
    """Return policies, the gravest first, then by title."""
    return sorted(
        policies, key=lambda policy: (gravity(policy.severity), (policy.title or policy.name).lower(), policy.id)
    )


def is_policy(policy: Policy) -> bool:
    """Return whether it is a policy that its repository holds, and no automation, sample, test data or version."""
    return policy.role == "policy"


def is_tested(policy: Policy, rules: Sequence[Rule]) -> bool:
    """Return whether a test exercises a policy or one of its rules."""
    return bool(policy.tests) or any(rule.tests for rule in rules)


def is_described(policy: Policy, rules: Sequence[Rule]) -> bool:
    """Return whether a policy or one of its rules says what it is for."""
    return bool(policy.title or policy.description) or any(rule.title or rule.description for rule in rules)


ExceptionType = Literal["exclusion", "exemption", "skip", "start"]
EXCEPTION_TYPES: Final[tuple[ExceptionType, ...]] = get_args(ExceptionType)

EXCEPTION_WORDS: Final[dict[ExceptionType, str]] = {
    "exclusion": "rule left out",
    "exemption": "exempt",
    "skip": "skipped in code",
    "start": "in force from a day on",
}
"""What people call each."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class PolicyException(Record, frozen=True, kw_only=True):
    """A place in a repository that keeps a policy or rule from applying, or from applying before a day.

    Whether one has ended depends on the day and is told by whoever shows it.
    """

    id: str
    repository: str
    format: str
    """The registry's name of the policy format: `conforma`, `kyverno`, `gatekeeper`, `semgrep`, `checkov`, `rego`."""
    type: ExceptionType
    """`exclusion`: a configuration leaves a rule out. `exemption`: resources are exempt from it. `skip`: a comment in
    the code that is checked. `start`: no exception, but a rule that is in force from `starts_at` on, if that is given,
    and up to `ends_at`."""
    name: str
    """What it is an exception from, as the source writes it; `every rule` where it names none."""
    scope: str = ""
    """What it holds for, in words: `namespaces kube-system`; `""`: not said."""
    reason: str = ""
    """In the source's own words; `""`: none is given."""
    reference: str = ""
    """http(s) URL that the source gives for it."""
    starts_at: datetime | None = None
    """When it begins; None: at once."""
    ends_at: datetime | None = None
    """When it ends; None: it does not, or the source does not say."""
    span: SourceSpan
    keys: tuple[str, ...] = ()
    """What the policies and rules are called that it is an exception from, in the words of `model/policy_keys.py`."""
    policies: tuple[str, ...] = ()
    """Ids of those that are known, by id."""
    owners: tuple[str, ...] = ()
    """Code owners of the file, by the repository's own CODEOWNERS."""


def ending_first(exceptions: Iterable[PolicyException]) -> list[PolicyException]:
    """Return exceptions by the moment of their end, those without one last, then by id."""
    return sorted(exceptions, key=lambda one: (one.ends_at is None, one.ends_at or one.starts_at or _NEVER, one.id))
