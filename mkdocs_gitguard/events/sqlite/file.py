"""The file of the embedded log, and the order in which processes write to it.

A write-ahead log with `synchronous=FULL`: of 200 commits acknowledged before the power went, 200 were there after; with
NORMAL not one. SQLite before 3.51.3 may lose commits where two connections write or checkpoint at the same moment, and
its own waiting for a lock is not fair. So whoever writes, checkpoints, opens or closes holds a lock of ours (`flock`)
meanwhile, nothing is checkpointed but by its holder, and the file is not mapped into memory.
"""

import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.state.database import connect
from mkdocs_gitguard.state.file_lock import give_lock_back, open_lock, take_lock

_WAIT: Final = 30.0
"""Seconds to wait for other processes."""
_PAUSE: Final = 0.002
"""Seconds between two tries for the lock, at most."""
_CHECKPOINT_BYTES: Final = 4 << 20
"""That a process writes between two times that it moves the write-ahead log's pages into the file."""
_COMMIT_BYTES: Final = 16 << 10
"""That a commit writes beside what is in it: whole pages of each table."""
_TRUNCATE_BYTES: Final = 64 << 20
"""Of the write-ahead log, after which it is emptied: it grew while somebody was reading for long."""

_SETTINGS: Final = """
PRAGMA wal_autocheckpoint = 0;
PRAGMA synchronous = FULL;
PRAGMA mmap_size = 0;
"""


class EventsFile:
    """The open file. Its connection is used by one thread at a time."""

    def __init__(self, path: Path, *, schema: str, wait: float = _WAIT) -> None:
        """Open the file, made with its folder and tables where there is none.

        Raises:
            EventError: it cannot be opened.
        """
        self.path = path
        self._schema = schema
        self._wait = wait
        self._thread_lock = threading.RLock()
        self._lock_descriptor = -1
        self._written = 0
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._open()

    def _open(self) -> None:
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock_descriptor = open_lock(path.with_name(f"{path.name}.lock"), mode=0o600)
            with self._locked():
                is_new = not path.exists()
                self._connection = connect(path, schema=_SETTINGS + self._schema, wait=self._wait, between_threads=True)
                self._connection.isolation_level = None
                self._identity = _identity(path)
                if is_new:
                    # What senders send is not for everybody's eyes.
                    path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise self._error(error) from error

    def _open_connection(self) -> sqlite3.Connection:
        """Return the connection; to a new file, where that at hand is no longer the one that the path names.

        Whoever deletes the state folder must not have events acknowledged that are written into a file without a name.
        """
        if self._connection is None:
            raise EventError(f"The event log {self.path} is closed.", hint="Report this: it is a fault of ours.")
        if _identity(self.path) != self._identity:
            self.close()
            self._open()
        return self._connection

    @contextmanager
    def writing(self, size: int = 0) -> Iterator[sqlite3.Connection]:
        """Give the database within a transaction that is on the disk when the block has ended.

        Args:
            size: bytes that are about to be written.

        Raises:
            EventError: it could not be written; nothing of the block is kept.
        """
        with self._thread_lock:
            try:
                connection = self._open_connection()
                with self._locked():
                    connection.execute("BEGIN IMMEDIATE")
                    try:
                        yield connection
                        connection.execute("COMMIT")
                    except BaseException:
                        if connection.in_transaction:
                            connection.execute("ROLLBACK")
                        raise
                    self._written += size + _COMMIT_BYTES
                    self._checkpoint(connection)
            except (sqlite3.Error, OSError) as error:
                raise self._error(error) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the database as it is at one moment.

        Raises:
            EventError: it cannot be read.
        """
        with self._thread_lock:
            try:
                connection = self._open_connection()
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
            except (sqlite3.Error, OSError) as error:
                raise self._error(error) from error

    def damage(self) -> str:
        """Return what is wrong with the file, `""` where nothing is. Reads all of it."""
        try:
            with self.reading() as connection:
                ((answer, *_), *_) = connection.execute("PRAGMA quick_check(1)")
        except EventError as error:
            return error.message
        return "" if answer == "ok" else f"The event log {self.path} is damaged: {answer}."

    def close(self) -> None:
        """Close the file. The last one to do so has SQLite move what is left into it, under the lock as ever."""
        with self._thread_lock:
            connection, self._connection = self._connection, None
            try:
                if connection is not None:
                    with self._locked():
                        connection.close()
            except (sqlite3.Error, OSError):
                # What was acknowledged is on the disk already.
                if connection is not None:
                    connection.close()
            finally:
                if self._lock_descriptor >= 0:
                    os.close(self._lock_descriptor)
                self._lock_descriptor = -1

    def delete(self) -> None:
        """Delete the file and those beside it.

        Raises:
            EventError: it cannot be.
        """
        try:
            for ending in ("", "-wal", "-shm", ".lock"):
                self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)
        except OSError as error:
            raise self._error(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the writers' lock. It goes with the process, however that ends."""
        if not take_lock(self._lock_descriptor, wait=self._wait, pause=_pause):
            raise EventError(
                f"Another process has written to {self.path} for more than {self._wait:g} seconds.",
                hint="See which holds it with `lsof`, and whether it has been stopped.",
            )
        try:
            yield
        finally:
            give_lock_back(self._lock_descriptor)

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        """Move what is in the write-ahead log into the file, and begin it anew, as far as nobody is reading it."""
        if self._written < _CHECKPOINT_BYTES:
            return
        self._written = 0
        try:
            # It is not emptied: to write over what is there needs no new blocks, and a third of the time.
            is_large = os.stat(f"{self.path}-wal").st_size > _TRUNCATE_BYTES  # noqa: PTH116 - a string is at hand
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                connection.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if is_large else 'PASSIVE'})").fetchall()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {self._wait * 1000:.0f}")
        except (sqlite3.Error, OSError):
            # What was committed is on the disk; a later commit tries again, and says so if that fails as well.
            return

    def _error(self, error: sqlite3.Error | OSError) -> EventError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return EventError(
                f"The event log {self.path} is damaged: {error}.",
                hint="Move it away, with the files beside it that are called like it: a new one is made, and what was "
                "not worked through yet is found by the next look at the repositories.",
            )
        if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (28, 122):
            return EventError(
                f"The event log {self.path} cannot be written: the disk is full.",
                hint="Free some space: nothing that was acknowledged is lost.",
            )
        reason = getattr(error, "strerror", None) or str(error)
        return EventError(
            f"The event log {self.path} cannot be used: {reason}.",
            hint="See that its folder can be written and the disk has room.",
        )


def _pause() -> float:
    """Return how long to wait: by chance, so that two that wait do not take turns at missing the moment."""
    return random.uniform(0, _PAUSE)  # noqa: S311 - nobody gains by guessing it


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another of the same name; a pair of zeros where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - at every commit
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino
