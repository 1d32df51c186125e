"""Workers on a real nats-server: the same facts as one process reads, whatever happens to them."""

import base64
import json
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from make.nats_server import forget_what_was_handed_out, nats_server
from make.servers import PATIENCE, free_port
from make.workers import Outcomes, Portal, await_that, same
from nats.js.errors import NotFoundError

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.jetstream.exchange import Exchange
from mkdocs_gitguard.events.jetstream.link import Link
from mkdocs_gitguard.harvest.history.log import log_arguments
from mkdocs_gitguard.harvest.hourly_limit import Allowance, HourlyReads
from mkdocs_gitguard.workers.jetstream import coordinator, queue, worker
from mkdocs_gitguard.workers.jetstream.objects import get_object, put_object
from mkdocs_gitguard.workers.jetstream.queue import hold_consumer, make_streams, others_waiting, places_of
from mkdocs_gitguard.workers.jetstream.status import WorkersStatus, workers_status
from mkdocs_gitguard.workers.job import Job
from mkdocs_gitguard.workers.parcel import Parcel
from mkdocs_gitguard.workers.reading import JobReader, Refusal

if TYPE_CHECKING:
    from mkdocs_gitguard.harvest.run import HarvestResult


def test_workers_read_what_one_process_reads(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    # However long this machine's disk stands still, no job is taken for lost.
    monkeypatch.setattr(queue, "ACK_WAIT", PATIENCE)
    alone = portal.harvest("alone")
    outcomes = Outcomes()
    with portal.worker("first"), portal.worker("second"):
        assert same(portal.harvest("together", portal.coordinator(), outcomes), alone)
        assert portal.warnings == []
        assert outcomes.by_name == dict.fromkeys(portal.repositories, "read")
        await_that(lambda: len(portal.lines) >= len(portal.repositories))
        # What has not moved asks nobody, and what is in the store is read by nobody again.
        assert same(portal.harvest("together", portal.coordinator()), alone)
        assert same(portal.harvest("emptied", portal.coordinator()), alone)
        assert len(portal.lines) == len(portal.repositories)
        portal.repositories["api"].write("Add a limit (#8)", {"limit.py": "LIMIT = 1\n"})
        moved = portal.harvest("together", portal.coordinator())
        await_that(lambda: len(portal.lines) >= len(portal.repositories) + 1)
    assert same(moved, portal.harvest("alone"))
    assert not same(moved, alone)


def test_without_a_server_everything_is_read_here(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.events.jetstream.link._CONNECT", 0.5)
    portal.url = f"nats://user:secret@127.0.0.1:{free_port()}"
    assert same(portal.harvest("together", portal.coordinator()), portal.harvest("alone"))
    [line] = portal.warnings
    assert "everything is read here" in line
    assert "secret" not in line


def test_without_a_worker_everything_is_read_here(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator, "_PATIENCE", 0.5)
    alone = portal.harvest("alone")
    assert same(portal.harvest("together", portal.coordinator()), alone)
    [line] = portal.warnings
    assert "gitguard worker" in line
    assert "3 of the repositories are read here" in line
    # Nothing is left in the queue for workers that come too late.
    link = Link(portal.url)
    assert link.run(link.js.stream_info(places_of(portal.stream).jobs)).state.messages == 0
    link.close()


def test_a_worker_with_other_options_gets_no_job(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator, "_PATIENCE", 1.5)
    alone = portal.harvest("alone")
    with portal.worker("other", pull_request_pages=3):
        setup = portal.looker(pull_request_pages=3).setup
        await_that(lambda: (now := workers_status(portal.url, portal.stream, setup)) is not None and now.waiting == 1)
        assert same(portal.harvest("together", portal.coordinator()), alone)
    [line] = portal.warnings
    assert "1 of another version of mkdocs-gitguard, or with other options" in line
    assert portal.lines == []


class Stalling:
    """A reader that stops in the middle of a job, as a process that is killed does, until it is let go."""

    def __init__(self, reader: JobReader) -> None:
        self._reader = reader
        self.setup = reader.setup
        self.refusal_of = reader.refusal_of
        self.key_of = reader.key_of
        self.is_in_hand = threading.Event()
        self.must_go_on = threading.Event()

    def read(self, job: Job, earlier: object) -> Parcel | Refusal:
        self.is_in_hand.set()
        self.must_go_on.wait(600)
        return self._reader.read(job, earlier)  # type: ignore[arg-type]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server give jobs away soon."""
    monkeypatch.setattr(queue, "ACK_WAIT", 0.4)
    monkeypatch.setattr(worker, "_HEARTBEAT", 0.1)


def test_no_more_jobs_are_in_hand_than_may_be(portal: Portal) -> None:
    readers = [Stalling(portal.reader(name)) for name in ("first", "second")]
    results: list[HarvestResult] = []
    build = threading.Thread(target=lambda: results.append(portal.harvest("together", portal.coordinator(1))))
    with portal.worker("first", readers[0]), portal.worker("second", readers[1]):  # type: ignore[arg-type]
        build.start()
        await_that(lambda: any(reader.is_in_hand.is_set() for reader in readers))
        time.sleep(1)
        assert [reader.is_in_hand.is_set() for reader in readers].count(True) == 1
        for reader in readers:
            reader.must_go_on.set()
        build.join(PATIENCE)
    assert same(results[0], portal.harvest("alone"))


def test_a_worker_that_comes_as_a_build_does_leaves_the_builds_limit(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, link = places_of(portal.stream), Link(portal.url)
    link.run(make_streams(link, places))
    look = link.js.consumer_info

    async def look_too_early(*_: str) -> None:
        monkeypatch.setattr(link.js, "consumer_info", look)
        await hold_consumer(link, places, "setup", 1, is_in_charge=True)
        raise NotFoundError

    monkeypatch.setattr(link.js, "consumer_info", look_too_early)
    assert link.run(hold_consumer(link, places, "setup", 4)).config.max_ack_pending == 1
    assert link.run(link.js.consumer_info(places.jobs, places.consumer("setup"))).config.max_ack_pending == 1
    link.close()


def test_the_job_of_a_silent_worker_goes_to_another(
    portal: Portal, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalling = Stalling(portal.reader("first"))
    # Its heart stands still, as that of a machine that is suspended does.
    monkeypatch.setattr(worker._InHand, "_say_working", lambda _: None)
    results: list[HarvestResult] = []
    build = threading.Thread(target=lambda: results.append(portal.harvest("together", portal.coordinator())))
    with portal.worker("first", stalling):  # type: ignore[arg-type]
        build.start()
        await_that(stalling.is_in_hand.is_set)
        with portal.worker("second"):
            build.join(PATIENCE)
            assert same(results[0], portal.harvest("alone"))
            # What the first one hands in after all does no harm.
            stalling.must_go_on.set()
            await_that(lambda: len(portal.lines) > len(portal.repositories))
            assert same(portal.harvest("emptied", portal.coordinator()), results[0])
    assert portal.warnings == []


def test_what_workers_die_of_is_a_finding_and_costs_nothing_else(portal: Portal, quick: None) -> None:
    """Takes jobs of one repository as a process does that is killed each time."""
    places, setup = places_of(portal.stream), portal.looker().setup
    is_over = threading.Event()

    def die() -> None:
        link = Link(portal.url)
        link.run(make_streams(link, places))
        link.run(hold_consumer(link, places, setup, 4))
        subscription = link.run(link.js.pull_subscribe_bind(durable=places.consumer(setup), stream=places.jobs))
        reader = portal.reader("other")
        while not is_over.is_set():
            for message in link.run(worker._fetch(subscription)):
                if json.loads(message.data)["repository"] == "repository:acme/billing":
                    continue
                in_hand = worker._InHand(Exchange(link), places, message, "healthy", portal.lines.append)
                in_hand.do(reader, is_over.is_set)
        link.close()

    dying = threading.Thread(target=die)
    dying.start()
    try:
        result = portal.harvest("together", portal.coordinator())
        [finding] = result.findings
        assert (finding.code, finding.severity) == ("workers-lost", "error")
        assert "acme/billing was handed to workers 4 times" in finding.message
        assert [facts.about.name for facts in result.facts] == ["api", "ledger"]
        # Where something was read before, that is shown.
        portal.harvest("before")
        portal.repositories["billing"].write("Move on", {"a": "2"})
        shown = portal.harvest("before", portal.coordinator())
        [finding] = shown.findings
        assert finding.severity == "warning"
        assert "What was read before is shown." in finding.message
        assert len(shown.facts) == len(portal.repositories)
    finally:
        is_over.set()
        dying.join(PATIENCE)


def test_what_is_no_job_is_refused_and_the_next_one_done(portal: Portal) -> None:
    places, setup = places_of(portal.stream), portal.looker().setup
    link = Link(portal.url)
    link.run(make_streams(link, places))
    bodies = [b"\xff", b"{}", b"[" * 100_000, json.dumps({"repository": "repository:acme/api"}).encode()]
    for number, body in enumerate(bodies):
        link.run(link.js.publish(places.job_subject(setup, f"poison-{number}"), body))
    with portal.worker("first"):
        assert same(portal.harvest("together", portal.coordinator()), portal.harvest("alone"))
        await_that(lambda: len(portal.lines) >= len(bodies) + len(portal.repositories))
    assert sum("refused: it is not a job as this version has them" in line for line in portal.lines) == len(bodies)
    assert link.run(link.js.stream_info(places.jobs)).state.messages == 0
    link.close()


def test_damaged_facts_are_read_again(portal: Portal) -> None:
    alone = portal.harvest("alone")
    places = places_of(portal.stream)
    link = Link(portal.url)
    with portal.worker("first"):
        portal.harvest("together", portal.coordinator())
        info = link.run(link.js.stream_info(places.facts, subjects_filter=">"))
        metas = [name for name in info.state.subjects or {} if ".M." in name]

        def chunks_of(meta: str) -> str:
            nuid = json.loads(link.run(link.js.get_last_msg(places.facts, meta)).data or b"")["nuid"]
            return f"$O.{places.bucket}.C.{nuid}"

        link.run(link.js.publish(chunks_of(metas[0]), b"more"))
        link.run(link.js.purge_stream(places.facts, subject=chunks_of(metas[1])))
        for body in (b"\xff", b"{}", b'{"nuid":"*","size":9,"digest":""}'):
            link.run(link.js.publish(metas[2], body, headers={"Nats-Rollup": "sub"}))
            assert link.run(get_object(link, places, named(metas[2]))) is None
        await_that(lambda: len(portal.lines) >= 3)
        assert same(portal.harvest("emptied", portal.coordinator()), alone)
        await_that(lambda: len(portal.lines) >= 6)
        assert same(portal.harvest("emptied-again", portal.coordinator()), alone)
        # What is whole, but of another repository, is not taken.
        whole = link.run(get_object(link, places, named(metas[0])))
        assert whole
        link.run(put_object(Exchange(link), places, named(metas[1]), whole))
        assert same(portal.harvest("last", portal.coordinator()), alone)
    link.close()
    assert portal.warnings == []


def named(meta_subject: str) -> str:
    """Return the name of the object whose description stands at a subject."""
    return base64.urlsafe_b64decode(meta_subject.rpartition(".")[2]).decode()


def test_two_builds_at_once_have_each_repository_read_once(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ACK_WAIT", PATIENCE)
    alone = portal.harvest("alone")
    results: list[HarvestResult] = []
    builds = [
        threading.Thread(target=lambda name=name: results.append(portal.harvest(name, portal.coordinator())))
        for name in ("one", "two")
    ]
    stalling = Stalling(portal.reader("first"))
    with portal.worker("first", stalling):  # type: ignore[arg-type]
        for build in builds:
            build.start()
        await_that(stalling.is_in_hand.is_set)
        time.sleep(0.5)
        stalling.must_go_on.set()
        for build in builds:
            build.join(PATIENCE)
    assert [same(result, alone) for result in results] == [True, True]
    assert len(portal.lines) == len(portal.repositories)


@pytest.mark.slow
def test_the_store_is_asked_until_the_server_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.events.jetstream.link._PATIENCE", PATIENCE)
    with nats_server(tmp_path / "nats") as server:
        places, link = places_of("gitguard"), Link(server.url)
        link.run(make_streams(link, places))
        link.run(put_object(Exchange(link), places, "acme", b"facts"))
        for ask in (
            lambda: get_object(link, places, "acme"),
            lambda: put_object(Exchange(link), places, "acme", b"newer facts"),
            lambda: others_waiting(link, places, "setup"),
        ):
            server.kill()
            # Longer than nats-py waits for an answer.
            coming_back = threading.Timer(5.5, server.start)
            coming_back.start()
            assert link.run(ask()) in (b"facts", None, 0)
            coming_back.join()
        assert link.run(get_object(link, places, "acme")) == b"newer facts"
        link.close()


@pytest.mark.parametrize("is_forgetful", [False, True])
def test_a_server_that_is_lost_in_the_middle_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_forgetful: bool
) -> None:
    monkeypatch.setattr("mkdocs_gitguard.events.jetstream.link._PATIENCE", PATIENCE)
    monkeypatch.setattr(coordinator, "_PATIENCE", PATIENCE)
    with nats_server(tmp_path / "nats") as server, ExitStack() as closes:
        portal = closes.enter_context(closing(Portal(tmp_path / "site", server.url)))
        stalling = Stalling(portal.reader("first"))
        results: list[HarvestResult] = []
        build = threading.Thread(target=lambda: results.append(portal.harvest("together", portal.coordinator())))
        with portal.worker("first", stalling):  # type: ignore[arg-type]
            build.start()
            await_that(stalling.is_in_hand.is_set)
            if is_forgetful:
                await_that(lambda: list(server.folder.rglob("obs/*/o.dat")))
            server.kill()
            if is_forgetful:
                # The only worker waits for no answer that never comes.
                forget_what_was_handed_out(server)
            stalling.must_go_on.set()
            time.sleep(0.3)
            server.start()
            build.join(PATIENCE)
        assert same(results[0], portal.harvest("alone"))
    assert portal.warnings == []


@pytest.mark.slow
def test_a_server_that_is_lost_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.events.jetstream.link._PATIENCE", 0.5)
    monkeypatch.setattr("mkdocs_gitguard.events.jetstream.reading._TIMEOUT", 0.5)
    with nats_server(tmp_path / "nats") as server, ExitStack() as closes:
        portal = closes.enter_context(closing(Portal(tmp_path / "site", server.url)))
        stalling = Stalling(portal.reader("first"))
        results: list[HarvestResult] = []
        build = threading.Thread(target=lambda: results.append(portal.harvest("together", portal.coordinator())))
        with portal.worker("first", stalling):  # type: ignore[arg-type]
            build.start()
            await_that(stalling.is_in_hand.is_set)
            server.kill()
            build.join(PATIENCE)
            stalling.must_go_on.set()
        assert same(results[0], portal.harvest("alone"))
    assert "read here" in portal.warnings[0]


def test_the_limits_hold_over_all_workers(portal: Portal) -> None:
    allowance = Allowance(HourlyReads(2, portal.folder / "state.db"))
    with portal.worker("first"):
        result = portal.harvest("together", portal.coordinator(), allowance=allowance)
        await_that(lambda: len(portal.lines) >= 2)
    assert len(result.facts) == 2
    assert [finding.code for finding in result.findings] == ["carried-over"]


def test_a_build_that_must_end_waits_for_no_worker(portal: Portal) -> None:
    stalling = Stalling(portal.reader("first"))
    with portal.worker("first", stalling):  # type: ignore[arg-type]
        result = portal.harvest("together", portal.coordinator(), time_for_all=1.0)
        stalling.must_go_on.set()
    assert {finding.code for finding in result.findings} == {"too-slow"}


def test_a_stream_cannot_be_called_anything() -> None:
    with pytest.raises(SettingError, match=r"a\.b"):
        coordinator.Coordinator("nats://127.0.0.1", "a.b", 4, print)


def test_a_state_file_that_is_taken_away_stops_no_worker(portal: Portal) -> None:
    with portal.worker("first"):
        portal.harvest("together", portal.coordinator())
        for path in (portal.folder / "first").glob("state.db*"):
            path.unlink()
        portal.repositories["api"].write("Move on", {"b": "1"})
        assert same(portal.harvest("together", portal.coordinator()), portal.harvest("alone"))
    assert portal.warnings == []


def test_a_worker_goes_on_from_what_was_read_before(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    with portal.worker("first"):
        portal.harvest("together", portal.coordinator())
    portal.repositories["api"].write("Move on", {"b": "1"})
    ranges: list[str] = []
    arguments = log_arguments
    monkeypatch.setattr(
        "mkdocs_gitguard.harvest.read_facts.log_arguments",
        lambda head, old="": (ranges.append(old), arguments(head, *filter(None, [old])))[1],
    )
    # It has never seen the repository.
    with portal.worker("second"):
        moved = portal.harvest("together", portal.coordinator())
    assert len(ranges) == 1
    assert ranges[0]
    monkeypatch.undo()
    assert same(moved, portal.harvest("alone"))


def test_the_status_tells_who_waits(portal: Portal) -> None:
    def status(**options: object) -> WorkersStatus | None:
        return workers_status(portal.url, portal.stream, portal.looker(**options).setup)

    assert status() is None
    with portal.worker("first"), portal.worker("second"):
        await_that(lambda: (now := status()) is not None and now.waiting == 2)
        assert status() == WorkersStatus(waiting=2, in_hand=0, queued=0, most_at_once=4, others=0)
        with portal.worker("other", pull_request_pages=3):
            await_that(lambda: (now := status(pull_request_pages=3)) is not None and now.others == 2)
