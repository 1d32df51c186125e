"""Messages that the server answers, many under way at once.

nats-py's own `publish_async` (2.16) never ends a future whose message the server refused: `APIError.from_error` raises
where its caller expects an error to be returned. And a request for each message costs a task and a timer each. So the
answers are taken in here.
"""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

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
        self.link = link
        self._inbox = ""
        self._numbers = itertools.count()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}

    async def ask_all(self, messages: Iterable[Question], seconds: float | None = None) -> list[Msg | None]:
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
            await asyncio.wait(waiting, timeout=_ANSWER if seconds is None else seconds)
            self._forget(*waiting)
        return [answer.result() if answer is not None and answer.done() else None for answer in answers]

    async def settle(self, words: Sequence[Question]) -> list[Question]:
        """Have the server take on what is said of deliveries (`+ACK`), and return the words on those it has forgotten.

        A server that was killed may not know any more that it has handed something out. It never answers what is said
        of that (nats-server 2.15, consumer.go, `processAckMsg`), and hands it out again.

        Raises:
            TimeoutError: the server is away, or does not answer, for half a minute.
        """
        left, forgotten = list(words), list[Question]()

        async def say(attempt: int) -> None:
            answers = await self.ask_all(left, min(_ANSWER, attempt))
            left[:] = [word for word, answer in zip(left, answers, strict=True) if answer is None]
            unknown = await self._unknown(left)
            forgotten.extend(unknown)
            left[:] = [word for word in left if word not in unknown]
            if left:
                raise TimeoutError("it does not answer")

        await self.link.until_it_works(say)
        return forgotten

    async def _unknown(self, words: Sequence[Question]) -> list[Question]:
        """Return the words on deliveries of which the server does not know that it has handed them out."""
        deliveries = [Msg(self.link.client, reply=word.subject).metadata for word in words]
        places = {(one.stream, one.consumer) for one in deliveries}
        last = {place: await self._handed_out(*place) for place in places}
        return [
            word
            for word, one in zip(words, deliveries, strict=True)
            if one.sequence.stream > last[one.stream, one.consumer]
        ]

    async def _handed_out(self, stream: str, consumer: str) -> int:
        """Return the last sequence that a consumer has handed out, as the server knows it."""
        try:
            info = await self.link.js.consumer_info(stream, consumer)
        except NotFoundError:
            return 0
        return info.delivered.stream_seq if info.delivered else 0

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
        client = self.link.client
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
