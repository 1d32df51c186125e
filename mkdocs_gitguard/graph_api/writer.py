"""Writes a tree of files so that a file whose bytes have not changed is not touched, nor made where that can be known.

A file is kept unmade when the memory of the last export says that it was made of the same, and it is as it was left. A
file that is made is left alone, its mtime kept, when the same bytes are there by that memory; without one, when the
manifest of the last export and the file that is still there have the same digest. Else it is written beside its place
and moved there in one step. Files that no longer belong are deleted last. `index.json` is written when all that it
leads to is there.
"""

import gzip
import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api.documents import ApiManifest, ManifestEntry
from mkdocs_gitguard.graph_api.memory import ApiMemory, RememberedFile
from mkdocs_gitguard.graph_api.pieces import KeptPiece, LastPieces
from mkdocs_gitguard.state.file_state import FileState, sha256_of_file, state_in, state_of
from mkdocs_gitguard.state.files import move_into_place, write_straight
from mkdocs_gitguard.state.tree import remove_empty, states_below

MANIFEST: Final = "manifest.json"
INDEX: Final = "index.json"
_COMPRESSED: Final = "kinds/"
"""Where files have compressed siblings: who searches reads all lists. Others are read one at a time."""
_COMPRESS_FROM: Final = 16 * 1024
"""Bytes. Below that a packet or ten do not pay for twice the files."""
_TEMPORARY: Final = ".gitguard-part"
_WRITING: Final = ".gitguard-writing"
"""Is there while an export writes: one that finds it knows that the one before was cut off."""
_CANNOT_HOLD: Final = FileState(-1, 0, 0, 0)


class _Brotli(Protocol):
    """What is used of the `brotli` module (https://pypi.org/project/brotli/), which ships without types."""

    def compress(self, string: bytes, *, quality: int) -> bytes: ...


