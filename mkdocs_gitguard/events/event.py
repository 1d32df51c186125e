"""An event, kept as it came: the sender's bytes, what its headers say, and when it was taken on."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from mkdocs_gitguard.model import Record

Source = Literal["github", "gitlab", "gitea", "forgejo", "bitbucket", "gitguard"]
"""Who sent it; `gitguard` stands for ourselves and for whoever reports a `policy.decision`."""

LARGEST_BODY: Final = 25 * 1024 * 1024
"""Bytes. GitHub sends none that is larger: docs.github.com, "Webhook events and payloads", "Payload cap" (2026-08)."""
LONGEST_TEXT: Final = 300
"""Characters of a name that a sender gives: of a delivery, of an event."""
UNREADABLE: Final = "unreadable"
"""What an event of ours is called that stands for what is in the log and was not written by us, or is damaged."""
_REASON: Final = "reason"
_NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EventRepository(Record, frozen=True, kw_only=True):
    """The repository that an event is about, as its sender calls it."""

    name: str = ""
    """`namespace/name`; `""` where the event names none."""
    former_names: tuple[str, ...] = ()
    """What it was called before, of one that was renamed or moved."""
    urls: tuple[str, ...] = ()
    """Of its home page and its remotes, without credentials."""


class Event(Record, frozen=True, kw_only=True):
    """What one sender sent once."""

    source: Source
    name: str
    """The sender's word for it: `push`, `Merge Request Hook`, `policy.decision`."""
    body: bytes
    """Exactly as it came."""
    accepted_at: datetime
    """When we took it on, by `clock.system_moment`."""
    delivery: str = ""
    """The sender's id of the delivery, the same whenever it is sent again; `""` where it gives none."""
    repository: EventRepository = EventRepository()
    headers: Mapping[str, str] = {}
    """Those that say what the body is, by their name in small letters. Never one that holds a secret."""


class _Envelope(Record, frozen=True, kw_only=True, omit_defaults=True):
    """All of an event but its body, as both logs keep it beside the body."""

    source: Source
    name: str
    accepted_at: datetime
    delivery: str = ""
    repository: EventRepository = EventRepository()
    headers: Mapping[str, str] = {}


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_Envelope)


def envelope_of(event: Event) -> bytes:
    r"""Return all of an event but its body as JSON, in ASCII on one line, so that it may be a header's value."""
    envelope = _Envelope(
        source=event.source,
        name=event.name,
        accepted_at=event.accepted_at,
        delivery=event.delivery,
        repository=event.repository,
        headers=event.headers,
    )
    document = _encode(envelope)
    if document.isascii():
        return document
    text = document.decode()
    return "".join(letter if letter.isascii() else _escaped(letter) for letter in text).encode()


def event_from(envelope: bytes | str, body: bytes) -> Event:
    """Put an event together again. Of anything else an event called `UNREADABLE` is made: see `reason_against`.

    Whoever may write to a server's stream may write anything. It must not keep anybody from the events behind it.
    """
    try:
        read = _decoder.decode(envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = f"It is not an event as it is written into the log: {error}."
        return Event(source="gitguard", name=UNREADABLE, body=body, accepted_at=_NO_MOMENT, headers={_REASON: reason})
    return Event(
        source=read.source,
        name=read.name,
        body=body,
        accepted_at=read.accepted_at,
        delivery=read.delivery,
        repository=read.repository,
        headers=read.headers,
    )


def reason_against(event: Event) -> str:
    """Return why what the log holds is not an event; `""`: it is one."""
    return event.headers.get(_REASON, "") if (event.source, event.name) == ("gitguard", UNREADABLE) else ""


def delivery_key(event: Event) -> str:
    """Return what two sendings of one delivery have in common, 32 hex digits; `""` where the sender gives no id."""
    return _digest(event.source.encode(), event.delivery.encode("utf-8", "surrogatepass")) if event.delivery else ""


def body_key(event: Event) -> str:
    """Return what two events of the same content have in common, 32 hex digits.

    A signature covers the body and not the delivery id, so that whoever has caught one may send it under another id.
    """
    return _digest(event.source.encode(), event.name.encode("utf-8", "surrogatepass"), event.body)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # With its length, so that no two lists of parts give the same bytes.
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:32]


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))
