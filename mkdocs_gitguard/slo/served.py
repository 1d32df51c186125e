"""How fast a server has answered, as a measurement for each stretch of time in which it did."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.measurements import percentile

if TYPE_CHECKING:
    from datetime import datetime

    from mkdocs_gitguard.state.measurements import Measurements


class ServedTimes:
    """Collects seconds, from any thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._seconds: list[float] = []

    def observe(self, seconds: float) -> None:
        """Count an answer."""
        with self._lock:
            self._seconds.append(seconds)

    def keep(self, state: Measurements, *, at: datetime) -> None:
        """Remember the time of 95 % of the answers since the last call; where there were none, nothing.

        Raises:
            SettingError: the state file cannot be written.
        """
        with self._lock:
            seconds, self._seconds = self._seconds, []
        if seconds:
            evidence = f"95 % of {len(seconds):,} answers took at most this long"
            value = percentile(seconds, 95) * 1000
            state.remember(Measurement(name="api.served", value=value, unit="ms", at=at, evidence=evidence))
