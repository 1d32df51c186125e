"""The state file has one opener, which waits for others where SQLite does not."""

import multiprocessing
import sqlite3
import threading
import time
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from mkdocs_gitguard.state.database import STATE_FILE, connect, held_open

SCHEMA = "CREATE TABLE IF NOT EXISTS counted (number INTEGER NOT NULL) STRICT;"


def _open_at_once(path: Path, barrier: Barrier) -> None:
    barrier.wait()
    with closing(connect(path, schema=SCHEMA)) as database, database:
        database.execute("INSERT INTO counted VALUES (1)")


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for attempt in range(20):
        path, barrier = tmp_path / str(attempt) / STATE_FILE, context.Barrier(4)
        openers = [context.Process(target=_open_at_once, args=(path, barrier)) for _ in range(4)]
        for opener in openers:
            opener.start()
        for opener in openers:
            opener.join()
        assert [opener.exitcode for opener in openers] == [0] * 4
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert database.execute("SELECT sum(number) FROM counted").fetchone() == (4,)


def test_the_switch_waits_for_a_lock_that_sqlite_does_not_wait_for(tmp_path: Path) -> None:
    path = tmp_path / STATE_FILE
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("CREATE TABLE others (x)")

    def let_go() -> None:
        time.sleep(0.3)
        holder.execute("COMMIT")

    thread = threading.Thread(target=let_go)
    thread.start()
    with closing(connect(path, schema=SCHEMA)) as database:
        assert database.execute("SELECT count(*) FROM others").fetchone() == (0,)
    thread.join()
    holder.close()


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    path = tmp_path / STATE_FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connect(path, schema=SCHEMA, wait=0.2)
        assert time.monotonic() - began < 5


def test_a_file_that_is_not_a_database_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / STATE_FILE
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connect(path, schema=SCHEMA)


def test_while_it_is_held_open_nobody_who_closes_it_empties_the_log_into_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def write() -> Path:
        with closing(connect(path, schema="CREATE TABLE IF NOT EXISTS kept (x)")) as database, database:
            database.execute("INSERT INTO kept VALUES (1)")
        return path.with_name("state.db-wal")

    assert not write().exists()
    with held_open(path, page_bytes=4096):
        assert write().stat().st_size
    assert not path.with_name("state.db-wal").exists()
    with closing(connect(path, schema="")) as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (2,)


def test_a_file_that_is_no_database_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"no database" * 1000)
    with held_open(path, page_bytes=4096):
        assert path.read_bytes() == b"no database" * 1000
