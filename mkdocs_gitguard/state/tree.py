"""The files below a folder, links among them, never followed."""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from mkdocs_gitguard.state.file_state import FileState, state_in


def files_below(folder: Path, left_out: Collection[str] = ()) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield every file below a folder, links among them, by its path with `/`.

    Args:
        folder: where to look.
        left_out: paths of folders that are not entered.

    Raises:
        OSError: a folder cannot be read.
    """
    waiting = [""]
    root = os.path.join(folder, "")  # noqa: PTH118 - a site has tens of thousands of folders
    while waiting:
        prefix = waiting.pop()
        with os.scandir(root + prefix) as entries:
            for entry in entries:
                path = prefix + entry.name
                if not entry.is_dir(follow_symlinks=False):
                    yield path, entry
                elif path not in left_out:
                    waiting.append(f"{path}/")


def paths_below(folder: str, passes_over: Callable[[str], bool], *, follows_links: bool = False) -> Iterator[str]:
    """Yield the path, with `/`, of every file below a folder; what cannot be read holds none.

    Args:
        folder: where to look.
        passes_over: tells by its name of a folder that it is not entered.
        follows_links: whether links to folders are entered.
    """
    for where, folders, files in os.walk(folder, followlinks=follows_links):
        folders[:] = [name for name in folders if not passes_over(name)]
        inner = where.removeprefix(folder).replace(os.sep, "/").strip("/")
        yield from (f"{inner}/{name}" if inner else name for name in files)


def states_below(folder: Path, left_out: Collection[str] = ()) -> dict[str, FileState]:
    """Return how every file below a folder stands, by its path with `/`. Arguments and errors as above."""
    return {path: state_in(entry.stat(follow_symlinks=False)) for path, entry in files_below(folder, left_out)}


class OwnFolders:
    """Tells which files below a folder stand in folders of its own, and not behind a link; each is looked at once."""

    def __init__(self, folder: str) -> None:
        """Take the folder."""
        self._folder = folder
        self._known: dict[str, bool] = {"": True}

    def hold(self, path: str) -> bool:
        """Tell it of a file or folder by its path with `/`."""
        above = path.rpartition("/")[0]
        known = self._known.get(above)
        if known is None:
            known = self._known[above] = self.hold(above) and not os.path.islink(f"{self._folder}{os.sep}{above}")  # noqa: PTH114 - a site has tens of thousands of folders
        return known


def remove_empty(folder: Path, name: str) -> None:
    """Remove a folder below `folder`, and those around it, as far as they are empty."""
    while name:
        try:
            (folder / name).rmdir()
        except OSError:
            return
        name = name.rpartition("/")[0]
