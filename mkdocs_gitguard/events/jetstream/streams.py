"""The streams, their names and settings, and whether the server really has them so."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from mkdocs_gitguard.errors import EventError, SettingError
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.events.log import DUPLICATE_WINDOW, UNLIMITED, Retention
from mkdocs_gitguard.late_pattern import late_pattern

_NAME: Final = late_pattern(r"[A-Za-z0-9_-]{1,100}")
_PLAIN: Final = late_pattern(r"[A-Za-z0-9-]")
_LONGEST_TOKEN: Final = 200
_MOST_DEAD: Final = 100_000
_CHECKED: Final = (
    "subjects", "retention", "discard", "storage", "max_age", "max_msgs", "max_bytes", "max_msgs_per_subject",
    "duplicate_window", "allow_direct",
)  # fmt: skip
_LIMITS: Final = ("max_age", "max_msgs", "max_bytes", "duplicate_window")
"""Of the stream of events, which somebody may have changed since: see `Streams.retain`."""


class Streams:
    """The streams of one log: events, dead letters, and how far each consumer is."""

    def __init__(self, name: str) -> None:
        """Name them.

        Raises:
            SettingError: no stream can be called so.
        """
        if not _NAME.fullmatch(name):
            raise SettingError(
                f"JETSTREAM_STREAM is {name!r}, which is not a name for a stream.", hint="Use letters, digits, - and _."
            )
        self.events = name
        self.dead = f"{name}_dead"
        self.checkpoints = f"{name}_checkpoints"

    def subject_of(self, event: Event, key: str) -> str:
        """Return where an event is published. One delivery has one subject, so that it can be there once only.

        Its key stands before its repository: the server finds what `delivery_filter` asks for by the key then, where it
        would try each repository, for each event.

        Args:
            event: to be published.
            key: of its delivery, else of its body.
        """
        return f"{self.events}.event.{token(event.source)}.{key}.{token(event.repository.name)}"

    def delivery_filter(self, event: Event, key: str) -> str:
        """Return the subjects on which an event of the same delivery would stand."""
        return f"{self.events}.event.{token(event.source)}.{key}.*"

    def dead_subject(self, consumer: str) -> str:
        """Return where a consumer's dead letters are published."""
        return f"{self.events}.dead.{consumer}"

    @property
    def nobodys_subject(self) -> str:
        """A subject that no event ever has: it has too few tokens."""
        return f"{self.events}.event.none"

    @property
    def advisories(self) -> str:
        """Where the server says that an event was handed out in vain as often as it may be."""
        return f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{self.events}.*"

    def checkpoint_subject(self, consumer: str) -> str:
        """Return where stands how far a consumer is."""
        return f"{self.events}.checkpoint.{consumer}"

    async def make(self, link: Link, retention: Retention) -> bool:
        """Make the streams that are not there, and see that those that are there are ours.

        Return whether that of events is new: then nothing is left beside it of one that was called so before. How far
        a consumer was, and which events were dead letters, is told by sequences, and they begin again.

        Raises:
            EventError: a stream has other settings than ours, or the server has not kept ours.
        """
        is_made = False
        for config in (self._events_config(retention), self._dead_config(), self._checkpoint_config()):
            present, is_new = await hold_stream(link, config)
            limits = _LIMITS if config.name == self.events and not is_new else ()
            refuse_other_settings(config, present, tuple(name for name in _CHECKED if name not in limits))
            is_made |= is_new and config.name == self.events
        if is_made:
            for name in (self.dead, self.checkpoints):
                await link.js.purge_stream(name)
        return is_made

    async def retain(self, link: Link, retention: Retention) -> None:
        """Put a retention in force.

        Raises:
            EventError: the server has not kept it.
            APIError: it refuses it.
        """
        config = self._events_config(retention)
        await link.js.update_stream(config=config)
        refuse_other_settings(config, (await link.js.stream_info(self.events)).config, _CHECKED)

    async def delete(self, link: Link) -> None:
        """Delete the streams, and with them all consumers.

        Raises:
            APIError: the server refuses it.
        """
        for name in (self.events, self.dead, self.checkpoints):
            try:
                await link.js.delete_stream(name)
            except NotFoundError:
                continue

    def _events_config(self, retention: Retention) -> StreamConfig:
        age = max(timedelta(), retention.max_age)
        return StreamConfig(
            name=self.events,
            description="What forges sent, kept as it came: mkdocs-gitguard",
            subjects=[f"{self.events}.event.>"],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_age=age.total_seconds(),
            max_msgs=retention.max_messages if retention.max_messages > 0 else UNLIMITED,
            max_bytes=retention.max_bytes if retention.max_bytes > 0 else UNLIMITED,
            duplicate_window=(min(DUPLICATE_WINDOW, age) if age else DUPLICATE_WINDOW).total_seconds(),
            allow_direct=True,
        )

    def _dead_config(self) -> StreamConfig:
        return StreamConfig(
            name=self.dead,
            description="Events that were handed out in vain: mkdocs-gitguard",
            subjects=[f"{self.events}.dead.*", self.advisories],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_age=0,
            max_msgs=_MOST_DEAD,
            max_bytes=UNLIMITED,
            duplicate_window=120,
            allow_direct=True,
        )

    def _checkpoint_config(self) -> StreamConfig:
        return replace(
            self._dead_config(),
            name=self.checkpoints,
            description="How far each consumer is: mkdocs-gitguard",
            subjects=[f"{self.events}.checkpoint.*"],
            max_msgs_per_subject=1,
        )


def retention_of(config: StreamConfig) -> Retention:
    """Return the retention that a stream has."""
    return Retention(
        max_age=timedelta(seconds=config.max_age or 0),
        max_messages=config.max_msgs if config.max_msgs is not None else UNLIMITED,
        max_bytes=config.max_bytes if config.max_bytes is not None else UNLIMITED,
    )


@lru_cache(maxsize=1 << 14)
def token(text: str) -> str:
    """Return text as one token of a subject, and two texts as two.

    A subject is of tokens between dots, `*` and `>` mean others, and no white space may stand in one. Whatever is not
    a letter, a digit or `-` is `_` and two hex digits for each byte; a long one ends in a digest.
    """
    encoded = "".join(
        letter if _PLAIN.fullmatch(letter) else "".join(f"_{byte:02x}" for byte in letter.encode("utf-8", "replace"))
        for letter in text
    )
    if len(encoded) > _LONGEST_TOKEN:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"{encoded[: _LONGEST_TOKEN - 40]}__{digest}"
    return encoded or "__"


async def hold_stream(link: Link, wanted: StreamConfig) -> tuple[StreamConfig, bool]:
    """Make a stream that is not there, and return its settings as the server has them, and whether it is new.

    Raises:
        APIError: the server refuses it.
    """
    name = wanted.name or ""
    try:
        return (await link.js.stream_info(name)).config, False
    except NotFoundError:
        await link.js.add_stream(config=wanted)
        return (await link.js.stream_info(name)).config, True


def refuse_other_settings(wanted: StreamConfig, present: StreamConfig, names: tuple[str, ...]) -> None:
    """Refuse a stream that has other settings than we have to have.

    Raises:
        EventError: it has.
    """
    for name in names:
        ours, theirs = getattr(wanted, name), getattr(present, name)
        if ours != theirs and not (ours in (-1, 0, None, False) and theirs in (-1, 0, None, False)):
            raise EventError(
                f"The stream {wanted.name} has {name} = {theirs}, where it has to be {ours}.",
                hint="Set another JETSTREAM_STREAM, or take the stream away if nobody else uses it.",
            )
