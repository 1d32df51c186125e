"""A real server on a free port, in a thread, and raw requests to it."""

import contextlib
import http.client
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import uvicorn
from starlette.types import ASGIApp

# Below those that a system gives whoever asks for any (net.ipv4.ip_local_port_range): connections of the tests beside
# this one come and go there, and one may take a port before the process that it is for.
_PORTS = range(12_000, 32_000)
PATIENCE = 180.0
"""Seconds that what must come may take, on however busy a machine."""


def free_port() -> int:
    """Return a port that nobody has now, and that nobody is given by chance."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(_PORTS)))
            return int(probe.getsockname()[1])


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Server(NamedTuple):
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send the path as it stands: no client library cleans it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            connection.putrequest(method, path, skip_accept_encoding=True)
            for key, value in named.items():
                connection.putheader(key, value)
            connection.endheaders()
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@contextlib.contextmanager
def running(app: ASGIApp) -> Iterator[Server]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Server(port)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
