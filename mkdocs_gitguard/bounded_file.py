"""Files that strangers may have put there, read so that none can hold the reader up.

Where a file is expected there may be a named pipe, a device, a socket, or a link to one: opening it waits for ever, or
reading it never ends. So only regular files are read, and no more of them than a limit.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
"""Bytes."""


def read_start(path: Path, limit: int) -> bytes:
    """Return the first `limit` bytes of a regular file.

    Raises:
        OSError: it is not there, cannot be read, or is not a regular file.
    """
    _check_regular(path.stat())
    # Between the look and the opening it may have become a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _check_regular(os.fstat(descriptor))
        parts = []
        while limit and (part := os.read(descriptor, min(limit, _CHUNK))):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def read_file(path: Path, limit: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: as `read_start`; or it has more than `limit` bytes.
    """
    try:
        content = read_start(path, limit + 1) if path.stat().st_size <= limit else None
    except ValueError as error:
        # Of a path that holds a NUL.
        raise OSError(errno.EINVAL, "no file can have this name") from error
    if content is None or len(content) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes")
    return content


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
