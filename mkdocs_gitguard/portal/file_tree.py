"""A repository's files as a tree that fits on a page. Pure functions over file entries."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from mkdocs_gitguard.model import FileEntry

_File = TypeVar("_File")


@dataclass(slots=True)
class Folder(Generic[_File]):
    """A folder of any tree of files."""

    name: str = ""
    path: str = ""
    folders: dict[str, Self] = field(default_factory=dict)
    files: list[_File] = field(default_factory=list)

    def way_to(self, path: str) -> list[Self]:
        """Return the folders that a file stands in, this one first and its own last; what is missing is made."""
        *parents, _ = path.split("/")
        way = [self]
        for depth, name in enumerate(parents):
            folders = way[-1].folders
            if name not in folders:
                folders[name] = type(self)(name, "/".join(parents[: depth + 1]))
            way.append(folders[name])
        return way

    def join_chains(self) -> None:
        """Make one of each chain of folders below that hold one folder each (`src/main/java`)."""
        for name, child in list(self.folders.items()):
            end = child
            while not end.files and len(end.folders) == 1:
                end = next(iter(end.folders.values()))
            if end is not child:
                end.name = end.path[len(self.path) :].lstrip("/")
                self.folders[name] = end


@dataclass(slots=True)
class FolderCounts(Folder["FileEntry"]):
    """A folder, what is shown of it, and what is not."""

    number: int = 0
    """Files below it, at any depth."""
    last: FileEntry | None = None
    """The entry below it that changed last."""
    is_open: bool = False
    """Whether its content is shown at all."""
    hidden: int = 0
    """How many of its own entries are left out, where it is open."""

    @property
    def shown_folders(self) -> list[FolderCounts]:
        """The folders to show, by name."""
        return sorted(self.folders.values(), key=lambda folder: folder.name)


def folded_tree(entries: Iterable[FileEntry], *, rows: int, rows_in_folder: int) -> FolderCounts:
    """Return the root, opened breadth first until `rows` rows are shown.

    A chain of folders that hold one folder each is shown as one (`src/main/java`). A folder shows at most
    `rows_in_folder` folders and as many files, the rest is counted in `hidden`.
    """
    root = _grow(entries)
    left = rows
    queue = deque([root])
    while queue:
        folder = queue.popleft()
        folder.join_chains()
        shown = folder.shown_folders[:rows_in_folder]
        wanted = len(shown) + min(len(folder.files), rows_in_folder)
        if wanted > left and folder is not root:
            continue
        folder.is_open = True
        folder.hidden = len(folder.folders) - len(shown) + max(0, len(folder.files) - rows_in_folder)
        folder.folders = {inner.path: inner for inner in shown}
        folder.files = folder.files[:rows_in_folder]
        left -= wanted
        queue.extend(shown)
    return root


def _grow(entries: Iterable[FileEntry]) -> FolderCounts:
    root = FolderCounts()
    for entry in entries:
        way = root.way_to(entry.path)
        for folder in way:
            _count_in(folder, entry)
        way[-1].files.append(entry)
    return root


def _count_in(folder: FolderCounts, entry: FileEntry) -> None:
    folder.number += 1
    if folder.last is None or _moment(entry) > _moment(folder.last):
        folder.last = entry


def _moment(entry: FileEntry) -> tuple[bool, float]:
    return (entry.last_at is not None, entry.last_at.timestamp() if entry.last_at else 0.0)


def base_name(path: str) -> str:
    """Return what stands after the last slash."""
    return path.rpartition("/")[2]
