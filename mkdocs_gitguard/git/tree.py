"""A commit's tree, as `git ls-tree -r -z` lists it: columns, for a tree has ten thousands of rows."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, Literal, NamedTuple, cast

from mkdocs_gitguard.model.printable import printable

TREE_ARGUMENTS: Final = ("ls-tree", "-rz", "--full-tree", "--end-of-options")
"""The arguments, before the commit, of the `git ls-tree` whose output `CommitTree` takes."""

_ID_OF_BLOB: Final = len("100644 blob ")
_ID_OF_COMMIT: Final = len("160000 commit ")


class TreeEntry(NamedTuple):
    """A path of a commit's tree, folders left out."""

    mode: str
    """Six octal digits: 100644 file, 100755 executable, 120000 symbolic link, 160000 submodule."""
    type: Literal["blob", "commit"]
    id: str
    path: str
    """Decoded from UTF-8, other bytes as lone surrogates (`surrogateescape`); `printable` makes it fit to show."""


class CommitTree:
    """Every file, symbolic link and submodule of a commit's tree, sorted as git sorts them.

    Attributes:
        raw_paths: as git has them.
    """

    def __init__(self, listing: bytes) -> None:
        """Take what `git ls-tree` with `TREE_ARGUMENTS` prints."""
        rows = [line.split(b"\t", 1) for line in listing.split(b"\0") if line]
        self._heads = [head for head, _ in rows]
        self.raw_paths = [path for _, path in rows]

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.raw_paths)

    def __iter__(self) -> Iterator[TreeEntry]:
        """Yield the entries one by one."""
        return map(self.entry, range(len(self)))

    @cached_property
    def paths(self) -> list[str]:
        """As `TreeEntry.path`."""
        return b"\0".join(self.raw_paths).decode("utf-8", "surrogateescape").split("\0") if self.raw_paths else []

    @cached_property
    def shown_paths(self) -> list[str]:
        """As `path_text` shows them."""
        return path_texts(b"\0".join(self.raw_paths))

    @cached_property
    def modes(self) -> list[bytes]:
        """As `TreeEntry.mode`."""
        return [head[:6] for head in self._heads]

    @cached_property
    def ids(self) -> list[str]:
        """As `TreeEntry.id`."""
        heads = b"\0".join(self._heads).decode("ascii")
        return [head.rpartition(" ")[2] for head in heads.split("\0")] if heads else []

    @cached_property
    def are_files(self) -> list[bool]:
        """Whether they are neither symbolic link nor submodule."""
        return [head.startswith(b"100") for head in self._heads]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Rows by path."""
        return {path: row for row, path in enumerate(self.paths)}

    def entry(self, row: int) -> TreeEntry:
        """Return the entry of a row."""
        mode, kind, _ = self._heads[row].decode("ascii").split(" ")
        return TreeEntry(mode, cast("Literal['blob', 'commit']", kind), self.id(row), self.paths[row])

    def id(self, row: int) -> str:
        """Return the object id of a row."""
        head = self._heads[row]
        return head[_ID_OF_COMMIT if head.startswith(b"160000") else _ID_OF_BLOB :].decode("ascii")

    def is_file(self, row: int) -> bool:
        """Whether a row is neither symbolic link nor submodule."""
        return self._heads[row].startswith(b"100")

    def holds_folder(self, path: str) -> bool:
        """Whether anything lies below `path`."""
        return f"\0{path}/" in self._joined

    @cached_property
    def _joined(self) -> str:
        return "\0" + "\0".join(self.paths)


def path_text(path: bytes) -> str:
    """Return a path as it is shown: the one way from git's bytes to the text of records and pages."""
    return printable(path.decode("utf-8", "surrogateescape"))


def path_texts(paths: bytes) -> list[str]:
    """Return paths that are separated by NUL, each as `path_text` shows it; none of `b""`."""
    try:
        shown = paths.decode("utf-8").split("\0") if paths else []
    except UnicodeDecodeError:
        return [path_text(path) for path in paths.split(b"\0")]
    # Nearly all are shown as they are, which is seen of all at once.
    whole = "".join(shown)
    return shown if "\\" not in whole and whole.isprintable() else [printable(path) for path in shown]
