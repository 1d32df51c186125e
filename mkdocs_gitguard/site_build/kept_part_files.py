"""What was put together of each repository, kept in the state folder for the next process."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from mkdocs_gitguard.state.keyed_file import read_keyed, write_keyed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class KeptPartFiles:
    """A folder with a file for each part of each repository (`assembly.kept_parts.PartStore`)."""

    def __init__(self, folder: Path, epoch: bytes) -> None:
        """Take the place of the files; nothing is made before there is something to keep.

        Args:
            folder: of its own, in the state folder.
            epoch: what is another whenever the same inputs may give another part.
        """
        self._folder = folder
        self._epoch = epoch

    def read(self, name: str, key: bytes) -> bytes | None:
        """Return what is kept under a name; None where there is nothing whole, or it was kept with another key."""
        return read_keyed(self._path(name), self._key(key))

    def write(self, name: str, key: bytes, data: bytes) -> None:
        """Keep data under a name, in place of what is there."""
        with suppress(OSError):
            write_keyed(self._path(name), self._folder.parent, self._key(key), data)

    def drop_others(self, names: Iterable[str]) -> None:
        """Delete what is kept under other names than these: it is of repositories that the site has no more."""
        wanted = {self._path(name) for name in names}
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path not in wanted:
                    path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    def _key(self, key: bytes) -> bytes:
        return sha256(self._epoch + key).digest()
