"""The engine of the log on a JetStream server."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from msgspec.structs import replace
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import NotFoundError

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError, GateError
from mkdocs_gitguard.events.event import LARGEST_BODY, Event, event_from
from mkdocs_gitguard.events.jetstream.consuming import Binding, take_back
from mkdocs_gitguard.events.jetstream.exchange import Exchange, Question
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.events.jetstream.publishing import ENVELOPE, Publisher
from mkdocs_gitguard.events.jetstream.reading import Message, read_messages
from mkdocs_gitguard.events.jetstream.status import read_status, refuse_frozen, would_cut
from mkdocs_gitguard.events.jetstream.streams import Streams
from mkdocs_gitguard.events.log import (
    Appended,
    Consumer,
    Cut,
    DeadLetter,
    Delivery,
    LogStatus,
    Retention,
    StoredEvent,
    refusal_of,
)
from mkdocs_gitguard.events.own import Gap, gap_event

T = TypeVar("T")

_AT_ONCE: Final = 256
_SLACK: Final = timedelta(hours=25)
"""How far the server's clock may be from that of whoever took the event on."""


class JetStreamLog:
    """A log of three streams: events, dead letters, and how far consumers are."""

    def __init__(self, url: str, stream: str, retention: Retention | None = None) -> None:
        """Connect, and make the streams that are not there.

        Args:
            url: of the server.
            stream: name of the stream of events; the others are called after it.
            retention: of a log that is made now; one that is there keeps its own: see `retain`.

        Raises:
            EventError: the server cannot be used, or a stream of that name is not ours.
            SettingError: no stream can be called so.
        """
        self._streams = Streams(stream)
        self._link = Link(url)
        self._exchange = Exchange(self._link)
        self._publisher = Publisher(self._link, self._streams, self._exchange)
        self._retention = retention or Retention()
        self._is_open = True
        self._bindings: dict[str, Binding] = {}
        try:
            self._link.run(self._link.until_it_works(self._make))
        except BaseException:
            self._link.close()
            raise

    async def _make(self, _: int) -> bool:
        return await self._streams.make(self._link, self._retention)

    async def _with_streams(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something; where somebody has deleted the streams, make them again and have everything looked at."""
        try:
            return await work()
        except (NotFoundError, NoRespondersError):
            if not await self._link.until_it_works(self._make):
                raise
            gap = Gap(first=0, last=0, consumers=(), reason="the stream had been deleted")
            await self._publisher.publish([gap_event(gap, at=system_moment())])
            return await work()

    def append(self, events: Sequence[Event]) -> tuple[Appended, ...]:
        """See `EventLog.append`."""
        return self._link.run(self._with_streams(lambda: self._publisher.publish(events)))

    def consume(self, consumer: Consumer, *, most: int = 1, wait: float = 0.0) -> tuple[Delivery, ...]:
        """See `EventLog.consume`."""
        return self._link.run(self._with_streams(lambda: self._consume(consumer, most, wait)))

    async def _consume(self, consumer: Consumer, most: int, wait: float) -> tuple[Delivery, ...]:
        binding = self._bindings.get(consumer.name)
        if binding is None:
            binding = self._bindings[consumer.name] = Binding(self._link, self._streams, consumer)
        messages = await binding.fetch(most, wait)
        while binding.gaps:
            await self._publisher.publish([gap_event(binding.gaps[0], at=system_moment())])
            del binding.gaps[0]
        return tuple(_delivery(consumer, message) for message in messages)

    def notices(self) -> tuple[str, ...]:
        """See `EventLog.notices`."""
        sentences: list[str] = []
        for binding in self._bindings.values():
            sentences += binding.notices
            binding.notices.clear()
        return tuple(sentences)

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """See `EventLog.acknowledge`."""
        self._link.run(self._acknowledge(deliveries))

    async def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        forgotten = 0
        for start in range(0, len(deliveries), _AT_ONCE):
            part = deliveries[start : start + _AT_ONCE]
            left = {
                word.subject
                for word in await self._exchange.settle([Question(delivery.token, b"+ACK") for delivery in part])
            }
            forgotten += len(left)
            for delivery in part:
                if delivery.token not in left and (binding := self._bindings.get(delivery.consumer.name)) is not None:
                    binding.acknowledged(delivery.sequence)
        if forgotten:
            raise EventError(
                f"JetStream at {self._link.label} has forgotten that it had handed out {forgotten} of "
                f"{len(deliveries)} events, as a server does that was killed.",
                hint="Leave it be: it hands them out again.",
            )

    def refuse(self, delivery: Delivery, *, reason: str, delay: float = 0.0) -> None:
        """See `EventLog.refuse`."""
        self._link.run(self._refuse(delivery, reason, delay))

    async def _refuse(self, delivery: Delivery, reason: str, delay: float) -> None:
        if delivery.tries < delivery.consumer.most_tries:
            answer = b"-NAK" + json.dumps({"delay": int(delay * 1e9)}).encode() if delay > 0 else b"-NAK"
            await self._exchange.settle([Question(delivery.token, answer)])
            return
        name = delivery.consumer.name
        letter = json.dumps(
            {"consumer": name, "stream_seq": delivery.sequence, "deliveries": delivery.tries, "reason": reason}
        )
        headers = {"Nats-Msg-Id": f"{name}-{delivery.sequence}"}
        await self._link.until_it_works(
            lambda _: self._link.js.publish(self._streams.dead_subject(name), letter.encode(), headers=headers)
        )
        await self._exchange.settle([Question(delivery.token, b"+TERM")])

    def find(self, sequence: int) -> StoredEvent | None:
        """See `EventLog.find`."""
        if sequence < 1:
            return None
        messages = self._link.run(read_messages(self._link, self._streams.events, sequence=sequence, most=1))
        return next((_stored(message) for message in messages if message.sequence == sequence), None)

    def read(self, *, sequence: int = 1, since: datetime | None = None) -> Iterator[StoredEvent]:
        """See `EventLog.read`."""
        stream = self._streams.events
        last = self._link.run(self._link.until_it_works(lambda _: self._link.js.stream_info(stream))).state.last_seq
        if since is not None:
            begin = max(since - _SLACK, datetime(1970, 1, 2, tzinfo=UTC))
            first = self._link.run(read_messages(self._link, stream, since=begin, most=1))
            sequence = max(sequence, first[0].sequence) if first else last + 1
        while sequence <= last:
            messages = self._link.run(read_messages(self._link, stream, sequence=sequence))
            if not messages:
                return
            for message in messages:
                if message.sequence > last:
                    return
                stored = _stored(message)
                if since is None or stored.event.accepted_at >= since:
                    yield stored
            sequence = messages[-1].sequence + 1

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """See `EventLog.dead_letters`."""
        letters: dict[tuple[str, int], DeadLetter] = {}
        sequence = 1
        while messages := self._link.run(read_messages(self._link, self._streams.dead, sequence=sequence)):
            for message in messages:
                letter = self._dead_letter(message)
                # What a consumer said itself counts more than that the server has noticed it.
                if letter is not None and (letter.consumer, letter.sequence) not in letters:
                    letters[letter.consumer, letter.sequence] = letter
            sequence = messages[-1].sequence + 1
        return tuple(letters.values())

    def _dead_letter(self, message: Message) -> DeadLetter | None:
        try:
            letter = json.loads(message.body)
            consumer, number, tries = str(letter["consumer"]), int(letter["stream_seq"]), int(letter["deliveries"])
            at = datetime.fromisoformat(message.headers["Nats-Time-Stamp"][:19] + "+00:00")
        except (ValueError, KeyError, TypeError):
            return None
        stored = self.find(number)
        return DeadLetter(
            consumer=consumer,
            sequence=number,
            tries=tries,
            reason=refusal_of(str(letter.get("reason", "")), tries),
            at=at,
            event=stored.event if stored else None,
        )

    def status(self) -> LogStatus:
        """See `EventLog.status`."""
        status = self._link.run(self._link.until_it_works(lambda _: read_status(self._link, self._streams)))
        ends = [self.find(sequence) for sequence in (status.first, status.last)] if status.events else [None, None]
        warnings = []
        if self._link.client.max_payload < LARGEST_BODY:
            warnings.append(
                f"The server takes no event of more than {self._link.client.max_payload:,} bytes; forges send up to "
                f"{LARGEST_BODY:,}. Set `max_payload: 32MB` in its configuration."
            )
        first_at, last_at = (stored.event.accepted_at if stored else None for stored in ends)
        return replace(status, first_at=first_at, last_at=last_at, warnings=tuple(warnings))

    def check(self) -> None:
        """See `EventLog.check`."""
        self._link.run(
            self._with_streams(
                lambda: self._link.until_it_works(lambda _: refuse_frozen(self._link, self._streams)),
            )
        )

    def preview(self, retention: Retention) -> Cut:
        """See `EventLog.preview`."""
        return self._link.run(self._link.until_it_works(lambda _: would_cut(self._link, self._streams, retention)))

    def retain(self, retention: Retention, *, force: bool = False) -> Cut:
        """See `EventLog.retain`."""
        cut = self.preview(retention)
        if cut.unconsumed and not force:
            raise GateError(cut.in_words(), hint="Let them be worked through first; or use --force.")
        self._link.run(self._streams.retain(self._link, retention))
        if cut.unconsumed:
            names = tuple(name for name, _ in cut.unconsumed)
            gap = Gap(first=cut.first, last=cut.last, consumers=names, reason="retention was set")
            self.append([gap_event(gap, at=system_moment())])
            for name in names:
                self._link.run(self._skip(name, cut.last))
        return cut

    async def _skip(self, consumer: str, sequence: int) -> None:
        """Have nobody tell of a gap that has been told of."""
        await self._link.js.publish(self._streams.checkpoint_subject(consumer), b"%d" % sequence)
        if consumer in self._bindings:
            self._bindings[consumer].skip_to(sequence)

    def take_back(self, name: str) -> int:
        """See `EventLog.take_back`."""
        return self._link.run(
            self._link.until_it_works(lambda _: take_back(self._link, self._streams, self._exchange, name))
        )

    def forget(self, name: str) -> bool:
        """See `EventLog.forget`."""
        return self._link.run(self._link.until_it_works(lambda _: self._forget(name)))

    async def _forget(self, name: str) -> bool:
        self._bindings.pop(name, None)
        try:
            await self._link.js.delete_consumer(self._streams.events, name)
            is_known = True
        except NotFoundError:
            is_known = False
        # Last, so that a consumer whose checkpoint is left is one that is forgotten again.
        await self._link.js.purge_stream(self._streams.checkpoints, subject=self._streams.checkpoint_subject(name))
        return is_known

    def destroy(self) -> None:
        """See `EventLog.destroy`."""
        self._link.run(self._streams.delete(self._link))
        self.close()

    def close(self) -> None:
        """See `EventLog.close`."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._link.run(self._close())
        except EventError:
            # The server is away; it keeps what it has.
            return
        finally:
            self._link.close()

    async def _close(self) -> None:
        for binding in self._bindings.values():
            await binding.close()
        self._bindings.clear()


def _delivery(consumer: Consumer, message: Msg) -> Delivery:
    metadata = message.metadata
    headers: Mapping[str, Any] = message.headers or {}
    return Delivery(
        consumer=consumer,
        sequence=metadata.sequence.stream,
        tries=metadata.num_delivered or 1,
        event=event_from(headers.get(ENVELOPE, ""), message.data),
        token=message.reply,
    )


def _stored(message: Message) -> StoredEvent:
    return StoredEvent(sequence=message.sequence, event=event_from(message.headers.get(ENVELOPE, ""), message.body))
