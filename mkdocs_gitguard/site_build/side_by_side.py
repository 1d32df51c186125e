"""Work that needs no answer from its neighbours, done in copies of this process at the same time.

Python runs one thread of its own code at a time, so that a second core needs a second process. A copy (fork) has all
that this process has read, and nothing needs to be handed over but the results.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import threading
import warnings
from collections import deque
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")
_BATCH: Final = 64
"""So many results are sent at once."""


class _Copy(NamedTuple):
    """Of this process, and what it works on."""

    process: BaseProcess
    unanswered: deque[Any]


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def may_copy() -> bool:
    """Tell whether this process may be copied: on Linux, and while it has no thread that may hold a lock."""
    return platform.system() == "Linux" and threading.active_count() == 1


def side_by_side(work: Callable[[T], R], shares: Iterable[Sequence[T]]) -> Iterator[tuple[T, R]]:
    """Yield each item with what `work` gives for it, as they come.

    Each share is worked on in a copy of this process; its results are pickled. What a copy has not answered when it
    ends, because `work` raised something or memory ran out, is done in this process, one after the other.
    """
    context = multiprocessing.get_context("fork")
    copies: dict[Any, _Copy] = {}
    try:
        for share in shares:
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(writer, work, share, [reader, *copies]), daemon=True)
            with warnings.catch_warnings():
                # Python warns of threads of any making; `may_copy` has seen that none runs code of Python.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            writer.close()
            copies[reader] = _Copy(process, deque(share))
        working = [*copies]
        while working:
            for ready in wait(working):
                copy = copies[ready]
                try:
                    results: list[R] = cast("Connection", ready).recv()
                except (EOFError, OSError):
                    working.remove(ready)
                    continue
                for result in results:
                    yield copy.unanswered.popleft(), result
    finally:
        for reader, copy in copies.items():
            reader.close()
            copy.process.kill()
            copy.process.join()
    for copy in copies.values():
        for item in copy.unanswered:
            yield item, work(item)


def _answer(writer: Connection, work: Callable[[T], R], share: Sequence[T], inherited: Iterable[Connection]) -> None:
    """Work on a share in a copy, as long as somebody waits for it."""
    for reader in inherited:
        reader.close()
    parent = os.getppid()
    # Whatever is raised is raised again, and told, in the process that this one is a copy of.
    with suppress(BaseException):
        for start in range(0, len(share), _BATCH):
            results = []
            for item in share[start : start + _BATCH]:
                if os.getppid() != parent:
                    return
                results.append(work(item))
            writer.send(results)


def in_shares(groups: Sequence[Sequence[T]], number: int) -> list[list[T]]:
    """Return items in shares of about the same size, no group of them parted; the largest groups are placed first."""
    shares: list[list[T]] = [[] for _ in range(number)]
    for group in sorted(groups, key=len, reverse=True):
        min(shares, key=len).extend(group)
    return [share for share in shares if share]
