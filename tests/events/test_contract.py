"""What every engine of the log holds: the contract of `mkdocs_gitguard.events.log`, through real files and servers."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from make.events import made_event
from make.servers import PATIENCE

from mkdocs_gitguard.errors import GateError, SettingError
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import UNLIMITED, Consumer, Cut, Retention
from mkdocs_gitguard.events.own import Replay, gap_event, read_gap, read_replay, replay_event, replayed

WATCH = Consumer(name="watch", ack_wait=600, most_tries=3)
HASTY = Consumer(name="watch", ack_wait=2, most_tries=3)


def _drain(log, consumer, *, least: int, wait: float = PATIENCE):
    """Take until there are `least` deliveries, acknowledging none."""
    deliveries = []
    deadline = time.monotonic() + wait
    while len(deliveries) < least and time.monotonic() < deadline:
        deliveries += log.consume(consumer, most=100, wait=0.2)
    return deliveries


def _sequences(items) -> list[int]:
    return [item.sequence for item in items]


def test_an_event_comes_back_as_it_went_in(log) -> None:
    event = Event(
        source="gitlab",
        name="Merge Request Hook",
        body=bytes(range(256)) + "é\u2028\U0001f600".encode() * 3,
        accepted_at=datetime(2026, 8, 1, 12, 30, 1, 123456, tzinfo=UTC),
        delivery="ünï-1\t*.>",
        repository=EventRepository(
            name="acmé corp/*.>/bil ling", former_names=("a/b",), urls=("https://git.example/a/b",)
        ),
        headers={"content-type": "application/json", "x-odd": "é\r\n\U0001f600"},
    )
    (appended,) = log.append([event])
    assert not appended.is_duplicate
    assert log.find(appended.sequence).event == event
    assert [stored.event for stored in log.read()] == [event]
    assert [delivery.event for delivery in log.consume(WATCH, wait=PATIENCE)] == [event]
    assert log.find(appended.sequence + 1) is None
    assert log.find(0) is None


def test_sequences_grow_and_order_is_kept(log) -> None:
    first = log.append([made_event(number) for number in range(40)])
    second = log.append([made_event(40)])
    assert _sequences((*first, *second)) == sorted({*_sequences(first), *_sequences(second)})
    assert [stored.event.delivery for stored in log.read()] == [f"delivery-{number}" for number in range(41)]
    assert log.append([]) == ()


def test_one_delivery_is_kept_once(log) -> None:
    (kept,) = log.append([made_event(1)])
    again = log.append([made_event(1), made_event(1, body=b"another body under the same id"), made_event(2)])
    assert [item.is_duplicate for item in again] == [True, True, False]
    assert _sequences(again[:2]) == [kept.sequence] * 2
    assert log.status().events == 2
    # Another forge may have used the same id.
    (other,) = log.append([made_event(1, source="gitea")])
    assert not other.is_duplicate


def test_a_body_that_comes_under_another_id_is_kept_once(log) -> None:
    (kept,) = log.append([made_event(1)])
    results = log.append([made_event(1, delivery=f"replayed-{number}") for number in range(5)])
    assert {(item.sequence, item.is_duplicate) for item in results} == {(kept.sequence, True)}
    (without_id,) = log.append([made_event(1, delivery="")])
    assert without_id.is_duplicate
    (other_name,) = log.append([made_event(1, delivery="", name="create")])
    assert not other_name.is_duplicate


def test_of_many_that_come_at_once_one_is_kept(log, reopen) -> None:
    logs = [log, reopen(), reopen()]
    results, barrier = [], threading.Barrier(9)

    def send(number: int) -> None:
        barrier.wait()
        results.extend(logs[number % 3].append([made_event(7), made_event(100 + number)]))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 18
    assert sum(not item.is_duplicate for item in results) == 10
    assert log.status().events == 10


def test_what_is_acknowledged_is_never_handed_out_again(log, reopen) -> None:
    log.append([made_event(number) for number in range(6)])
    deliveries = _drain(log, WATCH, least=6)
    assert [delivery.tries for delivery in deliveries] == [1] * 6
    log.acknowledge(deliveries)
    log.acknowledge(deliveries)
    log.close()
    other = reopen()
    assert _drain(other, WATCH, least=1, wait=1.5) == []
    (status,) = other.status().consumers
    assert (status.waiting, status.in_hand, status.acknowledged_to) == (0, 0, deliveries[-1].sequence)


def test_what_is_not_acknowledged_is_handed_out_again(log, reopen) -> None:
    log.append([made_event(number) for number in range(3)])
    began = time.monotonic()
    first = _drain(log, HASTY, least=3)
    log.acknowledge(first[:1])
    log.close()
    other = reopen()
    again = _drain(other, HASTY, least=2)
    assert time.monotonic() - began > HASTY.ack_wait - 0.2
    assert sorted(_sequences(again)) == _sequences(first[1:])
    assert {delivery.tries for delivery in again} == {2}


def test_what_a_consumer_has_in_hand_is_taken_back_at_once(log, reopen) -> None:
    assert log.take_back("watch") == 0
    log.append([made_event(number) for number in range(6)])
    first = _drain(log, WATCH, least=6)
    # Of what was acknowledged out of order nothing comes back.
    log.acknowledge([first[1], first[4]])
    in_hand = [sequence for place, sequence in enumerate(_sequences(first)) if place not in (1, 4)]
    _drain(log, Consumer(name="other", ack_wait=600), least=6)
    log.close()
    other = reopen()
    assert other.take_back("watch") == 4
    again = _drain(other, WATCH, least=4)
    assert _sequences(again) == in_hand
    assert {delivery.tries for delivery in again} == {2}
    assert other.consume(Consumer(name="other", ack_wait=600), wait=0.3) == ()
    other.acknowledge(again)
    assert other.take_back("watch") == 0


def test_consumers_do_not_take_from_one_another(log) -> None:
    log.append([made_event(number) for number in range(3)])
    other = Consumer(name="other")
    assert len(_drain(log, WATCH, least=3)) == 3
    assert len(_drain(log, other, least=3)) == 3
    assert sorted(status.name for status in log.status().consumers) == ["other", "watch"]


def test_two_processes_share_the_work_of_one_consumer(log, reopen) -> None:
    other = reopen()
    log.append([made_event(number) for number in range(20)])
    taken = []
    deadline = time.monotonic() + PATIENCE
    while len(taken) < 20 and time.monotonic() < deadline:
        for part in (log, other):
            deliveries = part.consume(WATCH, most=3, wait=0.3)
            part.acknowledge(deliveries)
            taken += deliveries
    assert sorted(_sequences(taken)) == _sequences(log.read())
    assert log.status().events == 20


def test_a_refused_event_waits(log) -> None:
    log.append([made_event(1), made_event(2)])
    first, second = _drain(log, WATCH, least=2)
    began = time.monotonic()
    log.refuse(first, reason="the forge is down", delay=1.0)
    log.acknowledge([second])
    (again,) = _drain(log, WATCH, least=1)
    assert time.monotonic() - began > 0.8
    assert (again.sequence, again.tries) == (first.sequence, 2)
    log.acknowledge([again])


def test_after_the_last_try_it_is_a_dead_letter_with_the_reason(log) -> None:
    log.append([made_event(1), made_event(2)])
    for number in range(1, 4):
        deliveries = [item for item in _drain(log, WATCH, least=1) if item.event.delivery == "delivery-1"]
        for delivery in deliveries:
            log.refuse(delivery, reason=f"reason {number}: é")
    assert deliveries[0].tries == 3
    (letter,) = [item for item in log.dead_letters() if item.event.delivery == "delivery-1"]
    assert (letter.consumer, letter.tries, letter.reason) == ("watch", 3, "reason 3: é")
    assert letter.sequence == deliveries[0].sequence
    assert letter.event.body == made_event(1).body
    assert log.status().dead_letters >= 1


def test_an_event_that_kills_its_consumer_becomes_a_dead_letter(log) -> None:
    quick = Consumer(name="quick", ack_wait=0.3, most_tries=2)
    log.append([made_event(1)])
    for tries in (1, 2):
        (delivery,) = _drain(log, quick, least=1)
        assert delivery.tries == tries
    assert _drain(log, quick, least=1, wait=1.5) == []
    end = time.monotonic() + PATIENCE
    while not (letters := log.dead_letters()):
        assert time.monotonic() < end
        time.sleep(0.05)
    (letter,) = letters
    assert (letter.consumer, letter.tries) == ("quick", 2)
    assert "No answer" in letter.reason
    assert letter.event == delivery.event
    # It is out of the way of the others.
    log.append([made_event(2)])
    assert [item.event.delivery for item in _drain(log, quick, least=1)] == ["delivery-2"]


def test_waiting_ends_when_an_event_comes_from_elsewhere(log, reopen) -> None:
    other = reopen()
    assert log.consume(WATCH, wait=0.1) == ()
    timer = threading.Timer(0.4, lambda: other.append([made_event(1)]))
    timer.start()
    began = time.monotonic()
    (delivery,) = log.consume(WATCH, wait=PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2
    assert delivery.event.delivery == "delivery-1"
    timer.join()


def test_the_log_is_read_from_a_sequence_and_from_a_moment(log) -> None:
    now = datetime.now(UTC)
    kept = log.append([made_event(number, at=now + timedelta(milliseconds=number)) for number in range(700)])
    assert _sequences(log.read()) == _sequences(kept)
    assert _sequences(log.read(sequence=kept[650].sequence)) == _sequences(kept[650:])
    assert _sequences(log.read(since=now + timedelta(milliseconds=690))) == _sequences(kept[690:])
    assert _sequences(log.read(since=now + timedelta(days=1))) == []
    # Nobody's place in the log is moved by it.
    assert len(_drain(log, WATCH, least=700)) == 700


def test_a_replay_gives_a_stretch_of_the_log_once_more(log) -> None:
    kept = log.append([made_event(number, repository=f"acme/{number % 2}") for number in range(10)])
    asked = Replay(first=kept[2].sequence, last=kept[8].sequence, repository="Acme/0", reason="a test")
    for _ in range(2):
        (appended,) = log.append([replay_event(asked, at=datetime.now(UTC))])
        assert not appended.is_duplicate
    read_back = read_replay(log.find(appended.sequence).event)
    assert read_back == asked
    assert _sequences(replayed(log, read_back)) == [kept[number].sequence for number in (2, 4, 6, 8)]


def test_retention_by_number_says_what_it_would_cut(log) -> None:
    kept = log.append([made_event(number) for number in range(10)])
    wanted = Retention(max_messages=4)
    cut = log.preview(wanted)
    assert (cut.events, cut.first, cut.last) == (6, kept[0].sequence, kept[5].sequence)
    assert log.status().events == 10
    assert log.retain(wanted) == cut
    assert log.status().retention == wanted
    assert _sequences(log.read()) == _sequences(kept[6:])
    assert log.preview(wanted) == Cut()


def test_retention_by_bytes(log) -> None:
    log.append([made_event(number, body=b"%d" % number + b"x" * 10_000) for number in range(10)])
    wanted = Retention(max_bytes=55_000)
    cut = log.preview(wanted)
    assert 4 <= cut.events <= 6
    assert log.retain(wanted).events == cut.events
    assert log.status().bytes <= 55_000
    assert log.status().events == 10 - cut.events


def test_retention_goes_on(log) -> None:
    log.retain(Retention(max_messages=5))
    for number in range(1200):
        if number % 100 == 0:
            log.append([made_event(number + more) for more in range(100)])
    assert log.status().events < 600


def test_cutting_what_nobody_has_seen_needs_force_and_leaves_a_gap(log) -> None:
    kept = log.append([made_event(number) for number in range(10)])
    taken = _drain(log, WATCH, least=10)
    log.acknowledge(taken[:3])
    wanted = Retention(max_messages=2)
    assert log.preview(wanted).unconsumed == (("watch", 5),)
    with pytest.raises(GateError, match="5 by watch"):
        log.retain(wanted)
    assert log.status().events == 10
    assert log.status().retention.max_messages == UNLIMITED
    cut = log.retain(wanted, force=True)
    assert cut.events == 8
    (gap_told,) = [stored.event for stored in log.read() if stored.event.name == "gap"]
    gap = read_gap(gap_told)
    assert (gap.first, gap.last, gap.consumers) == (kept[0].sequence, kept[7].sequence, ("watch",))
    names = [delivery.event.name for delivery in _drain(log, WATCH, least=1)]
    assert "gap" in names


def test_a_cut_of_what_all_have_seen_leaves_no_gap(log) -> None:
    log.append([made_event(number) for number in range(10)])
    log.acknowledge(_drain(log, WATCH, least=10))
    cut = log.retain(Retention(max_messages=2))
    assert (cut.events, cut.unconsumed) == (8, ())
    assert [stored.event.name for stored in log.read()] == ["push", "push"]


def test_a_dead_letter_outlives_its_event(log) -> None:
    once = Consumer(name="once", most_tries=1)
    log.append([made_event(1)])
    (delivery,) = _drain(log, once, least=1)
    log.refuse(delivery, reason="poison")
    log.append([made_event(2)])
    log.retain(Retention(max_messages=1), force=True)
    (letter,) = log.dead_letters()
    assert (letter.sequence, letter.reason, letter.event) == (delivery.sequence, "poison", None)


def test_a_gap_that_is_noticed_twice_is_told_once(log) -> None:
    from mkdocs_gitguard.events.own import Gap

    event = gap_event(Gap(first=1, last=4, consumers=("watch",), reason="a test"), at=datetime.now(UTC))
    assert [item.is_duplicate for item in log.append([event, event])] == [False, True]


def test_an_event_as_large_as_any_forge_sends(log) -> None:
    body = b'{"a": "' + b"x" * (25 * 1024 * 1024 - 9) + b'"}'
    (appended,) = log.append([made_event(1, body=body)])
    assert log.find(appended.sequence).event.body == body
    (delivery,) = _drain(log, WATCH, least=1)
    assert delivery.event.body == body
    log.acknowledge([delivery])


def test_a_forgotten_consumer_holds_nothing_back_and_begins_anew_where_it_comes_again(log) -> None:
    log.append([made_event(1), made_event(2)])
    gone, other = Consumer(name="gone"), Consumer(name="other")
    log.acknowledge(log.consume(gone, wait=PATIENCE))
    log.acknowledge(log.consume(other, most=2, wait=PATIENCE))
    assert log.forget("gone")
    assert not log.forget("gone")
    assert [consumer.name for consumer in log.status().consumers] == ["other"]
    cut = log.preview(Retention(max_messages=1))
    assert (cut.events, cut.unconsumed) == (1, ())
    assert [delivery.sequence for delivery in log.consume(gone, most=2, wait=PATIENCE)] == [1, 2]


def test_a_check_keeps_nothing(log) -> None:
    log.check()
    assert log.status().last == 0
    log.append([made_event(1)])
    log.check()
    assert (log.status().events, log.status().last) == (1, 1)
    assert [item.event.delivery for item in _drain(log, WATCH, least=1)] == ["delivery-1"]


def test_the_status_of_an_empty_log(log) -> None:
    status = log.status()
    assert (status.events, status.last, status.first_at, status.dead_letters, status.consumers) == (0, 0, None, 0, ())
    assert status.version
    assert status.place


@pytest.mark.parametrize("name", ["", "a.b", "a b", "x" * 40, "é", "*", "-"])
def test_a_consumers_name_is_plain(name: str) -> None:
    with pytest.raises(SettingError, match="not a name for a consumer"):
        Consumer(name=name)
