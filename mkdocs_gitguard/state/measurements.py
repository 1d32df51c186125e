"""What was measured, kept in the state file and only added to. Gates, objectives and drills read it."""

import logging
import math
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.database import StateFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS measurements (
    name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, at TEXT NOT NULL, evidence TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS measurements_by_name ON measurements (name, at);
"""
_log = logging.getLogger("mkdocs.plugins.gitguard")


class Measurements(StateFile):
    """The measurements in a state file."""

    def __init__(self, path: Path, *, schema: str = "", warn: Callable[[str], None] = _log.warning) -> None:
        """Name the file. It is made when something is first remembered.

        Args:
            path: of the state file.
            schema: of further tables.
            warn: is told of damaged rows, a sentence for each table.
        """
        super().__init__(path, schema=_SCHEMA + schema, warn=warn)

    def remember(self, *measurements: Measurement) -> None:
        """Add measurements.

        Raises:
            SettingError: the state file cannot be written or is damaged; so for every method that writes.
        """
        rows = [(item.name, item.value, item.unit, item.at.isoformat(), item.evidence) for item in measurements]
        with self._open(write=True) as database:
            if database is not None:
                database.executemany("INSERT INTO measurements VALUES (?, ?, ?, ?, ?)", rows)

    def measurements(self, name: str = "", *, since: datetime | None = None) -> tuple[Measurement, ...]:
        """Return measurements, newest first. A damaged row is left out, and told.

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
            if database is None:
                return ()
            rows = database.execute(query, {"name": name, "since": since.isoformat() if since else ""}).fetchall()
        read = [_measurement(*row) for row in rows]
        whole = tuple(measurement for measurement in read if measurement is not None)
        self._tell_damage("measurements", len(read) - len(whole))
        return whole


def _measurement(name: Any, value: Any, unit: Any, at: Any, evidence: Any) -> Measurement | None:
    """Return a row as a measurement, None for one that is damaged."""
    try:
        moment = datetime.fromisoformat(at)
        is_whole = moment.tzinfo is not None and math.isfinite(value)
    except (TypeError, ValueError):
        return None
    return Measurement(name=name, value=value, unit=unit, at=moment, evidence=evidence) if is_whole else None


def percentile(values: Collection[float], percent: int) -> float:
    """Return the least of the values that at least `percent` per cent of them do not exceed (nearest rank).

    Args:
        values: at least one.
        percent: 1 to 100.
    """
    return sorted(values)[-(-len(values) * percent // 100) - 1]
