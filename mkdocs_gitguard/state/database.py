"""The state file, `state.db`: the one place that opens it. Each room keeps tables of its own in it.

Deleting it loses speed and local history, nothing else.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.folder import make_state_folder

STATE_FILE: Final = "state.db"
"""Its name in the state folder."""
EVENTS_FILE: Final = "events.db"
"""Of the log of events, beside it."""
_WAIT: Final = 30.0
_PAUSE: Final = 0.01
"""Seconds between two tries for a lock that SQLite does not wait for."""
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


def connect(
    path: Path, *, schema: str, wait: float = _WAIT, page_bytes: int = 0, between_threads: bool = False
) -> sqlite3.Connection:
    """Open the state file, made with its folder where there is none, in write-ahead mode.

    Args:
        path: of the file.
        schema: statements that make the caller's tables, each `IF NOT EXISTS`.
        wait: seconds to wait for another process.
        page_bytes: size of a page in a file that is new; 0: SQLite's own.
        between_threads: the connection is used by several threads, one at a time.

    Raises:
        sqlite3.Error: it is not a database, is damaged, or another process holds it for longer than `wait`.
        OSError: the folder cannot be made.
    """
    make_state_folder(path.parent)
    connection = sqlite3.connect(path, timeout=wait, check_same_thread=not between_threads)
    try:
        # A damaged text costs the row that it stands in, and not every row that is read with it.
        connection.text_factory = _text
        if page_bytes:
            connection.execute(f"PRAGMA page_size = {page_bytes}")
        _write_ahead(connection, time.monotonic() + wait)
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def held_open(path: Path, *, page_bytes: int) -> Iterator[None]:
    """Keep the state file open within the block, for a process that opens and closes it again and again.

    Who closes a file in write-ahead mode as the last moves the log into it and waits for the disk, each time
    (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files). Where it cannot be opened, nothing is lost.

    Args:
        path: of the file.
        page_bytes: as in `connect`.
    """
    connection = None
    with suppress(sqlite3.Error, OSError):
        connection = connect(path, schema="", page_bytes=page_bytes)
        # Only who has read the file counts as one who has it open.
        connection.execute("SELECT count(*) FROM sqlite_master")
    try:
        yield
    finally:
        if connection is not None:
            connection.close()


class StateFile:
    """Tables in the state file. Each call opens the file, so that it is never held for long."""

    def __init__(self, path: Path, *, schema: str, warn: Callable[[str], None]) -> None:
        """Name the file. It is made when something is first written.

        Args:
            path: of the file.
            schema: statements that make the tables, each `IF NOT EXISTS`.
            warn: is told of rows that are damaged, a sentence for each table.
        """
        self._path = path
        self._schema = schema
        self._warn = warn
        self._reported: set[str] = set()

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection | None]:
        """Give the database within a transaction; None where nothing is to be written and there is no file.

        Raises:
            SettingError: the file cannot be used.
        """
        try:
            if not write and not self._path.is_file():
                yield None
                return
            with closing(connect(self._path, schema=self._schema)) as database, database:
                if write:
                    # Who reads first and then writes is not made to wait for another writer, but refused.
                    database.execute("BEGIN IMMEDIATE")
                yield database
        except (sqlite3.Error, OSError) as error:
            raise SettingError(
                f"The state file {self._path} cannot be used: {error}.",
                hint="See that it can be written and the disk has room. Deleting it loses speed and local history, "
                "nothing else.",
            ) from error

    def _tell_damage(self, table: str, number: int) -> None:
        """Warn of rows that cannot be read, once for each table."""
        if number and table not in self._reported:
            self._reported.add(table)
            rows = "row is" if number == 1 else "rows are"
            self._warn(
                f"{self._path}: {number:,} damaged {rows} left out of {table}. "
                "Delete the file to be rid of this; it loses speed and local history, nothing else."
            )


def _write_ahead(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to write-ahead mode, which outlasts the connection.

    SQLite does not wait for a lock here: of several processes that open a new file at once, all but one are told
    "database is locked" whatever their timeout says (https://www.sqlite.org/c3ref/busy_handler.html: "might return
    SQLITE_BUSY instead of invoking the busy handler", to keep two that wait for each other from waiting forever).
    """
    while True:
        try:
            ((mode,),) = connection.execute("PRAGMA journal_mode")
            if mode != "wal":
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
