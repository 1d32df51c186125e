"""Events to the server, many under way at once, each again under the same id until the server has answered."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import APIError, ServiceUnavailableError

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event, body_key, delivery_key, envelope_of
from mkdocs_gitguard.events.jetstream.exchange import Exchange, Question
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.events.jetstream.status import refuse_frozen
from mkdocs_gitguard.events.jetstream.streams import Streams
from mkdocs_gitguard.events.log import Appended

ENVELOPE: Final = "Gitguard-Event"
"""The header that holds all of an event but its body."""
_WRONG_LAST_SEQUENCE: Final = 10071
"""The server's code for a message whose subject has another last message than expected."""
_OTHER_HEADERS: Final = 1000
"""Bytes, at most."""
_UNDER_WAY: Final = 1000
_UNDER_WAY_BYTES: Final = 64 << 20


class Publisher:
    """Publishes events; used within the link's loop alone."""

    def __init__(self, link: Link, streams: Streams, exchange: Exchange) -> None:
        """Do nothing before something is published."""
        self._link = link
        self._streams = streams
        self._exchange = exchange

    async def publish(self, events: Sequence[Event]) -> tuple[Appended, ...]:
        """Publish events in order, and return what became of each when all are kept.

        Raises:
            EventError: one is too large.
            APIError: the server refuses one.
        """
        results: list[Appended] = []
        for window in _windows(events):
            messages = [self._message(event) for event in window]
            answers = await self._exchange.ask_all(messages) if len(window) > 1 else [None]
            for message, answer in zip(messages, answers, strict=True):
                appended = _answered(answer) if answer is not None else None
                results.append(appended or await self._publish_until(message, is_again=len(window) > 1))
        return tuple(results)

    async def _publish_until(self, message: Question, *, is_again: bool) -> Appended:
        async def attempt(number: int) -> Appended:
            try:
                answer = await self._exchange.ask(message)
            except TimeoutError:
                # A stream that has frozen never answers: whoever appends is told so now, and need not wait.
                await refuse_frozen(self._link, self._streams)
                raise
            # Of a second attempt the first may be the one that is there: then it is not a duplicate.
            return _appended(answer, is_again=is_again or number > 1)

        return await self._link.until_it_works(attempt)

    def _message(self, event: Event) -> Question:
        delivery, body = delivery_key(event), body_key(event)
        headers = {"Nats-Msg-Id": body, ENVELOPE: envelope_of(event).decode("ascii")}
        if delivery:
            # Two reservations in the one step that keeps the event: of its body by its id, of its delivery by this.
            headers["Nats-Expected-Last-Subject-Sequence"] = "0"
            headers["Nats-Expected-Last-Subject-Sequence-Subject"] = self._streams.delivery_filter(event, delivery)
        size = len(event.body) + len(headers[ENVELOPE]) + _OTHER_HEADERS
        if size > self._link.client.max_payload:
            # The server would close the connection.
            raise EventError(
                f"An event of {len(event.body):,} bytes is more than the server at {self._link.label} takes: "
                f"{self._link.client.max_payload:,} bytes.",
                hint="Set `max_payload: 32MB` in its configuration.",
            )
        return Question(self._streams.subject_of(event, delivery or body), event.body, headers)


def _windows(events: Sequence[Event]) -> list[list[Event]]:
    """Part events into such stretches as may be under way at once."""
    windows: list[list[Event]] = []
    size = 0
    for event in events:
        if not windows or len(windows[-1]) >= _UNDER_WAY or size + len(event.body) > _UNDER_WAY_BYTES:
            windows.append([])
            size = 0
        windows[-1].append(event)
        size += len(event.body)
    return windows


def _answered(answer: Msg) -> Appended | None:
    """Return what became of an event that was sent once, None where it has to be sent again."""
    try:
        return _appended(answer, is_again=False)
    except (ServiceUnavailableError, NoRespondersError):
        return None


def _appended(message: Msg, *, is_again: bool) -> Appended:
    if (message.headers or {}).get("Status") == "503":
        raise NoRespondersError
    answer: dict[str, Any] = json.loads(message.data)
    refusal = answer.get("error")
    if not refusal:
        return Appended(sequence=int(answer["seq"]), is_duplicate=bool(answer.get("duplicate")) and not is_again)
    if refusal.get("err_code") == _WRONG_LAST_SEQUENCE:
        # "wrong last sequence: 12"
        numbers = re.findall(r"\d+", refusal.get("description", ""))
        return Appended(sequence=int(numbers[-1]) if numbers else 0, is_duplicate=not is_again)
    kind = ServiceUnavailableError if int(refusal.get("code", 500)) >= 500 else APIError  # noqa: PLR2004 - as of HTTP
    raise kind(
        code=refusal.get("code"), err_code=refusal.get("err_code"), description=refusal.get("description", "no reason")
    )
