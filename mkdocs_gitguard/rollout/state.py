"""What the rollout remembers in the state file: measurements, phase changes, release events. Only added to."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.model import PhaseChange, ReleaseEvent
from mkdocs_gitguard.state.database import EVENTS_FILE
from mkdocs_gitguard.state.measurements import Measurements

R = TypeVar("R", PhaseChange, ReleaseEvent)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS phase_changes (at TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS release_events (at TEXT NOT NULL, record BLOB NOT NULL) STRICT;
"""
_log = logging.getLogger("mkdocs.plugins.gitguard")


class RolloutState(Measurements):
    """The rollout's tables in `.gitguard/state.db`, the measurements among them."""

    def __init__(self, path: Path, *, warn: Callable[[str], None] = _log.warning) -> None:
        """Name the file. It is made when something is first remembered.

        Args:
            path: of the state file.
            warn: is told of damaged rows, a sentence for each table.
        """
        super().__init__(path, schema=_SCHEMA, warn=warn)

    @property
    def has_events(self) -> bool:
        """Whether the site keeps a log of events beside the state file."""
        return self._path.with_name(EVENTS_FILE).is_file()

    def add_change(self, change: PhaseChange) -> None:
        """Remember a step between phases."""
        self._add("phase_changes", change.at, change)

    def changes(self) -> tuple[PhaseChange, ...]:
        """Return the steps between phases, newest first."""
        return self._all("phase_changes", PhaseChange)

    def add_release(self, event: ReleaseEvent) -> None:
        """Remember that a release was published or gone back to."""
        self._add("release_events", event.at, event)

    def releases(self) -> tuple[ReleaseEvent, ...]:
        """Return the release events, newest first."""
        return self._all("release_events", ReleaseEvent)

    def _add(self, table: str, at: datetime, record: PhaseChange | ReleaseEvent) -> None:
        with self._open(write=True) as database:
            if database is not None:
                database.execute(
                    f"INSERT INTO {table} VALUES (?, ?)",  # noqa: S608 a name of ours
                    (at.isoformat(), msgspec.json.encode(record)),
                )

    def _all(self, table: str, kind: type[R]) -> tuple[R, ...]:
        with self._open() as database:
            if database is None:
                return ()
            rows: Sequence[tuple[bytes]] = database.execute(
                f"SELECT record FROM {table} ORDER BY at DESC, rowid DESC"  # noqa: S608 a name of ours
            ).fetchall()
        read = [_decoded(row[0], kind) for row in rows]
        whole = tuple(record for record in read if record is not None)
        self._tell_damage(table, len(read) - len(whole))
        return whole


def _decoded(data: bytes, kind: type[R]) -> R | None:
    """Return a row's record, None for one that is damaged."""
    try:
        record = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return None
    return record if record.at.tzinfo is not None else None
