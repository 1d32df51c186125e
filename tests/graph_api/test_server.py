"""The server, asked over real sockets; and the command, as a process."""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urljoin

import brotli
import msgspec
import pytest
from make.exported import pages_of
from make.servers import PATIENCE, Server, free_port, running
from make.snapshot import NOW, awkward, every_kind, hub, likely

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.graph_api import EXPORTS, export, node_path
from mkdocs_gitguard.graph_api.client import Client
from mkdocs_gitguard.graph_api.server import accepted_encodings, application
from mkdocs_gitguard.model import Graph

MIRA = "/api/v1/" + node_path("owner:user/mira")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served") / "api" / "v1"
    export(Graph(likely()), root, generated_at=NOW, pages=pages_of(likely(), "pull-request"))
    (root.parent / "secret.json").write_text('{"secret": 1}')
    (root / "unlisted.json").write_text('{"secret": 2}')
    return root


@pytest.fixture(scope="module")
def server(folder: Path):
    with running(application(folder)) as started:
        yield started


def test_each_answer_is_told_but_for_those_to_probes(folder: Path) -> None:
    answers: list[tuple[int, float]] = []
    began = time.monotonic()
    with running(application(folder, observe=lambda *answer: answers.append(answer))) as started:
        for path in ("/healthz", "/api/v1/index.json", "/api/v1/none.json"):
            started.ask(path)
    assert [status for status, _ in answers] == [200, 404]
    assert all(0 < seconds < time.monotonic() - began for _, seconds in answers)


def test_files_come_as_they_are_with_the_manifests_digest(server: Server, folder: Path) -> None:
    for path in (
        "index.json",
        "manifest.json",
        "changes.ndjson",
        "export/graph.sqlite.gz",
        "shards/pull-request/1.json.gz",
        node_path("owner:user/mira"),
    ):
        answer = server.ask(f"/api/v1/{path}")
        data = (folder / path).read_bytes()
        assert (answer.status, answer.body) == (200, data), path
        assert answer.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
        assert answer.headers["cache-control"] == "no-cache"
    assert server.ask(MIRA).headers["content-type"] == "application/json"
    assert server.ask("/api/v1/changes.ndjson").headers["content-type"] == "application/x-ndjson"
    for path in ("export/graph.sqlite.gz", "shards/pull-request/1.json.gz"):
        archive = server.ask(f"/api/v1/{path}", Accept_Encoding="gzip")
        assert archive.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in archive.headers


def test_a_node_out_of_a_shard_is_answered_as_one_with_a_file(server: Server, folder: Path) -> None:
    for change in likely().pull_requests[::20]:
        path = f"/api/v1/{node_path(change.id)}"
        assert not (folder.parents[1] / path[1:]).exists()
        answer, head = server.ask(path), server.ask(path, "HEAD")
        document = json.loads(answer.body)
        assert (answer.status, document["id"], document["attributes"]["title"]) == (200, change.id, change.title)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
        assert (head.status, head.body, head.headers["etag"]) == (200, b"", answer.headers["etag"])
        assert server.ask(path, If_None_Match=answer.headers["etag"]).status == 304
        for end in document["relations"]:
            other = server.ask(urljoin(path, end["href"]))
            assert json.loads(other.body)["id"] == end["id"]
            assert urljoin(path, end["page"]).startswith(f"/{end['kind']}/")


def test_a_shard_of_another_release_is_not_taken_apart(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "v1", generated_at=NOW)
    path = f"/api/v1/{node_path(likely().pull_requests[0].id)}"
    shard = tmp_path / "v1/shards/pull-request/1.json.gz"
    right = shard.read_bytes()
    with running(application(tmp_path / "v1")) as server:
        shard.write_bytes(changed(right))
        assert server.ask(path).status == 503
        shard.write_bytes(right)
        assert server.ask(path).status == 200


