"""Exceptions from policies as lists: which have ended, which end or begin soon, and all of them as a calendar."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from mkdocs_gitguard.model import file_url
from mkdocs_gitguard.words import one_line, web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mkdocs_gitguard.model import Forge, PolicyException, Repository
    from mkdocs_gitguard.portal.now import Now

AHEAD: Final = 90
"""Days that the calendar on the page looks ahead."""
MOST_EVENTS: Final = 2_000
"""Of a calendar file, the first first."""
_OCTETS: Final = 75
"""Of a line of iCalendar, its end left out (RFC 5545, section 3.1)."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)

State = Literal["ended", "soon", "later", "open"]
"""ended: its end has passed; soon: it ends within `AHEAD` days; later: it ends after that; open: it has no end."""


class Dated(NamedTuple):
    """A day on which something changes."""

    at: datetime
    one: PolicyException
    is_end: bool
    """False: it begins."""

    @property
    def words(self) -> str:
        """What happens on that day."""
        if self.one.type == "start":
            return "no longer in force" if self.is_end else "comes into force"
        return "exception ends" if self.is_end else "exception begins"


def dates_of(exceptions: Iterable[PolicyException]) -> list[Dated]:
    """Return every day on which an exception begins or ends, the first first."""
    dates = [
        Dated(at, one, is_end)
        for one in exceptions
        for at, is_end in ((one.starts_at, False), (one.ends_at, True))
        if at is not None
    ]
    return sorted(dates, key=lambda dated: (dated.at, dated.one.id, dated.is_end))


def worth_showing(exceptions: Iterable[PolicyException], now: Now) -> list[PolicyException]:
    """Return what is to be shown, what has ended first, then by the day on which it changes.

    A rule that has come into force for good is like any other, and left out.
    """
    shown = [one for one in exceptions if not _is_in_force(one, now)]
    order = ("ended", "soon", "later", "open")
    return sorted(shown, key=lambda one: (order.index(state_of(one, now)), _changes_at(one) or _NEVER, one.id))


def _is_in_force(one: PolicyException, now: Now) -> bool:
    is_for_good = one.type == "start" and one.ends_at is None
    return is_for_good and (one.starts_at is None or now.is_over(-1, one.starts_at))


def _changes_at(one: PolicyException) -> datetime | None:
    return one.starts_at if one.type == "start" and one.ends_at is None else one.ends_at


def is_ahead(at: datetime, now: Now) -> bool:
    """Return whether a moment is today or within the next `AHEAD` days."""
    return not now.is_over(0, at) and now.is_over(-AHEAD - 1, at)


def state_of(one: PolicyException, now: Now) -> State:
    """Return how an exception stands today."""
    at = _changes_at(one)
    if at is None:
        return "open"
    if now.is_over(0, at):
        return "ended"
    return "soon" if is_ahead(at, now) else "later"


def calendar(
    exceptions: Iterable[PolicyException], repositories: Mapping[str, Repository], names: Mapping[str, str], now: Now
) -> bytes:
    """Return what begins and ends as iCalendar (RFC 5545), the same bytes for the same exceptions on the same day.

    Args:
        exceptions: of the portal.
        repositories: by id.
        names: what nodes are called, by id.
        now: what lies further back than `AHEAD` days is left out.
    """
    dates = [dated for dated in dates_of(exceptions) if not now.is_over(AHEAD, dated.at)]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//mkdocs-gitguard//exceptions//EN",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Exceptions from policies",
    ]
    for dated in dates[:MOST_EVENTS]:
        lines += _event(dated, repositories[dated.one.repository], names)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _event(dated: Dated, repository: Repository, names: Mapping[str, str]) -> Iterator[str]:
    one = dated.one
    last_day = dated.at.astimezone(UTC).date()
    owners = ", ".join(names.get(owner, owner) for owner in one.owners)
    about = [
        one.reason,
        f"For: {one.scope}" if one.scope else "",
        f"Owner: {owners}" if owners else "Owner: none",
        f"{names.get(one.repository, one.repository)}: {one.span.path}:{one.span.first_line}",
        one.reference,
    ]
    yield "BEGIN:VEVENT"
    # A UID lasts as long as what it is about (section 3.8.4.7); the id may hold any character.
    yield f"UID:{_uid(dated)}"
    yield f"DTSTAMP:{_stamp(repository.head_at or dated.at)}"
    yield f"DTSTART;VALUE=DATE:{last_day:%Y%m%d}"
    if last_day < last_day.max:
        yield f"DTEND;VALUE=DATE:{last_day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(f'{dated.words.capitalize()}: {one.name} in {names.get(one.repository, one.repository)}')}"
    description = "\n".join(one_line(line) for line in about if line)
    yield f"DESCRIPTION:{_text(description)}"
    if url := _url(repository.forge, one):
        yield f"URL:{url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(dated: Dated) -> str:
    digest = hashlib.sha256(f"{dated.one.id}\0{dated.is_end}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:32]}@mkdocs-gitguard"


def _url(forge: Forge | None, one: PolicyException) -> str:
    url = web_url(file_url(forge, one.span.commit, one.span.path, one.span.first_line))
    return "".join(character for character in url if "!" <= character <= "~")


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Return a text as a value (section 3.3.11), control characters taken out."""
    shown = "".join(character if character.isprintable() or character == "\n" else " " for character in text)
    return shown.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a content line in lines of at most 75 octets, no character parted (section 3.1)."""
    parts: list[str] = []
    part, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _OCTETS:
            parts.append(part)
            # What goes on begins with a blank, which counts.
            part, size = "", 1
        part += character
        size += width
    return "\r\n ".join([*parts, part])
