"""What need not be read again: the facts of each repository, in the state file, by where its refs stood.

The state file is shared with other rooms, each with its own tables. Losing it, or not being able to write it, costs
time and nothing else: every problem here is remembered and told once, never raised.
"""

import sqlite3
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.state.database import STATE_FILE, connect

_WAIT: Final = 5.0
"""Seconds to wait for another writer."""
PAGE_BYTES: Final = 1 << 15
"""Facts are megabytes; in SQLite's usual pages of 4 KiB writing them takes twice as long."""
# With a row id: WITHOUT ROWID keeps rows in the index, where reading facts of megabytes takes five times as long.
_SCHEMA: Final = f"""
PRAGMA synchronous = NORMAL;
PRAGMA mmap_size = {1 << 28};
CREATE TABLE IF NOT EXISTS harvested_facts (
    repository TEXT NOT NULL,
    git_dir TEXT NOT NULL,
    options TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    facts BLOB NOT NULL,
    PRIMARY KEY (repository, git_dir, options)
)
"""


_OF_KEY: Final = "FROM harvested_facts WHERE repository = ? AND git_dir = ? AND options = ? AND version = ?"


class CacheKey(NamedTuple):
    """Whose facts these are, and what made them what they are."""

    repository: str
    """Node id."""
    git_dir: str
    options: str
    """Digest of all options that change facts."""
    version: str
    """Of the facts' format and of the code that reads them."""


class CachedFacts(NamedTuple):
    """What is kept of one repository: its facts, and the state of its refs when they were read."""

    state: str
    """Where head and refs stood when it was read."""
    facts: bytes


class FactsCache:
    """The newest facts of each repository. May be used from several threads."""

    def __init__(self, folder: Path | None) -> None:
        """Open the state file in `folder`, or remember nothing at all for None."""
        self._path = folder / STATE_FILE if folder else None
        self._lock = threading.Lock()
        self._problem = ""
        self._connection = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong, if anything did."""
        if not self._problem:
            return ()
        return (
            Finding(
                code="cache-unusable",
                severity="info",
                message=f"{self._path} cannot be used as a cache: {self._problem}. Everything was read anew.",
                hint="See that it can be written; if it is broken, delete it.",
                source="state_dir",
            ),
        )

    def get(self, key: CacheKey) -> CachedFacts | None:
        """Return the newest facts of a repository, wherever its refs stood then."""
        with self._lock:
            if self._connection is not None:
                try:
                    return self._read(self._connection, key)
                except sqlite3.Error as error:
                    self._give_up(error)
        return None

    def state(self, key: CacheKey) -> str | None:
        """Return where a repository's refs stood when it was last read; the facts stay where they are."""
        with self._lock:
            if self._connection is not None:
                try:
                    row = self._connection.execute(f"SELECT state {_OF_KEY}", key).fetchone()
                    return row[0] if row is not None and isinstance(row[0], str) else None
                except sqlite3.Error as error:
                    self._give_up(error)
        return None

    def put(self, key: CacheKey, entry: CachedFacts) -> None:
        """Keep facts in place of the repository's older ones."""
        with self._lock:
            if self._connection is not None:
                try:
                    with self._connection:
                        self._connection.execute(
                            "INSERT OR REPLACE INTO harvested_facts VALUES (?, ?, ?, ?, ?, ?)", (*key, *entry)
                        )
                except sqlite3.Error as error:
                    self._give_up(error)

    def close(self) -> None:
        """Close the state file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @staticmethod
    def _read(connection: sqlite3.Connection, key: CacheKey) -> CachedFacts | None:
        # One transaction, so that no other process replaces the row between the two readings. The facts are megabytes,
        # which `blobopen` copies once, and a column of a row twice.
        with connection:
            connection.execute("BEGIN")
            row = connection.execute(f"SELECT rowid, state, typeof(facts) {_OF_KEY}", key).fetchone()
            if row is None or not isinstance(row[1], str) or row[2] != "blob":
                return None
            with connection.blobopen("harvested_facts", "facts", row[0], readonly=True) as blob:
                return CachedFacts(row[1], blob.read())

    def _open(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        try:
            return connect(self._path, schema=_SCHEMA, wait=_WAIT, page_bytes=PAGE_BYTES, between_threads=True)
        except (sqlite3.Error, OSError) as error:
            self._problem = str(error)
            return None

    def _give_up(self, error: sqlite3.Error) -> None:
        self._problem = str(error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
