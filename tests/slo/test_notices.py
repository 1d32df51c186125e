"""Telling somebody: once, again where it failed, that it is over; within our own time; never with a secret in it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.slo.notices import read_quiet_hours, trial_notice
from mkdocs_gitguard.slo.receivers import receivers, tell
from mkdocs_gitguard.state.measurements import Measurements

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECRET = "s3cr3t-path"


class Inbox:
    """A receiver on this machine: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.status = 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.received.append(json.loads(body))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"

    def titles(self) -> list[str]:
        return [item["title"] for item in self.received]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.server.shutdown()
    inbox.server.server_close()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Inbox) -> Path:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins:\n  - gitguard:\n      repositories: []\n")
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALERT_WEBHOOK_URL", inbox.url)
    at(monkeypatch, NOW)
    return tmp_path


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))


def measure(site: Path, value: float, since: datetime, number: int) -> None:
    Measurements(site / ".gitguard" / "state.db").remember(
        *(
            Measurement(name="freshness", value=value, unit="s", at=since + timedelta(minutes=10 * place))
            for place in range(number)
        )
    )


def run(*arguments: str, code: int) -> str:
    result = CliRunner().invoke(cli, ["slo", *arguments])
    assert result.exit_code == code, result.output
    assert SECRET not in result.output
    return result.output


def test_an_alert_is_told_once_and_its_end_too(site: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(site, 1, NOW - timedelta(days=2), 282)
    run("check", "--notify", code=0)
    assert inbox.received == []
    measure(site, 60, NOW - timedelta(minutes=50), 6)
    run("check", "--notify", code=1)
    run("check", "--notify", code=1)
    assert inbox.titles() == ["Freshness: somebody must act"]
    assert inbox.received[0]["text"].startswith("Freshness: somebody must act\nIn the last 1h the budget burnt")
    at(monkeypatch, NOW + timedelta(days=1))
    measure(site, 1, NOW + timedelta(minutes=10), 144)
    run("check", "--notify", code=1)
    run("check", "--notify", code=1)
    assert inbox.titles() == ["Freshness: somebody must act", "Freshness: over"]


def test_what_fails_is_said_and_tried_again(site: Path, inbox: Inbox) -> None:
    measure(site, 60, NOW - timedelta(minutes=50), 6)
    inbox.status = 500
    output = run("check", "--notify", code=1)
    assert "ALERT_WEBHOOK_URL could not be told 'Freshness: somebody must act': it answered 500." in output
    inbox.status = 200
    run("check", "--notify", code=1)
    run("check", "--notify", code=1)
    assert len(inbox.received) == 2


def test_in_quiet_hours_nobody_is_told_until_they_are_over(
    site: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "config").mkdir()
    (site / "config" / "quiet-hours.yml").write_text("- hours: 22:00-12:30\n  days: [mon]\n")
    measure(site, 60, NOW - timedelta(minutes=50), 6)
    assert "quiet hours" in run("check", "--notify", code=1)
    assert inbox.received == []
    at(monkeypatch, NOW + timedelta(minutes=31))
    run("check", "--notify", code=1)
    assert len(inbox.received) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what apprise imports
def test_apprise_tells_whom_it_knows(site: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "")
    monkeypatch.setenv("ALERT_NOTICE_URLS", inbox.url.replace("http://", "json://"))
    output = run("test-notice", code=0)
    assert output == "ALERT_NOTICE_URLS, number 1 (json): told.\n"
    assert inbox.received[0]["message"] == "Notices arrive here."
    monkeypatch.setenv("ALERT_NOTICE_URLS", f"nosuch://{SECRET}")
    assert run("test-notice", code=1) == "ALERT_NOTICE_URLS, number 1 (nosuch): apprise does not know this URL.\n"


def test_a_test_notice_says_how_it_went(site: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("test-notice", code=0) == "ALERT_WEBHOOK_URL: told.\n"
    inbox.status = 404
    assert run("test-notice", code=1) == "ALERT_WEBHOOK_URL: it answered 404.\n"
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "")
    assert "There is nobody to tell. Set ALERT_WEBHOOK_URL" in run("test-notice", code=1)


def test_a_receiver_that_drips_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client:
                for _ in range(600):
                    try:
                        client.sendall(b"H")
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        [receiver] = receivers(f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}", ())
        began = time.monotonic()
        assert tell(receiver, trial_notice(NOW), deadline=0.5) == "it did not answer within 0.5 s"
        assert time.monotonic() - began < 30


def test_nobody_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    [receiver] = receivers(f"http://127.0.0.1:{port}/{SECRET}", ())
    assert tell(receiver, trial_notice(NOW)) == "it cannot be reached: Connection refused"


@pytest.mark.parametrize(
    "text", ["hours: 22:00", "- hours: 25:00-07:00", "- hours: 22:00-07:00\n  days: [sunday]", "- 3", "a: ["]
)
def test_quiet_hours_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "quiet-hours.yml").write_text(text)
    with pytest.raises(SettingError, match=r"quiet-hours\.yml"):
        read_quiet_hours(tmp_path)
