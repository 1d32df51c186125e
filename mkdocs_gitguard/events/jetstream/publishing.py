"""Events to the server, many under way at once, each again under the same id until the server has answered.

nats-py's own `publish_async` (2.16) never ends a future whose message the server refused: `APIError.from_error` raises
where its caller expects an error to be returned. So answers are taken in here.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from nats.aio.msg import Msg
from nats.errors import MaxPayloadError, NoRespondersError
from nats.js.errors import APIError, ServiceUnavailableError

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event, body_key, delivery_key, envelope_of
from mkdocs_gitguard.events.jetstream.link import PASSING, Link
from mkdocs_gitguard.events.jetstream.streams import Streams
from mkdocs_gitguard.events.log import Appended

ENVELOPE: Final = "Gitguard-Event"
"""The header that holds all of an event but its body."""
_WRONG_LAST_SEQUENCE: Final = 10071
"""The server's code for a message whose subject has another last message than expected."""
_ANSWER: Final = 10.0
"""Seconds that the server has for an answer."""
_UNDER_WAY: Final = 1000
_UNDER_WAY_BYTES: Final = 64 << 20


class Publisher:
    """Publishes events; used within the link's loop alone."""

    def __init__(self, link: Link, streams: Streams) -> None:
        """Do nothing before something is published."""
        self._link = link
        self._streams = streams
        self._inbox = ""
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}

    async def publish(self, events: Sequence[Event]) -> tuple[Appended, ...]:
        """Publish events in order, and return what became of each when all are kept.

        Raises:
            EventError: one is too large.
            APIError: the server refuses one.
        """
        results: list[Appended] = []
        for window in _windows(events):
            answers: list[asyncio.Future[Msg]] = []
            try:
                for event in window if len(window) > 1 else ():
                    answers.append(await self._send(event))  # noqa: PERF401 - what was sent before an error counts
            except PASSING:
                # The server is away: the others follow one by one.
                pass
            if answers:
                await asyncio.wait(answers, timeout=_ANSWER)
            for place, event in enumerate(window):
                appended = _answered(answers[place]) if place < len(answers) else None
                results.append(appended or await self._publish_until(event, is_again=place < len(answers)))
        return tuple(results)

    async def _publish_until(self, event: Event, *, is_again: bool) -> Appended:
        async def attempt(number: int) -> Appended:
            message = await asyncio.wait_for(await self._send(event), _ANSWER)
            # Of a second attempt the first may be the one that is there: then it is not a duplicate.
            return _appended(message, is_again=is_again or number > 1)

        return await self._link.until_it_works(attempt)

    async def _send(self, event: Event) -> "asyncio.Future[Msg]":
        client = self._link.client
        if not self._inbox:
            inbox = client.new_inbox()
            await client.subscribe(f"{inbox}.*", cb=self._take)
            self._inbox = inbox
        number = str(next(self._numbers))
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        future.add_done_callback(lambda _: self._waiting.pop(number, None))
        try:
            await client.publish(
                self._streams.subject_of(event),
                event.body,
                reply=f"{self._inbox}.{number}",
                headers=self._headers(event),
            )
        except MaxPayloadError as error:
            future.cancel()
            raise EventError(
                f"An event of {len(event.body):,} bytes is more than the server at {self._link.url} takes: "
                f"{client.max_payload:,} bytes.",
                hint="Set `max_payload: 32MB` in its configuration.",
            ) from error
        except BaseException:
            future.cancel()
            raise
        return future

    async def _take(self, message: Msg) -> None:
        future = self._waiting.get(message.subject.rpartition(".")[2])
        if future is not None and not future.done():
            future.set_result(message)

    def _headers(self, event: Event) -> dict[str, str]:
        headers = {"Nats-Msg-Id": body_key(event), ENVELOPE: envelope_of(event).decode("ascii")}
        if delivery_key(event):
            # Two reservations in the one step that keeps the event: of its body by its id, of its delivery by this.
            headers["Nats-Expected-Last-Subject-Sequence"] = "0"
            headers["Nats-Expected-Last-Subject-Sequence-Subject"] = self._streams.delivery_filter(event)
        return headers


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


def _answered(answer: "asyncio.Future[Msg]") -> Appended | None:
    """Return what became of an event that was sent once, None where it has to be sent again."""
    if not answer.done():
        return None
    try:
        return _appended(answer.result(), is_again=False)
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
