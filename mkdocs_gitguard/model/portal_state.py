"""What a portal showed, as short as it takes to tell later what has changed since: digests, not contents.

It goes out with every release, and holds nothing that the release does not show.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from mkdocs_gitguard.model.finding import Finding
from mkdocs_gitguard.model.policy import SourceSpan, is_policy
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.snapshot import Snapshot

STATE_VERSION: Final = "1.0"
STATE_PATH: Final = "changes/state.json.gz"
"""Where it stands in a site."""
_DIGITS: Final = 16
_MOST_FINDINGS: Final = 5_000
"""The most severe, which come first."""


class PolicyState(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A policy: digests of its own lines, and of the lines of its rules."""

    digest: str
    rules: Mapping[str, str] = {}
    """By rule id."""


class RepositoryState(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A repository."""

    head: str = ""
    merged_at: datetime | None = None
    """When the newest pull request was merged; None for none."""
    merged: tuple[str, ...] = ()
    """Ids of those that were merged at that very moment."""
    releases: tuple[str, ...] = ()
    """Names of its release tags, sorted."""
    owners: str = ""
    """Digest of what its CODEOWNERS file says, `""` for none."""
    policies: Mapping[str, PolicyState] = {}
    """By id, those that it holds."""


class PortalState(Record, frozen=True, kw_only=True):
    """What a portal showed."""

    schema_version: str = STATE_VERSION
    snapshot: str
    """`Snapshot.digest()`."""
    repositories: Mapping[str, RepositoryState] = {}
    """By id."""
    findings: tuple[Finding, ...] = ()
    """The most severe, at most 5,000."""
    is_cut: bool = False
    """Whether there were more findings."""


def state_of(snapshot: Snapshot, digest: str = "") -> PortalState:
    """Return what a snapshot shows, as a state.

    Args:
        snapshot: all of it.
        digest: its digest, where it is known already.
    """
    texts = {source.blob: source.text.split("\n") for source in snapshot.sources}
    rules: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for rule in snapshot.rules:
        rules[rule.policy][rule.id] = _digest_of_lines(texts, rule.span)
    policies: defaultdict[str, dict[str, PolicyState]] = defaultdict(dict)
    for policy in snapshot.policies:
        if is_policy(policy):
            state = PolicyState(digest=_digest_of_lines(texts, policy.span), rules=rules.get(policy.id, {}))
            policies[policy.repository][policy.id] = state
    newest: dict[str, list[tuple[datetime, str]]] = {}
    for change in snapshot.pull_requests:
        known = newest.setdefault(change.repository, [])
        if not known or known[0][0] == change.merged_at:
            known.append((change.merged_at, change.id))
    owners = {
        one.repository: _digest(*(f"{rule.pattern}\0{rule.section}\0{' '.join(rule.owners)}" for rule in one.rules))
        for one in snapshot.ownership
        if one.path
    }
    return PortalState(
        snapshot=digest or snapshot.digest(),
        repositories={
            repository.id: RepositoryState(
                head=repository.head,
                merged_at=newest[repository.id][0][0] if repository.id in newest else None,
                merged=tuple(sorted(key for _, key in newest.get(repository.id, ()))),
                releases=tuple(sorted(tag.name for tag in repository.tags if tag.is_release)),
                owners=owners.get(repository.id, ""),
                policies=policies.get(repository.id, {}),
            )
            for repository in snapshot.repositories
        },
        findings=tuple(msgspec.structs.replace(one, line=0) for one in snapshot.findings[:_MOST_FINDINGS]),
        is_cut=len(snapshot.findings) > _MOST_FINDINGS,
    )


def _digest_of_lines(texts: Mapping[str, list[str]], span: SourceSpan) -> str:
    """Return the digest of a source's lines: where the text is not at hand, of its place in the file's content."""
    lines = texts.get(span.blob)
    if lines is None:
        return _digest(span.blob, str(span.first_line), str(span.last_line))
    return _digest(*lines[span.first_line - 1 : span.last_line])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
