"""Events for drills: those that append and consume them for ever, write down what they did, and the comparison.

An appender writes down every event that the log has acknowledged, a consumer every event that it has worked on, before
it acknowledges it. At the end every event that was acknowledged must be in the log, once, and every event of the log
must have been worked on. To work on one twice does no harm: the effect is a set.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.chaos.processes import fork, kill
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import Consumer, EventLog
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.model.drill import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.process import BaseProcess
    from pathlib import Path

CONSUMER: Final = Consumer(name="watch", ack_wait=1.0, most_tries=1000)
_ACKNOWLEDGED: Final = "acknowledged"
_EFFECTS: Final = "effects"
_BATCH: Final = 10
_SOME: Final = 3
"""Examples that a tally gives."""


def made_event(delivery: str, *, text: str = "") -> Event:
    """Return an event like no other of another delivery; with a `text`, of the same body as those with the same one."""
    return Event(
        source="github",
        name="push",
        body=(text or f'{{"delivery": "{delivery}"}}').encode() + b" " * 1000,
        accepted_at=system_moment(),
        delivery=delivery,
        repository=EventRepository(name="acme/billing"),
    )


class LogPlace(NamedTuple):
    """Where a log is, and where its users write down what they did."""

    path: Path
    """Of the embedded log."""
    url: str = ""
    """Of a broker, which is used instead."""
    notes: Path | None = None
    """The folder of what is written down; None: that of the log."""

    def open(self) -> EventLog:
        """Open the log."""
        return open_log(self.path, url=self.url, stream="drill")

    def file(self, name: str) -> Path:
        """Return a file of what is written down."""
        return (self.notes or self.path.parent) / name

    def acknowledged(self) -> list[str]:
        """Return the deliveries that were acknowledged."""
        return whole_lines(self.file(_ACKNOWLEDGED))

    def effects(self) -> list[tuple[int, str]]:
        """Return sequence and delivery of each piece of work, in its order."""
        return [(int(line.split()[0]), line.split()[1]) for line in whole_lines(self.file(_EFFECTS))]


def append_for_ever(place: LogPlace, number: int) -> None:
    """Append, and write down what was acknowledged, until killed."""
    log, dice = place.open(), random.Random(number)  # noqa: S311 - to be had again from the seed
    at = 0
    with place.file(_ACKNOWLEDGED).open("ab", buffering=0) as file:
        while True:
            deliveries = [f"{number}-{at + more}" for more in range(dice.choice([1, 1, 1, 20]))]
            at += len(deliveries)
            with suppress(EventError):
                log.append([made_event(delivery) for delivery in deliveries])
                file.write("".join(f"{delivery}\n" for delivery in deliveries).encode())


def consume_for_ever(place: LogPlace, _: int) -> None:
    """Consume, and write down what was worked on, until killed."""
    log = place.open()
    with place.file(_EFFECTS).open("ab", buffering=0) as file:
        while True:
            with suppress(EventError):
                deliveries = log.consume(CONSUMER, most=_BATCH, wait=0.2)
                file.write("".join(f"{item.sequence} {item.event.delivery}\n" for item in deliveries).encode())
                log.acknowledge(deliveries)


class LogUsers:
    """An appender and a consumer, each a process, which are killed and started again."""

    def __init__(self, place: LogPlace) -> None:
        """Start both."""
        self.place = place
        self._number = 0
        self._running: dict[str, BaseProcess] = {}
        self.start("appender", "consumer")

    def start(self, *roles: str) -> None:
        """Start some of them."""
        for role in roles:
            self._number += 1
            work = append_for_ever if role == "appender" else consume_for_ever
            self._running[role] = fork(partial(work, self.place, self._number))

    def kill(self, *roles: str) -> None:
        """Kill some of them."""
        for role in roles:
            kill(self._running.pop(role))

    def end(self) -> None:
        """Kill those that run."""
        self.kill(*self._running)


def append_well(log: EventLog, place: LogPlace, deliveries: Iterable[str]) -> None:
    """Append events one by one, and write down that they were acknowledged."""
    with place.file(_ACKNOWLEDGED).open("a") as file:
        for delivery in deliveries:
            log.append([made_event(delivery)])
            file.write(f"{delivery}\n")


def work_through(log: EventLog, place: LogPlace, *, patience: float = 20.0) -> None:
    """Work through what the log has left for the consumer, and write it down as ever."""
    deadline = time.monotonic() + patience
    with place.file(_EFFECTS).open("ab", buffering=0) as file:
        while time.monotonic() < deadline:
            deliveries = log.consume(CONSUMER, most=500, wait=0.3)
            file.write("".join(f"{item.sequence} {item.event.delivery}\n" for item in deliveries).encode())
            log.acknowledge(deliveries)
            states = [state for state in log.status().consumers if state.name == CONSUMER.name]
            if not deliveries and all(not (state.waiting or state.in_hand) for state in states):
                return


def tally_of(log: EventLog, place: LogPlace, *, extra: Iterable[str] = ()) -> Tally:
    """Compare what was written down with the log.

    Args:
        log: open.
        place: where it was written down.
        extra: sentences on what else is lost, one for each.
    """
    acknowledged = place.acknowledged()
    stored = list(log.read())
    kept = Counter(item.event.delivery for item in stored)
    bodies = Counter(item.event.body for item in stored)
    worked_on = {sequence for sequence, _ in place.effects()}
    lost = [f"{delivery} was acknowledged, and is not in the log." for delivery in acknowledged if not kept[delivery]]
    idle = [f"{item.sequence} was never worked on." for item in stored if item.sequence not in worked_on]
    dead = [f"{item.sequence} is a dead letter: {item.reason}" for item in log.dead_letters()]
    doubled = [f"{body[:60]!r} is in the log {number} times." for body, number in bodies.items() if number > 1]
    twice = [f"{delivery} is in the log {number} times." for delivery, number in kept.items() if number > 1]
    more = [*extra]
    return Tally(
        looked_at=len(acknowledged) + len(stored),
        lost=len(lost) + len(idle) + len(dead) + len(more),
        doubled=len(doubled) + len(twice),
        examples=(*more[:_SOME], *lost[:_SOME], *idle[:_SOME], *dead[:_SOME], *doubled[:_SOME], *twice[:_SOME]),
    )


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a file that have an end: the last may have been cut off by a kill."""
    text = path.read_text() if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()
