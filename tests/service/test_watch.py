"""`gitguard watch` as its own process: real repositories, a real event log, a real portal."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from make.events import pull_request
from make.nats_server import NatsServer, nats_server, with_js
from make.servers import PATIENCE
from make.watch import Service

from mkdocs_gitguard.events.jetstream.streams import Streams
from mkdocs_gitguard.events.log import Consumer
from mkdocs_gitguard.events.sqlite.log import SqliteLog
from mkdocs_gitguard.service.watch import CONSUMER
from mkdocs_gitguard.state.measurements import Measurements

pytestmark = pytest.mark.slow


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_an_event_brings_a_page_and_is_acknowledged_after_it(service: Service) -> None:
    # With Material a page is made in the site as it stands; the small theme of the other tests is built whole each time.
    service.configure(theme="material")
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    number = service.merge("billing")
    time.sleep(0.3)
    assert not service.page("billing", number).exists(), "nobody looks without an event before the next reconcile"
    service.tell("billing", "one")
    service.tell("billing", "one")
    service.await_file(service.page("billing", number))
    service.await_text("1 event answered")
    with closing(SqliteLog(service.folder / ".gitguard" / "events.db")) as log:
        [consumer] = log.status().consumers
    assert (consumer.waiting, consumer.in_hand) == (0, 0)
    state = Measurements(service.folder / ".gitguard" / "state.db")
    [measured] = state.measurements("freshness")
    stages = [state.measurements(f"freshness.{stage}")[0].value for stage in ("seen", "read", "made")]
    assert 0 < measured.value < PATIENCE
    assert stages == sorted(stages)
    assert service.stop() == 0


def test_an_event_alone_brings_what_git_does_not_know(service: Service) -> None:
    service.start()
    page = service.folder / "site" / "repository" / "acme" / "billing" / "index.html"
    service.await_file(page)
    service.send(pull_request(412, title="Round half to even"))
    service.await_that(lambda: "Round half to even" in page.read_text(), "the open pull request")
    service.await_text("1 event answered")
    service.send(pull_request(412, title="Round half to even", minute=5, state="closed"))
    service.await_that(lambda: "Round half to even" not in page.read_text(), "it is closed")


def test_a_look_at_one_repository_leaves_another_for_its_own_event(service: Service) -> None:
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    there, here = service.merge("guardrails"), service.merge("billing")
    service.tell("billing")
    service.await_file(service.page("billing", here))
    assert not service.page("guardrails", there).exists()
    service.tell("guardrails")
    service.await_file(service.page("guardrails", there))


def test_a_copy_is_whole_at_any_moment(service: Service) -> None:
    service.start("--reconcile", "0", "--copy", "whole")
    index = service.folder / "whole" / "current" / "index.html"
    service.await_file(index)
    number = service.merge("billing")
    page = service.page("billing", number).relative_to(service.folder / "site")
    service.tell("billing")
    looks = 0
    while not (index.parent / page).is_file():
        # The site's own folder is away meanwhile; this one never is.
        assert index.is_file()
        looks += 1
        assert looks < 100_000, service.said
        time.sleep(0.001)
    service.await_text("1 event answered")


def test_without_events_it_looks_in_time(service: Service) -> None:
    service.start("--reconcile", "1s", "--no-events")
    service.await_file(service.folder / "site" / "index.html")
    service.await_file(service.page("billing", service.merge("billing")))


def test_a_killed_watch_loses_nothing(service: Service) -> None:
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    numbers = []
    for _ in range(3):
        numbers.append(service.merge("billing"))
        service.tell("billing")
        time.sleep(0.15)
        assert service.process is not None
        service.process.kill()
        service.process.wait()
        service.start()
    for number in numbers:
        service.await_file(service.page("billing", number))


def test_what_a_killed_watch_had_in_hand_is_taken_back_at_once(service: Service) -> None:
    service.tell("billing")
    log = SqliteLog(service.folder / ".gitguard" / "events.db")
    # As a watch takes it, for as long as a build may take; and then it is gone.
    assert log.consume(Consumer(name=CONSUMER, ack_wait=660))
    service.start()
    service.await_text("1 event answered")
    [consumer] = log.status().consumers
    assert (consumer.waiting, consumer.in_hand) == (0, 0)
    log.close()


def test_there_is_one_and_another_is_told_who(service: Service) -> None:
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    assert service.process is not None
    second = subprocess.run(
        [sys.executable, "-P", "-m", "mkdocs_gitguard", "watch"],
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"being watched already, by process {service.process.pid}" in second.stderr


@pytest.mark.parametrize("way", ["file", "signal"])
def test_it_starts_over_when_what_the_site_is_made_by_changes(service: Service, way: str) -> None:
    service.start()
    index = service.folder / "site" / "index.html"
    service.await_file(index)
    service.configure("Acme anew")
    if way == "signal":
        assert service.process is not None
        service.process.send_signal(signal.SIGHUP)
    service.await_text("Starting over")
    service.await_that(lambda: index.is_file() and "Acme anew" in index.read_text(), "the new name")
    number = service.merge("billing")
    service.tell("billing")
    service.await_file(service.page("billing", number))


def test_its_health_is_answered(service: Service) -> None:
    service.start("--reconcile", "0", "--health", "127.0.0.1:0")
    service.await_text("Health: port ")
    port = int(re.findall(r"Health: port (\d+)", service.said)[0])

    def asked(path: str) -> tuple[int, dict[str, object]]:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    assert asked("/healthz")[0] == 200
    service.await_that(lambda: asked("/readyz")[0] == 200, "readiness")
    assert asked("/elsewhere")[0] == 404
    assert "last_error" not in asked("/healthz")[1]


def test_no_probe_is_refused_while_it_starts_over(service: Service) -> None:
    service.start("--reconcile", "0", "--health", "127.0.0.1:0", "--metrics", "127.0.0.1:0")
    service.await_text("Metrics: port ")
    addresses = [f"http://127.0.0.1:{port}/" for port in re.findall(r"(?:Health|Metrics): port (\d+)", service.said)]
    service.await_file(service.folder / "site" / "index.html")
    service.configure("Acme anew")
    answers = 0
    while service.said.count("Health: port") < 2 or service.said.count("Metrics: port") < 2:
        for address, path in zip(addresses, ("healthz", "metrics"), strict=True):
            with urlopen(address + path, timeout=PATIENCE) as answer:
                assert answer.status == 200
        answers += 1
        assert answers < 100_000, service.said
    assert "Starting over" in service.said
    assert (
        addresses
        == [f"http://127.0.0.1:{port}/" for port in re.findall(r"(?:Health|Metrics): port (\d+)", service.said)][2:]
    )


def test_a_build_that_fails_is_tried_again_and_costs_no_event(service: Service) -> None:
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    overrides = service.folder / "docs" / "broken.md"
    overrides.symlink_to("broken.md")
    number = service.merge("billing")
    service.tell("billing")
    service.await_text("Trying again in")
    overrides.unlink()
    service.await_file(service.page("billing", number))
    service.await_text("1 event answered")


def test_a_broker_that_is_down_at_the_start_and_killed_later_costs_freshness_alone(service: Service) -> None:
    server = NatsServer(service.folder / "nats")
    service.environment = {"JETSTREAM_URL": server.url, "JETSTREAM_STREAM": "watch-test"}
    service.start()
    service.await_file(service.folder / "site" / "index.html")
    service.await_text("Warning: ")
    try:
        server.start()
        first = service.merge("billing")
        service.tell("billing")
        service.await_file(service.page("billing", first))
        service.await_text("1 event answered")
        server.kill()
        server.start()
        second = service.merge("billing")
        service.tell("billing")
        service.await_file(service.page("billing", second))
    finally:
        server.stop()


def test_what_somebody_did_to_the_consumer_is_set_right_and_shown(service: Service) -> None:
    with nats_server(service.folder / "nats") as server:
        service.environment = {"JETSTREAM_URL": server.url, "JETSTREAM_STREAM": "watch-test"}
        service.start()
        first = service.merge("billing")
        service.tell("billing")
        service.await_file(service.page("billing", first))
        service.await_text("1 event answered")
        # Before that nobody knows how far it was, and all is done again without a word.
        streams = Streams("watch-test")
        kept = streams.checkpoint_subject("watch")
        service.await_that(
            lambda: with_js(server, lambda js: js.get_last_msg(streams.checkpoints, kept)).data == b"1", "a checkpoint"
        )
        with_js(server, lambda js: js.delete_consumer("watch-test", "watch"))
        service.await_text("Somebody has deleted the consumer watch of watch-test")
        second = service.merge("billing")
        service.tell("billing")
        service.await_file(service.page("billing", second))
        findings = service.folder / "site" / "finding" / "index.html"
        service.await_that(lambda: "events-set-right" in findings.read_text(), findings)
        service.stop()
    status = (service.folder / "site" / "status" / "index.html").read_text()
    assert "Somebody has deleted the consumer watch of watch-test" in status
