"""The journal of drills, in the state file."""

from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.model.drill import DrillAbout, DrillResult
from mkdocs_gitguard.state.database import StateFile

T = TypeVar("T")

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS drills (
    at TEXT NOT NULL, name TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (at, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drill_set (
    place INTEGER PRIMARY KEY, document BLOB NOT NULL
) STRICT;
"""
_KEPT: Final = 200
"""Results of each drill."""


class DrillJournal(StateFile):
    """The table of drills in a state file."""

    def __init__(self, path: Path, *, warn: Callable[[str], None]) -> None:
        """Name the file. It is made when the first drill is remembered."""
        super().__init__(path, schema=_SCHEMA, warn=warn)

    def results(self) -> tuple[DrillResult, ...]:
        """Return how drills went, the newest first. A damaged row is left out, and told.

        Raises:
            SettingError: the state file is damaged.
        """
        return self._documents("drills", "SELECT document FROM drills ORDER BY at DESC, name", DrillResult)

    def known(self) -> tuple[DrillAbout, ...]:
        """Return the drills that there were when one was last run, in their order; none where none was ever run.

        Raises:
            SettingError: the state file is damaged.
        """
        return self._documents("drill_set", "SELECT document FROM drill_set ORDER BY place", DrillAbout)

    def _documents(self, table: str, query: str, kind: type[T]) -> tuple[T, ...]:
        with self._open() as database:
            if database is None:
                return ()
            rows = database.execute(query).fetchall()
        whole: list[T] = []
        for (document,) in rows:
            try:
                whole.append(msgspec.json.decode(document, type=kind))
            except (msgspec.MsgspecError, TypeError):
                continue
        self._tell_damage(table, len(rows) - len(whole))
        return tuple(whole)

    def remember_known(self, drills: Sequence[DrillAbout]) -> None:
        """Keep which drills there are, so that a portal can name those that were never run.

        Raises:
            SettingError: the state file cannot be written or is damaged.
        """
        with self._open(write=True) as database:
            if database is not None:
                database.execute("DELETE FROM drill_set")
                rows = [(place, msgspec.json.encode(about)) for place, about in enumerate(drills)]
                database.executemany("INSERT INTO drill_set VALUES (?, ?)", rows)

    def remember(self, result: DrillResult) -> None:
        """Add a result, and forget the oldest of the same drill beyond the number that is kept.

        Raises:
            SettingError: the state file cannot be written or is damaged.
        """
        name, at = result.about.name, result.began.astimezone(UTC).isoformat(timespec="microseconds")
        with self._open(write=True) as database:
            if database is not None:
                database.execute("REPLACE INTO drills VALUES (?, ?, ?)", (at, name, msgspec.json.encode(result)))
                database.execute(
                    "DELETE FROM drills WHERE name = :name AND at NOT IN"
                    " (SELECT at FROM drills WHERE name = :name ORDER BY at DESC LIMIT :kept)",
                    {"name": name, "kept": _KEPT},
                )
