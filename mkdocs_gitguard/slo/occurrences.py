"""What was good and what was measured, as they came; sums over any stretch of time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.slo.objective import Ratio, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.slo.objective import Objective
    from mkdocs_gitguard.state.packed_days import Point


_NOTHING: Final = 1e-9
"""Sums of floats that are equal differ in their last digits."""


class Count(NamedTuple):
    """Of a stretch of time."""

    good: float
    number: float

    @property
    def share(self) -> float | None:
        """The good part; None: nothing was measured."""
        return self.good / self.number if self.number > 0 else None


class Occurrences:
    """What an objective is judged by, in the order of time."""

    def __init__(self, objective: Objective, series: Mapping[str, Sequence[Point]]) -> None:
        """Count.

        Args:
            objective: says what is good.
            series: by measurement, points in the order of time.
        """
        indicator = objective.indicator
        if isinstance(indicator, Threshold):
            points = series[indicator.measurement]
            holds, limit = indicator.holds, indicator.value
            self.moments = [point.at for point in points]
            self._good = [0.0, *accumulate(point.weight if holds(point.value, limit) else 0.0 for point in points)]
            self._number = [0.0, *accumulate(point.weight for point in points)]
            return
        rows = sorted(_counted(indicator, series), key=itemgetter(0))
        self.moments = [moment for moment, _, _ in rows]
        self._good = [0.0, *accumulate(good for _, good, _ in rows)]
        self._number = [0.0, *accumulate(number for _, _, number in rows)]

    def by_moment(self) -> Iterator[tuple[datetime, bool]]:
        """Yield each moment at which something was measured, and whether anything of it was bad."""
        before = 0.0
        for place, moment in enumerate(self.moments, 1):
            if place < len(self.moments) and self.moments[place] == moment:
                continue
            bad = self._number[place] - self._good[place]
            yield moment, bad > before + _NOTHING
            before = bad

    def between(self, since: datetime, until: datetime) -> Count:
        """Return what was measured after `since`, `until` included."""
        first, last = bisect_right(self.moments, since), bisect_right(self.moments, until)
        return Count(self._good[last] - self._good[first], self._number[last] - self._number[first])

    def on(self, first: datetime, next_day: datetime) -> Count:
        """Return what was measured from a midnight to the next, which is left out."""
        start, end = bisect_left(self.moments, first), bisect_left(self.moments, next_day)
        return Count(self._good[end] - self._good[start], self._number[end] - self._number[start])


def _counted(indicator: Ratio, series: Mapping[str, Sequence[Point]]) -> Iterator[tuple[datetime, float, float]]:
    for point in series[indicator.total]:
        yield point.at, point.value * point.weight * indicator.is_bad, point.value * point.weight
    for point in series[indicator.part]:
        yield point.at, point.value * point.weight * (-1 if indicator.is_bad else 1), 0.0
