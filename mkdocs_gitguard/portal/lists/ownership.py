"""What follows from the ownership records at a given moment, for the views of code owners. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import Owner, OwnershipRule, owner_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.model import (
        Contributor,
        Graph,
        Ownership,
        OwnershipArea,
        OwnerState,
        PullRequest,
        PullRequestOwnership,
    )

_RECENT: Final = 10


class Holding(NamedTuple):
    """What one owner has in one repository."""

    ownership: Ownership
    files: int
    patterns: tuple[str, ...]
    """Of the lines that name the owner and decide for at least one file."""
    idle: tuple[OwnershipRule, ...]
    """Lines that name the owner and decide for no file."""


@dataclass(slots=True)
class Load:
    """One owner's load over all repositories."""

    owner: Owner
    state: OwnerState
    last_at: datetime | None
    """Of a team: the last moment that a known member was seen."""
    holdings: list[Holding] = field(default_factory=list)
    """Most files first."""

    @property
    def files(self) -> int:
        """Files in all repositories."""
        return sum(holding.files for holding in self.holdings)

    @property
    def repositories(self) -> int:
        """Repositories in which the owner has at least one file."""
        return sum(holding.files > 0 for holding in self.holdings)


@dataclass(slots=True)
class AreaFolder:
    """A folder of the ownership tree with those below it."""

    area: OwnershipArea
    folders: list[AreaFolder] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its own name, without the folders above."""
        return self.area.path.rpartition("/")[2]


class Overview:
    """The ownership of all repositories at one moment. Each part is made when it is first asked for."""

    def __init__(self, graph: Graph, now: datetime) -> None:
        """Keep where to look things up, and the moment of the build."""
        self._graph = graph
        self._now = now
        self.ownership: tuple[Ownership, ...] = graph.snapshot.ownership

    @cached_property
    def loads(self) -> Mapping[str, Load]:
        """By owner id, every owner that a CODEOWNERS file names."""
        loads: dict[str, Load] = {}
        for ownership in self.ownership:
            rules: defaultdict[str, list[OwnershipRule]] = defaultdict(list)
            for rule in ownership.rules:
                for owner in rule.owners:
                    rules[owner].append(rule)
            for share in ownership.owners:
                load = loads.get(share.owner) or loads.setdefault(share.owner, self._load(share.owner))
                load.holdings.append(
                    Holding(
                        ownership,
                        share.files,
                        tuple(dict.fromkeys(rule.pattern for rule in rules[share.owner] if rule.files)),
                        tuple(rule for rule in rules[share.owner] if not rule.files),
                    )
                )
        for load in loads.values():
            load.holdings.sort(key=lambda holding: (-holding.files, holding.ownership.repository))
        return loads

    @cached_property
    def pull_requests(self) -> Mapping[str, PullRequestOwnership]:
        """By pull request id."""
        return {one.pull_request: one for ownership in self.ownership for one in ownership.pull_requests}

    @cached_property
    def recent(self) -> Mapping[str, Sequence[PullRequest]]:
        """By owner id, the last pull requests that touched what is theirs, newest first."""
        found: defaultdict[str, list[PullRequest]] = defaultdict(list)
        changes = {change.id: change for changes in self._graph.pull_requests.values() for change in changes}
        for ownership in self.ownership:
            taken: defaultdict[str, int] = defaultdict(int)
            for one in ownership.pull_requests:
                for share in one.owners:
                    # They come newest first: of one repository no more than the first few can be among the last.
                    if taken[share.owner] < _RECENT and one.pull_request in changes:
                        taken[share.owner] += 1
                        found[share.owner].append(changes[one.pull_request])
        return {
            owner: nlargest(_RECENT, touched, key=lambda change: (change.merged_at, change.id))
            for owner, touched in found.items()
        }

    def _load(self, owner_id: str) -> Load:
        owner = self._graph.owners.get(owner_id) or Owner(id=owner_id, type="email", name=owner_id)
        members = [
            self._graph.owners[member]
            for member in self._graph.others(owner_id, "has_member")
            if member in self._graph.owners
        ]
        moments = [each.last_at for each in (owner, *members) if each.last_at is not None]
        return Load(owner, owner_state(owner, members, self._now), max(moments, default=None))


def tree(areas: Iterable[OwnershipArea]) -> AreaFolder | None:
    """Return the root of the ownership tree, folders with most files first; None for a tree of nothing."""
    folders = {area.path: AreaFolder(area) for area in areas}
    for path, folder in folders.items():
        if path:
            folders[path.rpartition("/")[0]].folders.append(folder)
    for folder in folders.values():
        folder.folders.sort(key=lambda below: (-below.area.files, below.area.path))
    return folders.get("")


def idle(ownership: Ownership) -> tuple[OwnershipRule, ...]:
    """Return the lines that decide for no file, by line."""
    return tuple(rule for rule in ownership.rules if rule.state != "wins")


def alone(ownership: Ownership, owners: Mapping[str, Owner]) -> tuple[OwnershipRule, ...]:
    """Return the lines whose files hang on one person: a single owner, who is not a team. Most files first."""
    found = [
        rule
        for rule in ownership.rules
        if rule.files and len(rule.owners) == 1 and (owner := owners.get(rule.owners[0])) and owner.type != "team"
    ]
    return tuple(sorted(found, key=lambda rule: (-rule.files, rule.line)))


class Drifted(NamedTuple):
    """A line whose files are changed most by somebody who is not among its owners."""

    rule: OwnershipRule
    contributors: tuple[Contributor, ...]


def drifted(ownership: Ownership) -> tuple[Drifted, ...]:
    """Return the lines with drift, most files first. Where an owning team's members are not known nothing is said."""
    rules = {rule.line: rule for rule in ownership.rules}
    found = [
        Drifted(rules[each.line], each.contributors)
        for each in ownership.drift
        if each.contributors and each.contributors[0].standing == "not-owner"
    ]
    return tuple(sorted(found, key=lambda each: (-each.rule.files, each.rule.line)))


def share(part: int, whole: int) -> str:
    """Return a share in per cent: `0 %` and `100 %` for none and all alone, else with one decimal."""
    if not whole:
        return "\u2013"
    if part in {0, whole}:
        return "100\u00a0%" if part else "0\u00a0%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}\u00a0%"
