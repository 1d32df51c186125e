"""The snapshot: everything that a person or a tool may see, and nothing else."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

import msgspec

from mkdocs_gitguard.model.decision import Decision
from mkdocs_gitguard.model.finding import Finding
from mkdocs_gitguard.model.kinds import NODE_KINDS, Node
from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.ownership import Ownership
from mkdocs_gitguard.model.policy import Policy, PolicyException, Rule, SourceText
from mkdocs_gitguard.model.pull_request import EventFacts, PullRequest, PullRequestStatus
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.relation import Relation
from mkdocs_gitguard.model.repository import Organization, Repository

SCHEMA_VERSION: Final = "1.3"
"""Of the snapshot and of all JSON made from it. The first number changes only with a break of the promise in
docs/compatibility.md."""


class Snapshot(Record, frozen=True, kw_only=True):
    """An immutable graph of records. The rollout's selection has been applied before one exists.

    Each tuple is sorted as its field says, so that the same facts are the same bytes.
    """

    schema_version: str = SCHEMA_VERSION
    organization: Organization
    repositories: tuple[Repository, ...] = ()
    """By id."""
    owners: tuple[Owner, ...] = ()
    """By id."""
    pull_requests: tuple[PullRequest, ...] = ()
    """By repository, then newest first."""
    policies: tuple[Policy, ...] = ()
    """By id."""
    rules: tuple[Rule, ...] = ()
    """By id."""
    decisions: tuple[Decision, ...] = ()
    """Newest first."""
    exceptions: tuple[PolicyException, ...] = ()
    """By id."""
    ownership: tuple[Ownership, ...] = ()
    """By repository, one for each. Empty while the feature is off."""
    relations: tuple[Relation, ...] = ()
    """By source, type, target. Each pair once; `Graph` shows both ends."""
    findings: tuple[Finding, ...] = ()
    """Errors first."""
    sources: tuple[SourceText, ...] = ()
    """By blob."""

    def nodes(self) -> Iterator[Node]:
        """Yield every node of the graph, in the order of `NODE_KINDS`."""
        for kind in NODE_KINDS:
            nodes = getattr(self, kind.field)
            yield from nodes if isinstance(nodes, tuple) else (nodes,)

    def to_json(self) -> bytes:
        """Return the whole as JSON, UTF-8, in field order."""
        return msgspec.json.encode(self)

    def digest(self) -> str:
        """Return the SHA-256 of the content, the snapshot's id in a release's manifest."""
        return hashlib.sha256(msgspec.msgpack.encode(self)).hexdigest()


def still_open(events: EventFacts, snapshot: Snapshot) -> list[PullRequestStatus]:
    """Return what events say is open, but for what git knows to be merged: git is the truth."""
    waiting_for_git = [status for status in events.pull_requests if status.state == "open"]
    if not waiting_for_git:
        return []
    merged = {change.id for change in snapshot.pull_requests}
    return [status for status in waiting_for_git if status.id not in merged]


def pull_requests_of(snapshot: Snapshot, repository: str) -> tuple[PullRequest, ...]:
    """Return the pull requests of a repository by its id, the newest first: all of them stand by repository."""
    everything = snapshot.pull_requests
    first = bisect_left(everything, repository, key=_repository)
    return everything[first : bisect_right(everything, repository, first, key=_repository)]


_repository: Final = attrgetter("repository")


def json_schema(model: Any = Snapshot) -> dict[str, Any]:
    """Return the JSON Schema of a record type, with the others it needs under `$defs`.

    It is of the draft 2020-12 (https://json-schema.org/draft/2020-12).
    """
    schema = msgspec.json.schema(model)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