class TreeWriter:
    """Writes one release of the export into a folder."""

    def __init__(self, folder: Path, memory: ApiMemory | None, *, may_keep: bool) -> None:
        """Look at what is there; nothing is touched.

        Args:
            folder: the API's root. Everything in it belongs to the export.
            memory: of the last export into it, if there is one.
            may_keep: whether what was made of the same may be kept.
        """
        self.folder = folder
        self._root = f"{folder}{os.sep}"
        self._may_keep = may_keep
        self._remembered: Mapping[str, RememberedFile] = memory.files if memory is not None else {}
        self._there: dict[str, FileState] = {}
        if folder.is_dir():
            # What a killed run left half written is among them.
            self._there = states_below(folder)
        self._inputs: dict[str, bytes] = {}
        self._pieces: dict[str, tuple[KeptPiece, ...]] = {}
        self._folders: set[str] = set()
        self._written: dict[str, FileState] = {}
        """How each file stood when it was written."""
        self._brotli = _load_brotli()
        self.previous: Mapping[str, ManifestEntry] = {}
        """What the last export left, by its manifest."""
        self.files: dict[str, ManifestEntry] = {}
        """What belongs to this one, but for the manifest and the index."""
        self.kept = 0
        self.made = 0
        self.deleted = 0

    @property
    def written(self) -> int:
        """How many files were written."""
        return len(self._written)

    def is_as_left(self) -> bool:
        """Tell whether the folder holds what the last export left, and nothing else."""
        return self._there.keys() == self._remembered.keys() and all(map(self._is_remembered, self._remembered))

    def begin(self, *, is_ours: bool) -> None:
        """Make the folder if need be, and note there that it is being written.

        Args:
            is_ours: whether the folder is known to be for exports, whatever is in it.

        Raises:
            PublishError: the folder holds files, but none of them is a Graph API's manifest: it is somebody else's.
        """
        self.previous = _read_manifest(self.folder / MANIFEST)
        cut_off = self._there.pop(_WRITING, None) is not None
        if self._there and not (self.previous or cut_off or is_ours):
            raise PublishError(
                f"{self.folder} holds files that are not a Graph API export.",
                hint="Name an empty folder: the export deletes what does not belong to it.",
            )
        # The manifest is written when all files are: one that is younger has been touched by somebody else. After an
        # export that was cut off it tells of the release before, the files of both: none of them can be left alone.
        manifest = self._there.get(MANIFEST)
        written_at = manifest.modified if manifest and not cut_off else -1
        self._trusted = {path for path, state in self._there.items() if state.modified <= written_at}
        if cut_off:
            self._remembered = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _WRITING).touch()

    def keep(self, path: str, inputs: bytes) -> bool:
        """Keep a file and its siblings if it was made of the same and is as it was left; return whether it is."""
        known = self._remembered.get(path)
        if not self._may_keep or known is None or known.inputs != inputs:
            return False
        endings = ("", *self._sibling_endings(path, known.state.size))
        if not all(self._is_remembered(path + ending) for ending in endings):
            return False
        for ending in endings:
            remembered = self._remembered[path + ending]
            self.files[path + ending] = ManifestEntry(sha256=remembered.sha256, size=remembered.state.size)
        self._inputs[path] = inputs
        self._pieces[path] = known.pieces
        self.kept += 1
        return True

    def keep_older(self, path: str) -> bool:
        """Keep a file as it was left, whatever it was made of; return whether it is there."""
        known = self._remembered.get(path)
        return known is not None and bool(known.inputs) and self.keep(path, known.inputs)

    def keep_all(self, *, but: Collection[str]) -> bool:
        """Keep what the last export left, but for some files, if all of that is as it was left; return whether it is.

        Nothing is kept where it is not. The manifest and the index are never kept.
        """
        paths = self._remembered.keys() - {MANIFEST, INDEX, *but}
        # After an export that was cut off nothing is remembered, and all of nothing would be as it was left.
        if not paths or not self._may_keep or not all(map(self._is_remembered, paths)):
            return False
        for path in paths:
            inputs, sha256, state, pieces = msgspec.structs.astuple(self._remembered[path])
            self.files[path] = ManifestEntry(sha256=sha256, size=state.size)
            if inputs:
                self._inputs[path], self._pieces[path] = inputs, pieces
                self.kept += 1
        return True

    def put(self, path: str, data: bytes, *, inputs: bytes = b"") -> None:
        """Write `data` to `path` unless it is there already, and its compressed siblings if it has some."""
        entry = self._entry(path, hashlib.sha256(data).hexdigest(), len(data), inputs)
        is_new = not self._is_there(path, entry)
        self.made += 1
        if is_new:
            self._write(path, data)
        for ending in self._sibling_endings(path, len(data)):
            sibling = self.previous.get(path + ending)
            if not is_new and sibling is not None and self._is_there(path + ending, sibling):
                self.files[path + ending] = sibling
                continue
            packed = self._packed(data, ending)
            self._entry(path + ending, hashlib.sha256(packed).hexdigest(), len(packed))
            self._write(path + ending, packed)

    def part_for(self, path: str) -> Path:
        """Return where a large file may be made, to be handed to `take`."""
        self._make_folder(path)
        return self.folder / f"{path}{_TEMPORARY}"

    def last_pieces(self, path: str) -> LastPieces | None:
        """Return what the last export wrote to `path`, where its pieces can be taken: it is as it was left."""
        known = self._remembered.get(path)
        if not self._may_keep or known is None or not self._is_remembered(path):
            return None
        return LastPieces(self.folder / path, known.pieces)

    def take(self, path: str, *, inputs: bytes, pieces: tuple[KeptPiece, ...]) -> None:
        """Move what was made at `part_for` to `path`, unless the same is there already."""
        self._pieces[path] = pieces
        part = self.part_for(path)
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        entry = self._entry(path, digest, part.stat().st_size, inputs)
        self.made += 1
        if self._is_there(path, entry):
            part.unlink()
        else:
            self._make_room(path)
            self._written[path] = state_in(part.stat())
            move_into_place(part, self.folder / path)

    def before(self, path: str) -> bytes:
        """Return the bytes that the last export left at `path`; `b""` where there are none any more."""
        if path not in self.previous:
            return b""
        try:
            return (self.folder / path).read_bytes()
        except OSError:
            return b""

    def close(self, manifest: bytes, index: bytes) -> dict[str, RememberedFile]:
        """Write the manifest and the index, delete what does not belong to this release, and return how all was left.

        The last thing to call.
        """
        for path, data in ((MANIFEST, manifest), (INDEX, index)):
            self._write(path, data)
        gone = self._there.keys() - self.files.keys() - {MANIFEST, INDEX}
        _delete(self.folder, gone)
        self.deleted += len(gone)
        (self.folder / _WRITING).unlink()
        digests = {path: entry.sha256 for path, entry in self.files.items()}
        digests[MANIFEST], digests[INDEX] = (hashlib.sha256(data).hexdigest() for data in (manifest, index))
        left = {}
        for path, digest in digests.items():
            written = self._written.get(path)
            state = state_of(self._root + path) if written is not None else self._there.get(path)
            # Another export may have put its own file in the place of ours: then it is not known what stands there.
            if state is not None and (written is None or state.is_file_of(written)):
                left[path] = RememberedFile(self._inputs.get(path, b""), digest, state, self._pieces.get(path, ()))
        return left

    def _entry(self, path: str, sha256: str, size: int, inputs: bytes = b"") -> ManifestEntry:
        entry = self.files[path] = ManifestEntry(sha256=sha256, size=size)
        if inputs:
            self._inputs[path] = inputs
        return entry

    def _is_there(self, path: str, entry: ManifestEntry) -> bool:
        if path in self._remembered:
            return self._remembered[path].sha256 == entry.sha256 and self._is_remembered(path)
        return (
            path in self._trusted
            and self.previous.get(path) == entry
            and self._there.get(path, _CANNOT_HOLD).size == entry.size
            # Whoever alters a file can set its time back.
            and sha256_of_file(self.folder / path) == bytes.fromhex(entry.sha256)
        )

    def _is_remembered(self, path: str) -> bool:
        known = self._remembered.get(path)
        state = self._there.get(path)
        if known is None or state is None:
            return False
        return state == known.state or (
            state.size == known.state.size and sha256_of_file(self.folder / path).hex() == known.sha256
        )

    def _make_folder(self, path: str) -> None:
        name = path.rpartition("/")[0]
        if name in self._folders:
            return
        folder = self.folder / name
        # What stands in the way of a folder is not ours; a link in its place would lead out of the export.
        for place in (folder, *folder.parents):
            if place == self.folder:
                break
            if place.is_symlink() or place.is_file():
                place.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        self._folders.add(name)

    def _make_room(self, path: str) -> None:
        """Delete a folder that stands in the place of a file; what is in it belongs to no export."""
        if path not in self._there and os.path.isdir(f"{self._root}{path}"):  # noqa: PTH112 as in `_write`
            shutil.rmtree(f"{self._root}{path}")

    def _write(self, path: str, data: bytes) -> None:
        """Write a file that is there in one step, a new one straight: no index leads to it before this export ends.

        No file is synced (`state/files.py`): an export that was cut off is told by `_WRITING`, and all is written anew.
        Paths are texts: this is done 100,000 times, and `Path` takes as long as the disk.
        """
        self._make_folder(path)
        target = f"{self._root}{path}"
        is_new = path not in self._there
        part = target if is_new else f"{target}{_TEMPORARY}"
        if is_new:
            self._make_room(path)
        write_straight(part, data, os.O_TRUNC)
        self._written[path] = state_in(os.stat(part))  # noqa: PTH116 as above
        if not is_new:
            os.replace(part, target)  # noqa: PTH105 as above

    def _sibling_endings(self, path: str, size: int) -> tuple[str, ...]:
        if size < _COMPRESS_FROM or not path.startswith(_COMPRESSED):
            return ()
        return (".gz", ".br") if self._brotli else (".gz",)

    def _packed(self, data: bytes, ending: str) -> bytes:
        if ending == ".br" and self._brotli:
            return self._brotli.compress(data, quality=5)
        return gzip.compress(data, 6, mtime=0)


def _delete(folder: Path, paths: Iterable[str]) -> None:
    """Delete files below `folder`, and the folders that are empty then."""
    emptied = set()
    for path in paths:
        place = folder / path
        # What stood in the way of a file or folder of this release has made room for it already.
        if place.is_symlink() or place.is_file():
            place.unlink()
        emptied.add(path.rpartition("/")[0])
    for name in sorted(emptied, key=len, reverse=True):
        remove_empty(folder, name)


def _read_manifest(path: Path) -> Mapping[str, ManifestEntry]:
    """Return what the last export wrote; nothing if there was none or its manifest is broken."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ApiManifest).files
    except (OSError, msgspec.DecodeError):
        return {}


def _load_brotli() -> _Brotli | None:
    try:
        import brotli  # type: ignore[import-untyped] # noqa: PLC0415 an extra, which ships without types
    except ImportError:
        return None
    module: _Brotli = brotli
    return module
