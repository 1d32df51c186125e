"""`changes.ndjson`: what became of each node since the export before."""

import hashlib
from collections.abc import Iterator

import msgspec

from mkdocs_gitguard.graph_api.documents import ChangeLine, ChangeType
from mkdocs_gitguard.graph_api.layout import node_path
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.shards import nodes_of

_encode = msgspec.json.Encoder().encode


class Changes:
    """Collects the bytes of nodes before and after, of those alone whose files are not the same."""

    def __init__(self) -> None:
        """Know of no change."""
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._written: set[str] = set()
        """Files of nodes."""

    def of_node(self, path: str, *, was_there: bool) -> None:
        """Take in a node's own file that was written."""
        self._written.add(path)
        self._after[path] = b"after"
        if was_there:
            self._before[path] = b"before"

    def of_gone_node(self, path: str) -> None:
        """Take in a node's own file that is not there any more."""
        self._before[path] = b"before"

    def of_shard(self, path: str, before: bytes, after: bytes) -> None:
        """Take in a shard that was written, or is not there any more."""
        self._written.add(path)
        self._before |= _bytes_of(before)
        self._after |= _bytes_of(after)

    def lines(self, api: ApiInput) -> Iterator[bytes]:
        """Yield a line for each node that is new, different or gone."""
        # Of hundreds of thousands of nodes, few stand in files that were written.
        for node, file in [(node, fact.file) for node, fact in api.nodes.items() if fact.file in self._written]:
            path = node_path(node)
            if path in self._after and self._after[path] != self._before.get(path):
                yield _line("changed" if path in self._before else "added", path, node, file)
        for path in sorted(self._before.keys() - self._after.keys()):
            yield _line("removed", path)


def _bytes_of(shard: bytes) -> dict[str, bytes]:
    return {path: bytes(document) for path, document in nodes_of(shard).items()}


def _line(change: ChangeType, path: str, node: str = "", href: str = "") -> bytes:
    digest = hashlib.sha256(path.encode()).hexdigest()
    return _encode(ChangeLine(change=change, path_sha256=digest, id=node, href=href)) + b"\n"
