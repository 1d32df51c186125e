"""A watch judges its objectives and tells, beside its rounds; and what it measured can be scraped."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from make.watch import Service

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.service.alarm import Alarm, pause_after
from mkdocs_gitguard.service.metrics_server import serve_metrics
from mkdocs_gitguard.service.watch import Health
from mkdocs_gitguard.slo.delivery import Delivery, deliver
from mkdocs_gitguard.slo.live import LiveMetrics
from mkdocs_gitguard.slo.notices import Notice
from mkdocs_gitguard.slo.receivers import Receiver
from mkdocs_gitguard.slo.served import ServedTimes
from mkdocs_gitguard.state.measurements import Measurements
from mkdocs_gitguard.state.told import Told

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


class Webhook:
    """A receiver that holds its answers back until it is let go."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.may_answer = threading.Event()
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                webhook.received.append(body["title"])
                webhook.may_answer.wait(600)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/s3cr3t"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.may_answer.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def port_of(service: Service, word: str) -> int:
    service.await_text(f"{word}: port ")
    return int(service.said.split(f"{word}: port ")[1].split()[0])


def health_of(service: Service) -> dict[str, object]:
    with urlopen(f"http://127.0.0.1:{port_of(service, 'Health')}/healthz") as answer:
        facts: dict[str, object] = json.load(answer)
    return facts


def test_a_webhook_that_hangs_delays_no_round_and_its_end_is_told(service: Service, webhook: Webhook) -> None:
    pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")
    now = system_moment()
    Measurements(service.folder / ".gitguard" / "state.db").remember(
        *(
            Measurement(name="freshness", value=60, unit="s", at=now - timedelta(minutes=place), evidence="an event")
            for place in range(1, 60, 10)
        )
    )
    # As long as the notice is waited for, the round is to be done.
    (service.folder / "patience").mkdir()
    (service.folder / "patience" / "sitecustomize.py").write_text(
        "from mkdocs_gitguard.slo import receivers\n"
        "receivers.DEADLINE = receivers.tell.__kwdefaults__['deadline'] = 600.0\n"
    )
    service.environment = {"ALERT_WEBHOOK_URL": webhook.url, "PYTHONPATH": str(service.folder / "patience")}
    service.start("--reconcile", "0", "--health", "127.0.0.1:0", "--metrics", "127.0.0.1:0")
    service.await_that(lambda: webhook.received, "the notice")
    number = service.merge("billing")
    service.tell("billing")
    service.await_file(service.page("billing", number))
    facts = health_of(service)
    assert (facts["objectives"], facts["notices_told"], facts["notices_failed"]) == ("alert", 0, 0)
    webhook.may_answer.set()
    service.await_that(lambda: health_of(service)["notices_told"] == 1, "the notice's end")
    assert webhook.received == ["Freshness: somebody must act"]
    assert "s3cr3t" not in service.said

    service.await_text("event answered")
    url = f"http://127.0.0.1:{port_of(service, 'Metrics')}/metrics"
    text = urlopen(url).read().decode()
    names = {line.split("{")[0].split()[0] for line in text.splitlines() if not line.startswith("#")}
    written = (service.folder / "site" / "metrics" / "gitguard.prom").read_text()
    assert {line.split("{")[0].split()[0] for line in written.splitlines() if not line.startswith("#")} <= names
    assert 'gitguard_objective_good_ratio{objective="freshness"}' in text
    assert service.stop() == 0


def test_what_the_alarm_has_seen_stands_on_the_pages_after_the_next_round(service: Service) -> None:
    def answer_an_event() -> str:
        number = service.merge("billing")
        service.tell("billing")
        # An overview, which follows the page.
        service.await_that(lambda: service.said.count("event answered") == number, "the round")
        return (service.folder / "site" / "status" / "index.html").read_text()

    # The short path is for Material's pages.
    service.configure(theme="material")
    service.start("--reconcile", "0", "--health", "127.0.0.1:0")
    assert "Somebody must act" not in answer_an_event()
    now = system_moment()
    Measurements(service.folder / ".gitguard" / "state.db").remember(
        *(
            Measurement(name="freshness", value=60, unit="s", at=now - timedelta(minutes=place), evidence="an event")
            for place in range(1, 60, 10)
        )
    )
    answer_an_event()
    service.await_that(lambda: health_of(service)["objectives"] == "alert", "the judgement")
    assert "Somebody must act: Freshness" in answer_an_event()
    assert service.stop() == 0


