"""What may befall the log on a server: restarts, loss, others' hands on it, cuts, an old server."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from make.events import made_event
from make.nats_server import NatsServer, forget_what_was_handed_out, nats_server, with_js
from make.servers import PATIENCE
from make.workers import await_that
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, StreamConfig

from mkdocs_gitguard.errors import EventError, SettingError
from mkdocs_gitguard.events.event import EventRepository, reason_against
from mkdocs_gitguard.events.jetstream import consuming, exchange
from mkdocs_gitguard.events.jetstream import link as links
from mkdocs_gitguard.events.jetstream.log import JetStreamLog
from mkdocs_gitguard.events.jetstream.streams import Streams, token
from mkdocs_gitguard.events.log import Consumer, Retention
from mkdocs_gitguard.events.own import read_gap

WATCH = Consumer(name="watch", ack_wait=2, most_tries=20)
PATIENT = Consumer(name="watch", ack_wait=600)
"""For tests in which nothing may come twice, however long an acknowledgement is under way."""


@pytest.fixture
def own_server(tmp_path):
    with nats_server(tmp_path / "nats") as server:
        yield server


def _drain(log, consumer, number: int, seconds: float = PATIENCE) -> list:
    taken, deadline = [], time.monotonic() + seconds
    while len({item.sequence for item in taken}) < number and time.monotonic() < deadline:
        try:
            deliveries = log.consume(consumer, most=50, wait=0.3)
            log.acknowledge(deliveries)
        except EventError:
            time.sleep(0.1)
            continue
        taken += deliveries
    return taken


def test_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert links._CONNECT <= 10
    monkeypatch.setattr(links, "_CONNECT", 1.0)
    began = time.monotonic()
    with pytest.raises(EventError, match=r"127\.0\.0\.1:1 cannot be used: .*Start the server") as raised:
        JetStreamLog("nats://me:hush@127.0.0.1:1", "gitguard")
    assert "hush" not in str(raised.value)
    assert time.monotonic() - began < 16


def test_an_older_server_is_refused_with_the_reason(own_server, monkeypatch) -> None:
    monkeypatch.setattr(links, "OLDEST_SERVER", (99, 0))
    with pytest.raises(
        EventError, match=r"nats-server 2\.\d+\.\d+, which is too old: .* Use nats-server 99\.0 or newer"
    ):
        JetStreamLog(own_server.url, "gitguard")


def test_a_server_without_jetstream(tmp_path) -> None:
    server = NatsServer(tmp_path)
    (tmp_path / "nats.conf").write_text(f'listen: "127.0.0.1:{server.port}"\n')
    server.start()
    try:
        with pytest.raises(EventError, match="does not offer JetStream"):
            JetStreamLog(server.url, "gitguard")
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["a.b", "a b", "*", ">", "é"])
def test_a_stream_that_nobody_can_call_so(name) -> None:
    with pytest.raises(SettingError, match="JETSTREAM_STREAM"):
        JetStreamLog("nats://127.0.0.1:1", name)


def test_a_stream_of_somebody_else_is_left_alone(own_server) -> None:
    with_js(
        own_server,
        lambda js: js.add_stream(StreamConfig(name="orders", subjects=["orders.event.>"], max_msgs_per_subject=1)),
    )
    with pytest.raises(EventError, match="The stream orders has "):
        JetStreamLog(own_server.url, "orders")
    info = with_js(own_server, lambda js: js.stream_info("orders"))
    assert info.config.max_msgs_per_subject == 1


def test_a_limit_that_the_server_has_no_room_for_is_told(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    with pytest.raises(EventError, match="Raise max_file"):
        log.retain(Retention(max_bytes=1 << 50))
    assert log.status().retention == Retention()
    log.close()


def test_a_message_that_is_too_large_for_the_server(tmp_path) -> None:
    server = NatsServer(tmp_path)
    text = (tmp_path / "nats.conf").read_text().replace("max_payload: 32MB", "max_payload: 1MB")
    (tmp_path / "nats.conf").write_text(text)
    server.start()
    log = JetStreamLog(server.url, "gitguard")
    try:
        assert "max_payload" in log.status().warnings[0]
        with pytest.raises(
            EventError, match=r"is more than the server .* takes: 1,048,576 bytes\. Set `max_payload: 32MB`"
        ):
            log.append([made_event(1, body=b"x" * 2_000_000)])
        assert not log.append([made_event(2)])[0].is_duplicate
    finally:
        log.close()
        server.stop()


def test_the_server_restarts_in_the_middle(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(50)])
    first = log.consume(WATCH, most=10, wait=2)
    log.acknowledge(first)
    own_server.kill()
    threading.Timer(1.0, own_server.start).start()
    # Both wait for it to come back.
    kept = log.append([made_event(number) for number in range(50, 100)])
    assert not any(item.is_duplicate for item in kept)
    taken = _drain(log, WATCH, 100 - len(first))
    sequences = {item.sequence for item in (*first, *taken)}
    assert sequences == set(range(1, 101))
    assert log.status().events == 100
    log.close()


def test_a_server_that_has_forgotten_what_it_had_handed_out_hands_it_out_again(own_server, monkeypatch) -> None:
    """It never answers an acknowledgement of that; whoever waits for one waits for ever."""
    monkeypatch.setattr(links, "_PATIENCE", 10 * PATIENCE)
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in (1, 2, 3)])
    in_hand = log.consume(PATIENT, most=3, wait=PATIENCE)
    log.acknowledge(in_hand[:1])
    # The server writes what it has handed out a moment later.
    await_that(lambda: list(own_server.folder.rglob("o.dat")))
    own_server.kill()
    forget_what_was_handed_out(own_server)
    own_server.start()
    with pytest.raises(EventError, match=r"has forgotten that it had handed out 2 of 2 events.* hands them out again"):
        log.acknowledge(in_hand[1:])
    assert {item.sequence for item in _drain(log, PATIENT, 2)} >= {2, 3}
    assert log.status().consumers[0].waiting == 0
    log.close()


@pytest.mark.parametrize(
    ("token", "place", "sequence"),
    [
        ("$JS.ACK.events.watch.2.17.40.1700000000000000000.3", ("events", "watch"), 17),
        ("$JS.ACK.hub.AbC.events.watch.2.17.40.1700000000000000000.3", ("events", "watch"), 17),
        ("$JS.ACK._.AbC.events.watch.2.17.40.1700000000000000000.3.r4nd0m", ("events", "watch"), 17),
    ],
)
def test_the_token_of_a_delivery_says_what_it_is_of(token, place, sequence) -> None:
    """nats-py takes it apart for us, in each form that a server gives it."""
    delivery = Msg(None, reply=token).metadata
    assert ((delivery.stream, delivery.consumer), delivery.sequence.stream) == (place, sequence)


def test_a_connection_that_is_lost_can_be_closed_whatever_becomes_of_that(own_server, monkeypatch) -> None:
    """Python 3.13's asyncio raises a TypeError where something is still to be sent over a connection that is lost."""
    link = links.Link(own_server.url)
    own_server.kill()
    close = link.client.close

    async def fail() -> None:
        await close()
        raise TypeError("'NoneType' object is not callable")

    monkeypatch.setattr(link.client, "close", fail)
    link.close()
    assert not link._thread.is_alive()


