"""Atom feeds (RFC 4287)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from mkdocs_gitguard.portal.words import iso

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class Entry(NamedTuple):
    """One entry. The same `id` with another moment is another version of it."""

    id: str
    title: str
    updated: datetime
    content: str
    """Plain text."""


def atom(name: str, title: str, entries: Sequence[Entry], *, updated: datetime | None) -> bytes:
    """Return a feed.

    Args:
        name: that tells it from our other feeds.
        title: for people.
        entries: the newest first.
        updated: when it last changed; None: nothing has happened yet.
    """
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>urn:mkdocs-gitguard:{escape(name)}</id>",
        f"<title>{escape(title)}</title>",
        "<author><name>mkdocs-gitguard</name></author>",
        f"<updated>{iso(updated) if updated else '1970-01-01T00:00:00Z'}</updated>",
    ]
    for entry in entries:
        lines += [
            "<entry>",
            f"<id>urn:mkdocs-gitguard:{escape(_printable(entry.id))}</id>",
            f"<title>{escape(_printable(entry.title))}</title>",
            f"<updated>{iso(entry.updated)}</updated>",
            f'<content type="text">{escape(_printable(entry.content))}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def _printable(text: str) -> str:
    """Return a text without the characters that XML has no way to write."""
    return "".join(character if character.isprintable() else " " for character in text)
