"""Small texts kept between builds: a mapping whose values are files."""

from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path

from mkdocs_gitguard.state.files import PART, replace_file
from mkdocs_gitguard.state.folder import make_state_folder


class FolderCache(MutableMapping[str, str]):
    """A folder of files named by their keys, which must be digests. Deleting it loses time only.

    Where it cannot be read or written, nothing is kept: the next build does the work again.
    """

    def __init__(self, folder: Path) -> None:
        """Make nothing before there is something to keep.

        Args:
            folder: of its own, in the state folder.
        """
        self._folder = folder

    def __getitem__(self, key: str) -> str:
        try:
            return self._path(key).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyError(key) from error

    def __setitem__(self, key: str, value: str) -> None:
        with suppress(OSError):
            make_state_folder(self._folder.parent)
            self._folder.mkdir(exist_ok=True)
            replace_file(self._path(key), value.encode())

    def __delitem__(self, key: str) -> None:
        try:
            self._path(key).unlink()
        except FileNotFoundError as error:
            raise KeyError(key) from error

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.glob("*") if path.suffix != PART)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, key: str) -> Path:
        return self._folder / key
