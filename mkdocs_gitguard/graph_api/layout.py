"""Where each file of the export stands, as paths under the API's root."""

import re
from typing import Final

from mkdocs_gitguard.model import path_of

API_ROOT: Final = "api/v1"
"""Under the site."""
_NEIGHBOURS: Final = re.compile(r"\.neighbours(/\d+)?\.json$")


def node_path(node: str) -> str:
    """Return the path of a node's file."""
    return f"nodes/{path_of(node)}.json"


def neighbours_path(node: str, page: int = 1) -> str:
    """Return the path of a page of a node's neighbours.

    Pages from the second on stand in a folder `<name>.neighbours`, a name that `path_of` gives to no node.
    """
    return f"nodes/{path_of(node)}.neighbours{'' if page == 1 else f'/{page}'}.json"


def is_node_path(path: str) -> bool:
    """Tell a node's own file from all others. `path_of` lets no segment end in `.neighbours`."""
    return path.startswith("nodes/") and path.endswith(".json") and not _NEIGHBOURS.search(path)


def kind_path(kind: str, page: int = 1) -> str:
    """Return the path of a page of the list of a kind."""
    return f"kinds/{kind}/index{'' if page == 1 else f'.{page}'}.json"


def up(path: str) -> str:
    """Return the relative reference from the file at `path` to the API's root, for instance `../../`."""
    return "../" * path.count("/")