@pytest.mark.slow
def test_a_server_that_is_away_costs_an_error_and_no_event(own_server, monkeypatch) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(1)])
    monkeypatch.setattr(links, "_PATIENCE", 1.0)
    own_server.kill()
    with pytest.raises(EventError, match="cannot be used"):
        log.append([made_event(2)])
    with pytest.raises(EventError, match="cannot be used"):
        log.consume(WATCH, wait=1)
    own_server.start()
    monkeypatch.setattr(links, "_PATIENCE", PATIENCE)
    assert {item.event.delivery for item in _drain(log, WATCH, 1)} >= {"delivery-1"}
    log.append([made_event(2)])
    assert log.status().events == 2
    log.close()


def test_a_stream_that_an_io_error_has_frozen_says_so_and_loses_nothing(own_server, monkeypatch) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(5)])
    log.check()
    monkeypatch.setattr(links, "_PATIENCE", 0.1)
    own_server.limit_files(100)
    with monkeypatch.context() as patch:
        patch.setattr(exchange, "_ANSWER", 1.0)
        with pytest.raises(EventError, match="keeps no event, though the server answers"):
            log.append([made_event(5)])
    own_server.limit_files(-1)
    # Whoever appends nothing sees it as well, with the server's own reason.
    with pytest.raises(EventError, match=r"takes nothing more .*file too large"):
        log.check()
    # The disk is well again, and the stream still takes nothing; what it has is handed out.
    with pytest.raises(EventError, match="after an I/O error"):
        log.append([made_event(5)])
    assert len({item.sequence for item in _drain(log, WATCH, 5)}) == 5
    own_server.kill()
    own_server.start()
    monkeypatch.setattr(links, "_PATIENCE", PATIENCE)
    log.check()
    log.append([made_event(5)])
    # What was handed out before may come again, and before it.
    taken = []
    while "delivery-5" not in taken:
        deliveries = _drain(log, WATCH, 1)
        assert deliveries, taken
        taken += [item.event.delivery for item in deliveries]
    assert [stored.event.delivery for stored in log.read()] == [f"delivery-{number}" for number in range(6)]
    log.close()


