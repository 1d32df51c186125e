"""Where the portal's sections stand in the navigation. Functions over MkDocs' own structures alone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.nav import Section
from mkdocs.structure.pages import Page

from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
from mkdocs_gitguard.portal.page import NAV_GROUPS, NavGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

_OF_SITE: Final[NavGroup] = "About"
_OPEN_SECTIONS: Final = "navigation.sections"
"""Material's feature that shows what stands in sections at once:
https://squidfunk.github.io/mkdocs-material/setup/setting-up-navigation/#navigation-sections."""
_OTHER_WAYS: Final = frozenset([_OPEN_SECTIONS, "navigation.expand", "navigation.tabs", "navigation.prune"])


def place_pages(nav: Navigation, pages: Mapping[str, GeneratedPage], config: MkDocsConfig, *, in_nav: bool) -> None:
    """Put the portal's sections into the navigation, and mark the section of each page as its parent.

    Args:
        nav: of the site, which is changed in place.
        pages: of the portal that MkDocs makes, by path.
        config: of the site.
        in_nav: whether sections are put there that are not in it yet.
    """
    by_source = {page.file.src_uri: page for page in pages.values()}
    for path, title in titles_in(config.nav):
        if path in by_source:
            by_source[path].title = title
    sections = [page for page in pages.values() if page.portal_page.nav is not None]
    if in_nav:
        sections.sort(key=lambda page: page.portal_page.nav or 0)
        place_sections(nav, sections, is_given=bool(config.nav))
        open_groups(nav, config)
    for page in pages.values():
        section = pages.get(page.portal_page.section) if page.portal_page.section else None
        if section is not None and page.parent is None:
            page.parent = section  # type: ignore[assignment] # themes read title, url and active, which a page has


def place_sections(nav: Navigation, pages: Iterable[GeneratedPage], *, is_given: bool = True) -> None:
    """Add those of `pages` that are not in `nav` yet: home in front, the rest behind what is there, in groups.

    Where nobody gave a navigation and the portal is the site, the few loose pages beside it are about it, and stand
    in that group. `nav` is changed in place: section-index warns when another plugin puts a new one in its place.
    """
    placed = {id(page) for page in nav.pages}
    missing = [page for page in pages if id(page) not in placed]
    front = [page for page in missing if page.is_homepage]
    back = [page for page in missing if not page.is_homepage]
    groups: dict[str | None, list[Page]] = {
        group: [page for page in back if page.portal_page.nav_group == group] for group in (None, *NAV_GROUPS)
    }
    loose = [item for item in nav.items if isinstance(item, Page)]
    if front and not is_given and len(loose) == len(nav.items):
        groups[_OF_SITE][:0] = loose
        nav.items.clear()
        nav.pages.clear()
    nav.items[:0] = front
    nav.pages[:0] = front
    if front:
        nav.homepage = front[0]
    for group, members in groups.items():
        nav.pages.extend(members)
        if group is None:
            nav.items.extend(members)
        elif members:
            section = Section(group, [*members])
            for page in members:
                page.parent = section
                if isinstance(page, GeneratedPage):
                    page.is_in_group = True
            nav.items.append(section)
    for before, placed_page, after in zip([None, *nav.pages], nav.pages, [*nav.pages[1:], None], strict=False):
        placed_page.previous_page, placed_page.next_page = before, after


def open_groups(nav: Navigation, config: MkDocsConfig) -> None:
    """Let Material show the entries of our groups at once, where there are no sections but ours.

    Where the site has sections of its own, or says how they are shown, it is left to that.
    """
    features = config.theme.get("features")
    is_of_ours = all(item.title in NAV_GROUPS for item in nav.items if isinstance(item, Section))
    if isinstance(features, list) and is_of_ours and _OTHER_WAYS.isdisjoint(features):
        config.theme["features"] = [*features, _OPEN_SECTIONS]


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
