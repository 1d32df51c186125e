"""The events that we write into the log ourselves, beside what senders send.

- `gap`: events were cut, or lost, before every consumer had acknowledged them. Nobody can say any more where those
  would have had one look, so all has to be looked at: a reconcile.
- `replay`: somebody wants a stretch of the log worked through again. The stretch is read from the log itself, so that
  the log says who replayed what, and nothing stands in it twice.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar
from uuid import uuid4

import msgspec

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.log import EventLog, StoredEvent
from mkdocs_gitguard.model import Record

GAP: Final = "gap"
REPLAY: Final = "replay"
OWN_NAMES: Final = frozenset({GAP, REPLAY})


class Gap(Record, frozen=True, kw_only=True):
    """A stretch of the log that is gone before its time."""

    first: int
    last: int
    consumers: tuple[str, ...]
    """Who had not acknowledged all of it."""
    reason: str


class Replay(Record, frozen=True, kw_only=True):
    """A stretch of the log to be worked through again."""

    first: int
    last: int
    repository: str = ""
    """Only events about this one; `""`: about any."""
    reason: str = ""


Own = TypeVar("Own", Gap, Replay)


def gap_event(gap: Gap, *, at: datetime) -> Event:
    """Return the event that tells of a gap. The same gap, noticed twice, is one delivery."""
    delivery = f"{GAP}-{gap.first}-{gap.last}-{'-'.join(gap.consumers)}"
    return Event(source="gitguard", name=GAP, body=msgspec.json.encode(gap), accepted_at=at, delivery=delivery)


def replay_event(replay: Replay, *, at: datetime) -> Event:
    """Return the event that asks for a replay. To ask again is another."""
    return Event(
        source="gitguard", name=REPLAY, body=_with_id(replay), accepted_at=at, delivery=f"{REPLAY}-{uuid4().hex}"
    )


def read_gap(event: Event) -> Gap:
    """Return what a `gap` event tells.

    Raises:
        ParseError: it cannot be read.
    """
    return _read(event, Gap)


def gap_in_words(event: Event) -> str:
    """Return what a `gap` event tells, a sentence; `""` where it is none, or cannot be read."""
    if event.source != "gitguard" or event.name != GAP:
        return ""
    try:
        gap = read_gap(event)
    except ParseError:
        return ""
    stretch = f", {gap.first} to {gap.last}" if gap.last else ""
    return f"The event log has a gap{stretch}: {gap.reason}. All repositories are looked at."


def read_replay(event: Event) -> Replay:
    """Return what a `replay` event asks for.

    Raises:
        ParseError: it cannot be read.
    """
    return _read(event, Replay)


def replayed(log: EventLog, replay: Replay) -> Iterator[StoredEvent]:
    """Yield the events that a replay asks for, as far as the log still holds them; never one of our own."""
    wanted = replay.repository.lower()
    for stored in log.read(sequence=replay.first):
        if stored.sequence > replay.last:
            return
        if stored.event.source == "gitguard" and stored.event.name in OWN_NAMES:
            continue
        repository = stored.event.repository
        if not wanted or wanted in (name.lower() for name in (repository.name, *repository.former_names)):
            yield stored


def _with_id(replay: Replay) -> bytes:
    # Else two replays of one stretch would be one body, and the second a duplicate.
    return msgspec.json.encode({**msgspec.to_builtins(replay), "id": uuid4().hex})


def _read(event: Event, kind: type[Own]) -> Own:
    try:
        return msgspec.json.decode(event.body, type=kind)
    except msgspec.MsgspecError as error:
        raise ParseError(f"A {event.name} event cannot be read: {error}.") from error
