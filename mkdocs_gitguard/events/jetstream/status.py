"""How the log on the server is, and what a retention would cut of it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from nats.js.errors import APIError

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.events.jetstream.reading import Message, read_messages
from mkdocs_gitguard.events.jetstream.streams import Streams, retention_of
from mkdocs_gitguard.events.log import ConsumerStatus, Cut, LogStatus, Retention

if TYPE_CHECKING:
    from nats.js.api import ConsumerInfo

_PURGE_FAILED: Final = 10051
"""The server's code for a purge that its files did not take (nats-server, errors.json: JSStreamPurgeFailedF)."""
_FRAME: Final = 34
"""Bytes that the server keeps beside a message's subject, headers and body (nats-server, filestore.go)."""


async def read_status(link: Link, streams: Streams) -> LogStatus:
    """Return the status, without the moments of the first and the last event."""
    info = await link.js.stream_info(streams.events)
    dead = await link.js.stream_info(streams.dead)
    return LogStatus(
        engine="jetstream",
        place=f"{link.label}, stream {streams.events}",
        version=link.version,
        events=info.state.messages,
        bytes=info.state.bytes,
        first=info.state.first_seq,
        last=info.state.last_seq,
        first_at=None,
        last_at=None,
        dead_letters=dead.state.messages,
        retention=retention_of(info.config),
        consumers=await _consumers(link, streams),
    )


async def refuse_frozen(link: Link, streams: Streams) -> None:
    """Refuse a stream that takes nothing more, as nats-server does from 2.14 on after an I/O error.

    Its state says nothing of that, and a message is not answered then. But what would change its files is: so it is
    asked to purge a subject that no event has, which changes nothing where it is well.

    Raises:
        EventError: it takes nothing more, with the server's own reason.
        APIError: the server refuses to be asked.
    """
    try:
        await link.js.purge_stream(streams.events, subject=streams.nobodys_subject)
    except APIError as error:
        if error.err_code != _PURGE_FAILED:
            raise
        raise EventError(
            f"The stream {streams.events} of JetStream at {link.label} keeps no event, though the server answers: "
            f"after an I/O error it takes nothing more ({error.description}).",
            hint="See the server's log for the cause, end it, and restart the server. Nothing that was acknowledged is "
            "lost.",
        ) from error


async def would_cut(link: Link, streams: Streams, retention: Retention) -> Cut:
    """Return what a retention cuts: the oldest events."""
    state = (await link.js.stream_info(streams.events)).state
    if not state.messages:
        return Cut()
    first, last, end = state.first_seq, state.last_seq, state.first_seq - 1
    if retention.max_age > timedelta():
        left = await read_messages(link, streams.events, since=system_moment() - retention.max_age, most=1)
        end = left[0].sequence - 1 if left else last
    if retention.max_messages > 0:
        end = max(end, last - retention.max_messages)
    if retention.max_bytes > 0:
        end = max(end, await _end_by_bytes(link, streams, first, state.bytes - retention.max_bytes))
    if end < first:
        return Cut()
    unconsumed = [
        (consumer.name, number)
        for consumer in await _consumers(link, streams)
        if (number := min(end - consumer.acknowledged_to, end - first + 1)) > 0
    ]
    return Cut(events=end - first + 1, first=first, last=end, unconsumed=tuple(unconsumed))


async def _consumers(link: Link, streams: Streams) -> tuple[ConsumerStatus, ...]:
    infos: list[ConsumerInfo] = []
    while page := await link.js.consumers_info(streams.events, offset=len(infos)):
        infos += page
    return tuple(
        ConsumerStatus(
            name=info.name,
            waiting=info.num_pending or 0,
            in_hand=info.num_ack_pending or 0,
            acknowledged_to=info.ack_floor.stream_seq if info.ack_floor else 0,
        )
        for info in sorted(infos, key=lambda info: info.name)
    )


async def _end_by_bytes(link: Link, streams: Streams, first: int, over: int) -> int:
    """Return the last event that has to go so that `over` bytes are gone, as near as can be told from outside."""
    end = first - 1
    while over > 0 and (messages := await read_messages(link, streams.events, sequence=end + 1)):
        for message in messages:
            if over <= 0:
                break
            over -= _size(message)
            end = message.sequence
    return end


def _size(message: Message) -> int:
    own = {key: value for key, value in message.headers.items() if key not in _ADDED}
    headers = sum(len(key) + len(value) + 4 for key, value in own.items()) + len("NATS/1.0\r\n\r\n")
    return _FRAME + len(message.subject) + headers + len(message.body)


_ADDED: Final = frozenset(
    {
        "Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending", "Nats-Last-Sequence",
        "Nats-UpTo-Sequence",
    }
)  # fmt: skip
"""Headers of the answer, not of the message."""
