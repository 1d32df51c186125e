"""Where each file of the export stands, as paths under the API's root.

What comes in parts is parted by what it is, never by running numbers: a thing that is added or changed touches one
part, and the others keep their bytes. What holds many things is gzipped (`packing.py`).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from mkdocs_gitguard.model import path_of

T = TypeVar("T")

API_ROOT: Final = "api/v1"
"""Under the site."""
NODES_PER_SHARD: Final = 256
"""At most, on average over the shards of a kind."""
RELATIONS_PER_PAGE: Final = 512
"""At most, on average over the pages of one type of a node's relations, and of one year of it."""


def node_path(node: str) -> str:
    """Return the path of a node's file; the server answers it also for a node that stands in a shard."""
    return f"nodes/{path_of(node)}.json"


def shard_path(node_file: str, shards: int) -> str:
    """Return the path of the shard in which a node stands.

    Args:
        node_file: the node's `node_path`.
        shards: how many shards its kind has; `index.json` says it.
    """
    return f"shards/{node_file.split('/')[1]}/{part_of(node_file, shards)}.json.gz"


def relations_path(node: str, relation: str, part: int, year: int | None = None) -> str:
    """Return the path of a page of a node's relations.

    Args:
        node: the node's id.
        relation: the relations' type, as the node sees them.
        part: from 1.
        year: in which what they lead to happened; None for what has no moment.
    """
    return f"relations/{path_of(node)}/{relation}/{'' if year is None else f'{year}.'}{part}.json.gz"


def kind_path(kind: str, page: int = 1) -> str:
    """Return the path of a page of the list of a kind."""
    return f"kinds/{kind}/index{'' if page == 1 else f'.{page}'}.json"


def parts_for(count: int, most: int) -> int:
    """Return into how many parts so many things go, `most` in each on average: 1, 2, 4, 8, ...; 0 for none."""
    return 0 if count == 0 else 1 << max(0, -(-count // most) - 1).bit_length()


def part_of(name: str, parts: int) -> int:
    """Return the part, from 1, in which the thing of this name is: the first bits of the SHA-256 of the name."""
    first = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return (first * parts >> 32) + 1


def in_runs(items: Iterable[T], ends_run: Callable[[T], bool], most: int) -> Iterator[list[T]]:
    """Break a list where its items say, so that one more or less changes the run in which it stands and no other.

    Args:
        items: of the list.
        ends_run: whether a run ends with an item.
        most: items after which a run ends anyhow.
    """
    run: list[T] = []
    for item in items:
        run.append(item)
        if ends_run(item) or len(run) == most:
            yield run
            run = []
    if run:
        yield run


def up(path: str) -> str:
    """Return the relative reference from the file at `path` to the API's root, for instance `../../`."""
    return "../" * path.count("/")
