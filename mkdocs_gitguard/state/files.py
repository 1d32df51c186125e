"""Files that are never seen half written: written beside their place, synced, then renamed into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

PART: Final = ".part"
"""How the name of a file that is being written ends."""


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path`, in place of what is there. Readers see the old bytes or the new, never a part.

    Raises:
        OSError: it cannot be written; what was there still is.
    """
    with written_beside(path) as part:
        part.write_bytes(data)


def write_whole(path: Path | str, data: bytes) -> None:
    """Write a file that a reader may be reading: one that is there is replaced in one step, a new one written straight.

    One of the same bytes is left alone. Not synced: what is lost with the power is made again.

    Raises:
        OSError: it cannot be written.
    """
    if _write_new(path, data):
        return
    path = Path(path)
    # A link that leads nowhere makes room, as other files do.
    with suppress(FileNotFoundError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return
    part = path.with_name(f"{path.name}{PART}")
    part.write_bytes(data)
    part.replace(path)


def _write_new(path: Path | str, data: bytes) -> bool:
    """Write a file where nothing stands, and return whether nothing did."""
    try:
        write_straight(path, data, os.O_EXCL)
    except FileExistsError:
        return False
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_straight(path, data, os.O_EXCL)
    return True


def write_straight(path: Path | str, data: bytes, how: int) -> None:
    """Write a file by plain system calls: a build does so 100,000 times, and buffered files take as long as the disk.

    Args:
        path: in a folder that is there.
        data: all of it.
        how: what becomes of a file that is there: `os.O_EXCL` or `os.O_TRUNC` (open(2)).

    Raises:
        OSError: it cannot be written, or is there and must not be.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a path in the same folder to write to; what stands there at the end of the block replaces `path`.

    Raises:
        OSError: it cannot be written; what was there still is, and so it is for any error within the block.
    """
    # A name of its own for each writer: two at once must not write into the same file.
    part = path.with_name(f".{path.name}.{uuid4().hex}{PART}")
    try:
        yield part
        move_into_place(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def move_into_place(part: Path, path: Path) -> None:
    """Rename a file that is whole to its place, after its bytes, and before its name, are on the disk.

    Raises:
        OSError: it cannot be.
    """
    _sync(part)
    part.replace(path)
    # Some file systems cannot sync a folder; the file is in its place all the same.
    with suppress(OSError):
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
