"""Threads that read repositories, and that nobody has to wait for.

Python ends only when all threads of a `ThreadPoolExecutor` have, and a thread that hangs cannot be ended. These are
daemon threads: what one of them does when the others are through is given up.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

_Result = TypeVar("_Result")
_Args = ParamSpec("_Args")


class ReaderPool:
    """Runs functions side by side, in the order in which they come."""

    def __init__(self, size: int, name: str) -> None:
        """Start nothing yet.

        Args:
            size: how many threads there are at most.
            name: what they are called.
        """
        self._size = size
        self._name = name
        self._threads = 0
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._is_closed = False

    def submit(self, function: Callable[_Args, _Result], *args: _Args.args, **named: _Args.kwargs) -> Future[_Result]:
        """Have a function called; its result or what it raised is the future's."""
        future: Future[_Result] = Future()

        def work() -> None:
            if self._is_closed or not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(*args, **named))
            except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
                future.set_exception(error)

        self._queue.put(work)
        if self._threads < self._size:
            self._threads += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
        return future

    def close(self) -> None:
        """Begin nothing more, and wait for nothing."""
        self._is_closed = True
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            work()