def test_a_client_that_has_it_gets_304(server: Server) -> None:
    etag = server.ask(MIRA).headers["etag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = server.ask(MIRA, If_None_Match=header)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert server.ask(MIRA, If_None_Match='"other"').status == 200


def test_head_is_get_without_the_body(server: Server) -> None:
    get, head = server.ask(MIRA), server.ask(MIRA, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_lists_come_compressed_to_who_takes_them(tmp_path: Path) -> None:
    export(Graph(hub(1203)), tmp_path / "v1", generated_at=NOW)
    path = "/api/v1/kinds/owner/index.json"
    plain = (tmp_path / "v1/kinds/owner/index.json").read_bytes()
    etags = set()
    with running(application(tmp_path / "v1")) as server:
        for accept, encoding, decode in (
            ("gzip, deflate, br", "br", brotli.decompress),
            ("gzip;q=0.5", "gzip", gzip.decompress),
            ("br;q=0, identity", None, bytes),
            ("identity", None, bytes),
        ):
            answer = server.ask(path, Accept_Encoding=accept)
            assert answer.headers.get("content-encoding") == encoding
            assert "Accept-Encoding" in answer.headers["vary"]
            assert decode(answer.body) == plain
            etags.add(answer.headers["etag"])
    assert len(etags) == 3


def test_accept_encoding_is_read_as_the_standard_says() -> None:
    assert accepted_encodings("gzip;q=1.0, br ; q=0.000,deflate;q=0.2") == {"gzip", "deflate"}
    assert accepted_encodings("") == {""}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/../secret.json",
        "/api/v1/%2e%2e/secret.json",
        "/api/v1/..%2fsecret.json",
        "/api/v1/nodes/../../secret.json",
        "/api/v1/..%5csecret.json",
        "/api/v1//etc/passwd",
        "/api/v1/%2fetc%2fpasswd",
        "/api/v1/unlisted.json",
        "/api/v1/kinds/pull-request/index.json.gz",
        "/api/v1/nodes/pull-request/acme/billing/999.json",
        "/api/v1/nodes/pull-request/acme/billing/1.json.json",
        "/api/v1/nodes/nothing/acme.json",
        "/api/v1/nodes/.json",
        "/api/v1/nodes%00.json",
        "/api/v1/%0a",
        "/api/v1/%ff%fe",
        "/api/v1",
        "/index.json",
        "/",
        "/api/v2/index.json",
        MIRA + "/",
        MIRA.replace("mira", "!mira"),
    ],
)
def test_nothing_but_listed_files_can_be_had(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body)["status"] == 404
    assert b"secret" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
@pytest.mark.parametrize("path", [MIRA, "/nowhere", "/healthz"])
def test_other_methods_are_refused_in_json(server: Server, method: str, path: str) -> None:
    answer = server.ask(path, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert json.loads(answer.body)["status"] == 405


def test_pages_of_every_origin_may_read_unless_origins_are_named(server: Server, folder: Path) -> None:
    assert server.ask(MIRA, Origin="https://a.example").headers["access-control-allow-origin"] == "*"
    preflight = server.ask(MIRA, "OPTIONS", Origin="https://a.example", Access_Control_Request_Method="GET")
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    refused = server.ask(MIRA, "OPTIONS", Origin="https://a.example", Access_Control_Request_Method="DELETE")
    assert refused.status == 400
    with running(application(folder, origins=["https://portal.example"])) as strict:
        assert "access-control-allow-origin" not in strict.ask(MIRA, Origin="https://a.example").headers
        allowed = strict.ask(MIRA, Origin="https://portal.example").headers
        assert allowed["access-control-allow-origin"] == "https://portal.example"


def test_large_files_can_be_read_in_parts(tmp_path: Path) -> None:
    export(Graph(likely(repositories=8, pull_requests=1100)), tmp_path / "v1", generated_at=NOW)
    data = (tmp_path / "v1/export/graph.sqlite.gz").read_bytes()
    assert len(data) > 1 << 20
    with running(application(tmp_path / "v1")) as large:
        part = large.ask("/api/v1/export/graph.sqlite.gz", Range="bytes=0-15")
        whole = large.ask("/api/v1/export/graph.sqlite.gz")
    assert (part.status, part.body) == (206, data[:16])
    assert (whole.body, whole.headers["etag"]) == (data, f'"{hashlib.sha256(data).hexdigest()}"')


LARGE = "/api/v1/export/graph.sqlite.gz"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large") / "v1"
    snapshot = likely(repositories=8, pull_requests=1100)
    export(Graph(snapshot), root, generated_at=NOW, pages=pages_of(snapshot, "pull-request"))
    return root


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-", 5, None),
        ("bytes=-5", -5, None),
        ("bytes=-99999999999", 0, None),
        ("bytes=7-99999999999", 7, None),
        ("bytes=0-1,4-5", None, None),
        ("bytes=", None, None),
        ("bytes=-", None, None),
        ("bytes=9-3", None, None),
        ("lines=1-2", None, None),
        ("bytes=x-y", None, None),
        ("bytes=" + "9" * 5000 + "-", None, None),
    ],
)
def test_ranges(large: Path, asked: str, begin: int | None, end: int | None) -> None:
    data = (large / "export/graph.sqlite.gz").read_bytes()
    with running(application(large)) as server:
        answer = server.ask(LARGE, Range=asked)
        head = server.ask(LARGE, "HEAD", Range=asked)
    assert answer.body == data[begin:end]
    assert answer.status == head.status == (200 if begin is None else 206)
    assert head.headers["content-length"] == answer.headers["content-length"] == str(len(data[begin:end]))
    if begin is not None:
        first = begin if begin >= 0 else len(data) + begin
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(data[begin:end]) - 1}/{len(data)}"


