"""Writes a tree of files so that a file whose bytes have not changed is not touched.

What the last run wrote stands in its manifest. A file is left alone, its mtime kept, when the manifest has the same
digest for it and the file of that size is still there; else it is written beside its place and moved there in one
step. Files that no longer belong are deleted last. `index.json` is written when all that it leads to is there.
"""

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api.documents import ApiManifest, ManifestEntry
from mkdocs_gitguard.state.files import move_into_place

MANIFEST: Final = "manifest.json"
INDEX: Final = "index.json"
_COMPRESS_FROM: Final = 16 * 1024
"""Bytes. Below that a packet or ten do not outweigh twice the files."""
_CHUNK: Final = 1 << 20
_TEMPORARY: Final = ".gitguard-part"
_WRITING: Final = ".gitguard-writing"
"""Is there while a run writes: one that finds it knows that the run before was cut off."""


class _Brotli(Protocol):
    """What is used of the `brotli` module (https://pypi.org/project/brotli/), which ships without types."""

    def compress(self, string: bytes, *, quality: int) -> bytes: ...


class TreeWriter:
    """Writes one release of the export into a folder."""

    def __init__(self, folder: Path) -> None:
        """Look at what is there.

        Args:
            folder: the API's root; made if need be. Everything in it belongs to the export.

        Raises:
            PublishError: the folder holds files, but none of them is a Graph API's index: it is somebody else's.
        """
        self.folder = folder
        self._root = f"{folder}{os.sep}"
        self.files: dict[str, ManifestEntry] = {}
        self.written = 0
        self.unchanged = 0
        self.deleted = 0
        self.previous: Mapping[str, ManifestEntry] = _read_manifest(folder / MANIFEST)
        listed = _list_files(folder) if folder.is_dir() else {}
        # The manifest is written when all files are: one that is younger has been touched by somebody else.
        written_at = listed[MANIFEST].modified if MANIFEST in listed else 0
        self._there = {
            path: file.size if file.modified <= written_at or path in (MANIFEST, INDEX) else -1
            for path, file in listed.items()
        }
        cut_off = self._there.pop(_WRITING, None) is not None
        if self._there and not (self.previous or cut_off):
            raise PublishError(
                f"{folder} holds files that are not a Graph API export.",
                hint="Name an empty folder: the export deletes what does not belong to it.",
            )
        if cut_off:
            # The manifest tells of the release before, the files of both: none of them can be left alone.
            self._there = dict.fromkeys(self._there, -1)
        self._folders: set[str] = set()
        self._brotli = _load_brotli()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _WRITING).touch()

    def put(self, path: str, data: bytes, *, in_manifest: bool = True) -> None:
        """Write `data` to `path` unless it is there already, and its compressed siblings if it is large."""
        entry = ManifestEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        if in_manifest:
            self.files[path] = entry
        if self._is_there(path, entry):
            self.unchanged += 1
        else:
            self._write(path, data)
        if in_manifest and len(data) >= _COMPRESS_FROM:
            self._put_siblings(path, entry, data)

    def put_made(self, path: str, make: Callable[[Path], None], *, siblings: bool = True) -> None:
        """Let `make` write a file of any size, and move it to `path` unless the same is there already."""
        part = self._part(path)
        try:
            make(part)
            with part.open("rb") as stream:
                entry = ManifestEntry(
                    sha256=hashlib.file_digest(stream, "sha256").hexdigest(), size=part.stat().st_size
                )
            self.files[path] = entry
            if self._is_there(path, entry):
                self.unchanged += 1
            else:
                move_into_place(part, self.folder / path)
                self.written += 1
        finally:
            part.unlink(missing_ok=True)
        if siblings and entry.size >= _COMPRESS_FROM:
            self._put_siblings(path, entry, None)

    def finish(self) -> None:
        """Delete what does not belong to this release, and folders that are empty then. The last thing to call."""
        keep = {*self.files, MANIFEST, INDEX}
        gone = self._there.keys() - keep
        _delete(self.folder, gone)
        self.deleted += len(gone)
        (self.folder / _WRITING).unlink()

    def _is_there(self, path: str, entry: ManifestEntry) -> bool:
        return self.previous.get(path) == entry and self._there.get(path) == entry.size

    def _make_folder(self, path: str) -> None:
        name = path.rpartition("/")[0]
        if name not in self._folders:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._folders.add(name)

    def _part(self, path: str) -> Path:
        self._make_folder(path)
        return self.folder / f"{path}{_TEMPORARY}"

    def _write(self, path: str, data: bytes) -> None:
        """Write a file that is there in one step, a new one straight: no index leads to it before this run ends.

        Plain system calls: this is done 200,000 times, and `Path` and buffered files take as long as the disk. Nor is
        each file synced (`state/files.py`): a run that was cut off is told by `_WRITING`, and all is written anew.
        """
        self._make_folder(path)
        target = f"{self._root}{path}"
        is_new = path not in self._there
        part = target if is_new else f"{target}{_TEMPORARY}"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)
        if not is_new:
            os.replace(part, target)  # noqa: PTH105 as above
        self.written += 1

    def _put_siblings(self, path: str, entry: ManifestEntry, data: bytes | None) -> None:
        """Keep the siblings of unchanged bytes; compressing is the slow part."""
        endings = [".gz", *([".br"] if self._brotli else [])]
        known = [self.previous.get(path + ending) for ending in endings]
        if self.previous.get(path) == entry and all(
            sibling and self._there.get(path + ending) == sibling.size
            for ending, sibling in zip(endings, known, strict=True)
        ):
            for ending, sibling in zip(endings, known, strict=True):
                if sibling:
                    self.files[path + ending] = sibling
                    self.unchanged += 1
            return
        if data is None:
            data = (self.folder / path).read_bytes()
        self._put_plain(f"{path}.gz", gzip.compress(data, 6, mtime=0))
        if self._brotli:
            self._put_plain(f"{path}.br", self._brotli.compress(data, quality=5))

    def _put_plain(self, path: str, data: bytes) -> None:
        self.files[path] = ManifestEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        self._write(path, data)


