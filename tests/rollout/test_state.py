"""The rollout's part of the state file: only added to, safe for two at once, and a broken file is told."""

import multiprocessing
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Measurement, PhaseChange
from mkdocs_gitguard.rollout.state import RolloutState

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def measured(name: str, value: float, *, hours: int = 0) -> Measurement:
    return Measurement(name=name, value=value, unit="s", at=NOON + timedelta(hours=hours), evidence="a test")


def test_nothing_is_remembered_where_there_is_no_file(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "none" / "state.db")
    assert state.measurements() == ()
    assert state.changes() == ()
    assert not (tmp_path / "none").exists()


def test_measurements_come_newest_first(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "new" / "state.db")
    state.remember(measured("a", 1), measured("b", 2, hours=1))
    state.remember(measured("a", 3, hours=2))
    assert [item.value for item in state.measurements("a")] == [3, 1]
    assert [item.name for item in state.measurements()] == ["a", "b", "a"]
    assert [item.value for item in state.measurements(since=NOON + timedelta(hours=1))] == [3, 2]
    assert state.measurements("a")[1] == measured("a", 1)


def test_phase_changes_are_kept_whole(tmp_path: Path) -> None:
    state = RolloutState(tmp_path / "state.db")
    change = PhaseChange(at=NOON, action="promote", before="staging", after="canary", who="mira", why="<all> green")
    state.add_change(change)
    assert state.changes() == (change,)


def test_others_tables_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE facts (x)")
    database.close()
    RolloutState(path).remember(measured("a", 1))
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM facts").fetchone() == (0,)
    database.close()


def _write(path: Path, number: int) -> None:
    for count in range(20):
        RolloutState(path).remember(measured(f"writer-{number}", count))


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, number)) for number in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(RolloutState(path).measurements()) == 40


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("this is not a database, " * 100)
    with pytest.raises(
        SettingError, match=r"cannot be used: .*Deleting it loses speed and local history, nothing else"
    ):
        RolloutState(path).measurements()
    with pytest.raises(SettingError, match="cannot be used"):
        RolloutState(path / "below").remember(measured("a", 1))
