"""The files of a pull request as folders. Pure functions over file changes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs_gitguard.model import FileChange

_OPEN_ROWS: Final = 40
"""Rows that stand open; folders below them are folded."""


@dataclass(slots=True)
class ChangedFolder:
    """A folder, and what a pull request changed in it."""

    name: str
    path: str
    number: int = 0
    """Files below it, at any depth."""
    additions: int = 0
    deletions: int = 0
    owners: tuple[str, ...] = ()
    """Who owns all files of it; those of the folder that it stands in are not repeated."""
    is_open: bool = False
    folders: dict[str, ChangedFolder] = field(default_factory=dict)
    files: list[FileChange] = field(default_factory=list)


def changed_folders(
    files: Iterable[FileChange], repository: str, owners_by_folder: Mapping[str, tuple[str, ...]]
) -> ChangedFolder:
    """Return the root. A chain of folders that hold one folder each is one (`src/main/java`).

    Args:
        files: those to show.
        repository: node id.
        owners_by_folder: see `Graph.owners_by_folder`.
    """
    root = ChangedFolder("", "")
    for file in files:
        *parents, _ = file.path.split("/")
        folder = root
        _count_in(folder, file)
        for depth, name in enumerate(parents):
            folder = folder.folders.setdefault(name, ChangedFolder(name, "/".join(parents[: depth + 1])))
            _count_in(folder, file)
        folder.files.append(file)
    _join_chains(root)
    _name_owners(root, repository, owners_by_folder)
    _open(root)
    return root


def _count_in(folder: ChangedFolder, file: FileChange) -> None:
    folder.number += 1
    folder.additions += file.additions or 0
    folder.deletions += file.deletions or 0


def _join_chains(root: ChangedFolder) -> None:
    folders = [root]
    while folders:
        folder = folders.pop()
        for name, child in list(folder.folders.items()):
            end = child
            while not end.files and len(end.folders) == 1:
                end = next(iter(end.folders.values()))
            end.name = end.path[len(folder.path) :].lstrip("/")
            folder.folders[name] = end
            folders.append(end)


def _name_owners(root: ChangedFolder, repository: str, owners_by_folder: Mapping[str, tuple[str, ...]]) -> None:
    folders: list[tuple[ChangedFolder, tuple[str, ...]]] = [(root, ())]
    while folders:
        folder, above = folders.pop()
        owners = _owners_of(folder.path, repository, owners_by_folder)
        folder.owners = owners if owners != above else ()
        folders.extend((child, owners or above) for child in folder.folders.values())


def _owners_of(path: str, repository: str, owners_by_folder: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return what the nearest folder that is told of says; of one whose files differ, that holds for itself alone."""
    parent = path
    while True:
        owners = owners_by_folder.get(f"{repository}/{parent}")
        if owners is not None or not parent:
            return owners or ()
        parent = parent.rpartition("/")[0]


def _open(root: ChangedFolder) -> None:
    """Open folders breadth first until so many rows stand open."""
    left = _OPEN_ROWS - len(root.folders) - len(root.files)
    queue = deque(root.folders.values())
    while queue:
        folder = queue.popleft()
        rows = len(folder.folders) + len(folder.files)
        if rows <= left:
            folder.is_open = True
            left -= rows
            queue.extend(folder.folders.values())
