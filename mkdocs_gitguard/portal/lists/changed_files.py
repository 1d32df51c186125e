"""The files of a pull request as folders. Pure functions over file changes."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.file_tree import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_gitguard.model import FileChange

_OPEN_ROWS: Final = 40
"""Rows that stand open; folders below them are folded."""


@dataclass(slots=True)
class ChangedFolder(Folder[tuple[str, "FileChange"]]):
    """A folder, and what a pull request changed in it.

    Its files come each with its name in this folder: of one that is alone in a folder below, with that folder.
    """

    number: int = 0
    """Files that changed below it, at any depth, those that are not shown among them."""
    additions: int = 0
    deletions: int = 0
    owners: tuple[str, ...] = ()
    """Who owns all files of it; those of the folder that it stands in are not repeated."""
    is_open: bool = False

    @property
    def rows(self) -> int:
        """Folders and files below it, at any depth."""
        return len(self.files) + sum(1 + folder.rows for folder in self.folders.values())

    @property
    def shown(self) -> int:
        """Files that are shown below it, at any depth."""
        return len(self.files) + sum(folder.shown for folder in self.folders.values())


class FolderOwners:
    """Who owns all files of a folder, in one repository. Each folder is looked for once."""

    def __init__(self, repository: str, by_folder: Mapping[str, tuple[str, ...]]) -> None:
        """Look at nothing yet.

        Args:
            repository: node id.
            by_folder: see `Graph.owners_by_folder`.
        """
        self._repository = repository
        self._by_folder = by_folder
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, ...]:
        """Return what the nearest folder that is told of says; where files differ, that holds for itself alone."""
        known, parent, below = self._known, path, []
        while (owners := known.get(parent)) is None:
            below.append(parent)
            owners = self._by_folder.get(f"{self._repository}/{parent}")
            if owners is not None or not parent:
                break
            parent = parent.rpartition("/")[0]
        for folder in below:
            known[folder] = owners or ()
        return owners or ()


def changed_folders(files: Sequence[FileChange], owners: FolderOwners, *, most: int) -> ChangedFolder:
    """Return the root. A chain of folders that hold one folder each is one (`src/main/java`).

    Args:
        files: of the pull request.
        owners: in its repository.
        most: rows in all, folders and files; of more files the first that need no more are shown.
    """
    root = _tree(files[:most], owners)
    fitting = most
    if root.rows > most:
        numbers = range(1, min(most, len(files)))
        fitting = bisect_right(numbers, most, key=lambda number: _tree(files[:number], owners).rows)
        root = _tree(files[:fitting], owners)
    _count_also(root, files[fitting:])
    return root


def _count_also(root: ChangedFolder, files: Iterable[FileChange]) -> None:
    """Count files that are not shown in the folders that are."""
    by_path: dict[str, ChangedFolder] = {}
    folders = [root]
    while folders:
        folder = folders.pop()
        by_path[folder.path] = folder
        folders.extend(folder.folders.values())
    for file in files:
        parent = file.path
        while parent:
            parent = parent.rpartition("/")[0]
            if parent in by_path:
                _count_in(by_path[parent], file=file)


def of_many_owners(files: Iterable[FileChange], owners: FolderOwners) -> list[str]:
    """Return the paths of those files in whose folder not all files have the same owners, or none has any.

    Args:
        files: of the pull request.
        owners: in its repository.
    """
    return [file.path for file in files if not owners.of(file.path.rpartition("/")[0])]


def _tree(files: Iterable[FileChange], owners: FolderOwners) -> ChangedFolder:
    root = ChangedFolder()
    by_path = {"": root}
    for file in files:
        where, _, name = file.path.rpartition("/")
        folder = by_path.get(where)
        if folder is None:
            folder = by_path[where] = root.way_to(file.path)[-1]
        _count_in(folder, file)
        folder.files.append((name, file))
    _add_up(root)
    _join_chains(root)
    _name_owners(root, owners)
    _take_in_lone_files(root)
    _open(root)
    return root


def _count_in(folder: ChangedFolder, file: FileChange) -> None:
    folder.number += 1
    folder.additions += file.additions or 0
    folder.deletions += file.deletions or 0


def _add_up(root: ChangedFolder) -> None:
    """Count in each folder what its folders count."""
    pairs = [(root, folder) for folder in root.folders.values()]
    for _, folder in pairs:
        pairs.extend((folder, inner) for inner in folder.folders.values())
    for folder, inner in reversed(pairs):
        folder.number += inner.number
        folder.additions += inner.additions
        folder.deletions += inner.deletions


def _join_chains(root: ChangedFolder) -> None:
    folders = [root]
    while folders:
        folder = folders.pop()
        folder.join_chains()
        folders.extend(folder.folders.values())


def _name_owners(root: ChangedFolder, known: FolderOwners) -> None:
    folders: list[tuple[ChangedFolder, tuple[str, ...]]] = [(root, ())]
    while folders:
        folder, above = folders.pop()
        owners = known.of(folder.path)
        folder.owners = owners if owners != above else ()
        # The root has no row of its own to name them in.
        named = () if folder is root else owners or above
        folders.extend((child, named) for child in folder.folders.values())


def _take_in_lone_files(root: ChangedFolder) -> None:
    """Show a file that is alone in a folder in the folder above, unless there is an owner to name."""
    folders = [root]
    while folders:
        folder = folders.pop()
        for name, child in list(folder.folders.items()):
            if child.number == 1 and not child.owners:
                ((inner, file),) = child.files
                folder.files.append((f"{child.name}/{inner}", file))
                del folder.folders[name]
            else:
                folders.append(child)
        folder.files.sort(key=lambda entry: entry[1].path)


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
