"""The artifact that GitHub Pages deploys: an uncompressed tar of the site.

It is what actions/upload-pages-artifact 5.0.0 packs, with `include-hidden-files`, before it hands the file to
actions/upload-artifact: GNU tar, names from `./`, no folder `.git` or `.github`. Hidden files are in it, for a site
needs `.well-known` (RFC 8615). Here it also is the same, byte for byte, for the same release. The workflow uploads it
under the name `github-pages`, and actions/deploy-pages does the rest.
"""

import io
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from mkdocs_gitguard.errors import PublishError, mask_credentials
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    ReleaseFile,
    checked_content,
    damage_in_archive,
    decode_manifest,
    encode_manifest,
    make_manifest,
)
from mkdocs_gitguard.publish.target import Published, os_failure
from mkdocs_gitguard.state.file_lock import take_lock
from mkdocs_gitguard.state.files import move_into_place

_LIMIT: Final = 1_000_000_000
"""GitHub's limit for a published site: 1 GB
(https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits)."""
_LEFT_OUT: Final = frozenset({".git", ".github"})
"""What actions/upload-pages-artifact leaves out in any case, wherever in the site it is."""
_MAKING: Final = ".making-"


class ArtifactTarget:
    """One tar file, written anew each time."""

    def __init__(self, argument: str, *, root: Path, keep: int = 5, wait: float = 60) -> None:
        """Name the file; nothing is touched yet. An artifact holds one release."""
        del keep, wait
        self._file = root / (argument or "artifact.tar")
        self.label = f"artifact {mask_credentials(argument or 'artifact.tar')}"

    def current(self) -> Manifest | None:
        """Return None: what GitHub serves cannot be told from here."""
        return None

    def releases(self) -> tuple[Release, ...]:
        """Return none: GitHub keeps the artifacts of earlier runs."""
        return ()

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Write the tar beside its place, then rename it into place.

        Two publishers at once write a file each; the tar is that of the one which ends last, whole.

        Raises:
            PublishError: it cannot be written, a file is not what the manifest says, or the site is larger than GitHub
                publishes.
        """
        shown = tuple(file for file in manifest.files if not _LEFT_OUT & set(file.path.split("/")))
        passed_over = len(manifest.files) - len(shown)
        manifest = _with_files(manifest, shown) if passed_over else manifest
        if manifest.release.bytes > _LIMIT:
            raise PublishError(
                f"The site has {manifest.release.bytes:,} bytes; GitHub Pages publishes at most {_LIMIT:,}.",
                hint="Choose fewer repositories, or another target.",
            )
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._aside() as (aside, stream):
                _pack(stream, site, manifest)
                stream.flush()
                # A temporary file is its owner's alone; whoever uploads this one need not be.
                aside.chmod(0o644)
                move_into_place(aside, self._file)
        except OSError as error:
            raise os_failure(self.label, error) from error
        return Published(
            manifest,
            is_new=True,
            location=str(self._file),
            written=manifest.release.files,
            warning=f"{passed_over:,} files in folders .git or .github are not in the artifact." if passed_over else "",
            artifact=str(self._file.resolve()),
        )

    def damage(self, manifest: Manifest) -> list[str]:
        """Compare the tar's files with the manifest."""
        try:
            with tarfile.open(self._file) as archive:
                held = archive.extractfile(f"./{MANIFEST}")
                there = decode_manifest(held.read() if held else b"", label=f"the {self.label}").release.id
                if there != manifest.release.id:
                    return [f"another publisher has put release {there} into the {self.label} meanwhile."]
                return damage_in_archive(archive, manifest)
        except (OSError, tarfile.TarError, KeyError, PublishError) as error:
            return [f"the {self.label} cannot be read back: {error}"]

    def rollback(self, to: str = "") -> Release:
        """Refuse: only GitHub holds earlier artifacts.

        Raises:
            PublishError: always; it says what to do.
        """
        raise PublishError(
            f"The {self.label} holds one release only, so it cannot go back to {to or 'an earlier one'}.",
            hint="Run the deploy job of the earlier workflow run again.",
        )

    @contextmanager
    def _aside(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """Make a file beside the tar's place that is this publisher's alone, and remove it unless it was renamed."""
        prefix = f".{self._file.name}{_MAKING}"
        for leftover in self._file.parent.glob(f"{_without_wildcards(prefix)}*"):
            _remove_if_dead(leftover)
        with tempfile.NamedTemporaryFile(dir=self._file.parent, prefix=prefix, delete=False) as stream:
            path = Path(stream.name)
            try:
                # Held while this process lives: it tells the others that the file is not a leftover.
                take_lock(stream.fileno())
                yield path, stream
            except BaseException:
                with suppress(OSError):
                    path.unlink()
                raise


def _pack(stream: IO[bytes], site: Path, manifest: Manifest) -> None:
    """Write the tar, each file as the manifest says it is."""
    moment = int(manifest.release.created_at.timestamp())
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder in sorted({"."} | {parent for file in manifest.files for parent in _folders(file.path)}):
            archive.addfile(_entry(folder, moment, kind=tarfile.DIRTYPE))
        for file in manifest.files:
            content = checked_content(site, file)
            archive.addfile(_entry(f"./{file.path}", moment, size=file.size), io.BytesIO(content))
        content = encode_manifest(manifest)
        archive.addfile(_entry(f"./{MANIFEST}", moment, size=len(content)), io.BytesIO(content))


def _remove_if_dead(path: Path) -> None:
    with suppress(OSError), path.open("rb") as stream:
        if take_lock(stream.fileno()):
            path.unlink()


def _without_wildcards(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _with_files(manifest: Manifest, files: tuple[ReleaseFile, ...]) -> Manifest:
    old = manifest.release
    return make_manifest(
        files,
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
