"""What the rollout remembers in the state file: measurements, phase changes, release events. Only added to."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Measurement, PhaseChange, Record, ReleaseEvent
from mkdocs_gitguard.state.folder import make_state_folder

R = TypeVar("R", bound=Record)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS measurements (
    name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, at TEXT NOT NULL, evidence TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS measurements_by_name ON measurements (name, at);
CREATE TABLE IF NOT EXISTS phase_changes (at TEXT NOT NULL, record BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS release_events (at TEXT NOT NULL, record BLOB NOT NULL) STRICT;
"""
_WAIT: Final = 30.0
"""Seconds that a writer waits for another."""


class RolloutState:
    """The rollout's tables in `.gitguard/state.db`. Each call opens the file, so that it is never held for long."""

    def __init__(self, path: Path) -> None:
        """Name the file. It is made when something is first remembered."""
        self._path = path

    def remember(self, *measurements: Measurement) -> None:
        """Add measurements.

        Raises:
            SettingError: the state file cannot be written or is damaged; so for every method that writes.
        """
        rows = [(item.name, item.value, item.unit, item.at.isoformat(), item.evidence) for item in measurements]
        with self._open(write=True) as database:
            database.executemany("INSERT INTO measurements VALUES (?, ?, ?, ?, ?)", rows)

    def measurements(self, name: str = "", *, since: datetime | None = None) -> tuple[Measurement, ...]:
        """Return measurements, newest first.

        Args:
            name: only those of this name.
            since: only those at or after this moment.

        Raises:
            SettingError: the state file is damaged; so for every method that reads. Where there is none, there is
                nothing to return.
        """
        query = (
            "SELECT name, value, unit, at, evidence FROM measurements"
            " WHERE (:name = '' OR name = :name) AND at >= :since ORDER BY at DESC, rowid DESC"
        )
        with self._open() as database:
            rows = database.execute(query, {"name": name, "since": since.isoformat() if since else ""}).fetchall()
        return tuple(
            Measurement(name=name, value=value, unit=unit, at=datetime.fromisoformat(at), evidence=evidence)
            for name, value, unit, at, evidence in rows
        )

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

    def _add(self, table: str, at: datetime, record: Record) -> None:
        with self._open(write=True) as database:
            database.execute(f"INSERT INTO {table} VALUES (?, ?)", (at.isoformat(), msgspec.json.encode(record)))  # noqa: S608 a name of ours

    def _all(self, table: str, kind: type[R]) -> tuple[R, ...]:
        with self._open() as database:
            rows: Sequence[tuple[bytes]] = database.execute(
                f"SELECT record FROM {table} ORDER BY at DESC, rowid DESC"  # noqa: S608 a name of ours
            ).fetchall()
        return tuple(msgspec.json.decode(row[0], type=kind) for row in rows)

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                make_state_folder(self._path.parent)
            is_there = write or self._path.is_file()
            with closing(sqlite3.connect(self._path if is_there else ":memory:", timeout=_WAIT)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.executescript(_SCHEMA)
                with database:
                    yield database
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise SettingError(
                f"The state file {self._path} cannot be used: {error}.",
                hint="See that it can be written and the disk has room. Deleting it loses speed and local history, "
                "nothing else.",
            ) from error
