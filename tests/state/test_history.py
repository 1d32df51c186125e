"""The history of measurements: packed, thinned by its rules, carried from run to run, and never worse for bad input."""

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.history_file import read_history, write_history
from mkdocs_gitguard.state.measurements import Measurements
from mkdocs_gitguard.state.packed_days import MOST_POINTS, POINT_DAYS, WHOLE_DAYS, PackedDay, day_of, pack, unpack

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def measured(value: float, *, at: datetime = NOON, name: str = "a", evidence: str = "why") -> Measurement:
    return Measurement(name=name, value=value, unit="s", at=at, evidence=evidence)


def history(path: Path, *items: Measurement) -> Measurements:
    kept = Measurements(path / "state.db")
    kept.remember(*items)
    return kept


def test_what_is_packed_is_read_as_it_was(tmp_path: Path) -> None:
    items = [measured(1.23456789, at=NOON + timedelta(hours=hour), evidence=f"run {hour}") for hour in range(40)]
    kept = history(tmp_path, *items[:20])
    kept.remember(*items[20:])
    assert kept.measurements("a") == tuple(reversed(items))


def test_days_are_thinned_by_how_many_are_newer(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    for day in range(100):
        kept.remember(
            *(measured(1.23456 + hour, at=NOON + timedelta(days=day, minutes=hour, seconds=7)) for hour in range(3))
        )
    days = kept.days()
    assert len(days) == 100
    assert all(len(day.points) == 3 for day in days[-POINT_DAYS:])
    assert all(not day.points and day.number == 3 and day.most == 3.23456 for day in days[: -POINT_DAYS - 1])
    assert {point.evidence for day in days[-WHOLE_DAYS:] for point in day.points} == {"why"}
    assert days[-20].points[0].value == 1.235
    assert days[-20].points[0].at.second == 0


def test_a_clock_that_jumps_costs_nothing_that_was_measured(tmp_path: Path) -> None:
    kept = history(tmp_path, *(measured(day, at=NOON + timedelta(days=day)) for day in range(5)))
    kept.remember(measured(99, at=NOON + timedelta(days=3650)))
    kept.remember(measured(5, at=NOON + timedelta(days=5)))
    now = NOON + timedelta(days=6)
    assert [item.value for item in kept.measurements("a", until=now)] == [5, 4, 3, 2, 1, 0]
    assert {item.evidence for item in kept.measurements("a", until=now)} == {"why"}
    assert kept.newest(until=now) == NOON + timedelta(days=5)


def test_many_points_of_a_day_keep_their_percentiles() -> None:
    numbers = random.Random(1)
    items = [measured(numbers.lognormvariate(0, 1), at=NOON + timedelta(seconds=second)) for second in range(9000)]
    day = unpack("a", "2026-02-10", pack(day_of(items)))
    assert len(day.points) == MOST_POINTS
    assert sum(point.weight for point in day.points) == pytest.approx(9000)
    good = sum(point.weight for point in day.points if point.value <= 2.0)
    assert good == pytest.approx(sum(item.value <= 2.0 for item in items), abs=7)
    assert (min(day.points, key=lambda point: point.value).value, day.most) == (day.least, max(i.value for i in items))


def test_two_runs_at_once_and_a_history_taken_in_twice(tmp_path: Path) -> None:
    before = [measured(hour, at=NOON + timedelta(hours=hour)) for hour in range(30)]
    here = history(tmp_path / "here", *before, measured(100, at=NOON + timedelta(hours=31)))
    there = history(tmp_path / "there", *before, measured(200, at=NOON + timedelta(hours=32)))
    assert here.take_in(there.packed()) > 0
    assert here.take_in(there.packed()) == 0
    assert there.take_in(here.packed()) > 0
    assert [item.value for item in here.measurements("a")] == [200, 100, *reversed(range(30))]
    assert write_history(here.packed()) == write_history(there.packed())


def test_a_history_goes_through_a_file(tmp_path: Path) -> None:
    here = history(tmp_path / "here", *(measured(hour, at=NOON + timedelta(hours=hour)) for hour in range(60)))
    days, damaged = read_history(write_history(here.packed()), label="history")
    there = Measurements(tmp_path / "there" / "state.db")
    there.take_in(days)
    assert not damaged
    assert there.measurements() == here.measurements()


def test_a_damaged_day_costs_that_day(tmp_path: Path) -> None:
    here = history(tmp_path / "here", *(measured(hour, at=NOON + timedelta(hours=hour)) for hour in range(60)))
    packed = here.packed()
    broken = packed[0]._replace(data=packed[0].data[:-3])
    days, damaged = read_history(write_history([broken, *packed[1:]]), label="history")
    assert damaged == 1
    assert days == packed[1:]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a history"),
        (b"<!doctype html>", "is not a history"),
        (msgspec.msgpack.encode(["gitguard measurements", 2, {"new": 1}]), "another version"),
        (msgspec.msgpack.encode(["gitguard measurements", 1, 7]), "is damaged"),
    ],
)
def test_a_file_that_is_no_history_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        read_history(data, label="metrics/history.msgpack")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_a_reader_stumble(data: bytes) -> None:
    with pytest.raises(ParseError):
        read_history(data, label="x")
    with pytest.raises(ParseError):
        unpack("a", "2026-02-10", data)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 86_399), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)),
        min_size=1,
        max_size=40,
    )
)
def test_packing_keeps_every_value(items: list[tuple[int, float, str]]) -> None:
    midnight = datetime(2026, 2, 10, tzinfo=UTC)
    day = day_of([measured(value, at=midnight + timedelta(seconds=at), evidence=text) for at, value, text in items])
    assert unpack("a", "2026-02-10", pack(day)) == day


def test_nothing_is_a_history_too(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    assert kept.packed() == []
    assert read_history(write_history([]), label="x") == ([], 0)
    assert kept.newest(until=NOON) is None
    assert kept.points(["a"], since=NOON, until=NOON) == {"a": ()}


def test_a_packed_day_of_another_form_is_left_out() -> None:
    day = day_of([measured(1)])
    assert read_history(write_history([PackedDay("a", "2026-02-10", 7, pack(day))]), label="x") == ([], 1)


@pytest.mark.slow
def test_a_year_of_builds_every_ten_minutes_fits(tmp_path: Path) -> None:
    """52,560 random points of one measurement; 39 more measurements are given the same bytes under other names."""
    numbers = random.Random(3)
    kept = Measurements(tmp_path / "state.db")
    start = datetime(2025, 3, 1, tzinfo=UTC)
    for day in range(365):
        kept.remember(
            *(
                measured(
                    numbers.lognormvariate(3, 0.3),
                    at=start + timedelta(days=day, minutes=10 * place, seconds=numbers.randrange(20)),
                    evidence=f"{numbers.randrange(990) / 10} s for 200 repositories",
                )
                for place in range(144)
            )
        )
    days = kept.packed()
    everything = [day._replace(name=f"metric.{number:02}") for number in range(40) for day in days]
    assert len(write_history(everything)) < 5_000_000
    full = Measurements(tmp_path / "full" / "state.db")
    full.take_in(everything)
    with closing(sqlite3.connect(tmp_path / "full" / "state.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (tmp_path / "full" / "state.db").stat().st_size < 5_000_000