def mirror(source: Path, target: Path) -> None:
    """Make `target` the same tree as `source`, by hard links where the file system has them, else by copies.

    Files that are the same already are left alone; what `source` has not is deleted, folders too.
    """
    wanted = _list_files(source)
    there = _list_files(target) if target.is_dir() else {}
    _delete(target, there.keys() - wanted.keys())
    folders: set[Path] = set()
    for path, status in wanted.items():
        if path in there:
            if there[path] == status:
                continue
            (target / path).unlink()
        origin, copy = source / path, target / path
        if copy.parent not in folders:
            copy.parent.mkdir(parents=True, exist_ok=True)
            folders.add(copy.parent)
        try:
            copy.hardlink_to(origin)
        except OSError:
            shutil.copy2(origin, copy)


def _delete(folder: Path, paths: Iterable[str]) -> None:
    """Delete files below `folder`, and the folders that are empty then."""
    emptied = set()
    for path in paths:
        (folder / path).unlink(missing_ok=True)
        emptied.add(path.rpartition("/")[0])
    for name in sorted(emptied, key=len, reverse=True):
        _remove_empty(folder, name)


def _remove_empty(folder: Path, name: str) -> None:
    """Remove a folder below `folder`, and those around it, as far as they are empty."""
    while name:
        try:
            (folder / name).rmdir()
        except OSError:
            return
        name = name.rpartition("/")[0]


def write_chunks(chunks: Iterable[bytes]) -> Callable[[Path], None]:
    """Return a maker for `put_made` that writes the chunks in turn."""

    def make(path: Path) -> None:
        with path.open("wb", buffering=_CHUNK) as stream:
            stream.writelines(chunks)

    return make


class _FileStatus(NamedTuple):
    """A file that is there; two that are equal are one."""

    size: int
    device: int
    inode: int
    modified: int
    """Nanoseconds."""


def _list_files(folder: Path) -> dict[str, _FileStatus]:
    """Return by path every file below a folder; what a killed run left half written is among them."""
    listed: dict[str, _FileStatus] = {}
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{prefix}{entry.name}/")
                else:
                    status = entry.stat(follow_symlinks=False)
                    listed[prefix + entry.name] = _FileStatus(
                        status.st_size, status.st_dev, status.st_ino, status.st_mtime_ns
                    )
    return listed


def _read_manifest(path: Path) -> Mapping[str, ManifestEntry]:
    """Return what the last run wrote; nothing if there was none or its manifest is broken."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ApiManifest).files
    except (FileNotFoundError, msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def _load_brotli() -> _Brotli | None:
    try:
        import brotli  # type: ignore[import-untyped] # noqa: PLC0415 an extra, which ships without types
    except ImportError:
        return None
    module: _Brotli = brotli
    return module
