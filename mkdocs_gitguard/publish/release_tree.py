"""The folder of a release that is being made: filled from the site and from the release before, and brought to disk.

Making 10,000 folders and links, and removing as many of a dropped release, costs more than all else in a publish. So a
new release need not begin empty: it can begin as a dropped one, of which `strip` leaves only what is certain to be
right already.
"""

import ctypes
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.publish.release import MANIFEST, Manifest, ReleaseFile, encode_manifest

_BLOCK: Final = 1 << 20


class FolderLook(NamedTuple):
    """What must be equal of two folders, so that one can stand for the other."""

    device: int
    mode: int
    user: int
    group: int


def look_of(folder: Path | str) -> FolderLook:
    """Return how a folder looks; a link is not followed.

    Raises:
        OSError: it is not there.
    """
    status = os.lstat(folder)
    return FolderLook(status.st_dev, status.st_mode, status.st_uid, status.st_gid)


def strip(folder: Path, *, model: Path, wanted: Mapping[str, int], look: FolderLook) -> set[str]:
    """Remove from `folder` whatever is not the same file on disk as `model` has at the same path, and empty folders.

    Nothing is taken on trust: neither names, nor sizes, nor what a manifest once said. A file stays only where it is a
    hard link to the model's own, and a folder only where it looks as a new one would.

    Args:
        folder: a former release.
        model: the folder of a release.
        wanted: the paths that may stay, and how many bytes the model's file must have.
        look: of a folder that is made now.

    Returns:
        The paths that stayed.

    Raises:
        OSError: something cannot be read or removed.
    """
    stayed: set[str] = set()

    def go_through(inner: str, prefix: str) -> bool:
        """Return whether anything is left in the folder."""
        with os.scandir(inner) as entries:
            all_entries = list(entries)
        is_left = False
        for entry in all_entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if look_of(entry.path) != look:
                    shutil.rmtree(entry.path)
                elif go_through(entry.path, f"{path}/"):
                    is_left = True
                else:
                    os.rmdir(entry.path)  # noqa: PTH106 Path costs more than the call; so below
            elif path in wanted and _is_same(entry, f"{model}/{path}", wanted[path]):
                stayed.add(path)
                is_left = True
            else:
                os.unlink(entry.path)  # noqa: PTH108
        return is_left

    go_through(str(folder), "")
    return stayed


def _is_same(entry: os.DirEntry[str], other: str, size: int) -> bool:
    """Say whether an entry and another path are one regular file of `size` bytes.

    By `lstat(2)` of both: the inode that a listing gives for free is made up by some file systems (FUSE).
    """
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        return stat.S_ISREG(status.st_mode) and status.st_size == size and os.path.samestat(status, os.lstat(other))
    return False


def unchanged(manifest: Manifest, base: Manifest | None) -> dict[str, int]:
    """Return the paths of the files that a release shares with an earlier one, with their sizes."""
    old = {file.path: file for file in base.files} if base else {}
    return {file.path: file.size for file in manifest.files if old.get(file.path) == file}


def fill(
    folder: Path, manifest: Manifest, *, site: Path, base: Path | None, shared: Mapping[str, int], there: set[str]
) -> int:
    """Write a release's files into a folder: links to an earlier release where that has them, else copies of the site.

    Args:
        folder: holds the files `there` and nothing else.
        manifest: of the release.
        site: the built site.
        base: the folder of the earlier release.
        shared: the files that the earlier release has as well, with their sizes.
        there: paths that are right already.

    Returns:
        How many files were copied.

    Raises:
        PublishError: the site changed meanwhile.
        OSError: something cannot be written.
    """
    lacking = [file for file in manifest.files if file.path not in there]
    _make_folders(folder, lacking)
    copied = 0
    for file in lacking:
        place = f"{folder}/{file.path}"
        if base is not None and file.path in shared and _link(f"{base}/{file.path}", place, file.size):
            continue
        _copy(f"{site}/{file.path}", place, file)
        copied += 1
    (folder / MANIFEST).write_bytes(encode_manifest(manifest))
    return copied


def _make_folders(folder: Path, files: Iterable[ReleaseFile]) -> None:
    for name in sorted({os.path.dirname(file.path) for file in files}):  # noqa: PTH120 Path costs more than the call
        os.makedirs(f"{folder}/{name}", exist_ok=True)  # noqa: PTH103


def _link(old: str, new: str, size: int) -> bool:
    """Share a file with an earlier release; False where that cannot be, so that it is copied instead."""
    with suppress(OSError):
        status = os.lstat(old)
        if stat.S_ISREG(status.st_mode) and status.st_size == size:
            os.link(old, new)
            return True
    return False


def _copy(old: str, new: str, file: ReleaseFile) -> None:
    """Copy a file into a new one: never into one that is there, which other releases may share."""
    digest = hashlib.sha256()
    with suppress(FileNotFoundError), open(old, "rb", buffering=0) as stream, open(new, "xb") as copy:  # noqa: PTH123
        while block := stream.read(_BLOCK):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != file.sha256:
        raise PublishError(f"{file.path} changed while it was published.", hint="Publish after the build has ended.")


def to_disk(folder: Path, *, only_folder: bool = False) -> None:
    """Bring a folder's entry to disk; unless `only_folder`, everything on its file system, files and folders.

    A release of 10,000 pages has as many folders, and 20,000 calls of `fsync` take minutes on a disk where one
    `syncfs(2)` takes moments. Where there is no `syncfs` (it is Linux's), `sync` does the same for all file systems.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if only_folder:
            os.fsync(descriptor)
            return
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
