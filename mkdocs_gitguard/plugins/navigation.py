"""Where the portal's sections stand in the navigation. Pure functions over MkDocs' own structures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs.structure.nav import Navigation

    from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage


def place_sections(nav: Navigation, pages: Iterable[GeneratedPage]) -> None:
    """Add those of `pages` that are not in `nav` yet: home in front, the rest behind what is there, in their order.

    `nav` is changed in place: section-index warns when another plugin puts a new one in its place.
    """
    placed = {id(page) for page in nav.pages}
    missing = [page for page in pages if id(page) not in placed]
    front = [page for page in missing if page.is_homepage]
    back = [page for page in missing if not page.is_homepage]
    nav.items[:0] = front
    nav.items.extend(back)
    nav.pages[:0] = front
    nav.pages.extend(back)
    if front:
        nav.homepage = front[0]
    for before, page, after in zip([None, *nav.pages], nav.pages, [*nav.pages[1:], None], strict=False):
        page.previous_page, page.next_page = before, after


def titles_in(nav: Any) -> Iterator[tuple[str, str]]:
    """Yield path and HTML title of every titled entry of a `nav` setting.

    MkDocs drops the title of an entry whose page exists already, as ours do.
    """
    if isinstance(nav, dict):
        for title, value in nav.items():
            if isinstance(value, str):
                yield value, escape(str(title))
            else:
                yield from titles_in(value)
    elif isinstance(nav, list):
        for item in nav:
            yield from titles_in(item)
