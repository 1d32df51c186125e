"""A directory that a web server serves: releases side by side, and a link that says which one is current.

    TARGET/current -> releases/20260210T120000Z-0a1b2c3d4e5f      the web server's root
    TARGET/releases/20260210T120000Z-0a1b2c3d4e5f/…               a whole release with its release.json
    TARGET/releases/.making-…  .dropping-…                        what a crash left; the next publish removes it
    TARGET/.lock

A release is written aside, brought to disk, renamed into place, and then the link is replaced by `rename(2)`, which is
atomic: whoever follows the link finds the old release or the new one, whole, whatever moment the publisher dies at.
"""

import ctypes
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    after,
    damage,
    decode_manifest,
    encode_manifest,
    is_release_id,
    sha256_of,
)
from mkdocs_gitguard.publish.target import Published, os_failure

_MAKING: Final = ".making-"
_DROPPING: Final = ".dropping-"
_NEXT_LINK: Final = ".current-next"
_POLL: Final = 0.1
_MINIMUM_KEPT: Final = 2
"""The current release and the one to go back to, which a slow reader may still be in."""


class DirectoryTarget:
    """Releases in a folder."""

    def __init__(self, argument: str, *, root: Path, keep: int = 5, wait: float = 60) -> None:
        """Name the folder; nothing is touched yet.

        Raises:
            PublishError: no folder is named.
        """
        if not argument:
            raise PublishError("The target directory: names no folder.", hint="Write directory:PATH.")
        self.folder = root / argument
        self.label = f"directory {argument}"
        self._keep = max(keep, _MINIMUM_KEPT)
        self._wait = wait

    @property
    def _releases(self) -> Path:
        return self.folder / "releases"

    @property
    def _link(self) -> Path:
        return self.folder / "current"

    def current(self) -> Manifest | None:
        """Return the manifest of the release that the link names.

        Raises:
            PublishError: the link leads nowhere, or is no link.
        """
        release_id = self._current_id()
        return self._manifest(release_id) if release_id else None

    def releases(self) -> tuple[Release, ...]:
        """Return the whole releases of the folder, newest first."""
        return tuple(self._manifest(release_id).release for release_id in reversed(self._ids()))

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Publish; files that the current release has already are hard-linked from there.

        Raises:
            PublishError: another publisher holds the lock, the folder cannot be written, or the site changed meanwhile.
        """
        try:
            with self._locked():
                self._clear_leftovers()
                before = self.current()
                if before and before.release.digest == manifest.release.digest:
                    return Published(before, is_new=False, location=str(self._link), linked=len(before.files))
                ids = self._ids()
                # After a rollback the very content may stand in a later release: nothing of it need be copied again.
                twins = [known for known in ids if known.endswith(manifest.release.digest[:12])]
                base = self._manifest(twins[-1]) if twins else before
                manifest = after(manifest, ids)
                aside = self._releases / (_MAKING + manifest.release.id)
                written, linked = self._fill(aside, site, manifest, base)
                _to_disk(aside)
                aside.rename(self._releases / manifest.release.id)
                _to_disk(self._releases, only_folder=True)
                self._switch(manifest.release.id)
                self._prune()
        except OSError as error:
            raise os_failure(self.label, error) from error
        return Published(manifest, is_new=True, location=str(self._link), written=written, linked=linked)

    def damage(self, manifest: Manifest) -> list[str]:
        """Compare the files behind the link with the manifest."""
        return damage(self._link.resolve(), manifest)

    def rollback(self, to: str = "") -> Release:
        """Switch the link to an earlier release, after every file of it has been compared with its manifest.

        Raises:
            PublishError: there is no such release, or it is damaged.
        """
        try:
            with self._locked():
                self._clear_leftovers()
                ids = self._ids()
                current = self._current_id()
                if not to:
                    earlier = [release_id for release_id in ids if current and release_id < current]
                    if not earlier:
                        raise PublishError(f"The {self.label} holds no earlier release to go back to.")
                    to = earlier[-1]
                elif to not in ids:
                    raise PublishError(
                        f"The {self.label} holds no release {to!r}.",
                        hint=f"It holds {', '.join(reversed(ids)) or 'none'}.",
                    )
                manifest = self._manifest(to)
                found = damage(self._releases / to, manifest)
                if found:
                    raise PublishError(
                        f"The release {to} of the {self.label} is damaged, and was not switched to: {found[0]}",
                        hint="Choose another with --to.",
                    )
                if to != current:
                    self._switch(to)
        except OSError as error:
            raise os_failure(self.label, error) from error
        return manifest.release

    def _fill(self, aside: Path, site: Path, manifest: Manifest, base: Manifest | None) -> tuple[int, int]:
        """Write a release's files into the folder `aside`, those that `base` has as links to it.

        Returns:
            How many were copied, and how many linked.
        """
        old = {file.path: file for file in base.files} if base else {}
        old_root = self._releases / base.release.id if base else self._releases
        linked = 0
        for folder in sorted({os.path.dirname(file.path) for file in manifest.files} | {""}):  # noqa: PTH120 20x Path
            os.makedirs(os.path.join(aside, folder), exist_ok=True)  # noqa: PTH103, PTH118 as above
        root, old_prefix, site_prefix = f"{aside}/", f"{old_root}/", f"{site}/"
        for file in manifest.files:
            known = old.get(file.path)
            if known == file and _link(old_prefix + file.path, root + file.path, file.size):
                linked += 1
                continue
            shutil.copyfile(site_prefix + file.path, root + file.path)
            if sha256_of(Path(root + file.path)) != file.sha256:
                raise PublishError(
                    f"{file.path} changed while it was published.", hint="Publish after the build has ended."
                )
        (aside / MANIFEST).write_bytes(encode_manifest(manifest))
        return len(manifest.files) - linked, linked

    def _switch(self, release_id: str) -> None:
        following = self.folder / _NEXT_LINK
        following.unlink(missing_ok=True)
        following.symlink_to(Path("releases") / release_id)
        following.replace(self._link)
        _to_disk(self.folder, only_folder=True)

    def _prune(self) -> None:
        """Drop the oldest releases beyond the number to keep, never the current one or the one before it."""
        ids = self._ids()
        current = self._current_id()
        before = [release_id for release_id in ids if release_id < current][-1:]
        for release_id in ids[: -self._keep]:
            if release_id != current and release_id not in before:
                dropped = self._releases / (_DROPPING + release_id)
                # Renamed first, so that no half-removed folder ever bears a release's name.
                (self._releases / release_id).rename(dropped)
                shutil.rmtree(dropped)

    def _clear_leftovers(self) -> None:
        self._releases.mkdir(parents=True, exist_ok=True)
        for path in self._releases.iterdir():
            if path.name.startswith((_MAKING, _DROPPING)):
                shutil.rmtree(path)

    def _current_id(self) -> str:
        if not self._link.is_symlink():
            if self._link.exists():
                raise PublishError(f"{self._link} is no link of ours.", hint="Move it away, or choose another folder.")
            return ""
        name = self._link.readlink().name
        if not is_release_id(name) or not (self._releases / name / MANIFEST).is_file():
            raise PublishError(
                f"{self._link} leads to {self._link.readlink()}, which is no release.",
                hint="Remove the link, then publish again.",
            )
        return name

    def _ids(self) -> list[str]:
        try:
            return sorted(path.name for path in self._releases.iterdir() if is_release_id(path.name))
        except FileNotFoundError:
            return []

    def _manifest(self, release_id: str) -> Manifest:
        path = self._releases / release_id / MANIFEST
        try:
            return decode_manifest(path.read_bytes(), label=f"the release {release_id} of the {self.label}")
        except OSError as error:
            raise PublishError(f"{path} cannot be read: {error.strerror}.") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock, which the kernel takes back if this process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a+") as lock:
            deadline = time.monotonic() + self._wait
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() >= deadline:
                        lock.seek(0)
                        holder = lock.read(100).strip() or "unknown"
                        raise PublishError(
                            f"Another publisher ({holder}) is at work in the {self.label}, and has been for "
                            f"{self._wait:g} seconds.",
                            hint="Try again when it has ended; nothing has been switched.",
                        ) from error
                    time.sleep(_POLL)
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {os.uname().nodename}\n")
            lock.flush()
            yield


def _link(old: str, new: str, size: int) -> bool:
    """Share a file with the release before; False where that cannot be, so that it is copied instead."""
    with suppress(OSError):
        if os.stat(old).st_size == size:  # noqa: PTH116 Path costs more than the call
            os.link(old, new)
            return True
    return False


def _to_disk(folder: Path, *, only_folder: bool = False) -> None:
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
