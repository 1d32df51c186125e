"""What one run remembers for the next, as a file: losing it costs time and nothing else.

So it is not synced: a torn one is told from a whole one, and nobody waits for the disk.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.state.keyed_file import read_keyed, write_keyed

T = TypeVar("T")
_KEY: Final = sha256(b"memory").digest()
"""Of all memories: what each was made of, it says itself."""


def load_memory(path: Path, decode: Callable[[bytes], T]) -> T | None:
    """Return what was remembered, None where there is nothing that can be read: torn, damaged, or of another shape."""
    data = read_keyed(path, _KEY)
    try:
        return None if data is None else decode(data)
    # Broken UTF-8 is a ValueError, too deep nesting a RecursionError.
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def save_memory(path: Path, data: bytes, *, is_synced: bool = False) -> None:
    """Keep what is to be remembered. Where it can't be written, the next run does the work again.

    Args:
        path: of the file.
        data: what is remembered.
        is_synced: it has to outlive a loss of power, for which the disk is waited for.
    """
    with suppress(OSError):
        write_keyed(path, path.parent, _KEY, data, is_synced=is_synced)
