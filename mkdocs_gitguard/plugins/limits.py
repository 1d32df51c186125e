"""The rollout's limits on a build: how long it may take, and how much it logs."""

import logging
import signal
import threading
from datetime import timedelta
from types import FrameType
from typing import Final

from mkdocs.exceptions import PluginError

from mkdocs_gitguard.rollout.settings import Settings

_LOGGER: Final = "mkdocs"


class TimeLimit:
    """Ends a build that takes too long, as any other error would: MkDocs aborts, and what was harvested is cached."""

    def __init__(self, limit: timedelta) -> None:
        """Start the clock. A build that does not run in the main thread has no limit: only that one gets signals."""
        self._limit = limit
        self._is_on = threading.current_thread() is threading.main_thread()
        if self._is_on:
            self._before = signal.signal(signal.SIGALRM, self._end)
            signal.setitimer(signal.ITIMER_REAL, max(limit.total_seconds(), 0.001))

    def stop(self) -> None:
        """Stop the clock. Stopping twice does no harm."""
        if self._is_on:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
            self._is_on = False

    def _end(self, _: int, __: FrameType | None) -> None:
        self.stop()
        raise PluginError(
            f"The build took longer than BUILD_TIMEOUT, {self._limit.total_seconds():g} seconds. Set a longer one; "
            "what has been harvested is cached, so that the next build is faster."
        )


def set_log_level(settings: Settings) -> None:
    """Let MkDocs log as much as `LOG_LEVEL` says, where somebody has set it; else MkDocs' own options decide.

    What MkDocs counts for `--strict` is counted by a handler of its own, which stays as it is.
    """
    if settings.origins["LOG_LEVEL"].kind == "default":
        return
    level = logging.getLevelNamesMapping()[settings.log_level]
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(min(level, logging.WARNING))
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setLevel(level)
