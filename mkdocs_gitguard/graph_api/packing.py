"""Files that hold many things, gzipped: shards, pages of relations, and the exports of the whole graph.

They repeat names, links and keys in every line, and a host counts bytes as they lie on its disk. What holds one thing
is plain JSON.
"""

import gzip
import zlib
from typing import Final

LEVEL: Final = 5
"""Of zlib: the next one takes half as long again for a twentieth less."""
_MAGIC: Final = b"\x1f\x8b"
"""RFC 1952, section 2.3.1."""


def packed(data: bytes) -> bytes:
    """Return `data` gzipped; the same data give the same bytes."""
    return gzip.compress(data, LEVEL, mtime=0)


def unpacked(data: bytes) -> bytes:
    """Return what was packed. What is not gzipped is returned as it is: some hosts unpack on the way.

    Raises:
        ValueError: it is gzipped, but torn.
    """
    if not data.startswith(_MAGIC):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it is not whole: {error}") from error
