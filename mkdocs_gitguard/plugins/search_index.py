"""The search index of a site of which not every page was made in this build.

The search plugins index the pages that they see made. The entries of the pages that were kept are remembered with them
and put in here, in the order in which a build of all pages has them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

INDEX: Final = "search/search_index.json"
_HERE: Final = "\0 the pages \0"


def complete(path: Path, remembered: Iterable[tuple[str, bytes | None]]) -> Mapping[str, bytes]:
    """Put into the index the entries of the pages that were kept, and return those of the others.

    Args:
        path: of the index, as the search plugin has just written it.
        remembered: URL of each generated page in order, with its entries (a JSON array) if it was kept.

    Returns:
        By URL, the entries (a JSON array) of each generated page that was made.
    """
    try:
        index = json.loads(path.read_bytes())
        entries = index["docs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    by_page: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        by_page[str(entry["location"]).partition("#")[0]].append(entry)
    pages = list(remembered)
    own = {url for url, _ in pages}
    made = {url: _encoded(by_page[url]) for url, kept in pages if kept is None}
    documents = [
        _encoded([entry for entry in entries if str(entry["location"]).partition("#")[0] not in own]),
        *(made[url] if kept is None else kept for url, kept in pages),
    ]
    # What is remembered is text already: taken apart and put together again it would be the same.
    before, _, after = _encoded({**index, "docs": _HERE}).partition(_encoded(_HERE))
    path.write_bytes(b"%b[%b]%b" % (before, b",".join(filter(None, (entry[1:-1] for entry in documents))), after))
    return made


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
