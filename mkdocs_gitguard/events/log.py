"""The log's contract: what holds for every engine. `tests/events/test_contract.py` holds each of them to it.

- What `append` has returned for is on the disk, and is never lost but by retention.
- One delivery is kept once, and so is one body within `DUPLICATE_WINDOW`, whatever id it comes under. Both are reserved
  in the step that keeps the event, so that of two that come at once one is the duplicate.
- Sequences only grow. A consumer is handed events in their order, but for those that it is handed again.
- An event is handed out again unless it is acknowledged within the consumer's `ack_wait`, or as soon as a refusal says.
  After `most_tries` it is a dead letter, with the last reason. So what is done with an event must do no harm when it is
  done twice.
- What retention cuts before a consumer has acknowledged it leaves a `gap` event: see `events/own.py`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.model import Record

DUPLICATE_WINDOW: Final = timedelta(hours=24)
"""How long a body is known again. A branch that is set back and forth makes equal bodies, long after one another."""
UNLIMITED: Final = -1
_LONGEST_CONSUMER: Final = 32


class Appended(Record, frozen=True, kw_only=True):
    """What became of an event that was to be kept."""

    sequence: int
    """Its own, or that of the event which it repeats."""
    is_duplicate: bool = False


class StoredEvent(Record, frozen=True, kw_only=True):
    """An event in the log."""

    sequence: int
    event: Event


class Consumer(Record, frozen=True, kw_only=True):
    """Somebody who works through the log, by a name that outlasts the process."""

    name: str
    ack_wait: float = 30.0
    """Seconds without an answer after which an event is handed out again."""
    most_tries: int = 5

    def __post_init__(self) -> None:
        """Refuse a name that not every engine could keep.

        Raises:
            SettingError: it holds anything but letters, digits, `-` and `_`, or too many of them.
        """
        plain = self.name.replace("-", "").replace("_", "")
        if not (plain.isascii() and plain.isalnum() and len(self.name) <= _LONGEST_CONSUMER):
            raise SettingError(
                f"{self.name!r} is not a name for a consumer.",
                hint=f"Use letters, digits, - and _, {_LONGEST_CONSUMER} at most.",
            )


class Delivery(Record, frozen=True, kw_only=True):
    """An event in the hands of a consumer, to be acknowledged or refused."""

    consumer: Consumer
    sequence: int
    tries: int
    """How often it has been handed out, this time among them."""
    event: Event
    token: str = ""
    """The engine's own: by what it knows this handing out."""


class DeadLetter(Record, frozen=True, kw_only=True):
    """An event that a consumer was handed `most_tries` times in vain."""

    consumer: str
    sequence: int
    tries: int
    reason: str
    at: datetime
    event: Event | None
    """None: retention has cut it since."""


class Retention(Record, frozen=True, kw_only=True):
    """What the log may drop, oldest first. A limit below 1 is none."""

    max_age: timedelta = timedelta(hours=72)
    max_messages: int = UNLIMITED
    max_bytes: int = UNLIMITED


class Cut(Record, frozen=True, kw_only=True):
    """What a retention drops, or would drop."""

    events: int = 0
    first: int = 0
    last: int = 0
    """Sequences; 0: none is cut."""
    unconsumed: tuple[tuple[str, int], ...] = ()
    """By name the consumers that have not acknowledged some of it, and how many."""

    def in_words(self) -> str:
        """Return what it drops, a sentence."""
        if not self.events:
            return "Nothing is cut."
        sentence = f"{self.events:,} events are cut, {self.first} to {self.last}"
        if not self.unconsumed:
            return f"{sentence}; every consumer has acknowledged them."
        shares = ", ".join(f"{number:,} by {name}" for name, number in self.unconsumed)
        return f"{sentence}; not acknowledged are {shares}."


class ConsumerStatus(Record, frozen=True, kw_only=True):
    """How far a consumer is."""

    name: str
    waiting: int
    """Events that it has never been handed."""
    in_hand: int
    """Events that it was handed and has not acknowledged."""
    acknowledged_to: int
    """The sequence up to which it has acknowledged, or given up, every event."""


class LogStatus(Record, frozen=True, kw_only=True):
    """How the log is."""

    engine: str
    place: str
    """The file, or the server and its stream."""
    version: str
    """Of SQLite, or of the server."""
    events: int
    bytes: int
    """Of the events, not of the file."""
    first: int
    last: int
    """Sequences; 0 in a log that has never held any."""
    first_at: datetime | None
    last_at: datetime | None
    dead_letters: int
    retention: Retention
    consumers: tuple[ConsumerStatus, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is not as it should be, a sentence each."""


def refusal_of(reason: str, tries: int) -> str:
    """Return why an event is a dead letter: the consumer's reason, or that it gave none."""
    return reason or f"No answer, {tries} times."


class EventLog(Protocol):
    """A log of events. Its methods may be called from several threads; each raises EventError where it cannot do it."""

    def append(self, events: Sequence[Event]) -> tuple[Appended, ...]:
        """Keep events, and return what became of each, in order, when all are on the disk.

        After an error some of them may be kept; to append them again does no harm.
        """
        ...

    def consume(self, consumer: Consumer, *, most: int = 1, wait: float = 0.0) -> tuple[Delivery, ...]:
        """Hand out up to `most` events; where there is none, wait up to `wait` seconds for the first."""
        ...

    def notices(self) -> tuple[str, ...]:
        """Return what others have done to the log that was set right, a sentence each; what was returned is not again.

        A consumer's settings that are another version's, for one: whoever consumes is told when it asks for events.
        """
        ...

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Have these never handed to their consumer again. To do so twice does no harm."""
        ...

    def refuse(self, delivery: Delivery, *, reason: str, delay: float = 0.0) -> None:
        """Give an event back, to be handed out after `delay` seconds; after its last try it is a dead letter."""
        ...

    def find(self, sequence: int) -> StoredEvent | None:
        """Return one event; None where the log does not hold it."""
        ...

    def read(self, *, sequence: int = 1, since: datetime | None = None) -> Iterator[StoredEvent]:
        """Yield what the log holds, in order, as it is now: from a sequence on, and taken on at or after a moment."""
        ...

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return every dead letter, in the order in which they died."""
        ...

    def status(self) -> LogStatus:
        """Return how the log is."""
        ...

    def check(self) -> None:
        """See that the log takes events, which one that is read may not do: after a fault, or on a full disk.

        Nothing is kept of it. Raises EventError with the reason where it takes none.
        """
        ...

    def preview(self, retention: Retention) -> Cut:
        """Return what a retention would cut now."""
        ...

    def retain(self, retention: Retention, *, force: bool = False) -> Cut:
        """Put a retention in force, for good, and return what it has cut now.

        Without `force` nothing is done if it would cut what a consumer has not acknowledged: that is a `GateError`.
        """
        ...

    def take_back(self, name: str) -> int:
        """Have what a consumer has in hand handed out again at once, and return how many events that are.

        For whoever knows that nobody works under that name any more. Each has had its try.
        """
        ...

    def forget(self, name: str) -> bool:
        """Forget a consumer and how far it was; return whether there was one. One that comes again begins anew."""
        ...

    def destroy(self) -> None:
        """Close the log and delete all of it, for good."""
        ...

    def close(self) -> None:
        """Let go of everything. Deliveries in hand are handed out again in their time."""
        ...
