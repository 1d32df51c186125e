"""The receiver, asked over real connections."""

import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from make.servers import PATIENCE, running

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events import receiver
from mkdocs_gitguard.events.event import LARGEST_BODY
from mkdocs_gitguard.events.receiver import Receiver
from mkdocs_gitguard.events.sqlite.log import SqliteLog
from mkdocs_gitguard.slo.served import RefusedWebhooks
from mkdocs_gitguard.state.measurements import Measurements

SECRET = "it's a secret"


def _body(number: int = 0, repository: str = "acme/billing") -> bytes:
    document = {"ref": "refs/heads/main", "after": f"{number:040}", "repository": {"full_name": repository}}
    return json.dumps(document).encode()


class Fixture:
    def __init__(self, tmp_path) -> None:
        self.log = SqliteLog(tmp_path / "events.db")
        self.notes: list[str] = []
        self.refused = RefusedWebhooks()
        self.port = 0
        self.failure: EventError | None = None
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def append(self, event):
        failure = self.failure
        self.has_begun.set()
        assert self.may_go_on.wait(PATIENCE)
        if failure:
            raise failure
        (appended,) = self.log.append([event])
        return appended

    def post(self, body: bytes, *, path: str = "/hooks", secret: str = SECRET, **headers: str):
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        given = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", path, body, {name: value for name, value in given.items() if value})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def served(tmp_path) -> Iterator[Fixture]:
    with serving(tmp_path, {"": (SECRET,)}) as fixture:
        yield fixture


@contextmanager
def serving(tmp_path, secrets) -> Iterator[Fixture]:
    fixture = Fixture(tmp_path)
    app = Receiver(
        fixture.append,
        secrets=secrets,
        is_shown=lambda taken: taken.event.repository.name != "acme/secret-plans",
        now=system_moment,
        note=fixture.notes.append,
        answered=fixture.refused.observe,
    )
    with running(app) as server:
        fixture.port = server.port
        yield fixture
    fixture.log.close()


def test_a_signed_event_is_on_the_disk_when_it_is_accepted(served, tmp_path) -> None:
    body = _body()
    assert served.post(body, X_GitHub_Delivery="d-1") == (202, {"status": "accepted", "sequence": 1})
    other = SqliteLog(tmp_path / "events.db")
    event = other.find(1).event
    other.close()
    assert (event.body, event.delivery, event.source, event.name) == (body, "d-1", "github", "push")


def test_duplicates_are_said_to_be_so(served) -> None:
    served.post(_body(), X_GitHub_Delivery="d-1")
    assert served.post(_body(), X_GitHub_Delivery="d-1") == (200, {"status": "duplicate", "sequence": 1})
    assert served.post(_body(), X_GitHub_Delivery="d-2") == (200, {"status": "duplicate", "sequence": 1})
    assert served.post(_body(1), X_GitHub_Delivery="d-1") == (200, {"status": "duplicate", "sequence": 1})
    assert served.log.status().events == 1


@pytest.mark.parametrize(
    "headers", [{"X_Hub_Signature_256": ""}, {"X_Hub_Signature_256": "sha256=00"}, {"secret": "x"}]
)
def test_what_is_not_signed_is_refused_and_not_kept(served, headers) -> None:
    status, answer = served.post(_body(), **headers)
    assert (status, served.log.status().events) == (401, 0)
    assert "x-hub-signature-256" in answer["error"]
    assert SECRET not in repr(served.notes)


def test_a_forge_with_a_secret_of_its_own_takes_no_other(tmp_path) -> None:
    with serving(tmp_path, {"": (SECRET,), "github": ("another",)}) as served:
        assert served.post(_body())[0] == 401
        assert served.post(_body(), secret="another")[0] == 202
        assert served.post(_body(2), X_GitHub_Event="", X_Gitlab_Event="Push Hook", X_Gitlab_Token=SECRET)[0] == 202


def test_what_is_left_out_leaves_no_trace(served, tmp_path) -> None:
    status, answer = served.post(_body(repository="acme/secret-plans"))
    assert (status, answer["status"]) == (200, "ignored")
    assert served.log.status().events == 0
    assert "secret-plans" not in repr(served.notes) + repr(answer)
    assert b"secret-plans" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_what_changes_nothing_is_not_kept(served) -> None:
    assert served.post(_body(), X_GitHub_Event="star")[1]["status"] == "ignored"
    assert served.post(b'{"zen": "x"}', X_GitHub_Event="ping") == (200, {"status": "pong"})
    assert served.log.status().events == 0


def test_what_is_not_an_event_is_refused_with_the_reason(served) -> None:
    status, answer = served.post(b"{broken")
    assert (status, "not JSON" in answer["error"]) == (400, True)
    assert served.post(_body(), X_GitHub_Event="")[0] == 400
    assert served.post(_body(), path="/")[0] == 404
    assert served.get("/hooks") == 405
    assert served.get("/healthz") == 200


