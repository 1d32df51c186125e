"""The tables of the embedded log."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Final

from mkdocs_gitguard.events.log import ConsumerStatus

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,      -- microseconds since 1970
  delivery BLOB UNIQUE,     -- event.delivery_key; NULL where the sender gives no id
  body_key BLOB UNIQUE,     -- event.body_key; NULL once the same body may come again
  envelope BLOB NOT NULL,   -- event.envelope_of
  body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS totals (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO totals VALUES (1, 0, 0, 0);
CREATE TABLE IF NOT EXISTS retention (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  age INTEGER NOT NULL,     -- microseconds
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS consumers (
  name TEXT PRIMARY KEY,
  position INTEGER NOT NULL -- every event up to here has been handed out
) STRICT;
CREATE TABLE IF NOT EXISTS in_hand (
  consumer TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  taken REAL NOT NULL,      -- time.monotonic, which all processes of a machine share
  due REAL NOT NULL,        -- as above: when it is handed out again
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (consumer, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  consumer TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
"""
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return a moment as the tables keep it."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """Return a moment of the tables."""
    return _EPOCH + at * _MICROSECOND


def consumer_statuses(database: sqlite3.Connection) -> tuple[ConsumerStatus, ...]:
    """Return how far each consumer is."""
    rows = database.execute(
        "SELECT name, (SELECT count(*) FROM events WHERE sequence > position),"
        " (SELECT count(*) FROM in_hand WHERE consumer = name),"
        " ifnull((SELECT min(sequence) - 1 FROM in_hand WHERE consumer = name), position)"
        " FROM consumers ORDER BY name"
    )
    return tuple(
        ConsumerStatus(name=name, waiting=waiting, in_hand=in_hand, acknowledged_to=acknowledged)
        for name, waiting, in_hand, acknowledged in rows
    )
