"""Large files in pieces, of which those that have not changed are taken from the last export as they stand there.

What takes time in an export is to encode and to deflate. A piece's bytes follow from what it is made of, so that it is
copied where the last export made one of the same. The whole is one gzip file like any other (`packing.py`).
"""

import errno
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from mkdocs_gitguard.graph_api.nodes import digest_of
from mkdocs_gitguard.graph_api.packing import GZIP_HEAD, Stretch, checksum_of_both, gzip_tail, stretch
from mkdocs_gitguard.model import Record


class Part(NamedTuple):
    """A part of a file that can be made."""

    inputs: bytes
    """Digest of all that its bytes are made of, but for the code."""
    make: Callable[[], bytes]


class KeptPiece(Record, frozen=True, array_like=True):
    """A piece of a file as an export left it."""

    inputs: bytes
    """Digest of all that its bytes are made of, but for the code."""
    size: int
    """Bytes in the file."""
    length: int
    """Bytes when unpacked."""
    checksum: int
    """CRC-32 of those."""
    shift: int
    """See `Stretch`."""


class LastPieces(NamedTuple):
    """A file that is as the last export left it."""

    path: Path
    pieces: tuple[KeptPiece, ...]
    """All, in the file's order."""


class Piece(NamedTuple):
    """A piece that can be written."""

    kept: KeptPiece
    source: IO[bytes]
    offset: int
    """In the source."""


class PieceFile:
    """Collects the pieces of one file, and writes it at last. Used in a `with` statement."""

    def __init__(self, path: Path, last: LastPieces | None = None, *, is_packed: bool = True) -> None:
        """Begin with no piece.

        Args:
            path: of the file. New pieces wait in a nameless file beside it.
            last: what the last export wrote.
            is_packed: whether the file is gzipped.

        Raises:
            OSError: nothing can be written beside `path`, or the last file cannot be read.
        """
        self.path = path
        self._is_packed = is_packed
        self._new = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 closed by `__exit__`
        self._last = last.path.open("rb") if last is not None else None
        self._known: Mapping[bytes, Piece] = {}
        if last is not None and self._last is not None:
            known, offset = {}, len(GZIP_HEAD)
            for kept in last.pieces:
                known[kept.inputs] = Piece(kept, self._last, offset)
                offset += kept.size
            self._known = known

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of what was opened."""
        self._new.close()
        if self._last is not None:
            self._last.close()

    def piece(self, inputs: bytes, make: Callable[[], bytes]) -> Piece:
        """Return the piece of the last file that was made of the same, or a new one."""
        return self._known.get(inputs) or self._made(inputs, make())

    def piece_of(self, data: bytes) -> Piece:
        """Return the piece of the last file with these bytes, or a new one."""
        return self.piece(digest_of(data), lambda: data)

    def _made(self, inputs: bytes, data: bytes) -> Piece:
        piece = stretch(data) if self._is_packed else Stretch(data, 0, 0)
        offset = self._new.tell()
        self._new.write(piece.data)
        kept = KeptPiece(inputs, len(piece.data), len(data), piece.checksum, piece.shift)
        return Piece(kept, self._new, offset)

    def write(self, pieces: Iterable[Piece]) -> tuple[KeptPiece, ...]:
        """Write the file and return what the next export has to know of it.

        Raises:
            OSError: the file cannot be written, or the last one is not what it was when this began.
        """
        # All are made before the first is read again: reading flushes what was written.
        pieces = [*pieces]
        checksum = length = 0
        with self.path.open("wb") as target:
            target.write(GZIP_HEAD if self._is_packed else b"")
            for kept, source, offset in pieces:
                source.seek(offset)
                data = source.read(kept.size)
                if len(data) != kept.size:
                    raise OSError(errno.EIO, "was changed by somebody else meanwhile", str(self.path))
                target.write(data)
                checksum = checksum_of_both(checksum, kept.checksum, kept.shift)
                length += kept.length
            target.write(gzip_tail(checksum, length) if self._is_packed else b"")
        return tuple(kept for kept, _, _ in pieces)
