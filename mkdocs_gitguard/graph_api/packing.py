"""Files that hold many things, gzipped: shards, pages of relations, and the exports of the whole graph.

They repeat names, links and keys in every line, and a host counts bytes as they lie on its disk. What holds one thing
is plain JSON.

The exports are large, so their stretches are deflated one by one, and those that are the same as in the last export are
not deflated again (`pieces.py`). They are put together to one member as RFC 1952 has it: browsers read no second one.
"""

import gzip
import zlib
from functools import cache
from typing import Final, NamedTuple

LEVEL: Final = 5
"""Of zlib: the next one takes half as long again for a twentieth less."""
_MAGIC: Final = b"\x1f\x8b"
"""RFC 1952, section 2.3.1."""
GZIP_HEAD: Final = _MAGIC + b"\x08\0\0\0\0\0\0\xff"
"""Without name and time."""
_LAST_BLOCK: Final = b"\x03\0"
"""An empty one (RFC 1951, section 3.2.6)."""
_POLYNOMIAL: Final = 0xEDB88320
"""Of CRC-32 (RFC 1952, section 8), the bits reversed, as all that is multiplied here."""
_ONE: Final = 1 << 31


class Stretch(NamedTuple):
    """A stretch of a gzipped file."""

    data: bytes
    """Deflated, whole bytes, neither looking back before it nor ending the file."""
    checksum: int
    """CRC-32 of the plain bytes."""
    shift: int
    """What the checksum of all that stands before is multiplied by, see `checksum_of_both`."""


def packed(data: bytes) -> bytes:
    """Return `data` gzipped; the same data give the same bytes."""
    return gzip.compress(data, LEVEL, mtime=0)


def stretch(data: bytes) -> Stretch:
    """Return `data` as a stretch of a gzipped file; the same data give the same bytes."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)
    return Stretch(deflated, zlib.crc32(data), _power(8 * len(data)))


def gzip_tail(checksum: int, length: int) -> bytes:
    """Return what ends a gzipped file: of all its plain bytes the CRC-32, and how many there are."""
    return _LAST_BLOCK + checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")


def checksum_of_both(first: int, second: int, shift: int) -> int:
    """Return the CRC-32 of two stretches as one, from theirs and the second one's shift; none has the CRC-32 0.

    CRC-32 is the rest of a division in polynomials over two elements: what comes behind moves the first up.
    """
    return _product(first, shift) ^ second


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


def _product(one: int, other: int) -> int:
    """Multiply polynomials, by what is left after division by CRC-32's."""
    result = 0
    while one:
        if one & _ONE:
            result ^= other
        one = one << 1 & 0xFFFFFFFF
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return result


def _power(exponent: int) -> int:
    """Return x to this power."""
    result, place = _ONE, 0
    while exponent >> place:
        if exponent >> place & 1:
            result = _product(_power_of_two(place), result)
        place += 1
    return result


@cache
def _power_of_two(place: int) -> int:
    """Return x to the power of two to this power."""
    return _ONE >> 1 if place == 0 else _product(_power_of_two(place - 1), _power_of_two(place - 1))
