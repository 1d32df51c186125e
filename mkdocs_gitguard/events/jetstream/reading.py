"""Messages of a stream, read many at a time and by nobody's name: the server keeps nothing of it.

By the batch form of direct get (https://github.com/nats-io/nats-architecture-and-design, ADR-31; nats-server 2.11).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.jetstream.link import Link

_BYTES: Final = 8 << 20
"""Of one answer; a message that is larger comes alone."""
_TIMEOUT: Final = 10.0
_NOT_FOUND: Final = "404"
_ENDED: Final = "204"


class Message(NamedTuple):
    """One message of a stream."""

    sequence: int
    subject: str
    body: bytes
    headers: Mapping[str, str]


async def read_messages(
    link: Link, stream: str, *, sequence: int = 1, since: datetime | None = None, most: int = 256, subject: str = ""
) -> list[Message]:
    """Return up to `most` messages, in order; none where there are no more.

    Args:
        link: to the server.
        stream: its name. It allows direct access.
        sequence: where to begin, or after it.
        since: where to begin instead: what the server stored at or after this moment.
        most: how many.
        subject: of this subject alone.

    Raises:
        EventError: the server gave another answer.
    """
    wanted: dict[str, Any] = {"batch": most, "max_bytes": _BYTES}
    if since is None:
        wanted["seq"] = max(1, sequence)
    else:
        wanted["start_time"] = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if subject:
        wanted["next_by_subj"] = subject
    return await link.until_it_works(lambda _: _read(link, stream, wanted))


async def _read(link: Link, stream: str, wanted: Mapping[str, Any]) -> list[Message]:
    inbox = link.client.new_inbox()
    answers = await link.client.subscribe(inbox, pending_bytes_limit=1 << 30)
    try:
        await link.client.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(wanted).encode(), reply=inbox)
        messages: list[Message] = []
        while True:
            answer = await answers.next_msg(timeout=_TIMEOUT)
            headers = answer.headers or {}
            status = headers.get("Status", "")
            if status in (_NOT_FOUND, _ENDED):
                return messages
            if status or "Nats-Sequence" not in headers:
                raise EventError(
                    f"JetStream at {link.url} does not give the messages of {stream}: "
                    f"{status} {headers.get('Description', 'an unknown answer')}.",
                    hint="See the server's log.",
                )
            messages.append(Message(int(headers["Nats-Sequence"]), headers["Nats-Subject"], answer.data, headers))
    finally:
        await answers.unsubscribe()
