"""The log that the settings ask for."""

from pathlib import Path

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.log import EventLog, Retention
from mkdocs_gitguard.events.sqlite.log import SqliteLog


def open_log(path: Path, *, url: str = "", stream: str = "", retention: Retention | None = None) -> EventLog:
    """Open the log, made where there is none.

    Args:
        path: of the embedded log.
        url: of a JetStream server, which is used instead.
        stream: its stream.
        retention: of a log that is made now.

    Raises:
        SettingError: the extra `jetstream` is not installed.
        EventError: the log cannot be used.
    """
    if not url:
        return SqliteLog(path, retention)
    try:
        from mkdocs_gitguard.events.jetstream.log import JetStreamLog  # noqa: PLC0415 - the extra `jetstream`
    except ImportError as error:
        raise SettingError(
            f"JETSTREAM_URL is set, and JetStream needs {error.name}.",
            hint="Install it: pip install 'mkdocs-gitguard[jetstream]'",
        ) from error
    return JetStreamLog(url, stream, retention)
