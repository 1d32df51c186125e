"""Small answers of a long-lived process over HTTP, beside its work: for probes and for who scrapes metrics.

A process that starts over goes on as itself (`execv`), and hands on what it listens on: a probe of that moment waits
for the second that this takes, and none is refused.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http import HTTPStatus

_PATIENCE: Final = 5.0
"""Seconds that a client has."""
_HANDED_ON: Final = "GITGUARD_LISTENS"
"""Which variable says what a process that has started over listens on: its number, then `option@address=descriptor`."""


class SideHandler(BaseHTTPRequestHandler):
    """Answers GET in a thread of its own."""

    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Answer."""
        self.respond()

    def respond(self) -> None:
        """Answer by the path."""
        raise NotImplementedError

    def answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        """Send an answer that nobody keeps."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: a probe comes every few seconds."""


class _Server(ThreadingHTTPServer):
    """Listens for one option, and can stop without cutting off an answer."""

    def __init__(self, host: str, port: int, handler: Callable[..., SideHandler], descriptor: int | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._answering: list[Thread] = []
        super().__init__((host, port), handler, bind_and_activate=descriptor is None)
        if descriptor is not None:
            self.socket.close()
            self.socket = socket.socket(fileno=descriptor)
            self.socket.set_inheritable(False)
            self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread that is known until it ends."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self._answering = [*(other for other in self._answering if other.is_alive()), thread]
        thread.start()

    def stop(self) -> None:
        """Take no more connections, and end the answers at work."""
        self.shutdown()
        for thread in self._answering:
            thread.join(_PATIENCE)


_servers: Final[dict[str, _Server]] = {}
"""Of this process, by option and address."""


def serve_beside(handler: Callable[..., SideHandler], address: str, *, option: str, example: str) -> int:
    """Answer in a thread of its own, as long as the process lives; return the port.

    Args:
        handler: of each connection.
        address: `IP:PORT`; port 0 is any that is free.
        option: which another address can be given by.
        example: of one.

    Raises:
        SettingError: the address is wrong or taken.
    """
    host, _, port = address.rpartition(":")
    key = f"{option}@{address}"
    try:
        server = _Server(host.strip("[]"), int(port), handler, _handed_on().pop(key, None))
    except (OSError, ValueError, OverflowError) as error:
        raise SettingError(
            f"{address} cannot be served on: {getattr(error, 'strerror', None) or error}.",
            hint=f"Choose another with {option}, for instance {example}.",
        ) from error
    _servers[key] = server
    Thread(target=server.serve_forever, name=option, daemon=True).start()
    return int(server.server_address[1])


def hand_on_sockets() -> None:
    """Stop answering, so that this process can start over and answer whoever has asked meanwhile."""
    lines = [str(os.getpid())]
    for key, server in _servers.items():
        server.stop()
        os.set_inheritable(server.fileno(), True)
        lines.append(f"{key}={server.fileno()}")
    if _servers:
        os.environ[_HANDED_ON] = "\n".join(lines)


def close_handed_on() -> None:
    """Close what the process before has listened on and this one does not: who asks there is to be refused."""
    while _handed_on():
        os.close(_handed_on().popitem()[1])


@cache
def _handed_on() -> dict[str, int]:
    """Return the descriptors that this very process has handed on to itself, and that nobody has taken yet."""
    process, *lines = os.environ.pop(_HANDED_ON, "").split("\n")
    if process != str(os.getpid()):
        return {}
    return {key: int(descriptor) for key, _, descriptor in (line.rpartition("=") for line in lines)}
