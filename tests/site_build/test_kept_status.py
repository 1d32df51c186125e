"""What the pages of service levels show in a process that stays: no event waits until they are judged again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from mkdocs_gitguard.model.log_state import LogState
from mkdocs_gitguard.model.service_levels import ServiceLevels
from mkdocs_gitguard.site_build.kept_status import KeptStatus
from mkdocs_gitguard.site_build.shown_figures import STAY
from mkdocs_gitguard.site_build.status import Status

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AtMoment = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> AtMoment:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))

    set_clock(NOON)
    return set_clock


def levels(state: Literal["alert", "met"] = "met") -> ServiceLevels:
    return ServiceLevels(at=NOON, state=state, sentence="", objectives=(), breaches=(), stale_after=1)


class Judge:
    """Works a status out, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0
        self.state: Literal["alert", "met"] = "met"

    def __call__(self) -> Status:
        self.asked += 1
        return Status(None, levels(self.state))


def shown(kept: KeptStatus, judge: Judge, *, may_stay: bool = True) -> str:
    status = kept.shown(judge, None, may_stay=may_stay)
    assert status.levels is not None
    return status.levels.state


def test_rounds_show_what_the_build_before_has_shown(at: AtMoment) -> None:
    kept, judge = KeptStatus(), Judge()
    assert shown(kept, judge, may_stay=False) == "met"
    judge.state = "alert"
    at(NOON + STAY)
    assert shown(kept, judge) == "met"
    assert judge.asked == 1
    assert shown(kept, judge, may_stay=False) == "alert"


def test_it_is_worked_out_again_after_a_round_when_it_is_old(at: AtMoment) -> None:
    kept, judge = KeptStatus(), Judge()
    kept.renew()
    shown(kept, judge)
    at(NOON + STAY - MINUTE)
    judge.state = "alert"
    kept.renew()
    assert shown(kept, judge) == "met"
    at(NOON + STAY)
    kept.renew()
    assert shown(kept, judge) == "alert"
    assert judge.asked == 2


@pytest.mark.parametrize("moment", [NOON + 2 * STAY, NOON - MINUTE], ids=["long after", "clock set back"])
def test_what_is_too_old_is_worked_out_in_the_round(at: AtMoment, moment: datetime) -> None:
    kept, judge = KeptStatus(), Judge()
    shown(kept, judge)
    judge.state = "alert"
    at(moment)
    assert shown(kept, judge) == "alert"


def test_news_are_shown_in_the_next_round(at: AtMoment) -> None:
    kept, judge = KeptStatus(), Judge()
    kept.see(levels("alert"))
    shown(kept, judge)
    kept.see(levels("met"))
    assert shown(kept, judge) == "met"
    assert judge.asked == 1
    judge.state = "alert"
    kept.see(levels("alert"))
    assert shown(kept, judge) == "alert"
    kept.see(levels("alert"))
    assert shown(kept, judge) == "alert"
    assert judge.asked == 2


def test_the_log_of_events_is_shown_as_it_is_now(at: AtMoment) -> None:
    kept, judge = KeptStatus(), Judge()
    shown(kept, judge)
    state = LogState(trouble="it is away")
    assert kept.shown(judge, state, may_stay=True).log_state is state
    assert judge.asked == 1


def test_where_no_objectives_are_in_force_nothing_is_shown_of_the_log(at: AtMoment) -> None:
    assert (
        KeptStatus().shown(lambda: Status(None, None), LogState(trouble="it is away"), may_stay=False).log_state is None
    )
