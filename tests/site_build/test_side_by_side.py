"""Work in copies of this process: all of it, once, whatever becomes of a copy."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.site_build.side_by_side import may_copy, side_by_side

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")


def test_every_item_is_worked_on_once_and_in_copies(tmp_path: Path) -> None:
    def work(item: int) -> tuple[int, int]:
        (tmp_path / str(os.getpid())).touch()
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.001)
        return item * item, os.getpid()

    answers = list(side_by_side(work, range(300), 2))
    assert sorted(item for item, _ in answers) == list(range(300))
    assert all(square == item * item for item, (square, _) in answers)
    processes = {process for _, (_, process) in answers}
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_what_a_copy_that_dies_has_not_done_is_done_here() -> None:
    here = os.getpid()

    def work(item: int) -> int:
        if item == 70 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    answers = list(side_by_side(work, range(210), 2))
    assert sorted(answers) == [(item, item) for item in range(210)]


def test_what_work_raises_is_raised_here() -> None:
    def work(item: int) -> int:
        if item == 5:
            raise ValueError(f"no {item}")
        return item

    with pytest.raises(ValueError, match="no 5"):
        list(side_by_side(work, range(10), 1))


def test_whoever_stops_listening_leaves_no_copy_behind(tmp_path: Path) -> None:
    def work(item: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.001)
        time.sleep(0.001)
        return item

    answers = side_by_side(work, range(20_000), 2)
    next(answers)
    answers.close()
    assert len(list(tmp_path.iterdir())) == 2
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)


def test_copies_end_when_the_process_is_killed(tmp_path: Path) -> None:
    script = f"""
import os, time
from pathlib import Path
from mkdocs_gitguard.site_build.side_by_side import side_by_side
def work(item):
    Path({str(tmp_path)!r}, str(os.getpid())).touch()
    time.sleep(0.01)
    return item
list(side_by_side(work, range(20_000), 2))
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    process.kill()
    process.wait()
    ends = time.monotonic() + 60
    for path in tmp_path.iterdir():
        while Path("/proc", path.name).exists() and "State:\tZ" not in Path("/proc", path.name, "status").read_text():
            assert time.monotonic() < ends
            time.sleep(0.02)


def test_a_process_with_threads_is_not_copied() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert not may_copy()
    finally:
        end.set()
        thread.join()


def test_a_copy_that_is_done_takes_what_others_have_not_begun() -> None:
    reader, writer = os.pipe()

    def work(item: int) -> int:
        # The first ends when all is done that others can take.
        done = 64
        while item == 0 and done < 1000:
            assert select.select([reader], [], [], 60)[0]
            done += len(os.read(reader, 1000))
        if item >= 64:
            os.write(writer, b".")
        return os.getpid()

    answers = dict(side_by_side(work, range(1000), 2))
    os.close(reader)
    os.close(writer)
    assert sum(process == answers[0] for process in answers.values()) == 64


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 300_000), st.integers(1, 5))
def test_whatever_the_number_of_items_each_is_answered_once(number: int, copies: int) -> None:
    answers = [item for item, _ in side_by_side(lambda _: None, range(number), copies)]
    assert sorted(answers) == list(range(number))
