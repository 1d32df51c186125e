"""The history of measurements as one file, which goes out with a release and is taken up again by the next run.

What is in it is packed as in the state file (`packed_days`). Equal histories give equal bytes.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.state.packed_days import PackedDay, is_whole

HISTORY_FILE: Final = "history.msgpack"
MOST_BYTES: Final = 1 << 25
"""A year of builds, one in ten minutes, has a tenth."""

_FORMAT: Final = 1
_MAGIC: Final = "gitguard measurements"


class _Start(msgspec.Struct, array_like=True, frozen=True):
    magic: str
    format: int


class _History(msgspec.Struct, array_like=True, frozen=True):
    magic: str
    format: int
    rows: tuple[PackedDay, ...]


def write_history(days: Iterable[PackedDay]) -> bytes:
    """Return a history as the bytes of a file."""
    return msgspec.msgpack.encode(_History(_MAGIC, _FORMAT, tuple(sorted(days))))


def read_history(data: bytes, *, label: str) -> tuple[list[PackedDay], int]:
    """Return the days of a history, and how many are damaged and left out.

    Args:
        data: of the file.
        label: what messages call it.

    Raises:
        ParseError: it is not a history, or one of a newer version, of which nothing can be known.
    """
    start = None
    with contextlib.suppress(msgspec.MsgspecError, ValueError, RecursionError):
        start = msgspec.msgpack.decode(data, type=_Start)
    if start is None or start.magic != _MAGIC:
        raise ParseError(f"{label} is not a history of measurements, or is cut off.", hint="Leave it out.")
    if start.format != _FORMAT:
        raise ParseError(
            f"{label} was written by another version of mkdocs-gitguard (format {start.format}, this one reads "
            f"{_FORMAT}).",
            hint="Use the same version everywhere.",
        )
    try:
        rows = msgspec.msgpack.decode(data, type=_History).rows
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ParseError(f"{label} is damaged: {error}.", hint="Leave it out.") from error
    days = [row for row in rows if is_whole(row)]
    return days, len(rows) - len(days)


def read_history_file(path: Path) -> tuple[list[PackedDay], int]:
    """Return `read_history` of a file.

    Raises:
        ParseError: as `read_history`, or it cannot be read.
    """
    try:
        data = read_file(path, MOST_BYTES)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}.", hint="Name another file.") from error
    return read_history(data, label=str(path))
