"""The artifact that GitHub Pages deploys: an uncompressed tar of the site.

It is what actions/upload-pages-artifact 5.0.0 packs before it hands the file to actions/upload-artifact: GNU tar, names
from `./`, links followed, no folder `.git` or `.github`, no hidden files. Here it also is the same, byte for byte, for
the same release. The workflow uploads it under the name `github-pages`, and actions/deploy-pages does the rest.
"""

import io
import tarfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    ReleaseFile,
    damage_in_archive,
    encode_manifest,
    make_manifest,
)
from mkdocs_gitguard.publish.target import Published, os_failure
from mkdocs_gitguard.state.files import move_into_place

_LIMIT: Final = 1_000_000_000
"""GitHub's limit for a published site: 1 GB
(https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits)."""


class ArtifactTarget:
    """One tar file, written anew each time."""

    def __init__(self, argument: str, *, root: Path, keep: int = 5, wait: float = 60) -> None:
        """Name the file; nothing is touched yet. An artifact holds one release."""
        del keep, wait
        self._file = root / (argument or "artifact.tar")
        self.label = f"artifact {argument or 'artifact.tar'}"

    def current(self) -> Manifest | None:
        """Return None: what GitHub serves cannot be told from here."""
        return None

    def releases(self) -> tuple[Release, ...]:
        """Return none: GitHub keeps the artifacts of earlier runs."""
        return ()

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Write the tar beside its place, then rename it into place.

        Raises:
            PublishError: it cannot be written, or the site is larger than GitHub publishes.
        """
        shown = tuple(file for file in manifest.files if not _is_hidden(file))
        manifest = _without_hidden(manifest, shown)
        if manifest.release.bytes > _LIMIT:
            raise PublishError(
                f"The site has {manifest.release.bytes:,} bytes; GitHub Pages publishes at most {_LIMIT:,}.",
                hint="Choose fewer repositories, or another target.",
            )
        moment = int(manifest.release.created_at.timestamp())
        aside = self._file.with_name(f".{self._file.name}.making")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tarfile.open(aside, "w", format=tarfile.GNU_FORMAT) as archive:
                for folder in sorted({"."} | {parent for file in shown for parent in _folders(file.path)}):
                    archive.addfile(_entry(folder, moment, kind=tarfile.DIRTYPE))
                for file in shown:
                    with (site / file.path).open("rb") as stream:
                        archive.addfile(_entry(f"./{file.path}", moment, size=file.size), stream)
                content = encode_manifest(manifest)
                archive.addfile(_entry(f"./{MANIFEST}", moment, size=len(content)), io.BytesIO(content))
            move_into_place(aside, self._file)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise os_failure(self.label, error) from error
        return Published(manifest, is_new=True, location=str(self._file), written=manifest.release.files)

    def damage(self, manifest: Manifest) -> list[str]:
        """Compare the tar's files with the manifest."""
        with tarfile.open(self._file) as archive:
            return damage_in_archive(archive, manifest)

    def rollback(self, to: str = "") -> Release:
        """Refuse: only GitHub holds earlier artifacts.

        Raises:
            PublishError: always; it says what to do.
        """
        raise PublishError(
            f"The {self.label} holds one release only, so it cannot go back to {to or 'an earlier one'}.",
            hint="Run the deploy job of the earlier workflow run again.",
        )


def _is_hidden(file: ReleaseFile) -> bool:
    return any(part.startswith(".") for part in file.path.split("/"))


def _without_hidden(manifest: Manifest, shown: tuple[ReleaseFile, ...]) -> Manifest:
    old = manifest.release
    return make_manifest(
        shown,
        created_at=old.created_at,
        phase=old.phase,
        flags=old.flags,
        commit=old.commit,
        snapshot=old.snapshot,
        checks=manifest.checks,
    )


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["./" + "/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _entry(name: str, moment: int, *, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.type = size, moment, kind
    entry.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return entry