def metrics_of(folder: Path) -> LiveMetrics:
    from mkdocs_gitguard.site_build.metrics_files import families_of
    from mkdocs_gitguard.slo.openslo import objectives_of

    state = Measurements(folder / "state.db")
    now = system_moment()
    state.remember(
        Measurement(name="build.duration", value=3, unit="s", at=now, evidence=""),
        Measurement(name="work.attempts", value=3, unit="", at=now, evidence=""),
        Measurement(name='errors.un"re\\ad\nable', value=3, unit="", at=now, evidence=""),
    )
    return LiveMetrics(lambda: families_of(state, objectives_of(folder), now=now), serves=True)


def test_what_is_scraped_is_clean(tmp_path: Path) -> None:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser", reason="the extra `metrics` is not installed")
    metrics = metrics_of(tmp_path)
    metrics.observe(200, 0.02)
    metrics.observe(304, 0.7)
    port = serve_metrics(metrics, "127.0.0.1:0")
    url = f"http://127.0.0.1:{port}/metrics"
    with urlopen(Request(url, headers={"Accept": OPENMETRICS})) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        families = {family.name: family for family in parser.text_string_to_metric_families(answer.read().decode())}
    assert families["gitguard_work_attempts"].type == "counter"
    histogram = {
        (s.name, s.labels.get("status"), s.labels.get("le")): s.value
        for s in families["gitguard_api_request_duration_seconds"].samples
    }
    assert histogram["gitguard_api_request_duration_seconds_bucket", "2xx", "0.025"] == 1
    assert histogram["gitguard_api_request_duration_seconds_bucket", "3xx", "0.5"] == 0
    with urlopen(url) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = answer.read()
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed; CI has it")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_cannot_be_read_is_a_scrape_that_fails(tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")

    def broken() -> tuple[()]:
        raise SettingError("/secret/state.db is damaged.")

    port = serve_metrics(LiveMetrics(broken), "127.0.0.1:0")
    for path, status in (("/metrics", b"503"), ("/", b"404")):
        done = subprocess.run(
            ["curl", "-s", "-w", "%{http_code}", f"http://127.0.0.1:{port}{path}"], capture_output=True, check=True
        )
        assert done.stdout.endswith(status)
        assert b"secret" not in done.stdout
    with pytest.raises(SettingError, match="cannot be served on"):
        serve_metrics(LiveMetrics(broken), f"127.0.0.1:{port}")


def test_a_trouble_is_told_once_and_shown_as_unknown() -> None:
    complaints: list[str] = []
    noted: list[str] = []
    answers: list[object] = [SettingError("config/slo/x.yml:1 is wrong."), SettingError("config/slo/x.yml:1 is wrong.")]
    answers += ["alert", "met"]
    tried = [[Delivery("A", "one", "it answered 500")], [Delivery("A", "one", ""), Delivery("B", "one", "")]]

    def judge() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    health = Health()
    alarm = Alarm(judge, lambda: tried.pop(0), health, complaints.append, noted.append)
    alarm.look()
    alarm.look()
    assert (complaints, health.objectives) == (["config/slo/x.yml:1 is wrong."], "unknown")
    alarm.look()
    assert (health.objectives, health.notices_failed) == ("alert", 1)
    assert complaints[1:] == ["A could not be told 'one': it answered 500. It is tried again."]
    alarm.look()
    assert (health.objectives, health.notices_told) == ("met", 2)
    assert noted == ["A was told: one.", "B was told: one."]


def test_tries_of_a_process_that_stays_are_spaced(tmp_path: Path) -> None:
    calls: list[float] = []
    now = system_moment()
    memory = Told(tmp_path / "state.db", warn=pytest.fail)

    def at(minutes: float) -> None:
        moment = now + timedelta(minutes=minutes)
        receiver = Receiver("id", "A", lambda _: (calls.append(minutes), "no")[1])
        deliver([receiver], lambda _: [Notice("k", "t", "b", "alert")], memory, (), now=moment, is_spaced=True)

    for minutes in (0, 0.5, 1, 2, 3, 4, 7, 8, 15, 300, 301, 350, 361):
        at(minutes)
    assert calls == [0, 1, 3, 7, 15, 300, 350]
    at(-60)
    assert calls[-1] == -60


def test_how_fast_a_server_answers_is_a_measurement(tmp_path: Path) -> None:
    state = Measurements(tmp_path / "state.db")
    served = ServedTimes()
    served.keep(state, at=system_moment())
    assert not (tmp_path / "state.db").exists()
    for milliseconds in range(100):
        served.observe(milliseconds / 1000)
    served.keep(state, at=system_moment())

    served.keep(state, at=system_moment())
    assert [(item.name, item.value) for item in state.measurements()] == [("api.served", pytest.approx(94))]


@pytest.mark.parametrize(("took", "pause"), [(0.0, 5.0), (0.2, 5.0), (1.0, 20.0), (9.0, 60.0)])
def test_rounds_have_most_of_the_time_however_much_was_measured(took: float, pause: float) -> None:
    assert pause_after(took, every=60.0) == pause
