"""A release: a built site, every file with its digest, and the manifest that says so.

The manifest is the file `release.json` at the release's root, in every target. A reader who holds it can tell
whether a release is whole.
"""

import hashlib
import os
import posixpath
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Flags, Record, Release

MANIFEST: Final = "release.json"

_ID: Final = late_pattern(r"(\d{8}T\d{6}Z)-[0-9a-f]{12}")
_ID_TIME: Final = "%Y%m%dT%H%M%SZ"
_BLOCK: Final = 1 << 20
_BATCH: Final = 64

T = TypeVar("T")
R = TypeVar("R")


class ReleaseFile(Record, frozen=True, kw_only=True):
    """One file of a release."""

    path: str
    """From the release's root, `/` between folders."""
    size: int
    sha256: str


class Manifest(Record, frozen=True, kw_only=True):
    """What a release is made of."""

    schema_version: str = "1.0"
    release: Release
    checks: Mapping[str, str] = {}
    """Checks that the content passed before it was published, with the version of what checked it."""
    files: tuple[ReleaseFile, ...]
    """By path; the manifest itself is not among them."""


def site_files(site: Path) -> Iterator[str]:
    """Yield the path of every file of a built site, sorted; the manifest of an earlier publish is left out.

    Raises:
        PublishError: the folder is missing or empty, or holds something that is not a file or has a name that not every
            target can carry (a symbolic link could bring a file of this machine into the release).
    """
    if not (site / "index.html").is_file():
        raise PublishError(f"{site} holds no built site: there is no index.html.", hint="Run `gitguard build` first.")
    yield from _files_below(str(site), "", site)


def _files_below(folder: str, prefix: str, site: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        in_order = sorted(entries, key=lambda entry: entry.name)
    for entry in in_order:
        shown = prefix + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.is_file(follow_symlinks=False):
            raise PublishError(f"{shown} in {site} is not a regular file.", hint="Take it out and build again.")
        if not shown.isprintable() or '"' in shown:
            raise PublishError(f"{shown!r} in {site} has a name that cannot be published.", hint="Rename it.")
        if is_folder:
            yield from _files_below(entry.path, f"{shown}/", site)
        elif shown != MANIFEST:
            yield shown


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def checked_content(site: Path, file: ReleaseFile) -> bytes:
    """Return the content of a file of a built site.

    Raises:
        PublishError: it cannot be read, or is not what was described and checked.
    """
    try:
        content = (site / file.path).read_bytes()
    except OSError as error:
        raise PublishError(f"{file.path} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise PublishError(f"{file.path} changed while it was published.", hint="Publish after the build has ended.")
    return content


def side_by_side(work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield what `work` gives for each item, in order; it is done in threads, which wait for the disk together."""
    # A task for each item would cost more than most files.
    batches = [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
    with ThreadPoolExecutor() as pool:
        for results in pool.map(lambda batch: [work(item) for item in batch], batches):
            yield from results


def describe_site(site: Path) -> tuple[ReleaseFile, ...]:
    """Return every file of a built site with size and digest, by path.

    Raises:
        PublishError: as `site_files`; or a file cannot be read.
    """
    prefix = f"{site}/"

    def describe(path: str) -> ReleaseFile:
        with open(prefix + path, "rb", buffering=0) as stream:  # noqa: PTH123 Path costs more than the call
            digest, size = hashlib.sha256(), 0
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
        return ReleaseFile(path=path, size=size, sha256=digest.hexdigest())

    try:
        return tuple(sorted(side_by_side(describe, list(site_files(site))), key=lambda file: file.path))
    except OSError as error:
        raise PublishError(f"{error.filename} cannot be read: {error.strerror}.") from error


def content_digest(files: Iterable[ReleaseFile]) -> str:
    """Return the digest of a release's content: the same files, the same digest."""
    return hashlib.sha256("".join(f"{file.sha256} {file.path}\n" for file in files).encode()).hexdigest()


def make_manifest(
    files: tuple[ReleaseFile, ...],
    *,
    created_at: datetime,
    phase: str,
    flags: Flags,
    commit: str = "",
    snapshot: str = "",
    checks: Mapping[str, str] | None = None,
) -> Manifest:
    """Describe a release that does not stand in a target yet."""
    digest = content_digest(files)
    release = Release(
        id=f"{created_at.astimezone(UTC).strftime(_ID_TIME)}-{digest[:12]}",
        created_at=created_at,
        digest=digest,
        files=len(files),
        bytes=sum(file.size for file in files),
        phase=phase,
        flags=flags,
        commit=commit,
        snapshot=snapshot,
    )
    return Manifest(release=release, checks=dict(checks or {}), files=files)


def after(manifest: Manifest, ids: Iterable[str]) -> Manifest:
    """Return the manifest with an id that sorts after all `ids`, whatever the clock says.

    The id's time moves on by seconds; `created_at` stays the truth.
    """
    stamps = [match[1] for release in ids if (match := _ID.fullmatch(release))]
    stamp = manifest.release.id.partition("-")[0]
    if stamps and stamp <= max(stamps):
        latest = datetime.strptime(max(stamps), _ID_TIME).replace(tzinfo=UTC)
        stamp = (latest + timedelta(seconds=1)).strftime(_ID_TIME)
    renamed = msgspec.structs.replace(manifest.release, id=f"{stamp}-{manifest.release.digest[:12]}")
    return msgspec.structs.replace(manifest, release=renamed)


def earlier(ids: Iterable[str], current: str) -> str:
    """Return the release to go back to, `""` for none: the newest before the current one, of other content.

    The same content may stand there under an earlier id: published again after a rollback, or left by a publish that
    died before its switch, so that nobody ever saw it.
    """
    content = current.rpartition("-")[2]
    return max((known for known in ids if known < current and known.rpartition("-")[2] != content), default="")


def is_release_id(text: str) -> bool:
    """Say whether `text` is the id of a release, fit to be a folder's name."""
    return bool(_ID.fullmatch(text))


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest's JSON, one file a line, so that two of them can be compared."""
    head = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(manifest, files=())), indent=1)
    lines = b",\n".join(b"  " + msgspec.json.encode(file) for file in manifest.files)
    return head.removesuffix(b"[]\n}") + b"[\n" + lines + b"\n ]\n}\n"


def decode_manifest(data: bytes, *, label: str) -> Manifest:
    """Read a manifest.

    Raises:
        PublishError: it is none; `label` says whose it should be.
    """
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise PublishError(f"The manifest of {label} is broken: {error}.", hint="Publish again.") from error


def damage(root: Path, manifest: Manifest) -> list[str]:
    """Return what is wrong with a release's files on disk, a sentence each; nothing means that it is whole."""

    def look(file: ReleaseFile) -> str:
        path = root / file.path
        try:
            if path.stat().st_size != file.size or sha256_of(path) != file.sha256:
                return f"{file.path} has other content than the manifest says."
        except OSError as error:
            return f"{file.path} cannot be read: {error.strerror}."
        return ""

    return [problem for problem in side_by_side(look, manifest.files) if problem]


def damage_in_archive(archive: tarfile.TarFile, manifest: Manifest) -> list[str]:
    """As `damage`, of a release in a tar that is read from its beginning."""
    wanted = {file.path: file for file in manifest.files}
    problems = []
    for entry in archive:
        file = wanted.pop(posixpath.normpath(entry.name), None)
        if file is None:
            continue
        stream = archive.extractfile(entry)
        if stream is None or hashlib.sha256(stream.read()).hexdigest() != file.sha256:
            problems.append(f"{file.path} has other content than the manifest says.")
    return problems + [f"{path} is not there." for path in wanted]
