"""A directory that a web server serves: releases side by side, and a link that says which one is current.

    TARGET/current -> releases/20260210T120000Z-0a1b2c3d4e5f      the web server's root
    TARGET/releases/20260210T120000Z-0a1b2c3d4e5f/…               a whole release with its release.json
    TARGET/releases/.spare                                        what the next release begins as
    TARGET/releases/.making-…  .dropping-…                        what a crash left; the next publish removes it
    TARGET/.lock

A release is written aside, brought to disk, renamed into place, and then the link is replaced by `rename(2)`, which is
atomic: whoever follows the link finds the old release or the new one, whole, whatever moment the publisher dies at.

A release goes through these names, each step a rename:

    .making-ID -> ID -> .dropping-ID -> .spare -> .making-ID of the next one

A dropped release loses all that the current one does not share before it becomes the spare, so that no content is kept
longer than its releases are. The spare is compared anew before it is used: what stands in it is only ever a saving.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import PublishError, mask_credentials
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    after,
    damage,
    decode_manifest,
    earlier,
    is_release_id,
)
from mkdocs_gitguard.publish.release_tree import fill, look_of, strip, to_disk, unchanged
from mkdocs_gitguard.publish.target import Published, no_file, no_release, os_failure
from mkdocs_gitguard.state.file_lock import holder_of, open_lock, sign_lock, take_lock

_MAKING: Final = ".making-"
_DROPPING: Final = ".dropping-"
_SPARE: Final = ".spare"
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
        self.label = f"directory {mask_credentials(argument)}"
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
            PublishError: the link leads nowhere, or is not a link.
        """
        release_id = self._current_id()
        return self._manifest(release_id) if release_id else None

    def releases(self) -> tuple[Release, ...]:
        """Return the whole releases of the folder, newest first."""
        return tuple(self._manifest(release_id).release for release_id in reversed(self._ids()))

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Publish; files that the current release has already are hard-linked from there.

        Raises:
            PublishError: another publisher holds the lock, the folder cannot be written or is part of the site, or the
                site changed meanwhile.
        """
        if self.folder.resolve().is_relative_to(site.resolve()):
            raise PublishError(
                f"The {self.label} lies in the site that is published, {site}, which the next build empties.",
                hint="Name a folder outside of it.",
            )
        try:
            with self._locked():
                self._clear_leftovers()
                before = self.current()
                ids = self._ids()
                if before and before.release.digest == manifest.release.digest:
                    # What a publish has left that died after its switch.
                    left = self._prune(before, came_from=earlier(ids, before.release.id))
                    linked = len(before.files)
                    return Published(before, is_new=False, location=str(self._link), linked=linked, warning=left)
                # After a rollback the very content may stand in a later release: nothing of it need be copied again.
                twins = [known for known in ids if known.endswith(manifest.release.digest[:12])]
                base = self._manifest(twins[-1]) if twins else before
                manifest = after(manifest, ids)
                written = self._make(site, manifest, base)
                self._switch(manifest.release.id)
                left = self._prune(manifest, came_from=before.release.id if before else "")
        except OSError as error:
            raise os_failure(self.label, error) from error
        linked = len(manifest.files) - written
        return Published(manifest, is_new=True, location=str(self._link), written=written, linked=linked, warning=left)

    def content(self, release: str, path: str) -> bytes:
        """Return a file of a release.

        Raises:
            PublishError: there is no such release, or no such file in it.
        """
        if release not in self._ids():
            raise no_release(self.label, release, self._ids())
        if path not in {file.path for file in self._manifest(release).files}:
            raise no_file(release, self.label, path)
        try:
            return (self._releases / release / path).read_bytes()
        except OSError as error:
            raise os_failure(self.label, error) from error

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
                ids = self._ids()
                current = self._current_id()
                if not to:
                    to = earlier(ids, current)
                    if not to:
                        raise PublishError(f"The {self.label} holds no earlier release to go back to.")
                elif to not in ids:
                    raise no_release(self.label, to, ids)
                manifest = self._manifest(to)
                problems = damage(self._releases / to, manifest)
                if problems:
                    raise PublishError(
                        f"The release {to} of the {self.label} is damaged, and was not switched to: {problems[0]}",
                        hint="Choose another with --to.",
                    )
                if to != current:
                    self._switch(to)
        except OSError as error:
            raise os_failure(self.label, error) from error
        return manifest.release

    def _make(self, site: Path, manifest: Manifest, base: Manifest | None) -> int:
        """Write a release aside, bring it to disk and give it its name.

        Returns:
            How many files were copied; the others are links to `base`.
        """
        release_id = manifest.release.id
        aside = self._releases / (_MAKING + release_id)
        base_folder = self._releases / base.release.id if base else None
        shared = unchanged(manifest, base)
        try:
            there = self._begin(aside, base_folder, shared)
            copied = fill(aside, manifest, site=site, base=base_folder, shared=shared, there=there)
            to_disk(aside)
        except BaseException:
            # A disk that is full has other users, too. Whoever is killed here leaves it to the next publish.
            shutil.rmtree(aside, ignore_errors=True)
            raise
        aside.rename(self._releases / release_id)
        to_disk(self._releases, only_folder=True)
        return copied

    def _begin(self, aside: Path, base: Path | None, shared: Mapping[str, int]) -> set[str]:
        """Make the folder of a new release, out of the spare if there is one.

        Returns:
            The paths of the files that are in it already.
        """
        spare = self._releases / _SPARE
        aside.mkdir()
        look = look_of(aside)
        if not os.path.lexists(spare):
            return set()
        if base is None or look_of(spare) != look:
            _remove(spare)
            return set()
        # The new folder is empty, so rename(2) puts the spare in its place.
        spare.rename(aside)
        return strip(aside, model=base, wanted=shared, look=look)

    def _switch(self, release_id: str) -> None:
        following = self.folder / _NEXT_LINK
        following.unlink(missing_ok=True)
        following.symlink_to(Path("releases") / release_id)
        following.replace(self._link)
        to_disk(self.folder, only_folder=True)

    def _prune(self, manifest: Manifest, *, came_from: str) -> str:
        """Drop the oldest releases beyond the number to keep, never the current one or the one that readers come from.

        Returns:
            What hindered it, in a sentence, for readers see the new release already; `""` for nothing.
        """
        ids = self._ids()
        held = [release_id for release_id in ids if release_id not in {manifest.release.id, came_from}]
        try:
            for release_id in held[: max(0, len(ids) - self._keep)]:
                self._drop(release_id, manifest)
        except OSError as error:
            return f"An old release could not be dropped: {os_failure(self.label, error).message}"
        return ""

    def _drop(self, release_id: str, current: Manifest) -> None:
        """Take a release away. One is left as the spare, with nothing in it but files of the current release."""
        dropped, spare = self._releases / (_DROPPING + release_id), self._releases / _SPARE
        # Renamed first, so that no half-removed folder ever bears a release's name, nor the spare's.
        (self._releases / release_id).rename(dropped)
        if os.path.lexists(spare):
            shutil.rmtree(dropped)
            return
        model = self._releases / current.release.id
        strip(dropped, model=model, wanted={file.path: file.size for file in current.files}, look=look_of(model))
        dropped.rename(spare)

    def _clear_leftovers(self) -> None:
        self._releases.mkdir(parents=True, exist_ok=True)
        for path in self._releases.iterdir():
            if path.name.startswith((_MAKING, _DROPPING)):
                _remove(path)

    def _current_id(self) -> str:
        if not self._link.is_symlink():
            if self._link.exists():
                raise PublishError(
                    f"{self._link} is not a link that gitguard made.", hint="Move it away, or choose another folder."
                )
            return ""
        name = self._link.readlink().name
        if not is_release_id(name) or not (self._releases / name / MANIFEST).is_file():
            raise PublishError(
                f"{self._link} leads to {self._link.readlink()}, which is not a release.",
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
        # A link in its place is not followed: it could lead to any file of this user, which would be emptied.
        lock = open_lock(self.folder / ".lock", mode=0o666)
        try:
            if not take_lock(lock, wait=self._wait, pause=lambda: _POLL):
                raise PublishError(
                    f"Another publisher ({holder_of(lock) or 'unknown'}) is at work in the {self.label}, and has been "
                    f"for {self._wait:g} seconds.",
                    hint="Try again when it has ended; nothing has been switched.",
                )
            # As far as the disk takes it: going back must work on a full one.
            sign_lock(lock)
            yield
        finally:
            os.close(lock)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
