"""A worker: takes one job after another, says that it is at work, and stores what it has read."""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import wait
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from nats.js.errors import APIError

from mkdocs_gitguard.errors import EventError, Interruption
from mkdocs_gitguard.events.jetstream.exchange import Exchange, Question
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.git.process import kill_all
from mkdocs_gitguard.harvest.pool import ReaderPool
from mkdocs_gitguard.workers.jetstream.objects import get_object, put_object
from mkdocs_gitguard.workers.jetstream.queue import ACK_WAIT, Places, hold_consumer, make_streams, places_of
from mkdocs_gitguard.workers.job import Note, NoteKind, decode_job, encode_note
from mkdocs_gitguard.workers.parcel import pack
from mkdocs_gitguard.workers.reading import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    from mkdocs_gitguard.workers.job import Job
    from mkdocs_gitguard.workers.parcel import Parcel
    from mkdocs_gitguard.workers.reading import JobReader

_FETCH: Final = 0.9
"""Seconds. Longer ones may be lost with a connection and wait for nothing: nats-io/nats.py#986."""
_HEARTBEAT: Final = ACK_WAIT / 4
_LOOK_EVERY: Final = 5.0
"""Seconds between two looks at whether the consumer is there."""
_STEP: Final = 0.1
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0


class Worker:
    """Does jobs until told to stop."""

    def __init__(
        self,
        url: str,
        stream: str,
        reader: JobReader,
        *,
        must_stop: Callable[[], bool],
        tell: Callable[[str], object],
        most_at_once: int,
    ) -> None:
        """Do nothing before `run`.

        Args:
            url: of the server.
            stream: what its streams are called after.
            reader: does what jobs ask.
            must_stop: asked ten times a second.
            tell: is given a line for each job, and for whatever goes wrong.
            most_at_once: how many jobs may be in hand at a time, over all workers, until a build says so.

        Raises:
            SettingError: no stream can be called so.
        """
        self._url = url
        self._places = places_of(stream)
        self._reader = reader
        self._must_stop = must_stop
        self._tell = tell
        self._most_at_once = most_at_once
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self) -> None:
        """Do jobs; a server that is away is waited for."""
        pause = _FIRST_PAUSE
        while not self._must_stop():
            try:
                link = Link(self._url)
            except EventError as error:
                self._tell(f"{error} Tried again in {pause:g} s.")
                self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            try:
                pause = _FIRST_PAUSE
                self._serve(link)
            except (EventError, APIError) as error:
                self._tell(str(link.error(error)))
                self._sleep(pause)
            finally:
                link.close()

    def _serve(self, link: Link) -> None:
        """Do jobs over one connection.

        Raises:
            EventError: the server cannot be used.
        """
        link.run(link.until_it_works(lambda _: make_streams(link, self._places)))
        exchange = Exchange(link)
        looked_at = -_LOOK_EVERY
        subscription: JetStreamContext.PullSubscription | None = None
        while not self._must_stop():
            if subscription is None or time.monotonic() - looked_at > _LOOK_EVERY:
                link.run(link.until_it_works(lambda _: self._hold(link)))
                looked_at = time.monotonic()
            if subscription is None:
                subscription = link.run(
                    link.js.pull_subscribe_bind(
                        durable=self._places.consumer(self._reader.setup), stream=self._places.jobs
                    )
                )
            for message in link.run(_fetch(subscription)):
                _InHand(exchange, self._places, message, self._name, self._tell).do(self._reader, self._must_stop)

    async def _hold(self, link: Link) -> None:
        await hold_consumer(link, self._places, self._reader.setup, self._most_at_once)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._must_stop():
            time.sleep(_STEP)


class _InHand:
    """One job in hand."""

    def __init__(
        self, exchange: Exchange, places: Places, message: Msg, worker: str, tell: Callable[[str], object]
    ) -> None:
        self._exchange = exchange
        self._link = exchange.link
        self._places = places
        self._reply = message.reply
        self._body = message.data
        self._key = message.subject.rpartition(".")[2]
        self._attempt = message.metadata.num_delivered or 1
        self._worker = worker
        self._tell = tell

    def do(self, reader: JobReader, must_stop: Callable[[], bool]) -> None:
        """Do it, and say so; hand it back where the process has to stop.

        Raises:
            EventError: the server cannot be used; the job goes to another worker then.
        """
        job = decode_job(self._body)
        if job is None or job.key != self._key:
            self._give_up("refused", "it is not a job as this version has them", self._key)
        elif reason := reader.refusal_of(job):
            self._give_up("refused", reason, job.repository)
        else:
            self._read(reader, job, must_stop)

    def _read(self, reader: JobReader, job: Job, must_stop: Callable[[], bool]) -> None:
        began = time.monotonic()
        pool = ReaderPool(1, "job")
        reading = pool.submit(reader.read, job, self._earlier)
        pool.close()
        said_at = began - _HEARTBEAT
        while not reading.done():
            if must_stop():
                kill_all()
                self._answer(b"-NAK")
                return
            if time.monotonic() - said_at >= _HEARTBEAT:
                said_at = time.monotonic()
                self._say_working()
            wait([reading], _STEP)
        parcel = _result_of(reading)
        if isinstance(parcel, Refusal):
            self._give_up("refused" if parcel.is_final else "failed", parcel.reason, job.repository)
            return
        name = reader.key_of(parcel)
        self._link.run(put_object(self._exchange, self._places, name, pack(parcel)))
        self._say("done", stored=name)
        self._answer(b"+ACK")
        self._tell(f"{job.repository}: read in {time.monotonic() - began:.1f} s.")

    def _earlier(self, name: str) -> bytes | None:
        return self._link.run(get_object(self._link, self._places, name))

    def _give_up(self, kind: NoteKind, reason: str, named: str) -> None:
        self._say(kind, reason=reason)
        self._answer(b"+TERM")
        self._tell(f"{named}: {kind}: {reason}.")

    def _say(self, kind: NoteKind, *, reason: str = "", stored: str = "") -> None:
        question = Question(self._places.note_subject(self._key), self._note(kind, reason, stored))
        self._link.run(self._link.until_it_works(lambda _: self._exchange.ask(question)))

    def _say_working(self) -> None:
        """Say to the server and to whoever asked that the job is in hand; nobody waits for an answer."""
        client = self._link.client
        with suppress(EventError):
            self._link.run(client.publish(self._reply, b"+WPI"))
            self._link.run(client.publish(self._places.note_subject(self._key), self._note("working")))

    def _note(self, kind: NoteKind, reason: str = "", stored: str = "") -> bytes:
        note = Note(key=self._key, kind=kind, worker=self._worker, attempt=self._attempt, reason=reason, stored=stored)
        return encode_note(note)

    def _answer(self, answer: bytes) -> None:
        """Say what has become of the job; a server that has forgotten whose it is hands it out again."""
        self._link.run(self._exchange.settle([Question(self._reply, answer)]))


def _result_of(reading: Future[Parcel | Refusal]) -> Parcel | Refusal:
    """Return what was read, or that it could not be: whatever a repository holds costs only itself."""
    try:
        return reading.result()
    except Interruption:
        raise
    except Exception as error:  # noqa: BLE001 - as said
        return Refusal(f"it could not be read: {type(error).__name__}", is_final=False)


async def _fetch(subscription: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await subscription.fetch(1, timeout=_FETCH)
    except TimeoutError:
        return []
