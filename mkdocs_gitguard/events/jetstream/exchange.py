"""Messages that the server answers, many under way at once.

nats-py's own `publish_async` (2.16) never ends a future whose message the server refused: `APIError.from_error` raises
where its caller expects an error to be returned. And a request for each message costs a task and a timer each. So the
answers are taken in here.
"""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Final, NamedTuple

from nats.aio.msg import Msg

from mkdocs_gitguard.events.jetstream.link import PASSING, Link

_ANSWER: Final = 10.0
"""Seconds that the server has for an answer."""


class Question(NamedTuple):
    """A message that is answered."""

    subject: str
    body: bytes
    headers: dict[str, str] | None = None


class Exchange:
    """Sends messages and takes in their answers; used within the link's loop alone."""

    def __init__(self, link: Link) -> None:
        """Do nothing before something is sent."""
        self._link = link
        self._inbox = ""
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}

    async def ask_all(self, messages: Iterable[Question]) -> list[Msg | None]:
        """Send messages, and return the answer to each, in order; None where there is none yet, or it was not sent."""
        answers: list[asyncio.Future[Msg] | None] = []
        is_away = False
        for message in messages:
            try:
                answers.append(None if is_away else await self._send(message))
            except PASSING:
                # The server is away: whoever sends decides whether to try again.
                is_away = True
                answers.append(None)
        if waiting := [answer for answer in answers if answer is not None]:
            await asyncio.wait(waiting, timeout=_ANSWER)
            self._forget(*waiting)
        return [answer.result() if answer is not None and answer.done() else None for answer in answers]

    async def ask(self, message: Question) -> Msg:
        """Send one message and return its answer.

        Raises:
            TimeoutError: there was none.
            nats.errors.Error: it could not be sent.
        """
        answer = await self._send(message)
        # `asyncio.wait` takes another turn of the loop, and a future more.
        limit = asyncio.get_running_loop().call_later(_ANSWER, _give_up, answer)
        try:
            return await answer
        except TimeoutError:
            self._forget(answer)
            raise
        finally:
            limit.cancel()

    async def _send(self, message: Question) -> "asyncio.Future[Msg]":
        client = self._link.client
        if not self._inbox:
            inbox = client.new_inbox()
            await client.subscribe(f"{inbox}.*", cb=self._take)
            self._inbox = inbox
        number = str(next(self._numbers))
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            await client.publish(message.subject, message.body, f"{self._inbox}.{number}", message.headers)
        except BaseException:
            self._waiting.pop(number, None)
            raise
        return future

    def _forget(self, *answers: "asyncio.Future[Msg]") -> None:
        given_up = {id(answer) for answer in answers if not answer.done() or answer.exception()}
        if given_up:
            self._waiting = {number: future for number, future in self._waiting.items() if id(future) not in given_up}

    async def _take(self, message: Msg) -> None:
        future = self._waiting.pop(message.subject.rpartition(".")[2], None)
        if future is not None and not future.done():
            future.set_result(message)


def _give_up(answer: "asyncio.Future[Msg]") -> None:
    if not answer.done():
        answer.set_exception(TimeoutError("it does not answer"))
