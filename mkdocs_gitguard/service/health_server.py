"""`/healthz` and `/readyz` of a watch, for systemd, containers and load balancers."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.service.side_server import SideHandler, serve_beside

if TYPE_CHECKING:
    from mkdocs_gitguard.service.watch import Health

_SICK_AFTER: Final = 3
"""Rounds that fail in a row until the service says that it is not well."""


class _Handler(SideHandler):
    def __init__(self, health: Health, *arguments: Any) -> None:
        self._health = health
        super().__init__(*arguments)

    def respond(self) -> None:
        """Answer by the path."""
        health = self._health
        path = self.path.partition("?")[0]
        if path == "/healthz":
            is_well = health.failures < _SICK_AFTER
        elif path == "/readyz":
            is_well = health.is_ready
        else:
            self._send(HTTPStatus.NOT_FOUND, {"error": "not found", "paths": ["/healthz", "/readyz"]})
            return
        # What went wrong stands in the log: it may name what is not everybody's business.
        facts = {name: value for name, value in asdict(health).items() if name != "last_error"}
        self._send(HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, {"ok": is_well, **facts})

    def _send(self, status: HTTPStatus, document: dict[str, Any]) -> None:
        self.answer(status, json.dumps(document).encode() + b"\n", "application/json")


def serve_health(health: Health, address: str) -> int:
    """Answer for a watch in a thread of its own, as long as the process lives; return the port.

    Args:
        health: of the watch.
        address: `IP:PORT`; port 0 is any that is free.

    Raises:
        SettingError: the address is wrong or taken.
    """
    return serve_beside(partial(_Handler, health), address, option="--health", example="127.0.0.1:8004")
