"""What has changed between what a portal showed and what it shows now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from mkdocs_gitguard.model.finding import Finding
from mkdocs_gitguard.model.kinds import label_of
from mkdocs_gitguard.model.policy import Policy
from mkdocs_gitguard.model.portal_state import PolicyState, PortalState, RepositoryState, state_of
from mkdocs_gitguard.model.pull_request import PullRequest
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.snapshot import Snapshot

ChangeKind = Literal["added", "changed", "removed"]
CHANGES_VERSION: Final = "1.0"


class PolicyChange(Record, frozen=True, kw_only=True):
    """What became of a policy and its rules."""

    id: str
    change: ChangeKind
    title: str = ""
    """`""` for one that is gone."""
    rules: Mapping[str, ChangeKind] = {}
    """By rule id, of a policy that changed."""


class ReleaseTag(Record, frozen=True, kw_only=True):
    """A release of a repository: a new tag."""

    repository: str
    name: str


class PortalChanges(Record, frozen=True, kw_only=True):
    """What has changed since a release."""

    schema_version: str = CHANGES_VERSION
    since: str
    """The release, or what else the state was taken from."""
    is_same: bool = False
    """Whether the portal shows the very same."""
    repositories_added: tuple[str, ...] = ()
    repositories_gone: int = 0
    """How many are not shown any more. They are not named: the rollout may have taken them out of view."""
    pull_requests: tuple[PullRequest, ...] = ()
    """Merged since, in the snapshot's order, of repositories that were shown before."""
    releases: tuple[ReleaseTag, ...] = ()
    owners_changed: tuple[str, ...] = ()
    """Ids of repositories whose CODEOWNERS file says something else."""
    policies: tuple[PolicyChange, ...] = ()
    """Of repositories that were shown before."""
    findings_added: tuple[Finding, ...] = ()
    findings_gone: tuple[Finding, ...] = ()
    is_cut: bool = False
    """Whether one of the two states held more findings than are compared."""


def changes_since(before: PortalState, snapshot: Snapshot, since: str) -> PortalChanges:
    """Return what has changed since a state.

    Args:
        before: the state.
        snapshot: what is shown now.
        since: what people call the state.
    """
    now = state_of(snapshot)
    shared = [key for key in now.repositories if key in before.repositories]
    return PortalChanges(
        since=since,
        is_same=before.snapshot == now.snapshot,
        repositories_added=tuple(key for key in now.repositories if key not in before.repositories),
        repositories_gone=len(before.repositories.keys() - now.repositories.keys()),
        pull_requests=tuple(
            change
            for change in snapshot.pull_requests
            if change.repository in before.repositories and _is_new(change, before.repositories[change.repository])
        ),
        releases=tuple(
            ReleaseTag(repository=key, name=name)
            for key in shared
            for name in now.repositories[key].releases
            if name not in before.repositories[key].releases
        ),
        owners_changed=tuple(key for key in shared if now.repositories[key].owners != before.repositories[key].owners),
        policies=tuple(_policies(before, now, {policy.id: policy for policy in snapshot.policies})),
        findings_added=_beyond(now.findings, before.findings),
        findings_gone=tuple(
            one
            for one in _beyond(before.findings, now.findings)
            if not one.repository or one.repository in now.repositories
        ),
        is_cut=before.is_cut or now.is_cut,
    )


def _is_new(change: PullRequest, before: RepositoryState) -> bool:
    if before.merged_at is None:
        return True
    return change.merged_at > before.merged_at or (
        change.merged_at == before.merged_at and change.id not in before.merged
    )


def _policies(before: PortalState, now: PortalState, records: Mapping[str, Policy]) -> Iterator[PolicyChange]:
    for key, repository in now.repositories.items():
        if key not in before.repositories:
            continue
        earlier = before.repositories[key].policies
        for policy in sorted(repository.policies.keys() | earlier.keys()):
            change = _change_of(earlier.get(policy), repository.policies.get(policy))
            if change is not None:
                yield PolicyChange(
                    id=policy,
                    change=change,
                    title=label_of(records[policy]) if policy in repository.policies else "",
                    rules=_rules(earlier[policy], repository.policies[policy]) if change == "changed" else {},
                )


def _change_of(before: PolicyState | None, now: PolicyState | None) -> ChangeKind | None:
    if before is None:
        return "added"
    if now is None:
        return "removed"
    return None if before == now else "changed"


def _rules(before: PolicyState, now: PolicyState) -> Mapping[str, ChangeKind]:
    changes: dict[str, ChangeKind] = {}
    for rule in sorted(before.rules.keys() | now.rules.keys()):
        if rule not in before.rules:
            changes[rule] = "added"
        elif rule not in now.rules:
            changes[rule] = "removed"
        elif before.rules[rule] != now.rules[rule]:
            changes[rule] = "changed"
    return changes


def _beyond(findings: tuple[Finding, ...], others: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that are not among the others, as often as they stand more often here."""
    left = Counter(others)
    beyond: list[Finding] = []
    for finding in findings:
        if left[finding] > 0:
            left[finding] -= 1
        else:
            beyond.append(finding)
    return tuple(beyond)
