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
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")
_PIECE: Final = 64
"""So many items are taken at once, and their results sent."""
_MOST: Final = 1024
"""So many pieces are made at most: any pipe takes the numbers of these before somebody reads (pipe(7))."""
_NUMBER: Final = 4
"""Bytes of a piece's number, which are read from a pipe at once or not at all."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def may_copy() -> bool:
    """Tell whether this process may be copied: on Linux, and while it has no thread that may hold a lock."""
    return platform.system() == "Linux" and threading.active_count() == 1


def side_by_side(work: Callable[[T], R], items: Sequence[T], copies: int) -> Iterator[tuple[T, R]]:
    """Yield each item with what `work` gives for it, as they come.

    The items are worked on in so many copies of this process, which take the next few of them when they have done
    others; results are pickled. What no copy has answered when all have ended, because `work` raised something or
    memory ran out, is done in this process, one after the other.
    """
    size = max(_PIECE, -(-len(items) // _MOST))
    pieces = [items[start : start + size] for start in range(0, len(items), size)]
    unanswered = dict.fromkeys(range(len(pieces)))
    context = multiprocessing.get_context("fork")
    processes: dict[Any, BaseProcess] = {}
    numbers, handing_out = os.pipe()
    try:
        os.write(handing_out, b"".join(number.to_bytes(_NUMBER, "big") for number in unanswered))
        os.close(handing_out)
        for _ in range(min(copies, len(pieces))):
            reader, writer = context.Pipe(duplex=False)
            inherited = [reader, *processes]
            process = context.Process(target=_answer, args=(writer, work, pieces, numbers, inherited), daemon=True)
            with warnings.catch_warnings():
                # Python warns of threads of any making; `may_copy` has seen that none runs code of Python.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            writer.close()
            processes[reader] = process
        working = [*processes]
        while working:
            for ready in wait(working):
                try:
                    number, results = cast("tuple[int, list[R]]", cast("Connection", ready).recv())
                except (EOFError, OSError):
                    working.remove(ready)
                    continue
                del unanswered[number]
                yield from zip(pieces[number], results, strict=True)
    finally:
        os.close(numbers)
        for reader, copy in processes.items():
            reader.close()
            copy.kill()
            copy.join()
    for number in unanswered:
        for item in pieces[number]:
            yield item, work(item)


def _answer(
    writer: Connection,
    work: Callable[[T], R],
    pieces: Sequence[Sequence[T]],
    numbers: int,
    inherited: Iterable[Connection],
) -> None:
    """Work on pieces in a copy until none is left, as long as somebody waits for it."""
    for reader in inherited:
        reader.close()
    parent = os.getppid()
    # Whatever is raised is raised again, and told, in the process that this one is a copy of.
    with suppress(BaseException):
        while taken := os.read(numbers, _NUMBER):
            number = int.from_bytes(taken, "big")
            results = []
            for item in pieces[number]:
                if os.getppid() != parent:
                    return
                results.append(work(item))
            writer.send((number, results))