def test_a_range_beyond_the_end_and_one_of_another_release(large: Path) -> None:
    size = (large / "export/graph.sqlite.gz").stat().st_size
    with running(application(large)) as server:
        beyond = server.ask(LARGE, Range=f"bytes={size}-")
        assert (beyond.status, beyond.headers["content-range"], beyond.body) == (416, f"bytes */{size}", b"")
        etag = server.ask(LARGE, "HEAD").headers["etag"]
        assert server.ask(LARGE, Range="bytes=0-1", If_Range=etag).status == 206
        assert server.ask(LARGE, Range="bytes=0-1", If_Range='"other"').status == 200
        assert server.ask(LARGE, Range="bytes=0-1", If_None_Match=etag).status == 304


def changed(data: bytes) -> bytes:
    """Other bytes, and as many."""
    return data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]


@pytest.mark.parametrize(
    "path", [MIRA.removeprefix("/api/v1/"), "export/graph.sqlite.gz", "shards/pull-request/1.json.gz"]
)
def test_bytes_of_another_release_never_bear_the_etag_of_this_one(large: Path, tmp_path: Path, path: str) -> None:
    shutil.copytree(large, tmp_path / "v1")
    file = tmp_path / "v1" / path
    right = file.read_bytes()
    with running(application(tmp_path / "v1")) as server:
        assert server.ask(f"/api/v1/{path}").body == right
        for data in (changed(right), right[:-1], b""):
            file.with_suffix(".next").write_bytes(data)
            file.with_suffix(".next").replace(file)
            answer = server.ask(f"/api/v1/{path}")
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        file.unlink()
        assert server.ask(f"/api/v1/{path}").status == 503
        file.write_bytes(right)
        assert server.ask(f"/api/v1/{path}").body == right


def test_answers_of_one_release_while_others_are_written(tmp_path: Path) -> None:
    """Titles of equal length, so that only the digest tells one release's files from another's."""
    snapshots = [
        msgspec.structs.replace(
            base, pull_requests=tuple(msgspec.structs.replace(item, title=title) for item in base.pull_requests)
        )
        for base in [likely()]
        for title in ("aaaa", "bbbb")
    ]
    export(Graph(snapshots[0]), tmp_path / "v1", generated_at=NOW)
    paths = ["/api/v1/index.json", *(f"/api/v1/{node_path(item.id)}" for item in snapshots[0].pull_requests[:20])]
    statuses = set()
    with running(application(tmp_path / "v1")) as server, ThreadPoolExecutor(1) as writer:
        for turn in range(1, 7):
            writing = writer.submit(export, Graph(snapshots[turn % 2]), tmp_path / "v1", generated_at=NOW)
            while not writing.done():
                for path in paths:
                    answer = server.ask(path)
                    statuses.add(answer.status)
                    if answer.status == 200:
                        assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert 200 in statuses
    assert statuses <= {200, 404, 503}


