"""Policies and their rules, each with the exact lines it stands on."""

from datetime import datetime

from mkdocs_gitguard.model.record import Record


class SourceSpan(Record, frozen=True, kw_only=True):
    """Lines of a file at a commit. Lines count from 1, both ends included."""

    repository: str
    path: str
    first_line: int
    last_line: int
    commit: str
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


class Policy(Record, frozen=True, kw_only=True):
    """A policy: a Rego package's file, a Kyverno policy, a ConstraintTemplate, a workflow, ..."""

    id: str
    repository: str
    format: str
    """The registry's name of the format: `rego`, `gatekeeper`, `kyverno`, ..."""
    type: str
    """The source's own word for it: `package`, `ClusterPolicy`, `ConstraintTemplate`, ..."""
    name: str
    title: str = ""
    description: str = ""
    severity: str = ""
    category: str = ""
    related: tuple[str, ...] = ()
    """http(s) URLs."""
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
