"""Connections that send no whole request are closed: after some seconds, or sooner where there are too many of them.

uvicorn waits for ever for the rest of a request, so a few hundred half-sent ones use up all that a process may open,
and nobody else gets an answer (CWE-400; the attack is known as Slowloris).
"""

import asyncio
import resource
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

_PATIENCE: Final = 10.0
"""Seconds that a client has for the lines of its request, from the first byte or the opening of the connection."""
_MOST: Final = 1000
BACKLOG: Final = 64
"""Connections that are taken on at once, before any that waits can be closed for them."""


def most_connections() -> int:
    """Return how many connections a server may have: each needs a descriptor, and a large file that is sent another."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if limit == resource.RLIM_INFINITY else max(4, min(_MOST, (limit - BACKLOG) // 3))


class TimedConnection(H11Protocol):
    """A connection of uvicorn's that does not wait for ever."""

    _waiting: ClassVar[dict["TimedConnection", None]] = {}
    """Those without a request at work, in the order in which they began to wait."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Take what uvicorn gives."""
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Wait for a request; whoever has waited longest makes room."""
        # Half of all, so that requests at work are not refused for those that only wait.
        while len(self._waiting) >= max(1, most_connections() // 2):
            next(iter(self._waiting)).drop()
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Look whether a whole request has come; further bytes of a half-sent one win no time."""
        super().data_received(data)
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn's type says
        if cycle is None or cycle.response_complete:
            self._wait()
        else:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def drop(self) -> None:
        """Close the connection without a word."""
        self._stop_waiting()
        self.transport.abort()

    def _wait(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(_PATIENCE, self.drop)
            self._waiting[self] = None

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._waiting.pop(self, None)