def test_an_opened_file_stays_what_it_was(large: Path, tmp_path: Path) -> None:
    shutil.copytree(large, tmp_path / "v1")
    file = tmp_path / "v1/export/graph.sqlite.gz"
    right = file.read_bytes()
    with running(application(tmp_path / "v1")) as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        slow.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = slow.recv(4096)
        file.with_suffix(".next").write_bytes(changed(right))
        file.with_suffix(".next").replace(file)
        # By now the server has sent no more than the small buffers hold; what is left may come as fast as it can.
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        while chunk := slow.recv(1 << 16):
            received += chunk
    assert received.partition(b"\r\n\r\n")[2] == right


def test_health_names_the_release(server: Server) -> None:
    assert json.loads(server.ask("/healthz").body) == {
        "status": "ok",
        "graph_api": "enabled",
        "release": likely().digest(),
    }


def test_with_the_flag_off_it_says_so() -> None:
    with running(application(None)) as off:
        for path in ("/", MIRA, "/api/v1/index.json", "/api/v1/openapi.json"):
            answer = off.ask(path, Origin="https://a.example")
            assert (answer.status, json.loads(answer.body)["error"]) == (404, "Graph API is disabled")
            assert answer.headers["access-control-allow-origin"] == "*"
        assert off.ask(MIRA, "POST").status == 405
        assert json.loads(off.ask("/healthz").body)["graph_api"] == "disabled"


def _release(server: Server) -> str:
    return json.loads(server.ask("/healthz").body)["release"]


def _wait_for(server: Server, release: str) -> None:
    end = time.monotonic() + PATIENCE
    while _release(server) != release:
        assert time.monotonic() < end, "the new release was not picked up"
        time.sleep(0.05)


def test_a_link_moved_to_another_release_is_picked_up_whole(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "1", generated_at=NOW)
    export(Graph(awkward()), tmp_path / "2", generated_at=NOW)
    (tmp_path / "current").symlink_to("1")
    with running(application(tmp_path / "current")) as moving:
        assert moving.ask(MIRA).status == 200
        (tmp_path / "next").symlink_to("2")
        (tmp_path / "next").replace(tmp_path / "current")
        _wait_for(moving, awkward().digest())
        index = json.loads(moving.ask("/api/v1/index.json").body)
        assert index["release"] == awkward().digest()
        manifest = moving.ask("/api/v1/manifest.json").body
        assert index["manifest"]["sha256"] == hashlib.sha256(manifest).hexdigest()
        assert moving.ask("/api/v1/" + node_path("decision:acme/1")).status == 404
        (tmp_path / "current").unlink()
        time.sleep(1.2)
        assert moving.ask(MIRA).status == 200


