"""`/healthz` and `/readyz` of a watch, for systemd, containers and load balancers."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.errors import SettingError

if TYPE_CHECKING:
    from mkdocs_gitguard.service.watch import Health

_SICK_AFTER: Final = 3
"""Rounds that fail in a row until the service says that it is not well."""
_PATIENCE: Final = 5.0
"""Seconds that a client has."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE

    def __init__(self, health: Health, *arguments: Any) -> None:
        self._health = health
        super().__init__(*arguments)

    def do_GET(self) -> None:
        health = self._health
        path = self.path.partition("?")[0]
        if path == "/healthz":
            is_well = health.failures < _SICK_AFTER
        elif path == "/readyz":
            is_well = health.is_ready
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not found", "paths": ["/healthz", "/readyz"]})
            return
        # What went wrong stands in the log: it may name what is not everybody's business.
        facts = {name: value for name, value in asdict(health).items() if name != "last_error"}
        self._answer(HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, {"ok": is_well, **facts})

    def _answer(self, status: HTTPStatus, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: a probe comes every few seconds."""


def serve_health(health: Health, address: str) -> int:
    """Answer for a watch in a thread of its own, as long as the process lives; return the port.

    Args:
        health: of the watch.
        address: `IP:PORT`; port 0 is any that is free.

    Raises:
        SettingError: the address is wrong or taken.
    """
    host, _, port = address.rpartition(":")
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), partial(_Handler, health))
    except (OSError, ValueError, OverflowError) as error:
        raise SettingError(
            f"{address} cannot be served on: {getattr(error, 'strerror', None) or error}.",
            hint="Choose another with --health, for instance 127.0.0.1:8003.",
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_address[1])
