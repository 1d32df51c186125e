"""What may befall the embedded log: damage, a full disk, clocks, stopped and killed processes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from make.events import made_event

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.log import Consumer, Retention
from mkdocs_gitguard.events.sqlite import file as events_file
from mkdocs_gitguard.events.sqlite.faults import has_wal_reset_fault
from mkdocs_gitguard.events.sqlite.file import EventsFile
from mkdocs_gitguard.events.sqlite.log import SqliteLog

WATCH = Consumer(name="watch", ack_wait=20)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "state" / "events.db"


def test_its_settings_hold_on_every_connection(path) -> None:
    log = SqliteLog(path)
    with log._file.reading() as database:
        values = [
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "mmap_size")
        ]
    assert values == ["wal", 2, 0, 0]
    assert path.stat().st_mode & 0o077 == 0
    log.close()


@pytest.mark.parametrize("content", [b"not a database" * 200, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_file_is_said_to_be_so_and_left_alone(path, content) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(EventError, match=r"events.db is damaged: .* Move it away"):
        SqliteLog(path)
    assert path.read_bytes() == content


def test_damage_within_the_file_is_noticed(path) -> None:
    log = SqliteLog(path)
    log.append([made_event(number) for number in range(200)])
    log.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(b"\xff" * 4096 * 4)
    log = SqliteLog(path)
    assert log.damage()
    with pytest.raises(EventError, match="is damaged"):
        list(log.read())
    log.close()


def _append_until_refused(log, kept) -> None:
    for number in range(20, 60):
        kept += log.append([made_event(number, body=b"x" * 5000 + b"%d" % number)])


def test_a_full_disk_costs_nothing_that_was_acknowledged(path) -> None:
    log = SqliteLog(path)
    kept = list(log.append([made_event(number, body=b"x" * 5000 + b"%d" % number) for number in range(20)]))
    with log._file.reading() as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    log._file._connection.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(EventError, match="the disk is full"):
        _append_until_refused(log, kept)
    assert [stored.sequence for stored in log.read()] == [item.sequence for item in kept]
    log._file._connection.execute("PRAGMA max_page_count = 1000000")
    (appended,) = log.append([made_event(99)])
    assert not appended.is_duplicate
    assert log.status().events == len(kept) + 1
    log.close()


_LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from make.events import made_event
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.sqlite.log import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
for number in range(1000):
    try:
        (appended,) = log.append([made_event(number, body=b"x" * 5000 + b"%d" % number)])
    except EventError as error:
        print(str(error), flush=True)
        break
    print(appended.sequence, flush=True)
# Not one page more.
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 400_000))
try:
    log.check()
except EventError as error:
    print(str(error), flush=True)
"""


def test_a_file_that_may_not_grow_costs_nothing_that_was_acknowledged(path) -> None:
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path), tests], capture_output=True, text=True, check=True
    )
    *kept, complaint, checked = done.stdout.splitlines()
    assert "cannot be" in complaint
    assert "cannot be" in checked
    assert len(kept) >= 5
    log = SqliteLog(path)
    assert [stored.sequence for stored in log.read()] == list(map(int, kept))
    log.close()


def test_a_process_that_was_stopped_while_it_wrote_is_not_waited_for_for_ever(path, monkeypatch) -> None:
    SqliteLog(path).close()
    holder = EventsFile(path, schema="")
    waiting = SqliteLog(path)
    waiting._file._wait = 0.2
    with holder.writing(), pytest.raises(EventError, match=r"Another process has written to .* 0\.2 seconds"):
        waiting.append([made_event(1)])
    waiting._file._wait = 10
    assert not waiting.append([made_event(1)])[0].is_duplicate
    waiting.close()
    holder.close()


def test_the_write_ahead_log_does_not_grow_for_ever(path, monkeypatch) -> None:
    monkeypatch.setattr(events_file, "_CHECKPOINT_BYTES", 100_000)
    log, reader = SqliteLog(path), SqliteLog(path)
    largest = 0
    for number in range(100):
        log.append([made_event(number * 50 + more) for more in range(50)])
        largest = max(largest, path.with_name("events.db-wal").stat().st_size)
    assert largest < 1_000_000
    assert log.status().events == 5000
    assert reader.status().events == 5000
    log.close()
    reader.close()
    assert not path.with_name("events.db-wal").exists()


def test_a_reader_in_the_middle_does_not_hold_up_a_writer(path, monkeypatch) -> None:
    monkeypatch.setattr(events_file, "_CHECKPOINT_BYTES", 50_000)
    log = SqliteLog(path)
    log.append([made_event(0)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM events").fetchall()
    began = time.monotonic()
    for number in range(1, 40):
        log.append([made_event(number * 50 + more) for more in range(50)])
    assert time.monotonic() - began < 15
    other.close()
    log.close()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 8, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_clock_that_was_ahead_keeps_events_longer_and_never_shorter(path) -> None:
    clock = Clock()
    log = SqliteLog(path, Retention(max_age=timedelta(hours=24)), now=clock)
    log.append([made_event(0, at=clock.now)])
    log.append([made_event(1, at=clock.now + timedelta(days=1))])
    log.append([made_event(2, at=clock.now + timedelta(minutes=1))])
    clock.now += timedelta(hours=25)
    cut = log.preview(Retention(max_age=timedelta(hours=24)))
    assert (cut.events, cut.last) == (1, 1)
    clock.now += timedelta(days=3)
    assert log.preview(Retention(max_age=timedelta(hours=24))).events == 3
    log.close()


def test_a_clock_set_back_holds_nothing_up(path, monkeypatch) -> None:
    clock = Clock()
    log = SqliteLog(path, now=clock)
    brief = Consumer(name="watch", ack_wait=300)
    log.append([made_event(0, at=clock.now)])
    assert len(log.consume(brief)) == 1
    clock.now -= timedelta(days=1)
    log.append([made_event(1, at=clock.now)])
    assert {delivery.event.delivery for delivery in log.consume(brief, most=5)} == {"delivery-1"}
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 301)
    assert len(log.consume(brief, most=5)) == 2
    assert [stored.sequence for stored in log.read(since=clock.now)] == [1, 2]
    log.close()


def test_a_restart_of_the_machine_holds_nothing_up(path, monkeypatch) -> None:
    log = SqliteLog(path)
    log.append([made_event(0)])
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 1e6)
    assert len(log.consume(WATCH)) == 1
    monkeypatch.undo()
    # What was taken lies in the time to come: it was before the clock began anew.
    (again,) = log.consume(WATCH)
    assert again.tries == 2
    log.close()


