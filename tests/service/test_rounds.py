"""What a watch takes in hand, where it looks, and when it acknowledges."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError, SourceError
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import Consumer
from mkdocs_gitguard.events.own import Gap, Replay, gap_event, replay_event
from mkdocs_gitguard.events.sqlite.log import SqliteLog
from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.service import watch
from mkdocs_gitguard.service.freshness import in_words, remember
from mkdocs_gitguard.service.look import EVERYWHERE, Look, look_of
from mkdocs_gitguard.service.rounds import Answered, Rounds, Stages, backoff
from mkdocs_gitguard.site_build.event_selection import EventPlaces
from mkdocs_gitguard.state.measurements import Measurements, percentile

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CONSUMER = Consumer(name="watch", ack_wait=0.05, most_tries=3)


def source(name: str, url: str = "") -> RepositorySource:
    return RepositorySource(
        id=f"repository:acme/{name}",
        namespace="acme",
        name=name,
        entry=name,
        given_name=name,
        folder=Path(name),
        url=url or f"https://git.example.org/acme/{name}.git",
    )


PLACES = EventPlaces([source("billing"), source("guardrails", "ssh://git@git.example.org:2222/acme/guardrails.git")])
BILLING = Look(repositories=frozenset(["repository:acme/billing"]))
GUARDRAILS = Look(repositories=frozenset(["repository:acme/guardrails"]))


def push(name: str, number: int = 0, *, urls: tuple[str, ...] = (), former: tuple[str, ...] = ()) -> Event:
    repository = EventRepository(name=name, urls=urls, former_names=former)
    return Event(
        source="github", name="push", body=str((name, number)).encode(), accepted_at=NOW, repository=repository
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "events.db")) as opened:
        yield opened


class Runs(list[Look]):
    """Stands for building and publishing."""

    trouble: Exception | None = None

    def __call__(self, look: Look) -> Stages:
        if self.trouble is not None:
            raise self.trouble
        self.append(look)
        at = system_moment()
        return Stages(at, at, at)


def service_of(rounds: Rounds, **given: Any) -> watch.Watch:
    """A watch that looks everywhere at the start alone, and takes no events, but for what is given."""
    options = {
        "open_log": None,
        "reconcile": 0,
        "ack_wait": 60,
        "answered": lambda _: None,
        "must_start_over": lambda: False,
        **given,
    }
    return watch.Watch(rounds, **options)


@pytest.mark.parametrize(
    ("event", "look"),
    [
        (push("acme/billing"), BILLING),
        (push("ACME/Billing"), BILLING),
        (push("", urls=("git@git.example.org:acme/billing.git",)), BILLING),
        (push("other/name", urls=("https://git.example.org/acme/guardrails",)), GUARDRAILS),
        (push("acme/new", former=("acme/billing",)), BILLING),
        (push("acme/unknown"), Look()),
        (push("", urls=("https://elsewhere.example.org/acme/billing",)), Look()),
        (gap_event(Gap(first=1, last=2, consumers=("watch",), reason="cut"), at=NOW), EVERYWHERE),
    ],
)
def test_an_event_says_where_to_look(log: SqliteLog, event: Event, look: Look) -> None:
    assert look_of(event, PLACES, log) == look


def test_a_replay_says_where_the_events_of_its_stretch_said(log: SqliteLog) -> None:
    log.append([push("acme/billing"), push("acme/guardrails"), push("acme/billing", 1)])
    replay = replay_event(Replay(first=1, last=2), at=NOW)
    assert look_of(replay, PLACES, log) == BILLING | GUARDRAILS
    only = replay_event(Replay(first=1, last=3, repository="acme/guardrails"), at=NOW)
    assert look_of(only, PLACES, log) == GUARDRAILS


def taken(log: SqliteLog, runs: Runs, *events: Event) -> Rounds:
    rounds = Rounds(log, PLACES, runs, pytest.fail)
    log.append(events)
    rounds.take(log.consume(CONSUMER, most=100))
    return rounds


def test_many_events_are_one_look_and_are_acknowledged_after_it(log: SqliteLog) -> None:
    runs = Runs()
    rounds = taken(log, runs, *(push("acme/billing", number) for number in range(20)), push("acme/guardrails"))
    assert rounds.wanted == BILLING | GUARDRAILS
    assert log.status().consumers[0].in_hand == 21
    answered = rounds.round(rounds.wanted)
    assert len(answered) == 21
    assert runs == [BILLING | GUARDRAILS]
    assert log.status().consumers[0].in_hand == 0
    assert not rounds.in_hand


def test_a_gap_is_told_with_its_reason(log: SqliteLog) -> None:
    sentences: list[str] = []
    log.append([gap_event(Gap(first=3, last=9, consumers=("watch",), reason="retention"), at=NOW)])
    rounds = Rounds(log, PLACES, Runs(), sentences.append)
    rounds.take(log.consume(CONSUMER))
    assert sentences == ["The event log has a gap, 3 to 9: retention. All repositories are looked at."]
    assert rounds.wanted == EVERYWHERE


def test_a_round_that_looks_elsewhere_answers_nothing(log: SqliteLog) -> None:
    rounds = taken(log, Runs(), push("acme/billing"))
    assert rounds.round(GUARDRAILS) == ()
    assert len(rounds.round(EVERYWHERE)) == 1


def test_a_round_that_fails_answers_nothing_and_the_event_stays(log: SqliteLog) -> None:
    runs = Runs()
    rounds = taken(log, runs, push("acme/billing"))
    runs.trouble = SourceError("The forge is down.")
    with pytest.raises(SourceError):
        rounds.round(rounds.wanted)
    assert log.status().consumers[0].in_hand == 1
    runs.trouble = None
    assert len(rounds.round(rounds.wanted)) == 1
    assert log.status().consumers[0].in_hand == 0


def test_an_event_that_is_handed_out_again_meanwhile_is_one_in_hand(log: SqliteLog) -> None:
    rounds = taken(log, Runs(), push("acme/billing"))
    rounds.take(log.consume(CONSUMER, most=100, wait=1.0))
    assert len(rounds.in_hand) == 1
    assert len(rounds.round(BILLING)) == 1
    assert log.consume(CONSUMER, wait=0.1) == ()


def test_what_is_about_nothing_that_is_shown_is_acknowledged_without_a_look(log: SqliteLog) -> None:
    rounds = taken(log, Runs(), push("acme/unknown"))
    assert not rounds.wanted
    assert log.status().consumers[0].in_hand == 0


def test_a_poison_event_is_a_dead_letter_with_its_reason_and_costs_no_other(log: SqliteLog, tmp_path: Path) -> None:
    sentences: list[str] = []
    runs = Runs()
    rounds = Rounds(log, PLACES, runs, sentences.append)
    poison = Event(source="gitguard", name="replay", body=b"{", accepted_at=NOW, delivery="x")
    log.append([poison, push("acme/billing"), push("acme/guardrails")])
    with closing(sqlite3.connect(tmp_path / "events.db")) as database, database:
        database.execute("UPDATE events SET envelope = ? WHERE sequence = 3", (b"{broken",))
    # The two come again each in its time.
    for _ in range(2 * CONSUMER.most_tries):
        if len(log.dead_letters()) == 2:
            break
        rounds.take(log.consume(CONSUMER, most=100, wait=2.0))
        if rounds.wanted:
            assert len(rounds.round(rounds.wanted)) == 1
    assert sentences[0].startswith("The event 1 cannot be used, try 1 of 3: ")
    assert sentences[-1] == "The event 3 is a dead letter now: see `gitguard events dead`."
    letters = log.dead_letters()
    assert [letter.tries for letter in letters] == [CONSUMER.most_tries] * 2
    assert "replay event cannot be read" in letters[0].reason
    assert "not an event as it is written into the log" in letters[1].reason
    # A round is due that shows them, and looks nowhere.
    assert rounds.has_buried
    rounds.round(Look())
    assert not rounds.has_buried


def test_an_event_from_a_clock_that_is_ahead_is_answered_and_not_measured(tmp_path: Path) -> None:
    state = Measurements(tmp_path / "state.db")
    late, ahead = (
        Answered(msgspec.structs.replace(push("acme/billing"), accepted_at=at), Stages(NOW, NOW, NOW))
        for at in (NOW - timedelta(seconds=2), NOW + timedelta(days=1))
    )
    assert in_words([late]) == "1 event answered, the oldest after 2.00 s."
    words = in_words([late, ahead])
    assert words.startswith(
        "2 events answered, the oldest after 2.00 s. 1 event had been taken on by a clock that is a"
    )
    assert "2026-11-29 00:00:00 UTC" in words
    remember(state, [ahead], at=NOW)
    assert list(state.measurements()) == []
    remember(state, [late, ahead], at=NOW)
    assert [item.value for item in state.measurements("freshness")] == [2.0]


def test_a_clock_that_is_set_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences: list[str] = []
    moments = [1_000.0]
    monkeypatch.setattr(watch.time, "time", lambda: moments[-1] + time.monotonic())
    service = service_of(Rounds(None, PLACES, Runs(), pytest.fail), must_stop=lambda: False, tell=sentences.append)
    for moment in (1_000.0, 87_400.0, 87_400.5, 1_000.5):
        moments.append(moment)
        service._watch_clock()
    assert [sentence[:40] for sentence in sentences] == [
        "The clock has gone forward by 86,400 s: ",
        "The clock has gone back by 86,400 s: it ",
    ]


def test_waits_grow_and_end_somewhere() -> None:
    assert [backoff(number) for number in (1, 2, 3, 20)] == [1.0, 2.0, 4.0, 300.0]


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([5.0], 99) == 5.0
    assert percentile([float(number) for number in range(1, 201)], 99) == 198.0
    with pytest.raises(IndexError):
        percentile([], 99)


@pytest.mark.parametrize("trouble", [None, SourceError("The disk is full.")])
def test_a_service_is_ready_when_what_an_event_takes_is_at_hand(
    monkeypatch: pytest.MonkeyPatch, trouble: SourceError | None
) -> None:
    runs, ready, sentences = Runs(), list[bool](), list[str]()
    monkeypatch.setattr(watch, "_LONGEST_WAIT", 0.01)

    def warm_up() -> None:
        ready.append(service.health.is_ready)
        if trouble is not None:
            raise trouble

    service = service_of(
        Rounds(None, PLACES, runs, pytest.fail),
        reconcile=0.02,
        must_stop=lambda: service.health.rounds == 3,
        tell=sentences.append,
        warm_up=warm_up,
    )
    service.run()
    assert ready == [False]
    assert service.health.is_ready
    assert sentences == ([str(trouble)] if trouble else [])


def test_what_a_round_has_left_for_later_is_done_when_no_event_has_come(
    monkeypatch: pytest.MonkeyPatch, log: SqliteLog
) -> None:
    monkeypatch.setattr(watch, "_LONGEST_WAIT", 0.01)
    runs, left = Runs(), iter([False, False, True, *[False] * 1_000])
    service = service_of(
        Rounds(None, PLACES, runs, pytest.fail),
        open_log=lambda: log,
        must_stop=lambda: len(runs) == 2,
        tell=pytest.fail,
        is_left=lambda: next(left),
    )
    service.run()
    assert runs == [EVERYWHERE, Look()]


def test_what_is_left_for_later_is_in_the_way_of_no_event(monkeypatch: pytest.MonkeyPatch, log: SqliteLog) -> None:
    monkeypatch.setattr(watch, "_LONGEST_WAIT", 0.01)
    monkeypatch.setattr(watch, "_QUIET", 0.5)
    times: list[float] = []

    def run(look: Look) -> Stages:
        looks.append(look)
        times.append(time.monotonic())
        if look.everywhere:
            log.append([push("acme/billing")])
        at = system_moment()
        return Stages(at, at, at)

    looks: list[Look] = []
    service = service_of(
        Rounds(None, PLACES, run, pytest.fail),
        open_log=lambda: log,
        must_stop=lambda: len(looks) == 3,
        tell=pytest.fail,
        is_left=lambda: bool(service.rounds.in_hand) or len(looks) == 2,
    )
    service.run()
    assert looks == [EVERYWHERE, BILLING, Look()]
    assert times[2] - times[1] >= 0.4


def test_a_day_that_begins_is_shown_before_an_event_has_to_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ages is another on every page then. A round that fails has shown nothing of the day."""
    monkeypatch.setattr(watch, "_LONGEST_WAIT", 0.01)
    monkeypatch.setattr(watch, "backoff", lambda _: 0.01)
    moments = [datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC)]
    monkeypatch.setattr(watch, "system_moment", lambda: moments[-1])
    runs, sentences = Runs(), list[str]()

    def waits() -> bool:
        if len(runs) == 1:
            moments.append(datetime(2026, 11, 29, tzinfo=UTC))
            runs.trouble = None if sentences else SourceError("The forge is down.")
        looked.append(len(runs))
        return len(looked) == 60

    looked: list[int] = []
    service = service_of(Rounds(None, PLACES, runs, pytest.fail), must_stop=waits, tell=sentences.append)
    service.run()
    assert runs == [EVERYWHERE, Look()]
    assert len(sentences) == 1


