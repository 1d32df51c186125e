"""The snapshot: everything that a person or a tool may see, and nothing else."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.model.decision import Decision
from mkdocs_gitguard.model.finding import Finding
from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.ownership import Ownership
from mkdocs_gitguard.model.policy import Policy, Rule, SourceText
from mkdocs_gitguard.model.pull_request import PullRequest
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.relation import INVERSE, Relation
from mkdocs_gitguard.model.repository import Organization, Repository

SCHEMA_VERSION: Final = "1.0"
"""Of the snapshot and of all JSON made from it. The first number changes only with a break of the promise in
docs/compatibility.md."""

Node = Organization | Repository | Owner | PullRequest | Policy | Rule | Decision


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
    ownership: tuple[Ownership, ...] = ()
    """By repository, one for each. Empty while the feature is off."""
    relations: tuple[Relation, ...] = ()
    """By source, type, target. Each pair once; `Graph` shows both ends."""
    findings: tuple[Finding, ...] = ()
    """Errors first."""
    sources: tuple[SourceText, ...] = ()
    """By blob."""

    def nodes(self) -> Iterator[Node]:
        """Yield every node of the graph."""
        yield self.organization
        yield from self.repositories
        yield from self.owners
        yield from self.pull_requests
        yield from self.policies
        yield from self.rules
        yield from self.decisions

    def to_json(self) -> bytes:
        """Return the whole as JSON, UTF-8, in field order."""
        return msgspec.json.encode(self)

    def digest(self) -> str:
        """Return the SHA-256 of the content, the snapshot's id in a release's manifest."""
        return hashlib.sha256(msgspec.msgpack.encode(self)).hexdigest()


class Seen(NamedTuple):
    """A relation as one of its ends sees it: `type` is already the right name for that end."""

    type: str
    other: str
    relation: Relation


class Graph:
    """Looks things up in a snapshot. Holds no facts of its own."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Index nothing yet: each index is built when it is first asked for."""
        self.snapshot = snapshot

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by id."""
        return MappingProxyType({node.id: node for node in self.snapshot.nodes()})

    @cached_property
    def relations(self) -> Mapping[str, tuple[Seen, ...]]:
        """Every relation by each of its ends, in the snapshot's order."""
        ends: defaultdict[str, list[Seen]] = defaultdict(list)
        for relation in self.snapshot.relations:
            ends[relation.source].append(Seen(relation.type, relation.target, relation))
            ends[relation.target].append(Seen(INVERSE[relation.type], relation.source, relation))
        return MappingProxyType({end: tuple(seen) for end, seen in ends.items()})

    @cached_property
    def repositories(self) -> Mapping[str, Repository]:
        """Repositories by id."""
        return MappingProxyType({repository.id: repository for repository in self.snapshot.repositories})

    @cached_property
    def owners(self) -> Mapping[str, Owner]:
        """Owners by id."""
        return MappingProxyType({owner.id: owner for owner in self.snapshot.owners})

    @cached_property
    def ownership(self) -> Mapping[str, Ownership]:
        """Ownership by repository id."""
        return MappingProxyType({ownership.repository: ownership for ownership in self.snapshot.ownership})

    @cached_property
    def pull_requests(self) -> Mapping[str, tuple[PullRequest, ...]]:
        """Pull requests by repository id, newest first."""
        groups: defaultdict[str, list[PullRequest]] = defaultdict(list)
        for pull_request in self.snapshot.pull_requests:
            groups[pull_request.repository].append(pull_request)
        return MappingProxyType({repository: tuple(group) for repository, group in groups.items()})

    @cached_property
    def findings(self) -> Mapping[str, tuple[Finding, ...]]:
        """Findings by repository id; `""` for those of none."""
        groups: defaultdict[str, list[Finding]] = defaultdict(list)
        for finding in self.snapshot.findings:
            groups[finding.repository].append(finding)
        return MappingProxyType({repository: tuple(group) for repository, group in groups.items()})

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        """Return the ids at the other end of the node's relations of one type, named from its end."""
        return tuple(seen.other for seen in self.relations.get(node, ()) if seen.type == relation_type)
