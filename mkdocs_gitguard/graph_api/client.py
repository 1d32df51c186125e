"""A client of a page's length: reads the Graph API from a URL or a folder, follows hrefs, keeps nothing.

client = Client("https://portal.example/api/v1/")
for item in client.nodes("repository"):
print(item["label"], [owner["id"] for owner in client.related(item["id"], "owned_by")])
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import urlopen

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.graph_api.layout import neighbours_path, node_path
from mkdocs_gitguard.model import INVERSE


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
        """Return the document of a node by its id."""
        return self._document(urljoin(self.root, node_path(node)))

    def nodes(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield every node of a kind: `id`, `label`, `href`, `page`."""
        for page in self._pages(urljoin(self.root, f"kinds/{kind}/index.json"), ""):
            yield from page["items"]

    def edges(self, node: str) -> Iterator[dict[str, Any]]:
        """Yield every edge of a node, of however many: `source`, `target`, `relation`, named from `source`."""
        for page in self._pages(urljoin(self.root, neighbours_path(node)), "graph"):
            yield from page["graph"]["edges"]

    def related(self, node: str, relation: str) -> Iterator[dict[str, Any]]:
        """Yield the nodes that stand at the other end of a node's relations of one type, named from its end."""
        document = self.node(node)
        if not document["relations_truncated"]:
            for end in document["relations"]:
                if end["type"] == relation:
                    yield self.node(end["id"])
            return
        for edge in self.edges(node):
            if edge["source"] == node and edge["relation"] == relation:
                yield self.node(edge["target"])
            elif edge["target"] == node and INVERSE[edge["relation"]] == relation:
                yield self.node(edge["source"])

    def changes(self) -> Iterator[dict[str, Any]]:
        """Yield what changed since the build before."""
        for line in self._read(urljoin(self.root, "changes.ndjson")).splitlines():
            yield json.loads(line)

    def _pages(self, url: str, inner: str) -> Iterator[dict[str, Any]]:
        following: str | None = url
        while following:
            page = self._document(following)
            yield page
            metadata = page[inner]["metadata"] if inner else page
            following = urljoin(following, metadata["next"]) if metadata["next"] else None

    def _document(self, url: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._read(url))
        return document

    def _read(self, url: str) -> bytes:
        try:
            if url.startswith("file:"):
                return Path(unquote(urlsplit(url).path)).read_bytes()
            with urlopen(url, timeout=self._timeout) as response:  # noqa: S310 - http(s) only, see __init__
                data: bytes = response.read()
                return data
        except HTTPError as error:
            raise SourceError(
                f"{url} answered {error.code}.",
                hint="Build the portal there with GRAPH_API_ENABLED=true, or fix the URL.",
            ) from error
        except (URLError, OSError) as error:
            raise SourceError(f"{url} cannot be read: {error}.", hint="Start at the folder of index.json.") from error
