"""The work queue: its streams, and the consumer by which workers take jobs.

One queue of jobs, of which a repository's state has one at most; what workers say of them; and the facts. The server
hands out no more jobs at a time than MAX_CONCURRENT_BUILDS says: it counts what is not acknowledged, over all workers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    ConsumerInfo,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from mkdocs_gitguard.events.jetstream.streams import Streams, hold_stream, refuse_other_settings
from mkdocs_gitguard.workers.job import Job, encode_job, setup_token

if TYPE_CHECKING:
    from mkdocs_gitguard.events.jetstream.link import Link

ACK_WAIT: Final = 6.0
"""Seconds without a word of a worker after which its job goes to another."""
MOST_TRIES: Final = 4
"""How often a job is handed out, where workers die of it."""
_HOUR: Final = 3600.0
_WEEK: Final = 7 * 24 * _HOUR
_SUBJECT_IS_FULL: Final = 10077
"""The server's code for a message of a subject that holds as many as it may."""
_CONSUMER_IS_THERE: Final = 10148
"""The server's code for a consumer that is there with other settings."""
_ANSWER: Final = 5.0
"""Seconds that the server has for one, as nats-py gives it."""
_CHECKED: Final = (
    "subjects", "retention", "discard", "discard_new_per_subject", "storage", "max_age", "max_msgs_per_subject",
    "allow_direct", "allow_rollup_hdrs",
)  # fmt: skip
_UNTOUCHED: Final = 24 * _HOUR
"""Seconds after which the server drops the consumer of a setup that nobody has any more."""


class Places(NamedTuple):
    """What stands where on the server, all of it called after one stream."""

    name: str

    @property
    def jobs(self) -> str:
        """The stream of jobs."""
        return f"{self.name}_jobs"

    @property
    def notes(self) -> str:
        """The stream of what workers say."""
        return f"{self.name}_notes"

    @property
    def bucket(self) -> str:
        """The object store of facts."""
        return f"{self.name}_facts"

    @property
    def facts(self) -> str:
        """The stream behind it."""
        return f"OBJ_{self.bucket}"

    def job_subject(self, setup: str, key: str) -> str:
        """Return where a job stands. Only workers of the same setup hear of it."""
        return f"{self.name}.job.{setup_token(setup)}.{key}"

    def note_subject(self, key: str) -> str:
        """Return where what is said of a job stands, the last word only."""
        return f"{self.name}.note.{key}"

    def consumer(self, setup: str) -> str:
        """Return the name of the consumer that all workers of a setup share."""
        return f"workers-{setup_token(setup)}"


def places_of(stream: str) -> Places:
    """Return what stands where.

    Raises:
        SettingError: no stream can be called so.
    """
    return Places(Streams(stream).events)


async def make_streams(link: Link, places: Places) -> None:
    """Make the streams that are not there, and see that those that are there are ours.

    Raises:
        EventError: a stream has other settings than ours, or the server has not kept ours.
    """
    for config in (_jobs(places), _notes(places), _facts(places)):
        present, _ = await hold_stream(link, config)
        refuse_other_settings(config, present, _CHECKED)


async def hold_consumer(
    link: Link, places: Places, setup: str, most_at_once: int, *, is_in_charge: bool = False
) -> ConsumerInfo:
    """See that the consumer is there, and return how it is.

    Args:
        link: to the server.
        places: on it.
        setup: of the jobs.
        most_at_once: how many jobs it hands out at a time.
        is_in_charge: whether one that is there has to do the same: a build says so, not each worker.
    """
    config = _consumer(places, setup, most_at_once)
    try:
        present: ConsumerInfo = await link.js.consumer_info(places.jobs, places.consumer(setup))
    except NotFoundError:
        if not is_in_charge:
            return await _make_consumer(link, places.jobs, config)
        return await link.js.add_consumer(places.jobs, config=config)
    if is_in_charge and present.config.max_ack_pending != most_at_once:
        return await link.js.add_consumer(places.jobs, config=config)
    return present


