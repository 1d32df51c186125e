"""Several processes as one."""

import sys
import threading
import time
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.service import processes
from mkdocs_gitguard.service.processes import Program, run_together

STAYS = (sys.executable, "-c", "import time; print('up'); time.sleep(600)")


class Spoken(list[tuple[str, str]]):
    def __call__(self, name: str, line: str) -> None:
        self.append((name, line))


def test_all_end_when_told_to(tmp_path: Path) -> None:
    spoken = Spoken()
    began = time.monotonic()
    ended = run_together(
        [Program("one", STAYS), Program("two", STAYS)], folder=tmp_path, say=spoken, must_stop=lambda: len(spoken) == 2
    )
    assert ended == ""
    assert sorted(spoken) == [("one", "up"), ("two", "up")]
    assert time.monotonic() - began < 300


def test_all_end_when_one_does(tmp_path: Path) -> None:
    programs = [Program("stays", STAYS), Program("ends", (sys.executable, "-c", "print('done')"))]
    assert run_together(programs, folder=tmp_path, say=Spoken(), must_stop=lambda: False) == "ends"


def test_one_that_does_not_come_up_is_named_and_nothing_after_it_starts(tmp_path: Path) -> None:
    spoken = Spoken()
    programs = [Program("never", (sys.executable, "-c", ""), is_up=lambda: False), Program("after", STAYS)]
    with pytest.raises(SettingError, match="never did not start"):
        run_together(programs, folder=tmp_path, say=spoken, must_stop=lambda: False)
    assert spoken == []


def test_what_one_says_before_it_fails_is_heard(tmp_path: Path) -> None:
    heard: list[str] = []

    def say(_: str, line: str) -> None:
        time.sleep(0.1)
        heard.append(line)

    programs = [Program("never", ("sh", "-c", "echo 1; echo 2; echo 3; echo 4; echo 5"), is_up=lambda: False)]
    with pytest.raises(SettingError, match="never did not start"):
        run_together(programs, folder=tmp_path, say=say, must_stop=lambda: False)
    assert heard == ["1", "2", "3", "4", "5"]


def test_one_that_leaves_a_child_with_its_output_ends_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_LAST_WORDS", 0.2)
    programs = [Program("leaves", ("sh", "-c", "echo gone; sleep 10 & exit"))]
    assert run_together(programs, folder=tmp_path, say=Spoken(), must_stop=lambda: False) == "leaves"
    # It is still read from: other tests look at which threads there are.
    [reader] = [thread for thread in threading.enumerate() if thread.name == "leaves"]
    reader.join()


def test_one_that_hears_nothing_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    spoken = Spoken()
    programs = [Program("deaf", (sys.executable, "-c", deaf))]
    began = time.monotonic()
    run_together(programs, folder=tmp_path, say=spoken, must_stop=lambda: bool(spoken), patience=0.5)
    assert time.monotonic() - began < 300
