"""Where events say to look: an event is no more than that, for git is the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.events.event import reason_against
from mkdocs_gitguard.events.own import GAP, OWN_NAMES, REPLAY, read_replay, replayed
from mkdocs_gitguard.model import Record

if TYPE_CHECKING:
    from mkdocs_gitguard.events.event import Event
    from mkdocs_gitguard.events.log import EventLog
    from mkdocs_gitguard.site_build.event_selection import EventPlaces


class Look(Record, frozen=True, kw_only=True):
    """The repositories that may have moved."""

    everywhere: bool = False
    repositories: frozenset[str] = frozenset()
    """Node ids."""

    def __or__(self, other: Look) -> Look:
        """Return both."""
        return Look(everywhere=self.everywhere or other.everywhere, repositories=self.repositories | other.repositories)

    def __bool__(self) -> bool:
        """Tell whether there is anywhere to look."""
        return self.everywhere or bool(self.repositories)

    @property
    def look_at(self) -> frozenset[str] | None:
        """The repositories as a build takes them: None for all."""
        return None if self.everywhere else self.repositories

    def covers(self, other: Look) -> bool:
        """Tell whether whoever looked here has looked there."""
        return self.everywhere or (not other.everywhere and other.repositories <= self.repositories)


EVERYWHERE: Final = Look(everywhere=True)


def look_of(event: Event, places: EventPlaces, log: EventLog) -> Look:
    """Return where an event says to look.

    Raises:
        ParseError: it is one of our own and cannot be read, or is not an event.
        EventError: it asks for a replay, and the log cannot be read.
    """
    if reason := reason_against(event):
        raise ParseError(reason)
    if event.source == "gitguard" and event.name in OWN_NAMES:
        if event.name == GAP:
            return EVERYWHERE
        assert event.name == REPLAY  # noqa: S101 - there is no other
        looks = [_of_one(stored.event, places) for stored in replayed(log, read_replay(event))]
        return Look(repositories=frozenset[str]().union(*(look.repositories for look in looks)))
    return _of_one(event, places)


def _of_one(event: Event, places: EventPlaces) -> Look:
    return Look(repositories=places.of(event.repository))
