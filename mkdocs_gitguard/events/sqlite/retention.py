"""What the embedded log drops, and when."""

import sqlite3
from datetime import datetime, timedelta
from typing import Final

from mkdocs_gitguard.events.log import Cut, Retention
from mkdocs_gitguard.events.sqlite.tables import micros

INSERT: Final = "INSERT OR IGNORE INTO events (at, delivery, body_key, envelope, body) VALUES (?, ?, ?, ?, ?)"
_MICROSECOND: Final = timedelta(microseconds=1)


def count(database: sqlite3.Connection, events: int, size: int, *, last: int) -> None:
    """Add events to the totals."""
    update = "UPDATE totals SET events = events + ?, bytes = bytes + ?, last = max(last, ?)"
    database.execute(update, (events, size, last))


def load(database: sqlite3.Connection) -> Retention | None:
    """Return the retention in force, None in a log that is being made."""
    row = database.execute("SELECT age, messages, bytes FROM retention").fetchone()
    return Retention(max_age=row[0] * _MICROSECOND, max_messages=row[1], max_bytes=row[2]) if row else None


def store(database: sqlite3.Connection, retention: Retention) -> None:
    """Put a retention in force."""
    values = (retention.max_age // _MICROSECOND, retention.max_messages, retention.max_bytes)
    database.execute("INSERT OR REPLACE INTO retention VALUES (1, ?, ?, ?)", values)


def would_cut(database: sqlite3.Connection, retention: Retention, *, now: datetime) -> Cut:
    """Return what a retention cuts: the oldest events, and none that is younger than one that stays."""
    ((first, last),) = database.execute("SELECT ifnull(min(sequence), 0), ifnull(max(sequence), 0) FROM events")
    if not last:
        return Cut()
    end = max(_end_by_age(database, retention, first, now), _end_by_size(database, retention, first))
    if end < first:
        return Cut()
    ((events,),) = database.execute("SELECT count(*) FROM events WHERE sequence <= ?", (end,))
    unconsumed = database.execute(
        "SELECT name, (SELECT count(*) FROM events WHERE sequence > position AND sequence <= :end)"
        " + (SELECT count(*) FROM in_hand WHERE consumer = name AND sequence <= :end) AS number"
        " FROM consumers WHERE number > 0 ORDER BY name",
        {"end": end},
    ).fetchall()
    return Cut(events=events, first=first, last=end, unconsumed=tuple(unconsumed))


def _end_by_age(database: sqlite3.Connection, retention: Retention, first: int, now: datetime) -> int:
    """Return the last event of the log's beginning that is too old."""
    if retention.max_age <= timedelta():
        return first - 1
    # A clock that was ahead for a while gave a moment to come: nothing behind it goes before it does.
    row = database.execute(
        "SELECT sequence FROM events WHERE at >= ? ORDER BY sequence LIMIT 1", (micros(now - retention.max_age),)
    ).fetchone()
    if row is not None:
        return int(row[0]) - 1
    return int(database.execute("SELECT max(sequence) FROM events").fetchone()[0])


def _end_by_size(database: sqlite3.Connection, retention: Retention, first: int) -> int:
    """Return the last event that has to go so that the others are within the limits."""
    ((events, size),) = database.execute("SELECT events, bytes FROM totals")
    end = first - 1
    if (over := events - retention.max_messages) > 0 and retention.max_messages > 0:
        end = int(
            database.execute("SELECT sequence FROM events ORDER BY sequence LIMIT 1 OFFSET ?", (over - 1,)).fetchone()[
                0
            ]
        )
    if retention.max_bytes > 0 and (over := size - retention.max_bytes) > 0:
        rows = database.execute("SELECT sequence, length(envelope) + length(body) FROM events ORDER BY sequence")
        for sequence, length in rows:
            over -= length
            if over <= 0:
                return max(end, int(sequence))
    return end


def cut_to(database: sqlite3.Connection, last: int) -> None:
    """Drop all events up to a sequence, and what consumers had of them in hand."""
    ((events, size),) = database.execute(
        "SELECT count(*), ifnull(sum(length(envelope) + length(body)), 0) FROM events WHERE sequence <= ?", (last,)
    )
    database.execute("DELETE FROM events WHERE sequence <= ?", (last,))
    database.execute("DELETE FROM in_hand WHERE sequence <= ?", (last,))
    database.execute("UPDATE consumers SET position = max(position, ?)", (last,))
    database.execute("UPDATE totals SET events = events - ?, bytes = bytes - ?", (events, size))
