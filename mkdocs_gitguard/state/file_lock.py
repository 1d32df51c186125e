"""Locks on files between processes: the kernel takes them back when their holder dies, however it ends (flock(2)).

A lock is of an open file: whoever opens it again, in the same process too, is another holder; a process that is forked
holds it as well.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LONGEST: Final = 500


def open_lock(path: Path, *, mode: int) -> int:
    """Open the file of a lock, made where there is none, and return its descriptor; a link in its place is refused.

    Raises:
        OSError: it cannot be written, or is a link.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode)


def take_lock(descriptor: int, *, wait: float = 0.0, pause: Callable[[], float] = lambda: 0.0) -> bool:
    """Take a lock, and return whether that was possible.

    Args:
        descriptor: of its file.
        wait: seconds to wait for whoever holds it.
        pause: seconds between two tries.

    Raises:
        OSError: the file system knows no locks.
    """
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(pause())
        else:
            return True


def give_lock_back(descriptor: int) -> None:
    """Give a lock back, and keep its file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def sign_lock(descriptor: int, *, also: str = "") -> None:
    """Write into a lock's file who holds it, as far as the disk takes it.

    Args:
        descriptor: of the file.
        also: what to add.
    """
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}{also}\n".encode(), 0)


def holder_of(descriptor: int) -> str:
    """Return who holds a lock, as `sign_lock` has written it; `""` where nobody did."""
    return os.pread(descriptor, _LONGEST, 0).decode("utf-8", "replace").strip()
