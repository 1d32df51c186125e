"""What a process that starts over listens on, with real processes and sockets."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from make.servers import PATIENCE

_LIVES = """
import os, sys, time
from http import HTTPStatus
from mkdocs_gitguard.service.side_server import SideHandler, close_handed_on, hand_on_sockets, serve_beside

class Handler(SideHandler):
    def respond(self):
        if self.path != "/0":
            print("at work", flush=True)
            time.sleep(float(self.path[1:]))
        self.answer(HTTPStatus.OK, str(len(sys.argv)).encode(), "text/plain")

ports = [serve_beside(Handler, "127.0.0.1:0", option=option, example="") for option in sys.argv[1].split("+")]
close_handed_on()
print(*ports, flush=True)
os.read(0, 1)
hand_on_sockets()
os.execv(sys.executable, [sys.executable, "-P", __file__, *sys.argv[2:]])
"""
"""Each argument is a life: the options that it listens for."""

Lives = subprocess.Popen[str]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Callable[..., Lives]]:
    script = tmp_path / "lives.py"
    script.write_text(_LIVES)
    processes: list[Lives] = []

    def start(*lives: str) -> Lives:
        command = [sys.executable, "-P", str(script), *lives]
        processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def _ports(process: Lives) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def _go_on(process: Lives) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _ask(port: str, seconds: int = 0) -> str:
    """Return how many arguments the life had that has answered, after that time."""
    with urlopen(f"http://127.0.0.1:{port}/{seconds}", timeout=PATIENCE) as answer:
        body: bytes = answer.read()
    return body.decode()


def test_ports_stay_as_they_are_and_others_come(live: Callable[..., Lives]) -> None:
    process = live("health", "health+metrics", "metrics+health")
    [health] = _ports(process)
    _go_on(process)
    again, metrics = _ports(process)
    assert again == health
    _go_on(process)
    assert _ports(process) == [metrics, health]
    assert [_ask(health), _ask(metrics)] == ["2", "2"]


def test_a_port_that_is_not_wanted_any_more_refuses(live: Callable[..., Lives]) -> None:
    process = live("health+metrics", "health")
    health, metrics = _ports(process)
    assert _ask(metrics) == "3"
    _go_on(process)
    assert _ports(process) == [health]
    with pytest.raises(URLError, match="refused"):
        _ask(metrics)
    assert _ask(health) == "2"


def test_an_answer_at_work_ends_first_and_the_next_waits_for_the_next_life(live: Callable[..., Lives]) -> None:
    process = live("health", "health")
    [port] = _ports(process)
    with ThreadPoolExecutor() as threads:
        at_work = threads.submit(_ask, port, 2)
        assert _ports(process) == ["at", "work"]
        _go_on(process)
        waiting = [threads.submit(_ask, port, 0) for _ in range(3)]
        assert at_work.result() == "3"
        assert _ports(process) == [port]
        assert {answer.result() for answer in waiting} <= {"3", "2"}
    assert _ask(port) == "2"


def test_what_another_process_has_handed_on_is_nobodys(
    monkeypatch: pytest.MonkeyPatch, live: Callable[..., Lives]
) -> None:
    monkeypatch.setenv("GITGUARD_LISTENS", "1\nhealth@127.0.0.1:0=0")
    [port] = _ports(live("health"))
    assert _ask(port) == "2"
