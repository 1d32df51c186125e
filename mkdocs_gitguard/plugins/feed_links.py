"""The link in a page's head by which browsers and readers find its feed (https://www.rssboard.org/rss-autodiscovery).

It is put in behind the theme: pages that differ in it alone still share one rendering of the theme.
"""

from __future__ import annotations

import posixpath
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

_END: Final = "</head>"


def with_feed(output: str, page: Page) -> str:
    """Return a page's HTML with the link to its feed; a page without one as it is."""
    if not isinstance(page, GeneratedPage) or not page.portal_page.feed:
        return output
    url = quote(posixpath.relpath(page.portal_page.feed, posixpath.dirname(page.file.dest_uri) or "."))
    title = escape(f"Changes of {page.portal_page.title}")
    link = f'<link rel="alternate" type="application/atom+xml" title="{title}" href="{url}">'
    return output.replace(_END, link + _END, 1)
