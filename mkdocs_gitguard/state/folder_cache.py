"""Small texts kept between builds: a mapping whose values are files."""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mkdocs_gitguard.state.files import PART
from mkdocs_gitguard.state.keyed_file import HEAD_SIZE, read_keyed, write_keyed

MOST_BYTES: Final = 1 << 28
"""Of one folder, unless a single build uses more."""
_SHARE_LEFT: Final = 0.75
"""Of the bytes, when some have to go: so that not every further text makes one go."""


class FolderCache(MutableMapping[str, str]):
    """A folder of files named by their keys, which must be digests. Deleting it loses time only.

    Where it cannot be read or written, nothing is kept: the next build does the work again. When the folder outgrows
    its limit, what has not been used for longest goes, but nothing that this object has read or written: what one build
    uses stays for the next, however much that is.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Make nothing before there is something to keep.

        Args:
            folder: of its own, in the state folder.
            most_bytes: what all texts may take.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        self._used: set[str] = set()
        self._bytes: int | None = None

    def __getitem__(self, key: str) -> str:
        path = self._path(key)
        data = read_keyed(path, _digest_of(key))
        if data is None:
            raise KeyError(key)
        text = data.decode()
        if key not in self._used:
            self._used.add(key)
            # The time of modification is that of the last use.
            with suppress(OSError):
                os.utime(path)
        return text

    def __setitem__(self, key: str, value: str) -> None:
        data = value.encode()
        with suppress(OSError):
            write_keyed(self._path(key), self._folder.parent, _digest_of(key), data)
            self._used.add(key)
            self._count(len(data))

    def __delitem__(self, key: str) -> None:
        try:
            self._path(key).unlink()
        except FileNotFoundError as error:
            raise KeyError(key) from error

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.glob("*") if path.suffix != PART)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _count(self, added: int) -> None:
        if self._bytes is None:
            self._bytes = sum(size for _, size, _ in self._files())
        else:
            self._bytes += added
        if self._bytes > self._most_bytes:
            self._bytes = self._let_go()

    def _let_go(self) -> int:
        """Delete what has not been used for longest; return how many bytes are left."""
        files = sorted(self._files())
        left = sum(size for _, size, _ in files)
        for _, size, name in files:
            if left <= _SHARE_LEFT * self._most_bytes:
                break
            if name not in self._used:
                with suppress(FileNotFoundError):
                    self._path(name).unlink()
                left -= size
        # Where more than that is in use, it is not looked for again before as much has been added.
        return left if left <= self._most_bytes else 0

    def _files(self) -> Iterator[tuple[int, int, str]]:
        """Yield each file: when it was used last, its bytes, its name."""
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    yield status.st_mtime_ns, max(0, status.st_size - HEAD_SIZE), entry.name

    def _path(self, key: str) -> Path:
        return self._folder / key


def _digest_of(key: str) -> bytes:
    return sha256(key.encode()).digest()
