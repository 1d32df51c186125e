"""What was measured, kept in the state file. Gates, objectives and drills read it.

The points of the newest day are rows; those of earlier days are packed, a day and name a row, and thinned by the rules
of `packed_days`, so that a year of builds takes a few megabytes.
"""

import logging
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.database import StateFile
from mkdocs_gitguard.state.packed_days import (
    POINT_DAYS,
    Day,
    PackedDay,
    Point,
    day_of,
    form_at,
    in_form,
    merged,
    pack,
    unpack,
)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS measurements (
    name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, at TEXT NOT NULL, evidence TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS measurements_by_name ON measurements (name, at);
CREATE TABLE IF NOT EXISTS measured_days (
    name TEXT NOT NULL, day TEXT NOT NULL, form INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (name, day)
) STRICT, WITHOUT ROWID;
"""
_moment: Final = attrgetter("at")
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
        """Add measurements, and pack those of days that are over.

        Raises:
            SettingError: the state file cannot be written or is damaged; so for every method that writes.
        """
        rows = [
            (item.name, item.value, item.unit, item.at.astimezone(UTC).isoformat(), item.evidence)
            for item in measurements
        ]
        with self._open(write=True) as database:
            if database is not None:
                database.executemany("INSERT INTO measurements VALUES (?, ?, ?, ?, ?)", rows)
                self._pack_earlier(database)

    def take_in(self, days: Iterable[PackedDay]) -> int:
        """Add what another history knows; return of how many days and names this one learned something.

        What both know counts once, however often it is taken in.

        Args:
            days: as `packed` of the other gives them, each whole.
        """
        learned = 0
        with self._open(write=True) as database:
            if database is not None:
                # First all that is here, so that a day stands in one place only.
                rows = self._rows(database)
                self._pack(database, rows)
                touched = {name for name, _ in rows}
                for day in days:
                    learned += self._put(database, day)
                    touched.add(day.name)
                for name in sorted(touched):
                    self._thin(database, name)
        return learned

    def packed(self) -> list[PackedDay]:
        """Return all that is known as it is kept, by name and day."""
        with self._open() as database:
            if database is None:
                return []
            kept = database.execute("SELECT name, day, form, data FROM measured_days").fetchall()
            known = {(name, day): PackedDay(name, day, form, data) for name, day, form, data in kept}
            for key, items in self._rows(database).items():
                known[key] = self._joined(known.get(key), _packed(day_of(items.values())))
        return [known[key] for key in sorted(known)]

    def measurements(
        self, name: str = "", *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Measurement, ...]:
        """Return measurements, newest first, as far as their points are kept. A damaged row is left out, and told.

        Args:
            name: only those of this name.
            since: only those at or after this moment.
            until: only those at or before this moment.

        Raises:
            SettingError: the state file is damaged; so for every method that reads. Where there is none, there is
                nothing to return.
        """
        names = (name,) if name else ()
        measured = [item for day in self.days(names, since=since) for item in day.measurements()]
        within = [item for item in measured if (not since or item.at >= since) and (not until or item.at <= until)]
        return tuple(sorted(within, key=lambda item: item.at)[::-1])

    def points(self, names: Collection[str], *, since: datetime, until: datetime) -> Mapping[str, tuple[Point, ...]]:
        """Return by name the points of a stretch of time, both ends in it, oldest first.

        Args:
            names: at least one.
            since: the first moment.
            until: the last moment.
        """
        series: dict[str, list[Point]] = {name: [] for name in names}
        for day in self.days(names, since=since):
            series[day.name] += [point for point in day.points if since <= point.at <= until]
        return {name: tuple(sorted(points, key=_moment)) for name, points in series.items()}

    def newest(self, *, until: datetime) -> datetime | None:
        """Return the moment of the newest point at or before a moment; None where there is none."""
        last = until.astimezone(UTC)
        newest_days = "SELECT name, day, data FROM measured_days WHERE day <= ? ORDER BY day DESC"
        with self._open() as database:
            if database is None:
                return None
            newest = max((item.at for item in self._newest_rows(database, until)), default=None)
            for day in self._unpacked(database.execute(newest_days, (last.date().isoformat(),))):
                if newest is not None and day.day < newest.date().isoformat():
                    break
                moments = [item.at for item in day.measurements() if item.at <= until]
                newest = max([*moments, *filter(None, [newest])], default=None)
        return newest

    def latest(self, *, until: datetime) -> list[Measurement]:
        """Return the newest point of every name at or before a moment, by name."""
        with self._open() as database:
            if database is None:
                return []
            known = [*self._newest_packed(database, until), *self._newest_rows(database, until)]
        newest: dict[str, Measurement] = {}
        for item in known:
            if item.name not in newest or item.at >= newest[item.name].at:
                newest[item.name] = item
        return [newest[name] for name in sorted(newest)]

    def totals(self, names: Collection[str]) -> Mapping[str, float]:
        """Return by name the sum of all that was ever measured, thinned or not; only of names that were."""
        query = f"SELECT name, day, data FROM measured_days WHERE name IN ({', '.join('?' * len(names))})"  # noqa: S608 no text
        sums: dict[str, float] = {}
        with self._open() as database:
            if database is None:
                return sums
            packed = [*self._unpacked(database.execute(query, tuple(names)).fetchall(), with_points=False)]
            rows = self._rows(database, names)
        for day in [*packed, *(day_of(items.values()) for items in rows.values())]:
            sums[day.name] = sums.get(day.name, 0.0) + day.total
        return sums

    def days(self, names: Collection[str] = (), *, since: datetime | None = None) -> list[Day]:
        """Return all that is known, a day and name each, by name and day.

        Args:
            names: only those of these names; none: all.
            since: only days that reach to this moment or further.
        """
        first = since.astimezone(UTC).date().isoformat() if since else ""
        query = "SELECT name, day, data FROM measured_days WHERE day >= ?"
        if names:
            query += f" AND name IN ({', '.join('?' * len(names))})"
        with self._open() as database:
            if database is None:
                return []
            packed = database.execute(query, (first, *names)).fetchall()
            rows = self._rows(database, names)
        known = {(day.name, day.day): day for day in self._unpacked(packed)}
        for key, items in rows.items():
            if key[1] >= first:
                day = day_of(items.values())
                known[key] = merged(known[key], day) if key in known else day
        return [known[key] for key in sorted(known)]

    def summaries(self, *, since: datetime, until: datetime) -> list[Day]:
        """Return by name and day what is known of a stretch of days, without the points of most.

        Args:
            since: only days that reach to this moment or further.
            until: what is later does not count.
        """
        first, last = (moment.astimezone(UTC).date().isoformat() for moment in (since, until))
        query = "SELECT name, day, data FROM measured_days WHERE day BETWEEN ? AND ?"
        with self._open() as database:
            if database is None:
                return []
            packed = database.execute(query, (first, last)).fetchall()
            rows = self._rows(database)
        # Two that know of one day are joined by their points, and of the last day not all counts.
        with_points = {(name, day) for name, day, _ in packed if day == last or (name, day) in rows}
        known = {
            (day.name, day.day): day
            for is_whole in (False, True)
            for day in self._unpacked(
                (row for row in packed if (row[:2] in with_points) == is_whole), with_points=is_whole
            )
        }
        for key, items in rows.items():
            if first <= key[1] <= last:
                day = day_of(items.values())
                known[key] = merged(known[key], day) if key in known else day
        for key, day in [*known.items()]:
            counted = [item for item in day.measurements() if item.at <= until]
            if len(counted) < len(day.points):
                del known[key]
                if counted:
                    known[key] = day_of(counted)
        return [known[key] for key in sorted(known)]

    def _rows(
        self, database: sqlite3.Connection, names: Collection[str] = ()
    ) -> dict[tuple[str, str], dict[int, Measurement]]:
        """Return what is not packed yet, by name and day, in the order in which it came."""
        query = "SELECT rowid, name, value, unit, at, evidence FROM measurements"
        if names:
            query += f" WHERE name IN ({', '.join('?' * len(names))})"
        rows = database.execute(f"{query} ORDER BY rowid", tuple(names)).fetchall()
        whole: defaultdict[tuple[str, str], dict[int, Measurement]] = defaultdict(dict)
        damaged = 0
        for rowid, *fields in rows:
            item = _measurement(*fields)
            if item is None:
                damaged += 1
            else:
                whole[item.name, item.at.astimezone(UTC).date().isoformat()][rowid] = item
        self._tell_damage("measurements", damaged)
        return whole

    def _newest_packed(self, database: sqlite3.Connection, until: datetime) -> Iterator[Measurement]:
        """Yield of what is packed the newest point of every name at or before a moment."""
        query = "SELECT name, day, data FROM measured_days WHERE name = ? AND day <= ? ORDER BY day DESC"
        last = until.astimezone(UTC).date().isoformat()
        for (name,) in database.execute("SELECT DISTINCT name FROM measured_days").fetchall():
            for day in self._unpacked(database.execute(query, (name, last))):
                within = [item for item in day.measurements() if item.at <= until]
                yield from within[-1:]
                # All points of a day can be later where a clock was ahead; of the days without points none is left.
                if within or not day.points:
                    break

    def _newest_rows(self, database: sqlite3.Connection, until: datetime) -> Iterator[Measurement]:
        """Yield of what is not packed yet the newest of every name at or before a moment."""
        # All moments are kept in UTC, so that their texts stand in the order of time.
        query = (
            "SELECT name, value, unit, at, evidence FROM measurements WHERE name = ? AND at <= ?"
            " ORDER BY at DESC, rowid DESC"
        )
        last, damaged = until.astimezone(UTC).isoformat(), 0
        for (name,) in database.execute("SELECT DISTINCT name FROM measurements").fetchall():
            for row in database.execute(query, (name, last)):
                if (item := _measurement(*row)) is not None:
                    yield item
                    break
                damaged += 1
        self._tell_damage("measurements", damaged)

    def _unpacked(self, rows: Iterable[tuple[str, str, bytes]], *, with_points: bool = True) -> Iterator[Day]:
        damaged = 0
        for name, day, data in rows:
            try:
                yield unpack(name, day, data, with_points=with_points)
            except ParseError:
                damaged += 1
        self._tell_damage("measured_days", damaged)

    def _pack_earlier(self, database: sqlite3.Connection) -> None:
        first, last = database.execute("SELECT min(at), max(at) FROM measurements").fetchone()
        if first is None or first[:10] == last[:10]:
            return
        rows = self._rows(database)
        newest = max((day for _, day in rows), default="")
        earlier = {key: items for key, items in rows.items() if key[1] < newest}
        self._pack(database, earlier)
        for name in sorted({name for name, _ in earlier}):
            self._thin(database, name)

    def _pack(self, database: sqlite3.Connection, rows: Mapping[tuple[str, str], Mapping[int, Measurement]]) -> None:
        """Pack rows, by name and day, instead of those that stand there."""
        for items in rows.values():
            self._put(database, _packed(day_of(items.values())))
        packed = [(rowid,) for items in rows.values() for rowid in items]
        database.executemany("DELETE FROM measurements WHERE rowid = ?", packed)

    def _put(self, database: sqlite3.Connection, day: PackedDay) -> bool:
        """Add a day to what is packed of it; tell whether that changed anything."""
        query = "SELECT name, day, form, data FROM measured_days WHERE name = ? AND day = ?"
        row = database.execute(query, (day.name, day.day)).fetchone()
        before = PackedDay(*row) if row else None
        after = self._joined(before, day)
        if after == before:
            return False
        database.execute("REPLACE INTO measured_days VALUES (?, ?, ?, ?)", after)
        return True

    def _joined(self, first: PackedDay | None, second: PackedDay) -> PackedDay:
        """Return what two know of one day; what is damaged knows nothing."""
        if first is None or first == second:
            return second
        known = [*self._unpacked([(first.name, first.day, first.data), (second.name, second.day, second.data)])]
        match known:
            case [one, other]:
                both = merged(one, other)
                # Where one knows no more than the other, its bytes stay.
                return first if both == one else second if both == other else _packed(both)
            case [one]:
                return _packed(one)
            case _:
                return first

    def _thin(self, database: sqlite3.Connection, name: str) -> None:
        days = database.execute("SELECT day, form FROM measured_days WHERE name = ? ORDER BY day DESC", (name,))
        outdated = [(day, form_at(place)) for place, (day, form) in enumerate(days.fetchall()) if form < form_at(place)]
        for day, form in outdated:
            query = "SELECT name, day, data FROM measured_days WHERE name = ? AND day = ?"
            for known in self._unpacked(database.execute(query, (name, day)).fetchall()):
                database.execute(
                    "REPLACE INTO measured_days VALUES (?, ?, ?, ?)", (name, day, form, pack(in_form(known, form)))
                )


def _packed(day: Day) -> PackedDay:
    return PackedDay(day.name, day.day, 0 if day.points else form_at(POINT_DAYS), pack(day))


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
