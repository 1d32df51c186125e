"""What follows from the ownership records at a given moment, for the views of code owners. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import Owner
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.portal.path_answers import ruleset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.model import (
        Contributor,
        Graph,
        Holding,
        Ownership,
        OwnershipArea,
        OwnershipRule,
        OwnerState,
        PathRules,
    )
    from mkdocs_gitguard.portal.now import Now


class Load(NamedTuple):
    """One owner's load over all repositories."""

    owner: Owner
    state: OwnerState
    last_at: datetime | None
    """The day (midnight UTC); of a team, the last on which a known member was seen."""
    holdings: Sequence[Holding] = ()
    """Most files first; none where they are not asked for."""

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


def load_of(graph: Graph, now: Now, owner_id: str, *, with_holdings: bool = True) -> Load:
    """Return the load of an owner, at the moment of the build.

    Args:
        graph: of the snapshot.
        now: the moment.
        owner_id: node id.
        with_holdings: whether it says what the owner has; a page about one repository does not show what they have in
            others, and need not be made again for that.
    """
    owner = graph.owners.get(owner_id) or Owner(id=owner_id, type="email", name=owner_id)
    members = [graph.owners[member] for member in graph.others(owner_id, "has_member") if member in graph.owners]
    moments = [person.last_at for person in (owner, *members) if person.last_at is not None]
    holdings = graph.holdings_by_owner.get(owner_id, ()) if with_holdings else ()
    return Load(owner, now.state_of(owner, members), max(moments, default=None), holdings)


def all_loads(graph: Graph, now: Now) -> list[Load]:
    """Return the load of every owner that a CODEOWNERS file names."""
    return [load_of(graph, now, owner) for owner in graph.holdings_by_owner]


def tree(areas: Iterable[OwnershipArea]) -> AreaFolder | None:
    """Return the root of the ownership tree, folders with most files first; None for a tree of nothing."""
    folders = {area.path: AreaFolder(area) for area in areas}
    for path, folder in folders.items():
        if path:
            folders[path.rpartition("/")[0]].folders.append(folder)
    for folder in folders.values():
        folder.folders.sort(key=lambda below: (-below.area.files, below.area.path))
    return folders.get("")


class PlaceOwners(NamedTuple):
    """Who owns a file, or the files below a folder."""

    owners: tuple[tuple[str, int], ...] = ()
    """Owner ids with the number of their files, most first."""
    unowned: int = 0
    """Files without an owner."""
    is_mixed: bool = False
    """Whether not all of its files have the same owners."""


def owners_by_place(ownership: Ownership, paths: Sequence[str]) -> dict[str, PlaceOwners]:
    """Return the owners of each file and folder of a repository.

    Args:
        ownership: of the repository.
        paths: its files.
    """
    if not ownership.path:
        return {}
    places: dict[str, PlaceOwners] = {}
    in_folders: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for path, match in zip(paths, ruleset_of(ownership).match_many(map(original, paths)), strict=True):
        places[path] = _place_of({match.owners: 1})
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            in_folders[folder][match.owners] += 1
    places.update((folder, _place_of(sets)) for folder, sets in in_folders.items())
    return places


def _place_of(sets: Mapping[tuple[str, ...], int]) -> PlaceOwners:
    """Return what sets of owners, each with the number of its files, come to."""
    counts: Counter[str] = Counter()
    for owners, files in sets.items():
        counts.update(dict.fromkeys(owners, files))
    ranked = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return PlaceOwners(ranked, sets.get((), 0), is_mixed=len(sets) > 1)


def owners_of_files(rules: PathRules, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the owners of each path; nothing where none has any."""
    matches = zip(paths, ruleset_of(rules).match_many(map(original, paths)), strict=True)
    owners = {path: match.owners for path, match in matches}
    return owners if any(owners.values()) else {}


def idle(ownership: Ownership) -> tuple[OwnershipRule, ...]:
    """Return the lines that decide for no file, by line."""
    return tuple(rule for rule in ownership.rules if rule.state != "wins")


def alone(ownership: Ownership, owners: Mapping[str, Owner]) -> tuple[OwnershipRule, ...]:
    """Return the lines whose files hang on one person: a single owner, who is not a team. Most files first."""
    lines = [
        rule
        for rule in ownership.rules
        if rule.files and len(rule.owners) == 1 and (owner := owners.get(rule.owners[0])) and owner.type != "team"
    ]
    return tuple(sorted(lines, key=lambda rule: (-rule.files, rule.line)))


class Drifted(NamedTuple):
    """A line whose files are changed most by somebody who is not among its owners."""

    rule: OwnershipRule
    contributors: tuple[Contributor, ...]


def drifted(ownership: Ownership) -> tuple[Drifted, ...]:
    """Return the lines with drift, most files first. Where an owning team's members are not known nothing is said."""
    rules = {rule.line: rule for rule in ownership.rules}
    lines = [
        Drifted(rules[drift.line], drift.contributors)
        for drift in ownership.drift
        if drift.contributors and drift.contributors[0].standing == "not-owner"
    ]
    return tuple(sorted(lines, key=lambda line: (-line.rule.files, line.rule.line)))


def share(part: int, whole: int) -> str:
    """Return a share in per cent: `0 %` and `100 %` for none and all alone, else with one decimal."""
    if not whole:
        return "\u2013"
    if part in {0, whole}:
        return "100\u00a0%" if part else "0\u00a0%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}\u00a0%"
