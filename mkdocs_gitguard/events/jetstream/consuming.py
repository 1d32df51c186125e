"""A named, durable pull consumer, held to its settings, and bound anew when it falls silent."""

import asyncio
from typing import TYPE_CHECKING, Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.jetstream.exchange import Exchange, Question
from mkdocs_gitguard.events.jetstream.link import PASSING, Link
from mkdocs_gitguard.events.jetstream.streams import Streams
from mkdocs_gitguard.events.log import Consumer
from mkdocs_gitguard.events.own import Gap

if TYPE_CHECKING:
    from nats.js import JetStreamContext

_LONGEST_FETCH: Final = 1.0
"""Seconds. Longer ones may be lost with a connection and wait for nothing: nats-io/nats.py#986."""
_SHORTEST_FETCH: Final = 0.15
_LOOK_EVERY: Final = 1.0
"""Seconds between two looks at how far the consumer is."""
_SILENT: Final = 3.0
"""Seconds without an event while there are some, after which the consumer is bound anew."""
_MOST_IN_HAND: Final = 20_000
_AT_ONCE: Final = 256
"""Events that are refused at once."""
_PENDING_BYTES: Final = 1 << 30
_CHECKED: Final = ("ack_policy", "ack_wait", "max_deliver", "filter_subject", "max_ack_pending")


