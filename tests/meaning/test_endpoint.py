"""A real server that speaks OpenAI's `/embeddings`, and all that it may do wrong."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mkdocs_gitguard.meaning.endpoint import TEXTS_A_REQUEST, Endpoint
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.model import EmbeddingCounts

KEY = "sk-canary-0123456789"


class Service:
    """Answers as its script says, then well."""

    def __init__(self) -> None:
        self.script: list[tuple[int, bytes, dict[str, str]]] = []
        self.requests: list[dict] = []
        self.keys: list[str] = []
        self.pause = 0.0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.requests.append(body)
                service.keys.append(self.headers.get("Authorization", ""))
                time.sleep(service.pause)
                status, data, headers = service.script.pop(0) if service.script else (200, well(body["input"]), {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST  # noqa: N815 - http.server's own name

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/embeddings"


def well(texts: list[str]) -> bytes:
    items = [
        {"object": "embedding", "index": place, "embedding": [len(text), -1.0]} for place, text in enumerate(texts)
    ]
    return json.dumps({"data": items[::-1], "usage": {"total_tokens": 10 * len(texts)}}).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


class Asked:
    """An endpoint, and what it said."""

    def __init__(self, service: Service, tmp_path: Path, *, today: str = "2026-11-01", **entries) -> None:
        self.warnings: list[str] = []
        self.counts = EmbeddingCounts()
        settings = ModelSettings(model="endpoint", url=service.url, name="small", **entries)
        ledger = tmp_path / "state" / "spent.memory"
        self.endpoint = Endpoint(settings, key=KEY, ledger=ledger, today=today, warn=self.warnings.append)

    def embed(self, *texts: str) -> list[bytes | None]:
        return self.endpoint.embed(texts, self.counts)


def test_texts_go_out_in_parts_and_vectors_come_back_in_order(service: Service, tmp_path: Path) -> None:
    asked = Asked(service, tmp_path)
    texts = [f"text {'x' * (place % 7)}" for place in range(TEXTS_A_REQUEST + 2)]
    vectors = asked.embed(*texts)
    assert [len(request["input"]) for request in service.requests] == [TEXTS_A_REQUEST, 2]
    assert {(request["model"], key) for request, key in zip(service.requests, service.keys, strict=True)} == {
        ("small", f"Bearer {KEY}")
    }
    assert vectors == [bytes([127, 256 - round(127 / len(text))]) for text in texts]
    assert (asked.counts.requests, asked.counts.tokens, asked.warnings) == (2, 10 * len(texts), [])


def test_what_passes_is_tried_again(service: Service, tmp_path: Path) -> None:
    service.script = [(429, b"slow down", {"Retry-After": "0"}), (503, b"", {"Retry-After": "0"})]
    asked = Asked(service, tmp_path)
    assert None not in asked.embed("a")
    assert (asked.counts.requests, asked.warnings) == (3, [])


@pytest.mark.parametrize(
    ("answer", "warning"),
    [
        ((401, KEY.encode(), {}), "The endpoint answers 401."),
        ((302, b"", {"Location": "/elsewhere"}), "The endpoint answers 302."),
        ((200, b"{}", {}), "not what /embeddings answers"),
        ((200, b"[" * 100_000, {}), "not what /embeddings answers"),
        ((200, b'{"data": [{"index": 3, "embedding": [1]}]}', {}), "not what /embeddings answers"),
        ((200, b'{"data": [{"index": 0, "embedding": []}]}', {}), ""),
        ((200, b"", {"Content-Length": "9"}), "."),
    ],
)
def test_what_cannot_be_answered_waits_and_says_why(
    service: Service, tmp_path: Path, answer: tuple[int, bytes, dict[str, str]], warning: str
) -> None:
    service.script = [answer] * 3
    asked = Asked(service, tmp_path)
    vectors = asked.embed("a")
    assert vectors == ([b""] if not warning else [None])
    assert all(warning in line and KEY not in line for line in asked.warnings)
    assert bool(asked.warnings) == bool(warning)
    assert all(request["input"] == ["a"] for request in service.requests), "no redirect is followed"


def test_one_that_is_not_there_or_does_not_answer_costs_no_build(service: Service, tmp_path: Path) -> None:
    service.pause = 60
    began = time.monotonic()
    asked = Asked(service, tmp_path, timeout=1, requests=1)
    assert asked.embed("a", "b") == [None, None]
    assert time.monotonic() - began < 30
    assert asked.warnings


def test_a_build_asks_no_more_than_its_requests(service: Service, tmp_path: Path) -> None:
    asked = Asked(service, tmp_path, requests=1)
    vectors = asked.embed(*[f"text {place}" for place in range(TEXTS_A_REQUEST + 1)])
    assert vectors.count(None) == 1
    assert asked.warnings == ["The build's budget of 1 requests is used up."]


def test_a_day_spends_no_more_than_its_tokens_over_all_builds(service: Service, tmp_path: Path) -> None:
    first = Asked(service, tmp_path, tokens=15)
    assert None not in first.embed("a")
    again = Asked(service, tmp_path, tokens=15)
    assert again.embed("a text of so many letters that it is more than five tokens") == [None]
    assert "15 tokens is used up: 10 are spent" in again.warnings[0]
    assert len(service.requests) == 1
    tomorrow = Asked(service, tmp_path, today="2026-11-02", tokens=15)
    assert None not in tomorrow.embed("b")