def test_a_round_that_fails_is_waited_for_and_not_spun_for(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, waits = Runs(), list[float]()
    runs.trouble = SourceError("The forge is down.")
    monkeypatch.setattr(watch.time, "sleep", waits.append)
    service = service_of(
        Rounds(None, PLACES, runs, pytest.fail), must_stop=lambda: len(waits) == 3, tell=lambda _: None
    )
    service.run()
    assert service.health.failures == 1
    assert min(waits) > 0.5


def test_a_log_that_takes_nothing_more_is_noticed_and_shown_at_once(
    monkeypatch: pytest.MonkeyPatch, log: SqliteLog
) -> None:
    monkeypatch.setattr(watch, "_CHECK_EVERY", 0.0)
    monkeypatch.setattr(watch, "_LONGEST_WAIT", 0.05)
    shown: list[tuple[Look, EventError | None]] = []
    sentences: list[str] = []
    trouble = EventError("The disk is full.")

    def check() -> None:
        if len(shown) == 1:
            raise trouble

    monkeypatch.setattr(log, "check", check)

    def run(look: Look) -> Stages:
        shown.append((look, rounds.refuses))
        return Stages(NOW, NOW, NOW)

    rounds = Rounds(None, PLACES, run, pytest.fail)
    service = service_of(rounds, open_log=lambda: log, must_stop=lambda: len(shown) == 3, tell=sentences.append)
    service.run()
    # The look everywhere at the start, and then a round for each change of how the log is, which looks nowhere.
    assert shown == [(EVERYWHERE, None), (Look(), trouble), (Look(), None)]
    assert sentences == ["The disk is full.", "The event log takes events again."]
    assert service.health.log == "well"
