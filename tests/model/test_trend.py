"""How figures went from day to day: held to a plain table of days and repositories."""

from datetime import date, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model.trend import (
    DAYS,
    WEEKS,
    RepositoryFigures,
    Trend,
    figures_on,
    kept_days,
    merged,
    of_repositories,
    with_day,
)

FIRST = date(2024, 2, 28)
DAY = st.integers(0, 40).map(lambda number: (FIRST + timedelta(days=number)).isoformat())
FIGURES = st.integers(0, 2).map(lambda number: RepositoryFigures(errors=number, teams={"owner:team/x": number}))
BUILDS = st.lists(st.tuples(DAY, st.dictionaries(st.sampled_from("abc"), FIGURES)), max_size=25)
Table = dict[str, dict[str, RepositoryFigures]]


def made(builds: list[tuple[str, dict[str, RepositoryFigures]]]) -> tuple[Trend, Table]:
    trend, table = Trend(), {}
    for day, figures in builds:
        trend, table = with_day(trend, day, figures), {**table, day: figures}
    return trend, table


def tabled(trend: Trend) -> Table:
    return {
        day: {
            key: figures
            for key, entries in trend.repositories.items()
            if (figures := figures_on(entries, day)) is not None
        }
        for day in trend.days
    }


@given(BUILDS)
def test_any_order_of_builds_gives_what_each_days_last_one_saw(builds) -> None:
    trend, table = made(builds)
    assert tabled(trend) == table
    assert trend == made(sorted(table.items()))[0]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(trend), type=Trend) == trend


@given(BUILDS, BUILDS)
def test_two_histories_know_together_what_each_knows_and_the_first_tells(one, other) -> None:
    (first, table), (second, more) = made(one), made(other)
    assert tabled(merged(first, second)) == {**more, **table}
    assert merged(first, first) == first


def test_what_is_not_shown_is_not_there() -> None:
    trend, _ = made([("2026-01-01", {"a": RepositoryFigures(errors=1), "b": RepositoryFigures(errors=2)})])
    assert "b" not in str(of_repositories(trend, {"a"}))
    assert tabled(of_repositories(trend, {"a"})) == {"2026-01-01": {"a": RepositoryFigures(errors=1)}}


@given(st.sets(st.integers(0, 3000), max_size=600))
def test_days_are_thinned_to_weeks_and_months_by_their_number(numbers) -> None:
    days = sorted((FIRST + timedelta(days=number)).isoformat() for number in numbers)
    kept = kept_days(days)
    assert list(kept) == sorted(kept)
    assert set(kept) <= set(days)
    assert list(kept[-DAYS:]) == days[-DAYS:]
    assert kept_days(kept) == kept
    assert {day[:7] for day in kept} >= {day[:7] for day in days[:-DAYS]} - {day[:7] for day in kept[-DAYS - WEEKS :]}


def test_ten_years_of_daily_builds_are_some_hundred_days_and_each_tells_what_it_told() -> None:
    days = [(FIRST + timedelta(days=number)).isoformat() for number in range(3650)]
    trend = Trend()
    for place, day in enumerate(days[:400]):
        trend = with_day(trend, day, {"a": RepositoryFigures(errors=place)})
    assert len(trend.days) == DAYS + (400 - DAYS) // 7 + 1
    assert all(figures_on(trend.repositories["a"], day).errors == days.index(day) for day in trend.days)
    assert len(kept_days(days)) < DAYS + WEEKS + 100
