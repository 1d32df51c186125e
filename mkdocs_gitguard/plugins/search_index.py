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
    documents = [entry for entry in entries if str(entry["location"]).partition("#")[0] not in own]
    made: dict[str, bytes] = {}
    for url, kept in pages:
        if kept is None:
            documents += by_page[url]
            made[url] = json.dumps(by_page[url], separators=(",", ":")).encode()
        else:
            documents += json.loads(kept)
    index["docs"] = documents
    path.write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")
    return made
