"""Who reads for builds, and what there is to read."""

from typing import TYPE_CHECKING, NamedTuple

from nats.js.errors import APIError, NotFoundError

from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.workers.jetstream.queue import Places, others_waiting, places_of

if TYPE_CHECKING:
    from nats.js.api import ConsumerInfo


class WorkersStatus(NamedTuple):
    """How the workers of one setup are."""

    waiting: int
    """Workers that wait for a job."""
    in_hand: int
    """Jobs that workers are at."""
    queued: int
    """Jobs that nobody has taken yet."""
    most_at_once: int
    """Jobs that may be in hand at a time."""
    others: int
    """Workers of another version or with other options that wait."""


def workers_status(url: str, stream: str, setup: str) -> WorkersStatus | None:
    """Return how the workers are; None where none has ever been there. Nothing is made on the server.

    Args:
        url: of the server.
        stream: what its streams are called after.
        setup: of the jobs.

    Raises:
        EventError: the server cannot be used.
        SettingError: no stream can be called so.
    """
    places, link = places_of(stream), Link(url)
    try:
        return link.run(_read(link, places, setup))
    except APIError as error:
        raise link.error(error) from error
    finally:
        link.close()


async def _read(link: Link, places: Places, setup: str) -> WorkersStatus | None:
    try:
        others = await others_waiting(link, places, setup)
        info: ConsumerInfo = await link.js.consumer_info(places.jobs, places.consumer(setup))
    except NotFoundError:
        return None
    return WorkersStatus(
        waiting=info.num_waiting or 0,
        in_hand=info.num_ack_pending or 0,
        queued=info.num_pending or 0,
        most_at_once=info.config.max_ack_pending or 0,
        others=others,
    )
