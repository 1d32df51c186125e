"""The workers that a build asks for."""

from collections.abc import Callable

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.elsewhere import Elsewhere


def open_workers(url: str, stream: str, most_at_once: int, tell: Callable[[str], object]) -> Elsewhere:
    """Return those that take their jobs from a JetStream server; it is connected to when there is a job.

    Args:
        url: of the server.
        stream: what its streams are called after.
        most_at_once: how many jobs may be in hand at a time, over all workers.
        tell: is given a line for whatever was not read by them.

    Raises:
        SettingError: the extra `jetstream` is not installed, or no stream can be called so.
    """
    try:
        from mkdocs_gitguard.workers.jetstream.coordinator import Coordinator  # noqa: PLC0415 - the extra `jetstream`
    except ImportError as error:
        raise SettingError(
            f"Workers need {error.name}.", hint="Install it: pip install 'mkdocs-gitguard[jetstream]'"
        ) from error
    return Coordinator(url, stream, most_at_once, tell)