async def _make_consumer(link: Link, stream: str, config: ConsumerConfig) -> ConsumerInfo:
    """Make a consumer, and leave one alone that a build has made since it was looked for.

    nats-py has no word for it: its `add_consumer` overwrites (https://github.com/nats-io/nats-architecture-and-design,
    ADR-37, `action`).
    """
    request = {"stream_name": stream, "config": config.as_dict(), "action": "create"}
    subject = f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{config.durable_name}"
    answer = json.loads((await link.client.request(subject, json.dumps(request).encode(), timeout=_ANSWER)).data)
    if error := answer.get("error"):
        if error.get("err_code") != _CONSUMER_IS_THERE:
            APIError.from_error(error)
        present: ConsumerInfo = await link.js.consumer_info(stream, str(config.durable_name))
        return present
    made: ConsumerInfo = ConsumerInfo.from_response(answer)
    return made


async def others_waiting(link: Link, places: Places, setup: str) -> int:
    """Return how many workers wait for jobs of other setups."""
    infos = await link.until_it_works(lambda _: _consumers(link, places))
    return sum(info.num_waiting or 0 for info in infos if info.name != places.consumer(setup))


async def _consumers(link: Link, places: Places) -> list[ConsumerInfo]:
    infos: list[ConsumerInfo] = []
    while page := await link.js.consumers_info(places.jobs, offset=len(infos)):
        infos += page
    return infos


async def put_job(link: Link, places: Places, job: Job) -> int:
    """Put a job into the queue, unless it stands there already; return its number there."""
    subject = places.job_subject(job.setup, job.key)
    try:
        return int((await link.js.publish(subject, encode_job(job))).seq)
    except APIError as error:
        if error.err_code != _SUBJECT_IS_FULL:
            raise
    # Another build asked for the same, or the first answer got lost.
    try:
        return int((await link.js.get_last_msg(places.jobs, subject)).seq or 0)
    except NotFoundError:
        return 0


async def take_job_away(link: Link, places: Places, number: int) -> None:
    """Take a job out of the queue, if it is there."""
    try:
        await link.js.delete_msg(places.jobs, number)
    except APIError:
        return


def _jobs(places: Places) -> StreamConfig:
    return StreamConfig(
        name=places.jobs,
        description="Repositories to read: mkdocs-gitguard",
        subjects=[f"{places.name}.job.>"],
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        discard_new_per_subject=True,
        max_msgs_per_subject=1,
        storage=StorageType.FILE,
        max_age=_HOUR,
        duplicate_window=120,
        allow_direct=True,
    )


def _notes(places: Places) -> StreamConfig:
    lost = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{places.jobs}.*"
    return StreamConfig(
        name=places.notes,
        description="What workers say of jobs: mkdocs-gitguard",
        subjects=[f"{places.name}.note.*", lost],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_msgs_per_subject=1,
        storage=StorageType.FILE,
        max_age=_HOUR,
        duplicate_window=120,
        allow_direct=True,
    )


def _facts(places: Places) -> StreamConfig:
    """As an object store has it: https://github.com/nats-io/nats-architecture-and-design, ADR-20."""
    return StreamConfig(
        name=places.facts,
        description="What was read of repositories: mkdocs-gitguard",
        subjects=[f"$O.{places.bucket}.C.>", f"$O.{places.bucket}.M.>"],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        max_age=_WEEK,
        duplicate_window=120,
        allow_rollup_hdrs=True,
        allow_direct=True,
    )


def _consumer(places: Places, setup: str, most_at_once: int) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=places.consumer(setup),
        description="mkdocs-gitguard",
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT,
        max_deliver=MOST_TRIES,
        filter_subject=f"{places.name}.job.{setup_token(setup)}.*",
        max_ack_pending=most_at_once,
        inactive_threshold=_UNTOUCHED,
    )
