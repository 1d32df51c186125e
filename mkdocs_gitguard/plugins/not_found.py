"""What a theme's page for addresses that are not there says of the portal: a search, and where to go instead."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.portal import Pages

NOT_FOUND: Final = "404.html"
"""The template of the page, which hosts of static sites look for by this name."""
_TITLE_END: Final = "</h1>"


def with_search(output: str, pages: Pages, config: MkDocsConfig) -> str:
    """Return the page with a search behind its title, the portal's lists, and a place for what may have been meant.

    The page is shown at any address, so its links count from the root of the host, as the theme's do there
    (mkdocs/commands/build.py, `_build_theme_template`). A page without a title stays as it is.

    Args:
        output: the page as the theme has it.
        pages: the portal.
        config: of the site.
    """
    before, end, after = output.rpartition(_TITLE_END)
    if not end:
        return output
    root = urlsplit(config.site_url or "/").path
    lists = sorted((page for page in pages.by_path.values() if page.nav is not None), key=lambda page: page.nav or 0)
    links = "".join(
        f'<li><a href="{html.escape(root.rstrip("/") + "/" + quote(pages.url(page).removeprefix("./")))}">'
        f"{html.escape(page.nav_title or page.title)}</a></li>"
        for page in lists
    )
    shown = (
        '<div class="gg gg-missing"><p>There is no page at this address. '
        '<button type="button" class="gg-search-open">Search the portal</button></p>'
        f"<div data-gg-search-missing></div><ul>{links}</ul></div>"
    )
    return f"{before}{end}{shown}{after}"
