"""Objectives judged: figures worked out by hand, windows with nothing in them, breaches found again in history."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.model.service_levels import in_percent
from mkdocs_gitguard.slo.breaches import is_alerted
from mkdocs_gitguard.slo.evaluate import levels, levels_of
from mkdocs_gitguard.slo.objective import PLAIN, WINDOWS, Objective, Ratio, Threshold
from mkdocs_gitguard.slo.occurrences import Occurrences
from mkdocs_gitguard.state.measurements import Measurements
from mkdocs_gitguard.state.packed_days import Point

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FRESH = Objective(
    name="freshness",
    title="Freshness",
    indicator=Threshold(measurement="freshness", operator="lt", value=10),
    target=0.99,
    window=timedelta(days=28),
    alert_below=0.99,
)
SOME = Objective(
    name="some",
    title="Some",
    indicator=FRESH.indicator,
    target=0.8,
    window=timedelta(days=28),
    alert_below=0.7,
)
COVERED = Objective(
    name="policy-coverage",
    title="Coverage",
    indicator=Ratio(part="decisions.exact", is_bad=False, total="decisions.all"),
    target=0.9,
    window=timedelta(days=28),
    alert_below=0.85,
)


def every(minutes: int, values: Iterable[float], *, until: datetime = NOW) -> tuple[Point, ...]:
    listed = list(values)
    first = until - timedelta(minutes=minutes * (len(listed) - 1))
    return tuple(Point(first + timedelta(minutes=minutes * place), value) for place, value in enumerate(listed))


def judge(objective: Objective, **series: tuple[Point, ...]):
    by_name = {name.replace("_", "."): points for name, points in series.items()}
    judged = levels([objective], by_name, at=max(point.at for points in series.values() for point in points))
    return judged.objectives[0], judged


def test_budget_and_burn_rates_by_hand() -> None:
    # 1000 values, one in ten minutes: of the last hour's six, one is bad, and four more long ago.
    values = [1.0] * 1000
    for place in (100, 101, 102, 103, 997):
        values[place] = 11.0
    level, judged = judge(FRESH, freshness=every(10, values))
    assert (level.measured, level.number) == (0.995, 1000)
    assert level.budget_left == pytest.approx(0.5)
    hour, six_hours, day, three_days = level.burn_rates
    assert (hour.long_number, hour.long_rate) == (6, pytest.approx(1 / 6 / 0.01))
    assert (hour.short_number, hour.short_rate) == (1, 0)
    assert not hour.fires
    assert (six_hours.long_number, six_hours.short_rate) == (36, pytest.approx(1 / 3 / 0.01))
    assert six_hours.long_rate == pytest.approx(1 / 36 / 0.01)
    assert (day.long_number, three_days.long_number) == (144, 432)
    assert level.percentile == 1.0
    assert (level.state, judged.state) == ("met", "met")
    assert level.why == "99.5 % of 1,000 were good in 28d."


def test_a_fast_burn_alerts_somebody_and_is_a_breach_that_ends() -> None:
    values = [1.0] * 500 + [20.0] * 6 + [1.0] * 50
    during = every(10, values[:506])
    level, judged = judge(FRESH, freshness=during)
    assert (level.state, judged.state) == ("alert", "alert")
    assert judged.sentence == "Somebody must act: Freshness."
    after = every(10, values, until=NOW)
    level, judged = judge(FRESH, freshness=after)
    assert level.state == "missed"
    [breach] = judged.breaches
    assert breach.began == after[500].at
    assert breach.alerted == after[500].at
    assert breach.ended == after[508].at


def test_a_target_below_93_per_cent_is_alerted_on_plainly() -> None:
    total = every(60, [10] * 40)
    level, _ = judge(COVERED, decisions_exact=every(60, [9] * 40), decisions_all=total)
    assert (level.state, level.measured) == ("met", pytest.approx(0.9))
    level, _ = judge(COVERED, decisions_exact=every(60, [8] * 40), decisions_all=total)
    assert level.state == "alert"
    assert "less than 85 %" in level.why
    level, _ = judge(COVERED, decisions_exact=every(60, [8] * 10 + [9] * 30), decisions_all=total)
    assert level.state == "missed"


def test_no_data_says_why(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    judged = levels_of([FRESH], kept, now=NOW)
    assert (judged.at, judged.state) == (None, "no data")
    assert judged.objectives[0].why.startswith("freshness has never been measured here. `gitguard watch`")
    kept.remember(Measurement(name="freshness", value=1, at=NOW - timedelta(days=40)))
    kept.remember(Measurement(name="build.duration", value=1, at=NOW))
    judged = levels_of([FRESH], kept, now=NOW)
    assert judged.objectives[0].why.startswith("freshness was not measured in the last 28d.")
    assert judged.objectives[0].measured is None
    assert judged.objectives[0].budget_left is None
    assert all(rate.long_rate is None and not rate.fires for rate in judged.objectives[0].burn_rates)


def test_what_a_wrong_clock_measured_in_the_future_does_not_count(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    kept.remember(Measurement(name="freshness", value=99, at=NOW + timedelta(days=300)))
    kept.remember(Measurement(name="freshness", value=1, at=NOW))
    judged = levels_of([FRESH], kept, now=NOW)
    assert (judged.at, judged.objectives[0].number, judged.state) == (NOW, 1, "met")


@pytest.mark.parametrize("objective", [FRESH, SOME, COVERED, replace(FRESH, window=timedelta(days=1))])
def test_the_judgement_is_the_same_without_days_and_breaches(tmp_path: Path, objective: Objective) -> None:
    kept = Measurements(tmp_path / "state.db")
    kept.remember(
        *(
            Measurement(name=name, value=value, unit="", at=NOW - timedelta(hours=hours), evidence="")
            for hours in (*range(0, 72, 3), 24 * 27, 24 * 40, 24 * 80)
            for name, value in (("freshness", 9 + hours % 2), ("decisions.all", 9), ("decisions.exact", 8 + hours % 2))
        ),
        Measurement(name="freshness.p99", value=1, unit="s", at=NOW - timedelta(days=60), evidence=""),
    )
    old = replace(objective, name="old", indicator=replace(FRESH.indicator, measurement="freshness.p99"))
    never = replace(objective, name="never", indicator=replace(FRESH.indicator, measurement="build.update"))
    objectives = [objective, old, never]
    whole = levels_of(objectives, kept, now=NOW)
    short = levels_of(objectives, kept, now=NOW, with_past=False)
    assert [level.why.partition(" ")[2][:8] for level in short.objectives if level.state == "no data"] == [
        "has neve",
        "was not ",
    ]
    bare = [replace(level, days=()) for level in whole.objectives]
    assert replace(whole, objectives=tuple(bare), breaches=()) == short


def test_no_objective_is_no_error(tmp_path: Path) -> None:
    assert levels([], {}, at=NOW).state == "no data"


def test_the_worst_is_first() -> None:
    series = {
        "freshness": every(10, [1.0] * 100),
        "decisions.exact": every(10, [1.0] * 100),
        "decisions.all": every(10, [2.0] * 100),
    }
    judged = levels([FRESH, COVERED], series, at=NOW)
    assert [level.name for level in judged.objectives] == ["policy-coverage", "freshness"]


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert in_percent(1.0) == "100 %"
    assert in_percent(0.99999) == "99.9990 %"
    assert in_percent(0.995) == "99.5 %"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=200))
def test_the_budget_is_what_the_definition_says(values: list[float]) -> None:
    level, _ = judge(FRESH, freshness=every(10, values))
    bad = sum(value >= 10 for value in values)
    assert level.number == len(values)
    assert level.budget_left == pytest.approx(1 - bad / len(values) / 0.01)
    assert sum(day.number for day in level.days) == len(values)
    good_enough = sum(value <= level.percentile for value in values)
    assert good_enough >= 0.99 * len(values) - 1e-9


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([1.0, 1.0, 1.0, 50.0]), min_size=1, max_size=150), st.sampled_from([FRESH, SOME]))
def test_breaches_are_what_looking_at_every_moment_finds(values: list[float], objective: Objective) -> None:
    points = every(10, values)
    series = {"freshness": points}
    occurrences = Occurrences(objective, series)
    windows = [window for window in WINDOWS if window.severity == "page"] if objective.burns else [PLAIN]
    on = [any(is_alerted(objective, occurrences, window, point.at) for window in windows) for point in points]
    turns = [
        (point.at, is_on) for point, is_on, was_on in zip(points, on, [False, *on], strict=False) if is_on != was_on
    ]
    breaches = levels([objective], series, at=points[-1].at).breaches[::-1]
    found_turns = [turn for breach in breaches for turn in ((breach.alerted, True), (breach.ended, False)) if turn[0]]
    assert found_turns == turns
