"""A rehearsal of replay: the plan's "JetStream replay functionality works", done rather than believed.

On a log of the same engine beside the real one events are appended, a consumer is killed in the middle of its work and
another takes over, and all is read again. The real log is only read.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import Consumer, EventLog, Retention
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.state.database import EVENTS_FILE

EVENTS: Final = 300
URL_VARIABLE: Final = "GITGUARD_REHEARSAL_URL"
CONSUMER: Final = Consumer(name="rehearsal", ack_wait=1.0, most_tries=10)
_KILLED_AFTER: Final = EVENTS // 3
_PATIENCE: Final = 60.0
"""Seconds for all of it."""


class Rehearsal(Record, frozen=True, kw_only=True):
    """What a rehearsal came to."""

    engine: str
    appended: int
    duplicates: int
    """Sent once more, and known again."""
    handed_twice: int
    """Events that were handed out again, since the consumer that had them was killed."""
    read_again: int
    """Events that a replay gave, from a sequence and from a moment."""
    in_the_log: int
    """Events of the real log, read to its end."""
    lost: int
    """Of all these, how many were not there."""

    def in_words(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.engine}: {self.appended:,} events appended, {self.duplicates:,} of them twice; the consumer was "
            f"killed, {self.handed_twice:,} were handed out again; {self.read_again:,} replayed; the log's own "
            f"{self.in_the_log:,} read: {self.lost:,} lost."
        )


def rehearse(log: EventLog, folder: Path, *, url: str, stream: str) -> Rehearsal:
    """Rehearse.

    Args:
        log: the real one, which is only read.
        folder: where an embedded log may be made for the while.
        url: of the JetStream server; `""`: the embedded log.
        stream: how the name of a stream for the while begins.

    Raises:
        EventError: a log cannot be used.
    """
    before = log.status()
    numbers = {stored.sequence for stored in log.read() if stored.sequence <= before.last}
    is_uncut = log.status().first == before.first
    missing = max(0, before.events - len(numbers)) if is_uncut else 0
    with _beside(folder, url, stream) as (scratch, arguments, place):
        began = system_moment()
        events = [_event(number) for number in range(EVENTS)]
        kept = {item.sequence for item in scratch.append(events) if not item.is_duplicate}
        repeated = scratch.append(events[::10])
        effects = place / "effects"
        _run_until_killed(arguments, url, effects)
        _take_over(scratch, effects)
        lines = effects.read_text("ascii").split()
        by_sequence = {stored.sequence for stored in scratch.read(sequence=1)}
        by_moment = {stored.sequence for stored in scratch.read(since=began)}
    lost = EVENTS - len(kept) + len(kept - set(map(int, lines))) + len(kept - by_sequence) + len(kept - by_moment)
    return Rehearsal(
        engine=before.engine,
        appended=len(kept),
        duplicates=sum(item.is_duplicate for item in repeated),
        handed_twice=len(lines) - len(set(lines)),
        read_again=len(kept & by_sequence & by_moment),
        in_the_log=len(numbers),
        lost=lost + missing,
    )


@contextmanager
def _beside(folder: Path, url: str, stream: str) -> Iterator[tuple[EventLog, list[str], Path]]:
    """Give a log that is gone afterwards, what a process needs to open it, and a folder."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=folder) as place:
        name = f"{stream}-{uuid4().hex[:12]}"
        path = Path(place) / EVENTS_FILE
        log = open_log(path, url=url, stream=name, retention=Retention())
        try:
            yield log, [str(path), name], Path(place)
        finally:
            with suppress(EventError):
                log.destroy()


def _event(number: int) -> Event:
    return Event(
        source="github",
        name="push",
        body=msgspec.json.encode({"rehearsal": uuid4().hex, "number": number}),
        accepted_at=system_moment(),
        delivery=uuid4().hex,
        repository=EventRepository(name=f"rehearsal/{number % 7}"),
    )


def _run_until_killed(arguments: list[str], url: str, effects: Path) -> None:
    """Have another process consume until it is killed, by itself, in the middle of its work."""
    module = f"{__package__}.doomed_consumer"
    command = [sys.executable, "-P", "-m", module, *arguments, str(effects), str(_KILLED_AFTER)]
    try:
        # The webhooks' secrets are nothing to it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GITGUARD_")}
        # It may hold a password, and the command line is for everybody to see.
        environment[URL_VARIABLE] = url
        subprocess.run(
            command,
            check=False,
            timeout=_PATIENCE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise EventError("The consumer of the rehearsal has not ended.", hint="Try again.") from error


def _take_over(log: EventLog, effects: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    with effects.open("a", encoding="ascii") as stream:
        while time.monotonic() < deadline:
            deliveries = log.consume(CONSUMER, most=50, wait=0.5)
            stream.writelines(f"{delivery.sequence}\n" for delivery in deliveries)
            log.acknowledge(deliveries)
            states = [state for state in log.status().consumers if state.name == CONSUMER.name]
            if not deliveries and all(not (state.waiting or state.in_hand) for state in states):
                return
