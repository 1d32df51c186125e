"""Where a git folder leads: to the folders of other repositories whose objects and refs it shows as its own.

A `.git` file, a `.git` that is a link and `commondir` are followed by `GitDirectory.find`. What is left are links
inside the folder, and `objects/info/alternates` (https://git-scm.com/docs/gitrepository-layout).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.files import alternates_in

_DEEPEST_ALTERNATE: Final = 6
"""Git follows five (`object-file.c`, link_alt_odb_entry)."""
_DEEPEST_REF: Final = 12
_LARGEST: Final = 1 << 16
_PLACES: Final = ("", "info", "reftable")
"""Folders in which a link counts; below `refs` it counts at any depth, below `objects` in each folder."""


def borrowed_folders(directory: GitDirectory) -> tuple[Path, ...]:
    """Return the real paths of the git folders that a repository leads into, its own aside, in order."""
    own = tuple(f"{os.path.realpath(folder)}/" for folder in (directory.git_dir, directory.common_dir))
    folders: dict[Path, None] = {}
    for target in _targets(directory):
        if not f"{target}/".startswith(own):
            folders[_git_folder(Path(target))] = None
    return tuple(folders)


def _targets(directory: GitDirectory) -> Iterator[str]:
    """Yield real paths. Texts, not `Path`s: there may be 256 folders of objects in each of 200 repositories."""
    for folder in map(str, dict.fromkeys((directory.git_dir, directory.common_dir))):
        for place in _PLACES:
            yield from _links(f"{folder}/{place}")
        yield from _links(f"{folder}/refs", depth=_DEEPEST_REF)
        yield from _links(f"{folder}/objects", depth=1)
    seen: set[str] = set()
    objects = [f"{directory.common_dir}/objects"]
    for _ in range(_DEEPEST_ALTERNATE):
        objects = [folder for one in objects for folder in _alternates(one) if folder not in seen]
        seen.update(objects)
        for folder in objects:
            yield os.path.realpath(folder)
            yield from _links(folder)


def _links(folder: str, depth: int = 0) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_symlink():
            yield os.path.realpath(entry.path)
        elif depth and entry.is_dir(follow_symlinks=False):
            yield from _links(entry.path, depth - 1)


def _alternates(objects: str) -> Iterator[str]:
    for name in alternates_in(_content(f"{objects}/info/alternates").replace(b"\r\n", b"\n")):
        yield os.path.join(objects, name)  # noqa: PTH118 - as above


def _content(path: str) -> bytes:
    """Return what a file holds; nothing of a pipe or device, which may never end."""
    try:
        return read_start(Path(path), _LARGEST)
    except OSError:
        return b""


def _git_folder(target: Path) -> Path:
    """Return the git folder that a path lies in; the path itself where it lies in none."""
    for folder in (target, *target.parents):
        with suppress(OSError):
            if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
                return folder
    return target
