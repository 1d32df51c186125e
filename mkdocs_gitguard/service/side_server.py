"""Small answers of a long-lived process over HTTP, beside its work: for probes and for who scrapes metrics."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http import HTTPStatus

_PATIENCE: Final = 5.0
"""Seconds that a client has."""


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
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), handler)
    except (OSError, ValueError, OverflowError) as error:
        raise SettingError(
            f"{address} cannot be served on: {getattr(error, 'strerror', None) or error}.",
            hint=f"Choose another with {option}, for instance {example}.",
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name=option, daemon=True).start()
    return int(server.server_address[1])