def test_a_body_may_be_as_large_as_a_forge_sends_and_no_larger(served) -> None:
    filler = b'"}'
    start = b'{"repository": {"full_name": "acme/billing"}, "x": "'
    body = start + b"x" * (LARGEST_BODY - len(start) - len(filler)) + filler
    assert len(body) == LARGEST_BODY
    assert served.post(body)[0] == 202
    status, _ = _raw(served.port, b"Content-Length: %d\r\n" % (LARGEST_BODY + 1), b"{")
    assert status == 413
    chunk = b"%x\r\n" % (1 << 20) + b"x" * (1 << 20) + b"\r\n"
    status, _ = _raw(served.port, b"Transfer-Encoding: chunked\r\n", chunk * 26)
    assert status == 413
    assert served.log.status().events == 1


def _raw(port: int, header: bytes, body: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        request = b"POST /hooks HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\n" + header + b"\r\n" + body
        with suppress(OSError):
            connection.sendall(request)
        answer = connection.recv(65536)
        return int(answer.split()[1]), answer


def test_a_sender_that_does_not_end_is_given_up(served, monkeypatch) -> None:
    monkeypatch.setattr(receiver, "_BODY_SECONDS", 0.3)
    assert _raw(served.port, b"Content-Length: 100\r\n", b"{")[0] == 408
    monkeypatch.setattr(receiver, "_BODY_SECONDS", 60)
    assert served.post(_body())[0] == 202


def test_many_slow_senders_do_not_keep_others_out(served, monkeypatch) -> None:
    monkeypatch.setattr(receiver, "_BODY_SECONDS", 600)
    slow = [socket.create_connection(("127.0.0.1", served.port), PATIENCE) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"POST /hooks HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nContent-Length: 99\r\n\r\n{")
    # Each of them has as long as it takes to be told so.
    assert served.post(_body())[0] == 202
    for connection in slow:
        connection.close()


def test_too_much_at_once_is_to_come_again(served, monkeypatch) -> None:
    monkeypatch.setattr(receiver, "_MOST_BYTES", 1000)
    assert served.post(_body() + b" " * 2000)[0] == 503
    assert served.post(_body())[0] == 202


def test_what_cannot_be_kept_is_not_accepted(served) -> None:
    served.failure = EventError("The disk of /var/secret is full.", hint="Free some space.")
    status, answer = served.post(_body())
    assert (status, answer) == (503, {"error": "The event could not be kept. Send it again."})
    assert any("is full" in note for note in served.notes)
    assert (served.get("/healthz"), served.get("/readyz")) == (200, 503)
    served.failure = None
    assert served.post(_body())[0] == 202
    assert served.get("/readyz") == 200


def test_a_log_that_is_slow_is_not_waited_for_longer_than_a_forge_waits(served, monkeypatch) -> None:
    monkeypatch.setattr(receiver, "_ANSWER_SECONDS", 0.2)
    served.may_go_on.clear()
    served.failure = EventError("The server is away.")
    assert served.post(_body(7))[0] == 503
    assert served.get("/readyz") == 503
    assert served.has_begun.wait(PATIENCE)
    served.failure = None
    assert served.post(_body())[0] == 503
    served.may_go_on.set()
    deadline = time.monotonic() + PATIENCE
    while sum(note.startswith("Later") for note in served.notes) < 2:
        assert time.monotonic() < deadline, served.notes
        time.sleep(0.05)
    # It was kept all the same, and is known when it comes again.
    monkeypatch.setattr(receiver, "_ANSWER_SECONDS", 60)
    assert served.post(_body())[1]["status"] == "duplicate"
    assert served.get("/readyz") == 200
    assert [note.partition(":")[0] for note in served.notes].count("Later than the sender waits") == 2
    assert any("Later" in note and "The server is away" in note for note in served.notes)


def test_a_flood_of_duplicates_keeps_one(served) -> None:
    answers = [served.post(_body(), X_GitHub_Delivery=f"d-{number % 3}")[0] for number in range(60)]
    assert answers.count(202) == 1
    assert set(answers) == {202, 200}
    assert served.log.status().events == 1


def test_what_is_refused_is_counted_by_reason_and_told_once_for_many(served, tmp_path) -> None:
    for _ in range(3):
        served.post(_body(), secret="x")
    served.post(b"no JSON")
    served.post(_body(), X_GitHub_Event="")
    served.post(_body(repository="acme/secret-plans"))
    served.post(_body())
    served.failure = EventError("The disk is full.")
    served.post(_body(1))
    assert served.get("/nothing") == 404
    state = Measurements(tmp_path / "state.db")
    for _ in range(2):
        served.refused.keep(state, at=system_moment())
    assert {item.name: item.value for item in state.measurements()} == {
        "events.refused.unsigned": 3,
        "events.refused.unreadable": 2,
        "events.refused.not-kept": 1,
    }
    assert not any("secret" in item.evidence for item in state.measurements())
