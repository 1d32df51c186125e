"""A file that says what it was made of, and of which a torn one is told from a whole one: losing it costs time only."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mkdocs_gitguard.state.files import replace_file, write_whole
from mkdocs_gitguard.state.folder import make_state_folder

_DIGEST_SIZE: Final = 32
HEAD_SIZE: Final = 2 * _DIGEST_SIZE
"""Bytes of a file beside its data."""


def read_keyed(path: Path, key: bytes) -> bytes | None:
    """Return what was written under a key, 32 bytes; None where there is nothing whole, or it has another key."""
    with suppress(OSError), path.open("rb") as file:
        if file.read(_DIGEST_SIZE) == key:
            digest, data = file.read(_DIGEST_SIZE), file.read()
            return data if sha256(data).digest() == digest else None
    return None


def write_keyed(path: Path, state_folder: Path, key: bytes, data: bytes, *, is_synced: bool = False) -> None:
    """Write data under a key, 32 bytes, in place of what is there.

    Args:
        path: of the file.
        state_folder: that it stands in, however deep.
        key: of the data.
        data: what is kept.
        is_synced: it has to outlive a loss of power. Else it is not synced: what was torn by one is told by its digest,
            and pages wait for this.

    Raises:
        OSError: it cannot be written.
    """
    make_state_folder(state_folder)
    write = replace_file if is_synced else write_whole
    write(path, key + sha256(data).digest() + data)
