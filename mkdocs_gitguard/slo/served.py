"""How servers have answered, as measurements for each stretch of time: how fast, and what they refused."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.measurements import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mkdocs_gitguard.state.measurements import Measurements


_REFUSALS: Final[Mapping[int, str]] = {
    400: "unreadable",
    401: "unsigned",
    408: "unfinished",
    413: "too-large",
    503: "not-kept",
}
"""By status of the receiver's answer: see `events/receiver.py`."""


class RefusedWebhooks:
    """Counts what the receiver of webhooks has refused, by reason, from any thread. A flood costs no more than one."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._numbers: Counter[str] = Counter()

    def observe(self, status: int) -> None:
        """Count an answer, if it is a refusal."""
        reason = _REFUSALS.get(status)
        if reason:
            with self._lock:
                self._numbers[reason] += 1

    def keep(self, state: Measurements, *, at: datetime) -> None:
        """Remember what was refused since the last call; where that was nothing, nothing.

        Raises:
            SettingError: the state file cannot be written.
        """
        with self._lock:
            numbers, self._numbers = self._numbers, Counter()
        if numbers:
            state.remember(
                *(
                    Measurement(name=f"events.refused.{reason}", value=number, at=at, evidence="webhooks")
                    for reason, number in sorted(numbers.items())
                )
            )


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