def test_a_server_that_is_stopped_for_a_while(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(5)])
    own_server.send(signal.SIGSTOP)
    threading.Timer(1.5, own_server.send, (signal.SIGCONT,)).start()
    assert not log.append([made_event(9)])[0].is_duplicate
    assert len({item.sequence for item in _drain(log, WATCH, 6)}) == 6
    log.close()


def test_a_consumer_that_somebody_has_taken_away_goes_on_where_it_was(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(20)])
    done = _drain(log, PATIENT, 20)
    time.sleep(1.1)
    assert log.consume(PATIENT, wait=0.2) == ()
    with_js(own_server, lambda js: js.delete_consumer("gitguard", "watch"))
    log.append([made_event(number) for number in range(20, 25)])
    assert log.notices() == ()
    rest = _drain(log, PATIENT, 5)
    [notice] = log.notices()
    assert "goes on where it was, behind event 20" in notice
    assert {item.sequence for item in rest} == {21, 22, 23, 24, 25}
    assert len(done) >= 20
    log.close()


def test_a_stream_that_somebody_has_deleted_is_made_again_and_all_is_looked_at(own_server, monkeypatch) -> None:
    monkeypatch.setattr(links, "_PATIENCE", 0.1)
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(20)])
    [poison, *_] = log.consume(Consumer(name="other", most_tries=1), most=1, wait=2)
    log.refuse(poison, reason="It is broken.")
    assert len(_drain(log, PATIENT, 20)) >= 20
    with_js(own_server, lambda js: js.delete_stream("gitguard"))
    log.check()
    log.append([made_event(20)])
    # Sequences begin again, and nobody goes on where he was in the stream before.
    assert [item.event.name for item in _drain(log, PATIENT, 2)] == ["gap", "push"]
    assert log.dead_letters() == ()
    for again in range(2):
        with_js(own_server, lambda js: js.delete_stream("gitguard"))
        assert log.append([made_event(30 + again)])[0].sequence == 2
    log.close()


def test_a_message_of_somebody_else_is_known_as_such_and_costs_no_event(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    with_js(own_server, lambda js: js.publish("gitguard.event.github.x.y", b"hello"))
    log.append([made_event(1)])
    foreign, ours = log.consume(WATCH, most=2, wait=PATIENCE)
    assert (reason_against(foreign.event)[:19], reason_against(ours.event)) == ("It is not an event ", "")
    assert [stored.event.delivery for stored in log.read()] == ["", "delivery-1"]
    assert log.status().events == 2
    log.close()


def test_a_consumer_that_somebody_has_changed_is_set_right(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(1)])
    assert len(_drain(log, WATCH, 1)) == 1
    changed = ConsumerConfig(
        durable_name="watch", ack_wait=3600, max_deliver=1, filter_subject="gitguard.event.>", max_ack_pending=20000
    )
    with_js(own_server, lambda js: js.add_consumer("gitguard", changed))
    time.sleep(1.1)
    log.consume(WATCH, wait=0.2)
    assert [notice.rpartition(" had ")[2] for notice in log.notices()] == ["ack_wait = 3600.0: it is set to 2."]
    config = with_js(own_server, lambda js: js.consumer_info("gitguard", "watch")).config
    assert (config.ack_wait, config.max_deliver) == (WATCH.ack_wait, WATCH.most_tries)
    log.close()