def test_an_export_over_the_one_that_is_served_is_picked_up(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    with running(application(tmp_path / "v1")) as served:
        before = served.ask(MIRA)
        export(Graph(awkward()), tmp_path / "v1", generated_at=NOW)
        _wait_for(served, awkward().digest())
        after = served.ask(MIRA)
        assert before.headers["etag"] != after.headers["etag"] == f'"{hashlib.sha256(after.body).hexdigest()}"'


def test_a_folder_without_an_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no Graph API export"):
        application(tmp_path)
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    (tmp_path / "v1/manifest.json").write_text('{"files": {}}')
    with pytest.raises(SourceError, match="another manifest"):
        application(tmp_path / "v1")


def test_the_client_walks_the_graph(server: Server, folder: Path) -> None:
    snapshot = likely()
    for client in (Client(f"{server.url}/api/v1/"), Client(folder)):
        assert client.index()["organization"] == "organization:acme"
        assert [item["id"] for item in client.nodes("repository")] == [item.id for item in snapshot.repositories]
        first = snapshot.pull_requests[0]
        assert [node["id"] for node in client.related(first.id, "part_of")] == [first.repository]
        parts = list(client.related(first.repository, "has_part"))
        assert {node["id"] for node in parts} >= {
            change.id for change in snapshot.pull_requests if change.repository == first.repository
        }
        for node in parts[:3]:
            assert node == client.node(node["id"])
        assert list(client.changes()) == []
        with pytest.raises(SourceError):
            client.node("owner:user/nobody")


def test_the_client_follows_pages(tmp_path: Path) -> None:
    export(Graph(hub(1203)), tmp_path / "v1", generated_at=NOW)
    client = Client(tmp_path / "v1")
    assert len(list(client.nodes("owner"))) == 1203
    assert len({end["id"] for end in client.relations("repository:acme/monorepo")}) == 1203
    assert len({node["id"] for node in client.related("repository:acme/monorepo", "owned_by")}) == 1203


def _is_up(server: Server) -> bool:
    with contextlib.suppress(OSError):
        return bool(server.ask("/healthz").status)
    return False


@contextlib.contextmanager
def command(*arguments: str, cwd: Path, limit: int = 0, **environment: str):
    port = free_port()
    process = subprocess.Popen(
        [
            *(["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh"] if limit else []),
            sys.executable,
            "-c",
            "from mkdocs_gitguard.cli import main; main()",
            "api",
            "serve",
            *arguments,
            "--port",
            str(port),
        ],
        cwd=cwd,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    server = Server(port)
    try:
        end = time.monotonic() + PATIENCE
        while not _is_up(server):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < end, "it does not answer"
            time.sleep(0.1)
        yield server, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        if process.stderr:
            process.stderr.close()


def test_the_command_serves_and_stops_gracefully(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "site/api/v1", generated_at=NOW)
    with command(cwd=tmp_path, GRAPH_API_ENABLED="true") as (server, process):
        assert server.ask(MIRA).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}


def test_the_command_answers_while_the_flag_is_off(tmp_path: Path) -> None:
    with command(cwd=tmp_path, GRAPH_API_ENABLED="false") as (server, _):
        assert json.loads(server.ask("/api/v1/index.json").body)["error"] == "Graph API is disabled"
        assert server.ask("/healthz").status == 200


def _drip(connection: socket.socket) -> None:
    for _ in range(120):
        connection.sendall(b"x")
        time.sleep(0.5)


def test_half_sent_requests_shut_nobody_out(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "site/api/v1", generated_at=NOW)
    half = [b"", b"GET /", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /"]
    with contextlib.ExitStack() as opened:
        server, process = opened.enter_context(command(cwd=tmp_path, limit=256, GRAPH_API_ENABLED="true"))
        connections = []
        for number in range(300):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            with contextlib.suppress(OSError):
                connection.sendall(half[number % len(half)])
            connections.append(connection)
            if number % 50 == 0:
                assert server.ask(MIRA).status == 200
        assert server.ask(MIRA).status == 200
        assert len(list(Path(f"/proc/{process.pid}/fd").iterdir())) < 200
        # One more, which sends two bytes a second, has ten seconds like all others.
        with pytest.raises(OSError):
            _drip(connections[-2])
        assert server.ask(MIRA).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}


@pytest.mark.slow
def test_schemathesis_finds_no_failure(tmp_path: Path) -> None:
    export(Graph(hub(1203)), tmp_path / "v1", generated_at=NOW, exports=tuple(EXPORTS))
    with running(application(tmp_path / "v1")) as large:
        done = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{large.url}/api/v1/openapi.json"),
                *("--url", f"{large.url}/api/v1", "--checks", "all", "--phases", "examples,coverage,fuzzing"),
                *("--max-examples", "10", "--seed", "1", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "24 selected / 24 total" in done.stdout
    assert "Missing test data" not in done.stdout, "an operation only ever answered 404: the run proved nothing of it"


def test_urllib_gets_json_too(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/api/v1/openapi.json") as response:
        assert json.load(response)["openapi"] == "3.1.0"
