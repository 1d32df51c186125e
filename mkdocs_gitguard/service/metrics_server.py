"""`/metrics` of a process that stays."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.service.side_server import SideHandler, serve_beside

if TYPE_CHECKING:
    from mkdocs_gitguard.slo.live import LiveMetrics

_PLAIN = "text/plain; charset=utf-8"


class _Handler(SideHandler):
    def __init__(self, metrics: LiveMetrics, *arguments: Any) -> None:
        self._metrics = metrics
        super().__init__(*arguments)

    def respond(self) -> None:
        """Answer by the path."""
        if self.path.partition("?")[0] != "/metrics":
            self.answer(HTTPStatus.NOT_FOUND, b"There is nothing but /metrics.\n", _PLAIN)
            return
        try:
            text, kind = self._metrics.answer(self.headers.get("Accept", ""))
        except GitGuardError:
            # A scrape that fails is an alert of its own; the cause may name what is not everybody's business.
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, b"The measurements cannot be read.\n", _PLAIN)
            return
        self.answer(HTTPStatus.OK, text, kind)


def serve_metrics(metrics: LiveMetrics, address: str) -> int:
    """Answer in a thread of its own, as long as the process lives; return the port.

    Args:
        metrics: what is answered.
        address: `IP:PORT`; port 0 is any that is free.

    Raises:
        SettingError: the address is wrong or taken.
    """
    return serve_beside(partial(_Handler, metrics), address, option="--metrics", example="127.0.0.1:9464")
