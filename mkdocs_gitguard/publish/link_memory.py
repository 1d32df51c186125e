"""What the pages of a site link to, kept in the state file by the digest of their content: most are as they were.

Losing it, or not being able to write it, costs the time to read the pages again and nothing else.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.publish.links import READING, PageLinks
from mkdocs_gitguard.state.database import connect

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS page_links (digest TEXT PRIMARY KEY, form TEXT NOT NULL, links BLOB NOT NULL) STRICT;
"""
_WAIT: Final = 5.0
"""Seconds to wait for another writer."""
_DECODER: Final = msgspec.msgpack.Decoder(PageLinks)


def recall(state_file: Path) -> dict[str, PageLinks]:
    """Return what is known of pages, by the digest of their content."""
    with suppress(sqlite3.Error, OSError, msgspec.MsgspecError, ValueError), _open(state_file) as database:
        rows = database.execute("SELECT digest, links FROM page_links WHERE form = ?", (_form(),)).fetchall()
        return {digest: _DECODER.decode(links) for digest, links in rows}
    return {}


def remember(state_file: Path, pages: Mapping[str, PageLinks], *, known: Mapping[str, PageLinks]) -> None:
    """Keep what is known of the pages of a site in place of the pages before.

    Args:
        state_file: of the site.
        pages: by the digest of their content.
        known: what `recall` gave.
    """
    form = _form()
    fresh = [(digest, form, msgspec.msgpack.encode(page)) for digest, page in pages.items() if digest not in known]
    gone = [(digest,) for digest in known.keys() - pages.keys()]
    with suppress(sqlite3.Error, OSError), _open(state_file) as database, database:
        database.execute("DELETE FROM page_links WHERE form <> ?", (form,))
        database.executemany("DELETE FROM page_links WHERE digest = ?", gone)
        database.executemany("INSERT OR REPLACE INTO page_links VALUES (?, ?, ?)", fresh)


def _open(state_file: Path) -> closing[sqlite3.Connection]:
    return closing(connect(state_file, schema=_SCHEMA, wait=_WAIT))


def _form() -> str:
    """Return what changes whenever a page may be read differently."""
    return f"{version('mkdocs-gitguard')} {READING}"
