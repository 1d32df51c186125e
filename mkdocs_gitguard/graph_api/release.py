"""A release as the server holds it: which paths there are, and what each one's bytes are.

A path is served only if the manifest names it, so no request can reach another file of the machine.
"""

import hashlib
import os
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.graph_api.documents import ApiManifest, IndexDocument, ManifestEntry
from mkdocs_gitguard.graph_api.layout import API_ROOT, shard_path
from mkdocs_gitguard.graph_api.writer import INDEX, MANIFEST

_ENDINGS: Final = {".json": "application/json", ".ndjson": "application/x-ndjson", ".gz": "application/gzip"}


class Served(NamedTuple):
    """A representation of a resource: a file, or its compressed sibling."""

    path: Path
    sha256: str
    size: int
    media_type: str
    encoding: str
    """`br`, `gzip` or `""`."""

    @property
    def etag(self) -> str:
        """The digest as a strong entity tag (RFC 9110, section 8.8.3)."""
        return f'"{self.sha256}"'


class ApiRelease:
    """One export on disk. Immutable: a newer one is another object."""

    def __init__(self, folder: Path) -> None:
        """Read the index and the manifest.

        Args:
            folder: the API's root. Symbolic links are followed now, so that a link which is moved to a newer release
                later does not mix two of them.

        Raises:
            SourceError: there is no whole export.
        """
        self.folder = folder.resolve()
        self.stamp = stamp_of(self.folder)
        try:
            index = (self.folder / INDEX).read_bytes()
            manifest = (self.folder / MANIFEST).read_bytes()
            document = msgspec.json.decode(index, type=IndexDocument)
            self._files = dict(msgspec.json.decode(manifest, type=ApiManifest).files)
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise SourceError(
                f"{folder} holds no Graph API export: {error}.", hint="Build the portal with GRAPH_API_ENABLED=true."
            ) from error
        self.id = document.release
        self._shards = {entry.kind: entry.shards for entry in document.kinds}
        for name, data in ((INDEX, index), (MANIFEST, manifest)):
            self._files[name] = ManifestEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        if document.manifest.sha256 != self._files[MANIFEST].sha256:
            raise SourceError(f"{folder} is being written: its index names another manifest.", hint="Try again.")

    def find(self, path: str, encodings: frozenset[str]) -> Served | None:
        """Return what to send for `path` to a client that takes `encodings`, or None if there is no such file."""
        entry = self._files.get(path)
        ending = path[path.rfind(".") :]
        is_sibling = path.endswith(".gz") and path.removesuffix(".gz") in self._files
        if entry is None or ending not in _ENDINGS or is_sibling:
            return None
        for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
            sibling = self._files.get(path + suffix) if encoding in encodings else None
            if sibling is not None:
                return Served(self.folder / (path + suffix), sibling.sha256, sibling.size, _ENDINGS[ending], encoding)
        return Served(self.folder / path, entry.sha256, entry.size, _ENDINGS[ending], "")

    def shard_of(self, path: str) -> str:
        """Return the path of the shard in which the node whose file would be `path` stands, if there is such a node.

        `""` for what is not a path of a node.
        """
        kind = path.split("/")[1] if path.startswith("nodes/") and path.endswith(".json") else ""
        shards = self._shards.get(kind, 0)
        return shard_path(path, shards) if shards and path not in self._files else ""


def find_export(folder: Path) -> Path:
    """Return the API's root for a folder that is one, or is a site that holds one."""
    inner = folder / API_ROOT
    return inner if (inner / INDEX).is_file() or not (folder / MANIFEST).is_file() else folder


def stamp_of(folder: Path) -> tuple[str, int, int]:
    """Return what is another when another release is there: the real folder, and its index's inode and mtime."""
    real = os.path.realpath(folder)
    try:
        status = os.stat(f"{real}/{INDEX}")  # noqa: PTH116 asked every second; Path adds nothing here
    except OSError:
        return real, 0, 0
    return real, status.st_ino, status.st_mtime_ns
