"""What one run remembers for the next, as a file: losing it costs time and nothing else.

So it is not synced: a torn one is told from a whole one by its digest, and nobody waits for the disk.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.state.files import replace_file, write_whole
from mkdocs_gitguard.state.folder import make_state_folder

T = TypeVar("T")
_DIGEST_SIZE: Final = sha256().digest_size


def load_memory(path: Path, decode: Callable[[bytes], T]) -> T | None:
    """Return what was remembered, None where there is nothing that can be read: torn, damaged, or of another shape."""
    try:
        data = path.read_bytes()
        digest, content = data[:_DIGEST_SIZE], data[_DIGEST_SIZE:]
        return decode(content) if sha256(content).digest() == digest else None
    # Broken UTF-8 is a ValueError, too deep nesting a RecursionError.
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def save_memory(path: Path, data: bytes, *, is_synced: bool = False) -> None:
    """Keep what is to be remembered. Where it can't be written, the next run does the work again.

    Args:
        path: of the file.
        data: what is remembered.
        is_synced: it has to outlive a loss of power, for which the disk is waited for.
    """
    write = replace_file if is_synced else write_whole
    with suppress(OSError):
        make_state_folder(path.parent)
        write(path, sha256(data).digest() + data)
