"""Facts in a JetStream object store, as ADR-20 of nats-architecture-and-design lays it out.

nats-py's own `ObjectStore.get` (2.16) reads by an ordered consumer, which waits for ever where the server is started
again meanwhile. Here an object is read as its messages are, and nothing of it is believed that its digest does not say.
"""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
from nats.js.errors import NotFoundError

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.jetstream.exchange import Question
from mkdocs_gitguard.events.jetstream.reading import read_messages
from mkdocs_gitguard.workers.parcel import LARGEST_PARCEL

if TYPE_CHECKING:
    from mkdocs_gitguard.events.jetstream.exchange import Exchange
    from mkdocs_gitguard.events.jetstream.link import Link
    from mkdocs_gitguard.workers.jetstream.queue import Places

_CHUNK: Final = 512 << 10
_HEADERS: Final = 4096
"""Bytes, at most, beside a chunk in its message."""
_UNDER_WAY: Final = 32
_DIGEST: Final = "SHA-256="


class _Meta(msgspec.Struct, frozen=True):
    nuid: str
    size: int
    digest: str
    chunks: int = 0
    deleted: bool = False


async def put_object(exchange: Exchange, places: Places, name: str, data: bytes) -> None:
    """Store an object in place of one of that name.

    Raises:
        EventError: the server does not keep it.
    """
    link = exchange.link
    before = await _meta(link, places, name)
    await link.until_it_works(lambda _: _put(exchange, places, name, data))
    if before is not None:
        nuid = before.nuid
        await link.until_it_works(lambda _: link.js.purge_stream(places.facts, subject=_chunks_subject(places, nuid)))


async def _put(exchange: Exchange, places: Places, name: str, data: bytes) -> None:
    # A name of its own for each attempt: what arrived of one that was given up must not stand among the chunks.
    nuid = uuid.uuid4().hex
    size = max(1024, min(_CHUNK, exchange.link.client.max_payload - _HEADERS))
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    subject = _chunks_subject(places, nuid)
    for start in range(0, len(chunks), _UNDER_WAY):
        await _publish(exchange, [Question(subject, chunk) for chunk in chunks[start : start + _UNDER_WAY]])
    meta = {
        "name": name,
        "bucket": places.bucket,
        "nuid": nuid,
        "size": len(data),
        "mtime": system_moment().astimezone(UTC).isoformat(),
        "chunks": len(chunks),
        "digest": _digest(data),
        "options": {"max_chunk_size": size},
    }
    rollup = {"Nats-Rollup": "sub"}
    await _publish(exchange, [Question(_meta_subject(places, name), json.dumps(meta).encode(), rollup)])


async def get_object(link: Link, places: Places, name: str) -> bytes | None:
    """Return an object; None where there is none, or it is not what it says: then it has to be made again."""
    meta = await _meta(link, places, name)
    if meta is None or not 0 <= meta.size <= LARGEST_PARCEL:
        return None
    subject, sequence, size = _chunks_subject(places, meta.nuid), 1, 0
    parts: list[bytes] = []
    while size < meta.size and (
        messages := await read_messages(link, places.facts, sequence=sequence, subject=subject, most=64)
    ):
        parts += [message.body for message in messages]
        size += sum(len(message.body) for message in messages)
        sequence = messages[-1].sequence + 1
    data = b"".join(parts)
    return data if _digest(data) == meta.digest else None


async def _meta(link: Link, places: Places, name: str) -> _Meta | None:
    try:
        message = await link.until_it_works(
            lambda _: link.js.get_last_msg(places.facts, _meta_subject(places, name), direct=True)
        )
    except NotFoundError:
        return None
    try:
        meta = msgspec.json.decode(message.data or b"", type=_Meta)
    except (msgspec.MsgspecError, ValueError):
        return None
    return None if meta.deleted or not meta.nuid.isalnum() else meta


async def _publish(exchange: Exchange, messages: list[Question]) -> None:
    for answer in await exchange.ask_all(messages):
        if answer is None or (answer.headers or {}).get("Status"):
            raise TimeoutError("it does not answer")
        if refusal := json.loads(answer.data).get("error"):
            raise EventError(
                f"JetStream at {exchange.link.label} does not keep facts: {refusal.get('description', 'no reason')}.",
                hint="Raise max_file in the server's configuration, or see the server's log.",
            )


def _chunks_subject(places: Places, nuid: str) -> str:
    return f"$O.{places.bucket}.C.{nuid}"


def _meta_subject(places: Places, name: str) -> str:
    return f"$O.{places.bucket}.M.{base64.urlsafe_b64encode(name.encode()).decode('ascii')}"


def _digest(data: bytes) -> str:
    return _DIGEST + base64.urlsafe_b64encode(sha256(data).digest()).decode("ascii")
