"""When a process that stays writes the exports of the whole graph, which take the longer the larger that is.

All else of the Graph API says at once what is new. A file of everything is written at most so often that a twentieth of
the processor's time goes there, and `index.json` says which release it is of. One that takes next to no time is written
each time.
"""

import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

_NEXT_TO_NONE: Final = 0.25
"""Seconds of the processor that all exports may take each time."""
_REST: Final = 20.0
"""Times as long as writing them takes it is until they are written again."""


class WrittenExports(NamedTuple):
    """How the exports of the whole graph were left."""

    older: Mapping[str, str]
    """By name, the release of each that has stayed older than what is exported."""
    seconds: float
    """Of the processor that writing the others has taken; 0 where they stood."""


class ExportTurns:
    """Of one process and site. Keeps no time of day."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, each_time: float = _NEXT_TO_NONE) -> None:
        """Begin: nothing has been written by this process, so that nothing may wait.

        Args:
            clock: seconds, from any moment on.
            each_time: seconds of the processor; exports that take no longer never wait.
        """
        self._clock, self._each_time = clock, each_time
        self._took = 0.0
        self._next_at = clock()
        self._repositories: AbstractSet[str] = frozenset()
        self._is_waiting = False

    def may_wait(self, repositories: AbstractSet[str]) -> bool:
        """Tell whether what was written may stay for a while.

        Args:
            repositories: ids of those that are shown now. An export of others never stays: one may have been left out.
        """
        is_small = self._took <= self._each_time
        return not is_small and self._clock() < self._next_at and repositories == self._repositories

    def take(self, repositories: AbstractSet[str], written: WrittenExports) -> None:
        """Take note of what was written.

        Args:
            repositories: ids of those that are shown.
            written: how the exports were left.
        """
        self._repositories, self._is_waiting = repositories, bool(written.older)
        if written.seconds:
            self._took, self._next_at = written.seconds, self._clock() + _REST * written.seconds

    @property
    def is_due(self) -> bool:
        """Whether an export is older than what it is of, and has been so for long enough."""
        return self._is_waiting and self._clock() >= self._next_at
