"""Atom feeds (RFC 4287): the same entries, the same bytes. Moments are those of what happened, never of the build."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from mkdocs_gitguard.words import iso, web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_NAMESPACE: Final = "urn:mkdocs-gitguard:"
_OF_NAMES: Final = "/:@!$'()*+,;=-._~"
"""What a URN's name holds as it is (RFC 8141, section 2), beside letters and digits."""
_NEVER: Final = "1970-01-01T00:00:00Z"
"""When a feed that never had an entry was changed: an Atom feed has to say something."""


class Entry(NamedTuple):
    """One entry of a feed."""

    key: str
    """What its id is made of."""
    title: str
    updated: datetime
    author: str
    text: str
    url: str = ""
    """Absolute, `""` for none."""


def feed(
    key: str,
    title: str,
    entries: Iterable[Entry],
    *,
    author: str,
    url: str = "",
    self_url: str = "",
    subtitle: str = "",
) -> bytes:
    """Return a feed.

    Args:
        key: what its id is made of.
        title: plain text.
        entries: the newest first.
        author: of the feed, for entries without one.
        url: of the page that shows the same, absolute; `""` for none.
        self_url: of the feed itself, absolute; `""` for none.
        subtitle: plain text.
    """
    listed = list(entries)
    updated = iso(max(entry.updated for entry in listed)) if listed else _NEVER
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{urn(f'feed:{key}')}</id>",
        f"<title>{_text(title)}</title>",
        *([f"<subtitle>{_text(subtitle)}</subtitle>"] if subtitle else []),
        f"<updated>{updated}</updated>",
        f"<author><name>{_text(author)}</name></author>",
        *_link("self", "application/atom+xml", self_url),
        *_link("alternate", "text/html", url),
        *(line for entry in listed for line in _entry(entry)),
    ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def urn(key: str) -> str:
    """Return the IRI that stands for a thing in feeds, whatever site they are on."""
    return _NAMESPACE + quote(key.encode("utf-8", "surrogatepass"), safe=_OF_NAMES)


def _entry(entry: Entry) -> Iterator[str]:
    yield "<entry>"
    yield f"<id>{urn(entry.key)}</id>"
    yield f"<title>{_text(entry.title)}</title>"
    yield f"<updated>{iso(entry.updated)}</updated>"
    if entry.author:
        yield f"<author><name>{_text(entry.author)}</name></author>"
    yield from _link("alternate", "text/html", entry.url)
    yield f'<content type="text">{_text(entry.text)}</content>'
    yield "</entry>"


def _text(text: str) -> str:
    return escape(_printable(text), quote=False)


def _link(relation: str, media_type: str, url: str) -> Iterator[str]:
    """Yield a link, if a reader may follow it: a forge's address comes from a repository's configuration."""
    url = web_url("".join(character for character in url if "!" <= character <= "~"))
    if url:
        yield f'<link rel="{relation}" type="{media_type}" href="{escape(url)}"/>'


def _printable(text: str) -> str:
    """Return a text without the characters that XML has no way to write, or that turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)
