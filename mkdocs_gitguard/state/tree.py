"""The files below a folder, links among them, never followed."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path


def files_below(folder: Path, left_out: Collection[str] = ()) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield every file below a folder, links among them, by its path with `/`.

    Args:
        folder: where to look.
        left_out: paths of folders that are not entered.

    Raises:
        OSError: a folder cannot be read.
    """
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as entries:
            for entry in entries:
                path = prefix + entry.name
                if not entry.is_dir(follow_symlinks=False):
                    yield path, entry
                elif path not in left_out:
                    waiting.append(f"{path}/")


def remove_empty(folder: Path, name: str) -> None:
    """Remove a folder below `folder`, and those around it, as far as they are empty."""
    while name:
        try:
            (folder / name).rmdir()
        except OSError:
            return
        name = name.rpartition("/")[0]
