"""A Graph API that was exported, read back."""

import json
from pathlib import Path

from make.written import last_written

from mkdocs_gitguard.graph_api.layout import node_path, shard_path
from mkdocs_gitguard.graph_api.packing import unpacked
from mkdocs_gitguard.graph_api.shards import nodes_of, own_document
from mkdocs_gitguard.model import Snapshot, kind_of, path_of


def read(folder: Path, path: str) -> dict:
    return json.loads(unpacked((folder / path).read_bytes()))


def pages_of(snapshot: Snapshot, *but: str) -> dict[str, str]:
    """A page for every node, those of some kinds left out."""
    return {node.id: f"{path_of(node.id)}/" for node in snapshot.nodes() if kind_of(node.id) not in but}


def read_node(folder: Path, node: str) -> dict:
    """A node out of its file or its shard, its hrefs as they count from its own path."""
    path = node_path(node)
    if (folder / path).is_file():
        return read(folder, path)
    shards = {kind["kind"]: kind["shards"] for kind in read(folder, "index.json")["kinds"]}
    shard = shard_path(path, shards[kind_of(node)])
    return own_document(nodes_of((folder / shard).read_bytes())[path], shard, path)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mtimes(folder: Path) -> dict[str, tuple[int, int, int]]:
    return {str(path.relative_to(folder)): last_written(path) for path in folder.rglob("*") if path.is_file()}