def test_the_same_body_may_come_again_after_a_while(path) -> None:
    log = SqliteLog(path)
    at = datetime(2026, 8, 1, tzinfo=UTC)
    results = [
        log.append([made_event(1, delivery=f"d{hours}", at=at + timedelta(hours=hours))])[0]
        for hours in (0, 23, 25, 26)
    ]
    assert [item.is_duplicate for item in results] == [False, True, False, True]
    assert results[3].sequence == results[2].sequence
    log.close()


def test_ages_are_looked_at_without_being_asked(path) -> None:
    log = SqliteLog(path, Retention(max_age=timedelta(hours=1)))
    old = datetime.now(UTC) - timedelta(hours=2)
    log.append([made_event(number, at=old) for number in range(10)])
    assert len(log.consume(WATCH, most=3)) == 3
    log.append([made_event(number) for number in range(100, 700)])
    names = [stored.event.name for stored in log.read()]
    assert (len(names), names.count("gap")) == (601, 1)
    log.close()


_WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from make.events import made_event
from mkdocs_gitguard.events.sqlite.log import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    (appended,) = log.append([made_event(number)])
    print(appended.sequence, int(appended.is_duplicate), flush=True)
"""


def test_a_folder_that_is_deleted_meanwhile_is_made_anew(path) -> None:
    log = SqliteLog(path, Retention(max_messages=7))
    log.append([made_event(1)])
    shutil.rmtree(path.parent)
    assert not log.append([made_event(2)])[0].is_duplicate
    other = SqliteLog(path)
    assert [stored.event.delivery for stored in other.read()] == ["delivery-2"]
    path.rename(path.with_name("moved"))
    assert list(log.read()) == []
    assert not log.append([made_event(3)])[0].is_duplicate
    assert log.status().retention.max_messages == 7
    log.close()
    other.close()


def test_processes_write_side_by_side(path) -> None:
    tests = str(Path(__file__).parents[1])
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), tests, str(start), str(start + 200)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for start in (0, 100, 1000)
    ]
    outputs = [writer.communicate(timeout=600)[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    fresh = [int(output[at]) for output in outputs for at in range(0, len(output), 2) if output[at + 1] == "0"]
    log = SqliteLog(path)
    assert sorted(fresh) == [stored.sequence for stored in log.read()]
    assert len(fresh) == 500
    assert log.damage() == ""
    log.close()


def test_threads_are_written_for_together(path) -> None:
    log = SqliteLog(path)
    commits = []
    real = log._write
    have_begun = threading.Event()

    def counted(batches) -> None:
        commits.append(len(batches))
        assert have_begun.wait(60)
        time.sleep(0.01)
        real(batches)

    log._write = counted
    threads = [threading.Thread(target=lambda number=number: log.append([made_event(number)])) for number in range(40)]
    for thread in threads:
        thread.start()
    have_begun.set()
    for thread in threads:
        thread.join()
    assert sum(commits) == 40
    assert max(commits) > 1
    assert log.status().events == 40
    log.close()


def test_an_event_that_cannot_be_kept_costs_no_other_thread_its_own(path) -> None:
    log = SqliteLog(path)
    with pytest.raises(TypeError):
        log.append([made_event(1, body=None)])
    assert not log.append([made_event(2)])[0].is_duplicate
    log.close()


@pytest.mark.parametrize(
    ("version", "has_fault"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), True),
        ((3, 53, 0), False),
    ],
)
def test_versions_with_the_fault(version, has_fault) -> None:
    assert has_wal_reset_fault(version) == has_fault


def test_a_consumer_killed_in_the_middle_loses_nothing(path) -> None:
    log = SqliteLog(path)
    log.append([made_event(number) for number in range(30)])
    child = os.fork()
    if child == 0:
        try:
            other = SqliteLog(path)
            other.consume(Consumer(name="watch", ack_wait=0.5), most=20)
        finally:
            # Else it would go on with the tests.
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    taken = []
    deadline = time.monotonic() + 10
    while len(taken) < 30 and time.monotonic() < deadline:
        deliveries = log.consume(Consumer(name="watch", ack_wait=0.5), most=50, wait=0.2)
        log.acknowledge(deliveries)
        taken += deliveries
    assert sorted(delivery.sequence for delivery in taken) == list(range(1, 31))
    assert sum(delivery.tries == 2 for delivery in taken) == 20
    log.close()
