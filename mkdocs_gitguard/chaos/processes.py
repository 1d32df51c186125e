"""The processes that a drill starts and kills: copies of its own, so that a swapped part is swapped in them too."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Final

_FORK: Final = multiprocessing.get_context("fork")
_PATIENCE: Final = 60.0
"""Seconds that one may take to end."""


def fork(work: Callable[[], object]) -> BaseProcess:
    """Start a copy of this process that does some work."""
    process = _FORK.Process(target=work)
    process.start()
    return process


def send(process: BaseProcess, number: signal.Signals) -> None:
    """Send a signal to one that runs, or has just ended."""
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, number)


def kill(process: BaseProcess) -> bool:
    """Kill one as the kernel does when memory runs out; tell whether it was that which ended it."""
    send(process, signal.SIGKILL)
    process.join(_PATIENCE)
    return process.exitcode == -signal.SIGKILL


def wait(process: BaseProcess, patience: float = _PATIENCE) -> int:
    """Wait until one has ended, and return its code.

    Raises:
        TimeoutError: it has not.
    """
    process.join(patience)
    if process.exitcode is None:
        kill(process)
        raise TimeoutError(f"A process of the drill had not ended after {patience:g} seconds.")
    return process.exitcode
