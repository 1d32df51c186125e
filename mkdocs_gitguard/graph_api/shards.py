"""A node out of the shard that it stands in, as its own file would be."""

from typing import Any

import msgspec

from mkdocs_gitguard.graph_api.layout import node_path, up
from mkdocs_gitguard.graph_api.packing import unpacked


class _Shard(msgspec.Struct):
    nodes: dict[str, msgspec.Raw]


def nodes_of(shard: bytes) -> dict[str, msgspec.Raw]:
    """Return the documents of a shard, undecoded, by their `node_path`; none where it is not a shard."""
    try:
        nodes = msgspec.json.decode(unpacked(shard), type=_Shard).nodes
    except ValueError:
        return {}
    return {node_path(node): document for node, document in nodes.items()}


def own_document(document: msgspec.Raw, shard: str, path: str) -> dict[str, Any]:
    """Return a node's document with its hrefs as they count from the node's own path.

    Args:
        document: as it stands in the shard.
        shard: path of the shard.
        path: the node's `node_path`.
    """
    own: dict[str, Any] = msgspec.json.decode(document)
    for holder in (own, *own["relations"], own["relation_pages"]):
        for field in ("href", "page", "all_relations", *own["relation_pages"]):
            if isinstance(href := holder.get(field), str) and href.startswith(up(shard)):
                holder[field] = up(path) + href.removeprefix(up(shard))
    return own