def test_a_subscription_that_falls_silent_is_bound_anew(own_server, monkeypatch) -> None:
    monkeypatch.setattr(consuming, "_SILENT", 1.0)
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(1)])
    assert len(_drain(log, WATCH, 1)) == 1

    async def deaf(*_, **__):
        await asyncio.sleep(0.2)
        raise TimeoutError

    log._bindings["watch"]._subscription.fetch = deaf
    log.append([made_event(2)])
    assert [item.event.delivery for item in _drain(log, WATCH, 1)] == ["delivery-2"]
    log.close()


def test_what_the_server_cuts_by_itself_is_told_as_a_gap(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard")
    log.append([made_event(number) for number in range(20)])
    log.acknowledge(log.consume(WATCH, most=5, wait=2))
    log.close()
    log = JetStreamLog(own_server.url, "gitguard")
    info = with_js(own_server, lambda js: js.stream_info("gitguard"))
    info.config.max_msgs = 3
    with_js(own_server, lambda js: js.update_stream(info.config))
    taken = _drain(log, WATCH, 4)
    (gap,) = [read_gap(item.event) for item in taken if item.event.name == "gap"]
    assert gap.consumers == ("watch",)
    assert gap.first <= 6
    assert gap.last >= 17
    log.close()


def test_no_gap_is_told_where_there_is_none(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard", Retention(max_messages=50))
    for start in range(0, 300, 50):
        log.append([made_event(number) for number in range(start, start + 50)])
        _drain(log, WATCH, 50)
        time.sleep(0.25)
    log.close()
    log = JetStreamLog(own_server.url, "gitguard")
    log.consume(WATCH, wait=0.3)
    assert all(stored.event.name == "push" for stored in log.read())
    log.close()


_BROKEN_PIPE = """
import sys
from mkdocs_gitguard.events.jetstream.log import JetStreamLog
log = JetStreamLog(sys.argv[1], "gitguard")
print(log.status().events)
"""


def test_a_process_that_forgets_to_close_it_ends(own_server) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BROKEN_PIPE, own_server.url],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout == "0\n"


@pytest.mark.parametrize(
    "names",
    [
        ("a/b", "a.b"),
        ("a*", "a>"),
        ("a b", "a\tb"),
        ("A", "a"),
        ("é", "e"),
        ("x" * 300, "x" * 301),
        ("", "_"),
        ("_2f", "/"),
    ],
)
def test_two_names_are_two_tokens(names) -> None:
    tokens = [token(name) for name in names]
    assert tokens[0] != tokens[1]
    assert all(
        text and len(text) <= 240 and text.replace("_", "").replace("-", "").isalnum()
        for text in tokens
        if text.strip("_")
    )
    assert not any(character in text for text in tokens for character in ".*> \t")


def test_a_subject_holds_nothing_of_a_names_own_meaning() -> None:
    event = made_event(1, repository="a.*.>/b c")
    subject = Streams("gitguard").subject_of(event, "key")
    assert subject.count(".") == 4
    assert not set(subject) & set("*> ")
    assert Streams("gitguard").subject_of(made_event(1, repository=EventRepository().name), "key").count(".") == 4


def test_the_streams_are_as_they_should_be(own_server) -> None:
    log = JetStreamLog(own_server.url, "gitguard", Retention(max_age=timedelta(hours=5)))
    log.consume(WATCH)
    config = with_js(own_server, lambda js: js.stream_info("gitguard")).config
    assert (config.storage, config.max_age, config.duplicate_window) == ("file", 5 * 3600, 5 * 3600)
    consumer = with_js(own_server, lambda js: js.consumer_info("gitguard", "watch")).config
    assert (consumer.durable_name, consumer.ack_policy, consumer.deliver_subject) == ("watch", "explicit", None)
    log.destroy()
    assert with_js(own_server, lambda js: js.streams_info()) == []
