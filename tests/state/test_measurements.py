"""Measurements and the rollout's records: a damaged row costs that row, with a warning, never a traceback."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.model import Measurement, PhaseChange
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.state.measurements import Measurements

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = Measurement(name="a", value=1, at=NOON)


def put_row(path: Path, row: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO measurements VALUES (CAST(? AS TEXT), ?, ?, CAST(? AS TEXT), ?)", row)


@pytest.mark.parametrize(
    "row",
    [
        ("a", 1.0, "", "yesterday", ""),
        ("a", 1.0, "", "", ""),
        ("a", 1.0, "", b"\xff\xfe", ""),
        ("a", 1.0, "", "2026-02-10T12:00:00", ""),
        ("a", float("inf"), "", NOON.isoformat(), ""),
        ("a", -float("inf"), "", NOON.isoformat(), ""),
    ],
    ids=["words", "nothing", "bytes", "no time zone", "infinite", "minus infinite"],
)
def test_a_damaged_row_costs_that_row(tmp_path: Path, row: tuple[object, ...]) -> None:
    warnings: list[str] = []
    measurements = Measurements(tmp_path / "state.db", warn=warnings.append)
    measurements.remember(WHOLE)
    put_row(tmp_path / "state.db", row)
    assert measurements.measurements() == (WHOLE,)
    assert measurements.measurements("a") == (WHOLE,)
    [warning] = warnings
    assert "1 damaged row is left out of measurements" in warning
    assert "Delete the file" in warning


def test_the_newest_is_found_among_rows_and_packed_days(tmp_path: Path) -> None:
    measurements = Measurements(tmp_path / "state.db")
    assert measurements.newest(until=NOON) is None
    days = [NOON - timedelta(days=number) for number in (3, 2, 1, 0)]
    for at in days:
        measurements.remember(Measurement(name="a", value=1, at=at), Measurement(name="b", value=1, at=at - HOUR))
    put_row(tmp_path / "state.db", ("a", 1.0, "", "2026-02-10T12:00:00", ""))
    newest = [
        measurements.newest(until=at) for at in (NOON, NOON - HOUR / 2, *days, days[0] - HOUR, days[0] - 2 * HOUR)
    ]
    assert newest == [NOON, NOON - HOUR, *days, days[0] - HOUR, None]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(-60, 60), st.integers(0, 3)), max_size=20),
    st.integers(-60, 60),
)
@settings(max_examples=30, deadline=None)
def test_the_latest_of_each_name_is_found_without_reading_all(measured: list[tuple[str, int, int]], hour: int) -> None:
    until = NOON + HOUR * hour
    with tempfile.TemporaryDirectory() as folder:
        measurements = Measurements(Path(folder) / "state.db")
        for name, at, value in measured:
            measurements.remember(Measurement(name=name, value=value, at=NOON + HOUR * at))
        moments: dict[str, datetime] = {}
        for item in measurements.measurements(until=until):
            moments.setdefault(item.name, item.at)
        assert {item.name: item.at for item in measurements.latest(until=until)} == moments
        assert measurements.newest(until=until) == max(moments.values(), default=None)


def test_a_text_that_cannot_be_decoded_costs_nothing_else(tmp_path: Path) -> None:
    measurements = Measurements(tmp_path / "state.db")
    measurements.remember(WHOLE)
    put_row(tmp_path / "state.db", (b"\xff", 2.0, "", NOON.isoformat(), ""))
    assert [item.name for item in measurements.measurements()] == ["\ufffd", "a"]


@pytest.mark.parametrize("table", ["phase_changes", "release_events"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"at": "2026-02-10T12:00:00", "action": "promote", "before": "staging", "after": "canary", "who": "", "why": ""}',
    ],
    ids=["empty", "cut off", "list", "bytes", "deep", "no time zone"],
)
def test_a_damaged_record_costs_that_record(tmp_path: Path, table: str, data: bytes) -> None:
    warnings: list[str] = []
    state = RolloutState(tmp_path / "state.db", warn=warnings.append)
    change = PhaseChange(at=NOON, action="promote", before="staging", after="canary", who="mira", why="")
    state.add_change(change)
    with closing(sqlite3.connect(tmp_path / "state.db")) as database, database:
        database.execute(f"INSERT INTO {table} VALUES ('2026', ?)", (data,))
    assert (state.changes(), state.releases()) == ((change,), ())
    assert (state.changes(), state.releases()) == ((change,), ())
    assert [f"left out of {table}" in warning for warning in warnings] == [True]


@settings(deadline=None, max_examples=30)
@given(at=st.text(max_size=30) | st.datetimes().map(str), value=st.floats(allow_nan=False), name=st.binary(max_size=9))
def test_no_row_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, at: str, value: float, name: bytes
) -> None:
    path = tmp_path_factory.mktemp("state") / "state.db"
    measurements = Measurements(path, warn=lambda _: None)
    measurements.remember(WHOLE)
    put_row(path, (name, value, "", at.encode("utf-8", "replace"), ""))
    read = measurements.measurements()
    assert WHOLE in read
    assert max(item.at for item in read) >= NOON


def test_what_is_written_while_history_is_taken_in_waits_and_is_not_lost(tmp_path, monkeypatch) -> None:
    importing, other = (Measurements(tmp_path / "state.db") for _ in range(2))
    importing.remember(WHOLE)
    importing.take_in(())
    theirs = Measurements(tmp_path / "theirs.db")
    theirs.remember(Measurement(name="a", value=5, at=NOON - HOUR))
    known = theirs.packed()
    original, waiting = Measurements._joined, []

    def joined(measurements, *days):
        writer = Thread(target=other.remember, args=(Measurement(name="b", value=2, at=NOON),))
        writer.start()
        writer.join(0.3)
        waiting.append(writer)
        return original(measurements, *days)

    with monkeypatch.context() as patch:
        patch.setattr(Measurements, "_joined", joined)
        importing.take_in(known)
    for writer in waiting:
        writer.join()
    assert {day.name for day in importing.packed()} == {"a", "b"}
