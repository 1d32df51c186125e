"""A client of a page's length: reads the Graph API from a URL or a folder, follows hrefs, keeps nothing.

client = Client("https://portal.example/api/v1/")
for item in client.nodes("repository"):
print(item["label"], [owner["id"] for owner in client.related(item["id"], "owned_by")])
"""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import urlopen

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.graph_api.layout import node_path, shard_path
from mkdocs_gitguard.graph_api.packing import unpacked
from mkdocs_gitguard.graph_api.shards import nodes_of, own_document
from mkdocs_gitguard.model import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec


class _MissingError(SourceError):
    """There is no such file."""


class Client:
    """Documents come as plain dicts; their fields are told by `schemas/*.json`."""

    def __init__(self, root: str | Path, *, timeout: float = 10.0) -> None:
        """Read from `root`: an http(s) URL or a folder, the one that holds `index.json`. `timeout` is in seconds."""
        if isinstance(root, str) and urlsplit(root).scheme in {"http", "https"}:
            self.root = root.rstrip("/") + "/"
        else:
            self.root = Path(root).resolve().as_uri() + "/"
        self._timeout = timeout

    def index(self) -> dict[str, Any]:
        """Return `index.json`."""
        return self._document(urljoin(self.root, "index.json"))

    def node(self, node: str) -> dict[str, Any]:
        """Return the document of a node by its id, its hrefs as they count from `nodes/…/{name}.json`.

        Raises:
            SourceError: there is no such node, or it cannot be read.
        """
        path = node_path(node)
        try:
            return self._document(urljoin(self.root, path))
        except _MissingError as error:
            # A static host has no file for a node without a page; the server would have answered.
            shard = self._shard(node)
            document = nodes_of(self._read(urljoin(self.root, shard))).get(path) if shard else None
            if document is None:
                raise SourceError(error.message, hint=error.hint) from error
            return own_document(document, shard, path)

    def nodes(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield every node of a kind: `id`, `label`, `href`, and `page` if it has one."""
        following: str | None = urljoin(self.root, f"kinds/{kind}/index.json")
        while following:
            page = self._document(following)
            yield from page["items"]
            following = urljoin(following, page["next"]) if page["next"] else None

    def relations(self, node: str) -> Iterator[dict[str, Any]]:
        """Yield every relation of a node, of however many, named from its end: `type`, `id`, `label`, `kind`, ..."""
        for _, end in self._relations(node):
            yield end

    def related(self, node: str, relation: str) -> Iterator[dict[str, Any]]:
        """Yield the nodes that stand at the other end of a node's relations of one type, named from its end."""
        shards: dict[str, dict[str, msgspec.Raw]] = {}
        for base, end in self._relations(node, relation):
            url, path = urljoin(base, end["href"]), node_path(end["id"])
            shard = url.removeprefix(self.root)
            if not shard.startswith("shards/"):
                yield self._document(url)
                continue
            if url not in shards:
                shards[url] = nodes_of(self._read(url))
            yield own_document(shards[url][path], shard, path)

    def changes(self) -> Iterator[dict[str, Any]]:
        """Yield what changed since the build before."""
        for line in self._read(urljoin(self.root, "changes.ndjson")).splitlines():
            yield json.loads(line)

    def _relations(self, node: str, relation: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every relation of a node, of one type where it is named, and the URL from which its hrefs count."""
        document, url = self.node(node), urljoin(self.root, node_path(node))
        first = document["relation_pages"].get(relation) if relation else document["all_relations"]
        if first is None:
            yield from ((url, end) for end in document["relations"] if relation in {"", end["type"]})
            return
        following: str | None = urljoin(url, first)
        while following:
            page = self._document(following)
            if relation not in {"", page["type"]}:
                return
            yield from ((following, end) for end in page["relations"])
            following = urljoin(following, page["next"]) if page["next"] else None

    def _shard(self, node: str) -> str:
        shards = {entry["kind"]: entry["shards"] for entry in self.index()["kinds"]}.get(kind_of(node), 0)
        return shard_path(node_path(node), shards) if shards else ""

    def _document(self, url: str) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(unpacked(self._read(url)))
        except ValueError as error:
            raise SourceError(
                f"{url} is not a file of the Graph API: {error}.", hint="Start at the folder of index.json."
            ) from error
        return document

    def _read(self, url: str) -> bytes:
        try:
            if url.startswith("file:"):
                return Path(unquote(urlsplit(url).path)).read_bytes()
            with urlopen(url, timeout=self._timeout) as response:  # noqa: S310 - http(s) only, see __init__
                data: bytes = response.read()
                return data
        except HTTPError as error:
            raise (_MissingError if error.code == HTTPStatus.NOT_FOUND else SourceError)(
                f"{url} answered {error.code}.",
                hint="Build the portal there with GRAPH_API_ENABLED=true, or fix the URL.",
            ) from error
        except FileNotFoundError as error:
            raise _MissingError(f"{url} is not there.", hint="Start at the folder of index.json.") from error
        except (URLError, OSError) as error:
            raise SourceError(f"{url} cannot be read: {error}.", hint="Start at the folder of index.json.") from error
