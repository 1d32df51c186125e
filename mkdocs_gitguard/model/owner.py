"""Owners: people, teams and e-mail addresses that own or change things."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from msgspec.structs import replace

from mkdocs_gitguard.model.ids import name_of
from mkdocs_gitguard.model.record import Record

LoginSource = Literal["pull-request-fork", "name", "address"]
"""pull-request-fork: the fork that their pull requests came from; name, address: a CODEOWNERS file names the login, and
of all contributors of that repository only theirs is like it."""


class LoginEvidence(Record, frozen=True, kw_only=True):
    """How it is known that a login is somebody's, where neither an address nor the site's people file says so."""

    login: str
    evidence: LoginSource
    text: str = ""
    """The name that is like the login, or how many pull requests came from the fork; `""` for an address."""
    is_probable: bool = False
    """True where likeness is all there is."""


class Account(Record, frozen=True, kw_only=True):
    """A login that is known for certain to be somebody's.

    A noreply address bears it, pull requests came from its fork, the CODEOWNERS file of a repository on that host names
    it and it is theirs elsewhere, or the site's people file says so.
    """

    login: str
    host: str = ""
    """Where it is known to be theirs, as `github.com`; `""`: the people file says it, and names no host."""


class Owner(Record, frozen=True, kw_only=True):
    """A person, bot, team or bare e-mail address.

    `owner:user/mira` for a known login; `owner:user/<slug of the name>~<digest>` for a person known by e-mail only
    (the address itself is not shown); `owner:team/acme/platform`; `owner:email/x@y` for an address that a
    CODEOWNERS file names.
    """

    id: str
    type: Literal["user", "team", "email"]
    name: str
    logins: tuple[str, ...] = ()
    """Forge logins, the main one first."""
    login_evidence: tuple[LoginEvidence, ...] = ()
    """Of those logins that no address in a commit bears and no people file tells, by login."""
    accounts: tuple[Account, ...] = ()
    """Which of them are known for certain to be theirs, and where; by host, of one host the most used first."""
    is_bot: bool = False
    is_alumnus: bool = False
    """Said by the site's people file, never guessed."""
    teams: tuple[str, ...] = ()
    """Ids of the teams that the site's people file puts the person in."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    """The last commit or merge seen in any repository; None where none was, which for a team means `unresolved`."""


def as_shown(owner: Owner) -> Owner:
    """Return an owner as pages show one: without what changes with each commit or pull request of theirs.

    In the place of the moments stand the days that they were seen on, as midnight UTC. How it is known that a login is
    theirs is left out where it is certain: pages say it of probable ones.
    """
    probable = tuple(one for one in owner.login_evidence if one.is_probable)
    return replace(owner, login_evidence=probable, first_at=_day_of(owner.first_at), last_at=_day_of(owner.last_at))


def _day_of(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def login_on(owner: Owner, host: str) -> str:
    """Return what a host calls a person, as far as that is known for certain, else `""`.

    The login of the people file counts on every host, unless addresses show that it is that of another host and tell
    theirs on this one.

    Args:
        owner: a person.
        host: of a repository's pages, as `github.com`; `""` where it has none: what all that is known agrees on.
    """
    if not host:
        logins = {one.login.lower(): one.login for one in owner.accounts}
        return next(iter(logins.values())) if len(logins) == 1 else ""
    login_everywhere = next((one.login for one in owner.accounts if not one.host), "")
    here = [one.login for one in owner.accounts if one.host == host]
    elsewhere = {one.login.lower() for one in owner.accounts if one.host not in ("", host)}
    is_here = login_everywhere.lower() in {login.lower() for login in here}
    if login_everywhere and (is_here or not here or login_everywhere.lower() not in elsewhere):
        return login_everywhere
    return here[0] if here else ""


def owners_by_login(owners: Iterable[Owner]) -> dict[str, str]:
    """Return by login or team name, in small letters, the id of its owner; a login of two people is nobody's."""
    known: dict[str, str] = {}
    shared: set[str] = set()
    for owner in owners:
        names = (name_of(owner.id).partition("/")[2],) if owner.type == "team" else owner.logins
        for name in {name.lower() for name in names}:
            if known.setdefault(name, owner.id) != owner.id:
                shared.add(name)
    return {name: owner for name, owner in known.items() if name not in shared}
