"""Where the bodies of pages wait, on disk, from when they are written until they are put into the theme.

MkDocs makes the content of every page before it builds the first, and keeps all of it: of 15,000 pages that is most of
a gigabyte.
"""

from contextlib import suppress
from errno import ENOSPC
from io import BytesIO
from os import strerror
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from weakref import finalize

from mkdocs_gitguard.state.folder import make_state_folder


class Slot(NamedTuple):
    """Where a text stands in the file."""

    offset: int
    size: int
    """Bytes."""


class PageBodies:
    """A file without a name, gone when this object is."""

    def __init__(self, folder: Path) -> None:
        """Make the file in the state folder; where that cannot be written, keep texts in memory."""
        self._file: IO[bytes] = BytesIO()
        with suppress(OSError):
            make_state_folder(folder)
            # Without a buffer a full disk is told by the very write that meets it.
            self._file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed when this object goes
        finalize(self, self._file.close)
        self._end = 0

    def write(self, text: str) -> Slot:
        """Keep a text.

        Raises:
            OSError: the disk is full.
        """
        data = text.encode("utf-8", "surrogatepass")
        place = Slot(self._end, len(data))
        self._file.seek(place.offset)
        if self._file.write(data) != len(data):
            raise OSError(ENOSPC, strerror(ENOSPC))
        self._end += len(data)
        return place

    def read(self, place: Slot) -> str:
        """Return a text that was kept."""
        self._file.seek(place.offset)
        return self._file.read(place.size).decode("utf-8", "surrogatepass")
