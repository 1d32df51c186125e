"""The rollout's limits on a build: how long it may take, and how much it logs."""

import faulthandler
import logging
import signal
import subprocess
import threading
from datetime import timedelta
from types import FrameType
from typing import Final

from mkdocs.exceptions import PluginError

from mkdocs_gitguard.errors import Interruption
from mkdocs_gitguard.rollout.settings import Settings

_LOGGER: Final = "mkdocs"
_GRACE: Final = 10.0
"""Seconds that a build has to end by itself once it is told to."""
_WATCHER: Final = 'IFS= read -r first || exit 0; printf "ERROR   -  %s\\n" "$1" >&2; cat > /dev/null'
"""Prints its argument when a first line comes, as `faulthandler` writes one before it ends the process; nothing where
the pipe is closed without."""


class BuildTimeoutError(PluginError, Interruption):
    """The build took longer than it may. MkDocs aborts as at any plugin's error."""


class TimeLimit:
    """Ends a build that takes too long.

    At the limit an error is raised in the main thread: MkDocs aborts, and what was harvested is cached. What cannot be
    interrupted so, as a regular expression that keeps the interpreter to itself, is ended some seconds later with the
    whole process, by a thread of `faulthandler` that needs no interpreter.
    """

    def __init__(self, limit: timedelta) -> None:
        """Start the clock. A build that does not run in the main thread has no limit: only that one gets signals."""
        self._limit = limit
        self._is_on = threading.current_thread() is threading.main_thread()
        if self._is_on:
            seconds = max(limit.total_seconds(), 0.001)
            self._before = signal.signal(signal.SIGALRM, self._end)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            self._watcher = subprocess.Popen(
                ("/bin/sh", "-c", _WATCHER, "gitguard", f"{self._message()} It could not be interrupted."),
                stdin=subprocess.PIPE,
            )
            assert self._watcher.stdin is not None  # noqa: S101 - as asked for
            faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=self._watcher.stdin)

    def stop(self) -> None:
        """Stop the clock. Stopping twice does no harm."""
        if self._is_on:
            self._stop_alarm()
            faulthandler.cancel_dump_traceback_later()
            self._watcher.communicate()
            self._is_on = False

    def _stop_alarm(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _end(self, _: int, __: FrameType | None) -> None:
        self._stop_alarm()
        raise BuildTimeoutError(self._message())

    def _message(self) -> str:
        return (
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
