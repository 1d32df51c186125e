"""Whoever builds: puts jobs into the queue, waits for what workers say, and takes the facts out of the store.

How far the workers are is read from the stream of their notes by its numbers, so that nothing is missed where the
connection was lost, and the server keeps nothing for whoever reads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from nats.js.errors import APIError

from mkdocs_gitguard import __version__
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.events.jetstream.reading import Message, read_messages
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.workers.jetstream.objects import get_object
from mkdocs_gitguard.workers.jetstream.queue import (
    ACK_WAIT,
    Places,
    hold_consumer,
    make_streams,
    others_waiting,
    places_of,
    put_job,
    take_job_away,
)
from mkdocs_gitguard.workers.job import Job, Note, address_of, decode_note
from mkdocs_gitguard.workers.parcel import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nats.js.api import ConsumerInfo

    from mkdocs_gitguard.harvest.cache import CachedFacts
    from mkdocs_gitguard.harvest.elsewhere import Wanted
    from mkdocs_gitguard.harvest.look import Looker

_PATIENCE: Final = 10.0
"""Seconds without any worker, after which the repositories are read here."""
_STUCK: Final = 2 * ACK_WAIT + 5.0
"""Seconds that a job may lie in the queue while workers wait for one: then the server has lost sight of it."""
_LOOK_EVERY: Final = 1.0
_PAUSE: Final = 0.05


class Coordinator:
    """The workers of one server, as a harvest sees them."""

    is_at_hand = False

    def __init__(self, url: str, stream: str, most_at_once: int, tell: Callable[[str], object]) -> None:
        """Do nothing before there is something to read.

        Args:
            url: of the server.
            stream: what its streams are called after.
            most_at_once: how many jobs may be in hand at a time, over all workers.
            tell: is given a line for whatever was not read by them.

        Raises:
            SettingError: no stream can be called so.
        """
        self._url = url
        self._places = places_of(stream)
        self._most_at_once = most_at_once
        self._tell = tell

    def read(
        self,
        wanted: Sequence[Wanted],
        deliver: Callable[[Wanted, CachedFacts | Finding], bool],
        *,
        looker: Looker,
        seconds: float | None,
    ) -> None:
        """See `Elsewhere.read`."""
        end = time.monotonic() + seconds if seconds is not None else None
        try:
            link = Link(self._url)
        except EventError as error:
            self._tell(f"No worker can be asked, everything is read here: {error}")
            return
        harvest = _Harvest(link, self._places, _Ways(deliver, self._tell, self._most_at_once), looker.setup, end)
        try:
            harvest.ask(wanted)
            harvest.wait()
        except (EventError, APIError) as error:
            self._tell(f"What no worker has read by now is read here: {link.error(error)}")
        finally:
            harvest.withdraw()
            link.close()


class _Ways(NamedTuple):
    """Where what comes goes, and how much may be under way."""

    deliver: Callable[[Wanted, CachedFacts | Finding], bool]
    tell: Callable[[str], object]
    most_at_once: int


class _Asked:
    """A job under way."""

    def __init__(self, item: Wanted, number: int) -> None:
        self.item = item
        self.number = number
        """In the queue."""
        self.heard_at = time.monotonic()


class _Lost(msgspec.Struct):
    """What the server says of a job that was handed out in vain as often as it may be."""

    stream_seq: int
    deliveries: int


class _Harvest:
    """The jobs of one harvest."""

    def __init__(self, link: Link, places: Places, ways: _Ways, setup: str, end: float | None) -> None:
        self._link = link
        self._places = places
        self._ways = ways
        self._setup = setup
        self._end = end
        self._under_way: dict[str, _Asked] = {}
        self._next_note = 1
        self._missed_since = 0.0
        """When it was first seen that there is no worker; 0: there is one."""
        self._idle_since = 0.0
        """When it was first seen that one waits for a job; 0: none does."""
        self._looked_at = 0.0

    def ask(self, wanted: Sequence[Wanted]) -> None:
        """Put a job into the queue for each repository whose facts are not in the store.

        Raises:
            EventError: the server cannot be used.
        """
        link, places = self._link, self._places
        link.run(link.until_it_works(lambda _: make_streams(link, places)))
        link.run(link.until_it_works(lambda _: self._hold(is_in_charge=True)))
        # Before the store is looked into, so that whatever comes in later is told in a note that is read.
        info = link.run(link.until_it_works(lambda _: link.js.stream_info(places.notes)))
        self._next_note = info.state.last_seq + 1
        for item in wanted:
            if self._take(item, item.key):
                continue
            job = Job(
                version=__version__,
                setup=self._setup,
                repository=item.source.id,
                address=address_of(item.source),
                state=item.state,
                key=item.key,
                earlier=item.earlier,
                seconds=self._left() or 0.0,
            )
            number = link.run(link.until_it_works(lambda _, job=job: put_job(link, places, job)))  # type: ignore[misc]
            self._under_way[item.key] = _Asked(item, number)

    def wait(self) -> None:
        """Take what workers read, until all is there, the time is over, or there is no worker.

        Raises:
            EventError: the server cannot be used.
        """
        while self._under_way and self._left() != 0:
            notes = self._link.run(read_messages(self._link, self._places.notes, sequence=self._next_note))
            for message in notes:
                self._next_note = message.sequence + 1
                self._hear(message)
            if not self._under_way:
                return
            if time.monotonic() - self._looked_at > _LOOK_EVERY and not self._is_anybody_there():
                self._tell_nobody()
                return
            if not notes:
                time.sleep(_PAUSE)

    def withdraw(self) -> None:
        """Take jobs that are not done out of the queue."""
        jobs, self._under_way = list(self._under_way.values()), {}
        try:
            self._take_away(jobs)
        except (EventError, APIError):
            # They stay there for an hour at most; the facts of what is read in vain are in the store.
            return

    async def _hold(self, *, is_in_charge: bool) -> ConsumerInfo:
        return await hold_consumer(
            self._link, self._places, self._setup, self._ways.most_at_once, is_in_charge=is_in_charge
        )

    def _take_away(self, jobs: Iterable[_Asked]) -> None:
        for job in jobs:
            if job.number:
                self._link.run(take_job_away(self._link, self._places, job.number))

    def _left(self) -> float | None:
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def _take(self, item: Wanted, name: str) -> bool:
        """Take facts out of the store; what is damaged, or is not what it should be, is not there."""
        data = self._link.run(get_object(self._link, self._places, name))
        parcel = unpack(data) if data is not None else None
        if parcel is None or parcel.setup != self._setup or parcel.repository != item.source.id:
            return False
        return self._ways.deliver(item, parcel.kept)

    def _hear(self, message: Message) -> None:
        if message.subject.startswith("$JS."):
            self._hear_of_lost(message.body)
            return
        note = decode_note(message.body)
        if note is None:
            return
        self._missed_since = 0.0
        asked = self._under_way.get(note.key)
        if asked is None:
            return
        asked.heard_at = time.monotonic()
        if note.kind == "working":
            return
        del self._under_way[note.key]
        reason = _reason_of(note)
        if note.kind == "done" and not self._take(asked.item, note.stored or note.key):
            reason = f"what {note.worker} has read of it is damaged in the store, or is not what was asked for"
        if reason:
            self._ways.tell(f"{asked.item.source.label} is read here: {reason}.")

    def _hear_of_lost(self, body: bytes) -> None:
        try:
            lost = msgspec.json.decode(body, type=_Lost)
        except (msgspec.MsgspecError, ValueError):
            return
        for key, asked in list(self._under_way.items()):
            if asked.number == lost.stream_seq:
                del self._under_way[key]
                self._take_away([asked])
                self._ways.deliver(asked.item, _lost_finding(asked.item, lost.deliveries))

    def _is_anybody_there(self) -> bool:
        """See whether a worker waits or has said something lately; give up jobs that nobody is handed."""
        now = self._looked_at = time.monotonic()
        info = self._link.run(self._link.until_it_works(lambda _: self._hold(is_in_charge=False)))
        if not info.num_waiting:
            self._idle_since = 0.0
            self._missed_since = self._missed_since or now
            return now - self._missed_since < _PATIENCE
        self._missed_since = 0.0
        self._idle_since = self._idle_since or now
        if now - self._idle_since > _STUCK:
            for key, asked in list(self._under_way.items()):
                if now - asked.heard_at > _STUCK:
                    del self._under_way[key]
                    self._take_away([asked])
                    self._ways.tell(
                        f"{asked.item.source.label} is read here: workers wait, and the server hands the job to none."
                    )
        return True

    def _tell_nobody(self) -> None:
        others = self._link.run(others_waiting(self._link, self._places, self._setup))
        why = (
            f"{others} of another version of mkdocs-gitguard, or with other options in mkdocs.yml, wait for jobs"
            if others
            else "start one with: gitguard worker"
        )
        self._ways.tell(f"No worker takes jobs ({why}), so {len(self._under_way)} of the repositories are read here.")


def _reason_of(note: Note) -> str:
    return "" if note.kind == "done" else f"{note.worker} {note.kind} ({note.reason})"


def _lost_finding(item: Wanted, tries: int) -> Finding:
    return Finding(
        code="workers-lost",
        severity="error",
        message=f"{item.source.label} was handed to workers {tries} times, and each of them ended over it.",
        hint="See the workers' logs, and give them memory enough; then build again.",
        repository=item.source.id,
        source=item.source.entry,
    )
