"""The snapshot of the last build, where all that it was made of is the same.

Assembling is a function of what was read, so that its result may be kept under the digest of all of its arguments.
What was not put together as it should be is not kept: the next build tries again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.model import Snapshot
from mkdocs_gitguard.state.keyed_file import read_keyed, write_keyed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILE: Final = "snapshot.memory"


def kept_or_made(
    folder: Path,
    key: bytes,
    make: Callable[[], tuple[Snapshot, bool]],
    *,
    is_read: bool = True,
    is_written: bool = True,
) -> tuple[Snapshot, bool]:
    """Return the snapshot that is kept under a key, else make it and keep it; and whether it is whole.

    Args:
        folder: the state folder.
        key: from `key_of`.
        make: gives the snapshot, and whether it is whole.
        is_read: whether one that is kept will do. A process that stays makes it of parts that it has at hand, and the
            next one of the same.
        is_written: whether one that was made is kept. A process that stays need not keep each: the next process puts
            together what the last look everywhere has not left.
    """
    snapshot = _kept(folder / _FILE, key) if key and is_read else None
    if snapshot is not None:
        return snapshot, True
    snapshot, is_whole = make()
    if not is_written:
        return snapshot, is_whole
    # Losing it costs time only.
    with suppress(OSError):
        if key and is_whole:
            write_keyed(folder / _FILE, folder, key, msgspec.msgpack.encode(snapshot))
        else:
            (folder / _FILE).unlink(missing_ok=True)
    return snapshot, is_whole


def _kept(path: Path, key: bytes) -> Snapshot | None:
    packed = read_keyed(path, key)
    try:
        return _DECODER.decode(packed) if packed is not None else None
    except msgspec.MsgspecError:
        return None


_DECODER: Final = msgspec.msgpack.Decoder(Snapshot)
