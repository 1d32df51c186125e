"""What one run remembers for the next, as a file: losing it costs time and nothing else."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.folder import make_state_folder

T = TypeVar("T")


def load_memory(path: Path, decode: Callable[[bytes], T]) -> T | None:
    """Return what was remembered, None where there is nothing that can be read: torn, damaged, or of another shape."""
    try:
        return decode(path.read_bytes())
    # Broken UTF-8 is a ValueError, too deep nesting a RecursionError.
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def save_memory(path: Path, data: bytes) -> None:
    """Keep what is to be remembered. Where it can't be written, the next run does the work again."""
    with suppress(OSError):
        make_state_folder(path.parent)
        replace_file(path, data)
