"""Ownership: what a repository's CODEOWNERS file says of its files, and whether the people it names are there.

All counts are of the files of the head commit. Nothing here depends on the present moment: whether an owner is active
is told by `owner_state` from `Owner.last_at` and the moment of the build.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.record import Record

RuleState = Literal["wins", "shadowed", "duplicate", "dead"]
"""wins: decides for at least one file; shadowed: matches files, but other lines decide for all of them; duplicate: a
later line says the same paths; dead: matches no file."""
CodeownersDialect = Literal["github", "gitlab", "bitbucket", "gitea", "forgejo"]
OwnerState = Literal["active", "inactive", "unresolved"]
Standing = Literal["owner", "not-owner", "unknown"]
"""unknown: a team owns the path and the site's people file does not say who is in it."""
Role = Literal["author", "co-author", "merger"]

INACTIVE_AFTER: Final = timedelta(days=365)
"""An owner not seen for longer is inactive."""


class OwnershipRule(Record, frozen=True, kw_only=True):
    """One line of the CODEOWNERS file."""

    line: int
    pattern: str
    owners: tuple[str, ...] = ()
    """Owner ids; empty: the line takes owners away."""
    section: str = ""
    files: int = 0
    """Files that it decides for."""
    examples: tuple[str, ...] = ()
    """The first of those files, by path, at most 50."""
    matched: int = 0
    """Files that its pattern matches."""
    state: RuleState
    by: tuple[int, ...] = ()
    """Lines that decide for the files it matches, most files first; for a duplicate, the line that counts."""
    is_exclusion: bool = False
    """GitLab's `!`: exempts its files from the section."""
    is_negated: bool = False
    """Gitea's `!`: holds for what the pattern does not match."""


class OwnershipSection(Record, frozen=True, kw_only=True):
    """A section of a GitLab file."""

    name: str
    line: int
    is_optional: bool = False
    approvals: int = 1


class OwnershipFault(Record, frozen=True, kw_only=True):
    """A line, or a part of one, that the forge does not take."""

    line: int
    """0 for the file as a whole."""
    column: int
    kind: str
    message: str
    is_skipped: bool = True
    """True if the whole line counts for nothing."""


class OwnerShare(Record, frozen=True, kw_only=True):
    """How many files an owner has, in whatever this stands in."""

    owner: str
    files: int


class OwnershipArea(Record, frozen=True, kw_only=True):
    """A folder of the ownership tree. Folders in which all files have the same owners are not split further."""

    path: str
    """`""` for the root; otherwise without a slash at its end."""
    files: int
    owned: int
    """Files that have at least one owner."""
    owners: tuple[OwnerShare, ...] = ()
    """Most files first, at most ten."""
    is_split: bool = False
    """True if the folders below it stand in the tree too."""


class Contributor(Record, frozen=True, kw_only=True):
    """Somebody who changed the files of a path group."""

    owner: str
    commits: int
    last_at: datetime
    standing: Standing


class Drift(Record, frozen=True, kw_only=True):
    """Who really changes the files that a rule decides for, bots left out."""

    line: int
    contributors: tuple[Contributor, ...]
    """Most commits first, at most five."""


class TruckFactor(Record, frozen=True, kw_only=True):
    """How few people would have to leave for most files to have lost all their main authors.

    A file's main authors are those with at least three quarters of the commits of whoever changed it most. People are
    taken away greedily, whoever is main author of most files first, until more than half of the files have none left
    (after Avelino et al., "A novel approach for estimating truck factors", 2016, by commit counts alone).
    """

    people: tuple[str, ...] = ()
    """Owner ids, in the order in which they were taken away. Their number is the truck factor."""
    files: int = 0
    """Files with known authors."""


class Participation(Record, frozen=True, kw_only=True):
    """A code owner who took part in a pull request."""

    owner: str
    """As the CODEOWNERS file names them: the person or a team."""
    person: str
    role: Role


class PullRequestOwnership(Record, frozen=True, kw_only=True):
    """Who owns, by the head commit's CODEOWNERS file, the paths that a pull request touched."""

    pull_request: str
    owners: tuple[OwnerShare, ...] = ()
    """Most touched paths first."""
    unowned: int = 0
    """Touched paths without an owner."""
    participations: tuple[Participation, ...] = ()
    """Which of the owners took part. History does not hold reviews, so this never means that they approved."""
    unknown_teams: tuple[str, ...] = ()
    """Owning teams whose members the site's people file does not name: they may have taken part unseen."""


class Ownership(Record, frozen=True, kw_only=True):
    """Everything about the code owners of one repository."""

    repository: str
    path: str = ""
    """The CODEOWNERS file that counts; `""` for none, which is a normal state."""
    dialect: CodeownersDialect = "github"
    ignored: tuple[str, ...] = ()
    """Other CODEOWNERS files, which the forge does not look at."""
    files: int = 0
    owned: int = 0
    """Files that have at least one owner."""
    rules: tuple[OwnershipRule, ...] = ()
    """By line."""
    sections: tuple[OwnershipSection, ...] = ()
    faults: tuple[OwnershipFault, ...] = ()
    """By line and column, at most 1,000."""
    owners: tuple[OwnerShare, ...] = ()
    """Every owner that the file names, most files first."""
    areas: tuple[OwnershipArea, ...] = ()
    """The ownership tree, by path, the root first."""
    unowned: tuple[OwnershipArea, ...] = ()
    """The largest folders without any owned file, and single files, most files first, at most 200. One with one file is
    that file: its path is not a folder's."""
    drift: tuple[Drift, ...] = ()
    """By line; empty where history is not whole."""
    truck_factor: TruckFactor | None = None
    """None where history is not whole."""
    pull_requests: tuple[PullRequestOwnership, ...] = ()
    """Newest first."""
    catalog_owner: str = ""
    """Owner id of the repository's own Backstage `catalog-info.yaml`, `""` for none."""


def owner_state(owner: Owner, members: Iterable[Owner], now: datetime) -> OwnerState:
    """Return whether an owner of the area still takes part, from what history and the people file say.

    Args:
        owner: a person, a team or an e-mail address.
        members: whom the site's people file puts in the team; none for a person.
        now: the moment of the build.

    Returns:
        A team is as active as its most active member. Somebody never seen in any history is unresolved, unless the
        people file says that they left.
    """
    if owner.is_alumnus:
        return "inactive"
    states = [owner_state(member, (), now) for member in members]
    if states:
        return next((state for state in ("active", "unresolved") if state in states), "inactive")
    if owner.last_at is None:
        return "unresolved"
    # By whole days (UTC), so that what ages changes once a day.
    away = now.astimezone(UTC).date() - owner.last_at.astimezone(UTC).date()
    return "active" if away <= INACTIVE_AFTER else "inactive"
