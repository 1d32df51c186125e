"""Owners: people, teams and e-mail addresses that own or change things."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.record import Record


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
    is_bot: bool = False
    is_alumnus: bool = False
    """Said by the site's people file, never guessed."""
    teams: tuple[str, ...] = ()
    """Ids of the teams that the site's people file puts the person in."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    """The last commit or merge seen in any repository; None where none was, which for a team means `unresolved`."""
