"""The metrics of a process that stays, for who scrapes them: what is remembered, under the names of `gitguard.prom`.

Needs the extra `metrics` (prometheus_client), which chooses between the texts of Prometheus and of OpenMetrics by what
the client accepts, and keeps the histogram of a server's own answers.
"""

from __future__ import annotations

import time
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.slo.metrics import SERVED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_gitguard.slo.exposition import Family

_STAY: Final = 15.0
"""Seconds that what was read stays: many may scrape one process."""
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; the rollout plan's limits, 0.5 and 1, among them."""
_HUNDRED: Final = 100


class LiveMetrics:
    """What is answered at `/metrics`."""

    def __init__(self, read: Callable[[], Sequence[Family]], *, serves: bool = False) -> None:
        """Begin.

        Args:
            read: gives what is remembered. Raises a GitGuardError where it cannot be read.
            serves: whether the process answers requests of its own, which `observe` is told of.

        Raises:
            ImportError: prometheus_client is not installed.
        """
        self._client: Any = import_module("prometheus_client")
        self._core: Any = import_module("prometheus_client.core")
        self._read = read
        self._lock = Lock()
        self._families: Sequence[Family] = ()
        self._read_at = float("-inf")
        self._registry: Any = self._client.CollectorRegistry()
        self._registry.register(self)
        self._answered: Any = (
            self._client.Histogram(
                SERVED_SECONDS,
                "Time in which the Graph API's server has answered",
                ["status"],
                buckets=_BUCKETS,
                registry=self._registry,
            )
            if serves
            else None
        )

    def observe(self, status: int, seconds: float) -> None:
        """Count an answer of the process itself."""
        self._answered.labels(f"{status // _HUNDRED}xx").observe(seconds)

    def answer(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics as a text that a client accepts, and its type.

        Args:
            accept: the request's header; `""`: Prometheus' text.

        Raises:
            GitGuardError: what is remembered cannot be read.
        """
        encode, kind = self._client.exposition.choose_encoder(accept)
        text: bytes = encode(self._registry)
        return text, kind

    def collect(self) -> Iterator[Any]:
        """Yield what is remembered, as prometheus_client has it (its `Collector`)."""
        for family in self._at_hand():
            if family.is_counter:
                shown = self._core.CounterMetricFamily(family.name.removesuffix("_total"), f"{family.words}.")
            else:
                shown = self._core.GaugeMetricFamily(family.name, f"{family.words}.")
            for sample in family.samples:
                shown.add_sample(sample.name, dict(sample.labels), sample.value)
            yield shown

    def _at_hand(self) -> Sequence[Family]:
        with self._lock:
            if time.monotonic() - self._read_at > _STAY:
                self._families = self._read()
                self._read_at = time.monotonic()
            return self._families
