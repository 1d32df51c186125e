"""`--dirty` builds: which pages stand as they were written, and a search index that still knows them."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from mkdocs.config.defaults import MkDocsConfig


_KEY: Final = b'data-gg-key="'


def is_written(output: str, key: str) -> bool:
    """Return whether the file `output` is the page whose key is `key`, as an earlier build wrote it."""
    try:
        return key_attribute(key) in Path(output).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def key_attribute(key: str) -> str:
    """Return what marks a written page as the one of that key."""
    return f'data-gg-key="{key}"'


def delete_old_pages(site: Path, pages: Collection[str]) -> None:
    """Delete pages of ours that an earlier build wrote and this one has not, and the folders that are empty then.

    Args:
        site: the folder of the site.
        pages: paths of the pages that this build has, absolute, whether it wrote them or left them.
    """
    for folder, _, names in os.walk(site, topdown=False):
        is_emptied = False
        for name in names:
            path = Path(folder, name)
            if path.suffix == ".html" and str(path) not in pages and _is_ours(path):
                path.unlink()
                is_emptied = True
        if (is_emptied or not names) and folder != str(site):
            # Not empty: something else stands in it.
            with suppress(OSError):
                Path(folder).rmdir()


def _is_ours(path: Path) -> bool:
    try:
        return _KEY in path.read_bytes()
    except OSError:
        return False


class SearchIndex:
    """The index of a site that is only partly built.

    The search plugins index the pages of one build, so a dirty build would leave the others out.
    """

    def __init__(self, config: MkDocsConfig, known: Collection[str]) -> None:
        """Keep what an earlier build indexed. Call it before the search plugin writes.

        Args:
            config: of the site.
            known: URLs of all pages of the site.
        """
        self._known = known
        self._path = Path(config.site_dir, "search", "search_index.json")
        self._before = _documents(self._path)

    def merge(self, built: Collection[str]) -> None:
        """Add to the index the pages that were not built, if the site still has them.

        Args:
            built: URLs of the pages of this build.
        """
        if not self._before:
            return
        try:
            index = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return
        kept = [entry for entry in self._before if _page(entry) in self._known and _page(entry) not in built]
        index["docs"] = kept + [entry for entry in index["docs"] if _page(entry) in built]
        self._path.write_text(json.dumps(index, separators=(",", ":")), encoding="utf-8")


def _documents(path: Path) -> list[dict[str, Any]]:
    try:
        documents = json.loads(path.read_bytes())["docs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [entry for entry in documents if isinstance(entry, dict) and isinstance(entry.get("location"), str)]


def _page(entry: dict[str, Any]) -> str:
    return str(entry["location"]).partition("#")[0]