class Binding:
    """One consumer of ours."""

    def __init__(self, link: Link, streams: Streams, consumer: Consumer) -> None:
        """Do nothing before something is fetched."""
        self._link = link
        self._streams = streams
        self._consumer = consumer
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._looked_at = 0.0
        self._heard_at = 0.0
        self._acknowledged_to = -1
        self._kept_checkpoint = -1
        self._acknowledged_since: set[int] = set()
        self.gaps: list[Gap] = []
        """What was cut before it was acknowledged, to be told in the log."""
        self.notices: list[str] = []
        """What others have done to the consumer, a sentence each."""

    async def fetch(self, most: int, wait: float) -> list[Msg]:
        """Return up to `most` messages, waiting for the first.

        Raises:
            EventError: the server is away, or was for all of `wait`.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            now = loop.time()
            messages = []
            try:
                if self._subscription is None or now - self._looked_at > _LOOK_EVERY:
                    await self._look()
                assert self._subscription is not None  # noqa: S101 - that is what `_look` does
                timeout = max(_SHORTEST_FETCH, min(deadline - now, _LONGEST_FETCH))
                messages = await self._subscription.fetch(most, timeout=timeout)
                self._heard_at = loop.time()
            except TimeoutError:
                # Nothing came. Whether that is because there is nothing, the next look says.
                if not self._link.client.is_connected and loop.time() >= deadline:
                    raise self._link.error(TimeoutError("the connection is lost")) from None
            except PASSING as error:
                await self._let_go()
                if loop.time() >= deadline:
                    raise self._link.error(error) from error
                await asyncio.sleep(_SHORTEST_FETCH)
            if messages or loop.time() >= deadline:
                return messages

    def acknowledged(self, sequence: int) -> None:
        """Take note of what was acknowledged, until the server's own count is looked at: it may be cut before that."""
        self._acknowledged_since.add(sequence)

    def skip_to(self, sequence: int) -> None:
        """Take what stands up to a sequence for acknowledged: somebody has said that it is gone."""
        self._acknowledged_to = max(self._acknowledged_to, sequence)

    async def close(self) -> None:
        """Keep how far the consumer is, and let go of it."""
        try:
            if self._subscription is not None:
                await self._look()
        except (*PASSING, EventError):
            pass
        await self._let_go()

    async def _look(self) -> None:
        """See that the consumer is there and as it was made, that it is not silent, and that nothing was cut."""
        loop = asyncio.get_running_loop()
        is_new = self._subscription is None
        info = await self._present()
        if self._subscription is None:
            self._subscription = await self._link.js.pull_subscribe_bind(
                durable=self._consumer.name, stream=self._streams.events, pending_bytes_limit=_PENDING_BYTES
            )
            self._heard_at = loop.time()
        elif info.num_pending and loop.time() - self._heard_at > _SILENT:
            await self._let_go()
            await self._look()
            return
        await self._find_gap(info, is_new=is_new)
        self._looked_at = loop.time()

    async def _present(self) -> ConsumerInfo:
        js, stream = self._link.js, self._streams.events
        info: ConsumerInfo
        wanted = self._config()
        try:
            info = await js.consumer_info(stream, self._consumer.name)
        except NotFoundError:
            await self._let_go()
            last = await self._checkpoint()
            if last > 0:
                # Somebody has taken it away: it goes on where it was.
                wanted.deliver_policy, wanted.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, last + 1
                self.notices.append(
                    f"Somebody has deleted the consumer {self._consumer.name} of {stream}: it is made anew, and goes "
                    f"on where it was, behind event {last}."
                )
            await js.add_consumer(stream, config=wanted)
            info = await js.consumer_info(stream, self._consumer.name)
        if changed := _differs(wanted, info.config):
            given, ours = getattr(info.config, changed), getattr(wanted, changed)
            self.notices.append(
                f"The consumer {self._consumer.name} of {stream} had {changed} = {given}: it is set to {ours}."
            )
            # A second binding with other settings keeps the old ones without a word: so it is told, and looked at.
            wanted.deliver_policy, wanted.opt_start_seq = info.config.deliver_policy, info.config.opt_start_seq
            await js.add_consumer(stream, config=wanted)
            info = await js.consumer_info(stream, self._consumer.name)
            if name := _differs(wanted, info.config):
                raise EventError(
                    f"The consumer {self._consumer.name} of {stream} has {name} = {getattr(info.config, name)}, and the"
                    f" server does not set it to {getattr(wanted, name)}.",
                    hint="Delete the consumer: it is made anew, and goes on where it was.",
                )
        return info

    def _config(self) -> ConsumerConfig:
        return ConsumerConfig(
            durable_name=self._consumer.name,
            description="mkdocs-gitguard",
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._consumer.ack_wait,
            max_deliver=self._consumer.most_tries,
            filter_subject=f"{self._streams.events}.event.>",
            max_ack_pending=_MOST_IN_HAND,
        )

    async def _find_gap(self, info: ConsumerInfo, *, is_new: bool) -> None:
        """Compare what the stream still holds with how far the consumer was: the server moves it on without a word."""
        if is_new:
            self._acknowledged_to = max(self._acknowledged_to, await self._checkpoint())
        if self._acknowledged_to < 0 and self._acknowledged_since:
            self._acknowledged_to = min(self._acknowledged_since) - 1
        while self._acknowledged_to + 1 in self._acknowledged_since:
            self._acknowledged_to += 1
        state = (await self._link.js.stream_info(self._streams.events)).state
        if 0 <= self._acknowledged_to < state.first_seq - 1:
            gap = Gap(
                first=self._acknowledged_to + 1,
                last=state.first_seq - 1,
                consumers=(self._consumer.name,),
                reason="the stream was cut",
            )
            self.gaps.append(gap)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        self._acknowledged_to = max(floor, state.first_seq - 1, 0)
        self._acknowledged_since = {item for item in self._acknowledged_since if item > self._acknowledged_to}
        if self._acknowledged_to != self._kept_checkpoint and not self.gaps:
            subject = self._streams.checkpoint_subject(self._consumer.name)
            await self._link.js.publish(subject, b"%d" % self._acknowledged_to)
            self._kept_checkpoint = self._acknowledged_to

    async def _checkpoint(self) -> int:
        """Return the sequence up to which everything was acknowledged when somebody last looked, -1: nobody has."""
        try:
            message = await self._link.js.get_last_msg(
                self._streams.checkpoints, self._streams.checkpoint_subject(self._consumer.name), direct=True
            )
        except NotFoundError:
            return -1
        text = (message.data or b"").decode("ascii", "replace")
        return int(text) if text.isdecimal() else -1

    async def _let_go(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            try:
                await subscription.unsubscribe()
            except (NatsError, APIError):
                return


async def take_back(link: Link, streams: Streams, exchange: Exchange, name: str) -> int:
    """Have what a consumer has in hand handed out again at once, and return how many events that are.

    The server does not say which they are, and passes over a refusal of what is not in hand: so whatever may be is
    refused. By nats-server 2.15, consumer.go (`processNak`), which asks of a refusal that its consumer sequence was
    handed out and is not acknowledged.

    Raises:
        APIError: the server refuses it.
    """
    try:
        info = await link.js.consumer_info(streams.events, name)
    except NotFoundError:
        return 0
    number = info.num_ack_pending or 0
    if not number or info.delivered is None:
        return 0
    first = (info.ack_floor.stream_seq if info.ack_floor else 0) + 1
    newest = info.delivered.consumer_seq
    questions = [
        Question(f"$JS.ACK.{streams.events}.{name}.1.{sequence}.{newest}.0.0", b"-NAK")
        for sequence in range(first, info.delivered.stream_seq + 1)
    ]
    for start in range(0, len(questions), _AT_ONCE):
        answers = await exchange.ask_all(questions[start : start + _AT_ONCE])
        if None in answers:
            # The server does not know this form of a refusal, or is away. They come back in their time.
            return 0
    return number


def _differs(wanted: ConsumerConfig, present: ConsumerConfig) -> str:
    """Return the first setting that is another."""
    return next((name for name in _CHECKED if getattr(wanted, name) != getattr(present, name)), "")
