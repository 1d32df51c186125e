"""The portal's pages as MkDocs sees them: files that exist nowhere, and pages that need no Markdown."""

from __future__ import annotations

import hashlib
import posixpath
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urljoin, urlsplit

from mkdocs.structure.files import File, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from mkdocs_gitguard.plugins.dirty_builds import is_written, key_attribute
from mkdocs_gitguard.words import day, title_html, web_url, without_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from mkdocs_gitguard.plugins.page_bodies import PageBodies, Slot
    from mkdocs_gitguard.portal import Heading, PortalPage, Written
    from mkdocs_gitguard.portal.recording import Read

_HEAD_END: Final = "</head>"
_LAST_DAY: Final = datetime(2106, 2, 6, tzinfo=UTC)
"""MkDocs puts the date of the newest page into the head of sitemap.xml.gz, which has 32 bits for it."""


class PortalFile(File):
    """A generated file that knows whether its output would change, for `--dirty` builds."""

    def is_modified(self) -> bool:
        """Return whether the page must be written. MkDocs' own answer for generated content is always yes."""
        return not (isinstance(self.page, GeneratedPage) and self.page.is_unchanged)


class OwnFile(PortalFile):
    """The file of a page that MkDocs does not make (`page_maker`). It is there for links to lead to."""

    @classmethod
    def at(cls, config: MkDocsConfig, markdown_path: str, target: str) -> OwnFile:
        """Return the file of the page that stands at `target` in the site."""
        file = cls(
            markdown_path,
            src_dir=None,
            dest_dir=config.site_dir,
            use_directory_urls=config.use_directory_urls,
            dest_uri=target,
            inclusion=InclusionLevel.NOT_IN_NAV,
        )
        file.generated_by = "gitguard"
        return file

    def is_documentation_page(self) -> bool:
        """Return False: MkDocs makes every documentation page that it knows of."""
        return False

    def copy_file(self, dirty: bool = False) -> None:  # noqa: FBT001, FBT002 - MkDocs' signature
        """Copy nothing."""


class GeneratedPage(Page):
    """A page whose body the portal writes.

    MkDocs keeps a `file.page` that is there already (`mkdocs/structure/nav.py`, `_data_to_navigation`) and asks it for
    `read_source` and `render`, so Python-Markdown is never run.
    """

    def __init__(
        self,
        portal_page: PortalPage,
        file: File,
        config: MkDocsConfig,
        *,
        write: Callable[[PortalPage], Written],
        spool: PageBodies,
        template: str = "main.html",
        signature: str = "",
    ) -> None:
        """Register as `file.page`, as every MkDocs page does."""
        self._spool = spool
        self._place: Slot | None = None
        super().__init__(_plain_html(portal_page.nav_title or portal_page.title), file, config)
        self._built_on = self.update_date
        self.is_in_group = False
        self._template = template
        self._signature = signature
        self.headings: tuple[Heading, ...] = ()
        self.reads: tuple[Read, ...] = ()
        """What the body was written from, once it is written."""
        self._own_toc: TableOfContents | None = None
        self.show(portal_page, write)

    def show(self, portal_page: PortalPage, write: Callable[[PortalPage], Written]) -> None:
        """Show a page as another build of the same day has it: at the same place, called the same.

        Args:
            portal_page: the page.
            write: writes its body.
        """
        self.portal_page = portal_page
        self._write = write
        self._place = None
        for made in ("_written", "key"):
            self.__dict__.pop(made, None)
        self.edit_url = web_url(portal_page.edit_url) or None
        self.update_date = day_of(portal_page.updated_at) if portal_page.updated_at else self._built_on

    @property
    def is_index(self) -> bool:
        """Whether themes may show it in place of the section that it stands in; a group has none."""
        return super().is_index and not self.is_in_group

    @property
    def has_own_toc(self) -> bool:
        """Whether the table of contents is still the one that the portal wrote."""
        return self.toc is self._own_toc

    @property
    def content(self) -> str | None:
        """The body. Set, it stays in memory until it is put away."""
        return self._spool.read(self._place) if self._content is None and self._place else self._content

    @content.setter
    def content(self, body: str | None) -> None:
        self._content = body

    def put_away(self) -> None:
        """Keep the body on disk until it is asked for. It is written once: what became of it since is dropped."""
        if self._place is None and self._content is not None:
            # On a full disk it stays in memory.
            with suppress(OSError):
                self._place = self._spool.write(self._content)
        if self._place is not None:
            self._content = None

    @cached_property
    def _written(self) -> Written:
        return self._write(self.portal_page)

    @cached_property
    def key(self) -> str:
        """Tells whether the page as it was written once is still the page."""
        return hashlib.sha256(f"{self._signature} {self._written.key}".encode()).hexdigest()[:16]

    @property
    def is_unchanged(self) -> bool:
        """Whether the site holds the page already, as it would be written."""
        is_unchanged = is_written(self.file.abs_dest_path, self.key)
        if is_unchanged:
            self._forget_written()
        return is_unchanged

    def _forget_written(self) -> None:
        """Let go of the body as the portal wrote it: there would be two of each."""
        self.__dict__.pop("_written", None)

    def read_source(self, config: MkDocsConfig) -> None:  # noqa: ARG002 - MkDocs' signature
        """Set the metadata; there is no Markdown.

        The title stands in the metadata too because Material unescapes `page.title` when it writes `<title>` (the
        filter `striptags`), but not `page.meta.title`.
        """
        self.markdown = ""
        self.meta = self._metadata()

    def render(self, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG002 - MkDocs' signature
        """Write the body and the table of contents."""
        written = self._written
        self.content = written.html.replace('<div class="gg"', f'<div class="gg" {key_attribute(self.key)}', 1)
        self.reads = written.reads
        self._show_headings(written.headings)
        self._forget_written()

    def _show_headings(self, headings: tuple[Heading, ...]) -> None:
        self.headings = headings
        self.toc = self._own_toc = table_of_contents(title_html(self.portal_page.title), headings)
        self.present_anchor_ids = {"top", *(heading.anchor for heading in headings)}

    def _metadata(self) -> dict[str, Any]:
        meta: dict[str, Any] = {"template": self._template}
        if not self.is_homepage:
            meta["title"] = _plain_html(self.portal_page.title)
        if self.portal_page.description:
            meta["description"] = _plain_html(self.portal_page.description.strip())
        if self.portal_page.is_wide:
            meta["hide"] = ["toc"]
        return meta


def _plain_html(text: str) -> str:
    """Return HTML in which a plugin that takes titles for templates, as mkdocs-macros does, finds nothing to run."""
    return without_templates(title_html(text))


def day_of(moment: datetime) -> str:
    """Return the day of a moment as the sitemap has it."""
    return day(min(moment, _LAST_DAY))


def addresses_in(site_url: str | None) -> Callable[[str], tuple[str | None, str | None]]:
    """Return what gives a page's whole URL and its path on the host: mkdocs/structure/pages.py, `_set_canonical_url`.

    The sitemap has all pages in every build, and few URLs are more than the site's with the page's behind it.

    Args:
        site_url: the option of MkDocs; without it a page has neither.
    """
    if not site_url:
        return lambda _: (None, None)
    root = site_url if site_url.endswith("/") else f"{site_url}/"
    is_plain = urljoin(root, "a/b/") == f"{root}a/b/"
    path = urlsplit(root).path

    def addresses(url: str) -> tuple[str, str]:
        url = "" if url in {".", "./"} else url
        if is_plain and "/." not in f"/{url}" and "//" not in f"/{url}":
            return f"{root}{url}", f"{path}{url}"
        whole = urljoin(root, url)
        return whole, urlsplit(whole).path

    return addresses


def table_of_contents(title: str, headings: Iterable[Heading]) -> TableOfContents:
    """Return a theme's table of contents: `title` (HTML) as its root, `headings` below it."""
    root = AnchorLink(title, "top", 1)
    root.active = True  # type: ignore[attr-defined] # MkDocs sets it so too, in `get_toc`
    path = [root]
    for heading in headings:
        link = AnchorLink(title_html(heading.text), heading.anchor, heading.level)
        while len(path) > 1 and path[-1].level >= heading.level:
            path.pop()
        path[-1].children.append(link)
        path.append(link)
    return TableOfContents([root])


def with_feed(output: str, page: Page) -> str:
    """Return a page's HTML with the link to its feed in the head, where browsers and readers look for it.

    See https://www.rssboard.org/rss-autodiscovery. It is put in behind the theme, so that pages that differ in it alone
    share one rendering of the theme.
    """
    if not isinstance(page, GeneratedPage) or not page.portal_page.feed:
        return output
    url = quote(posixpath.relpath(page.portal_page.feed, posixpath.dirname(page.file.dest_uri) or "."), safe="/@")
    title = escape(f"Changes of {page.portal_page.title}")
    # Material's script asks for a sitemap beside whatever is `[rel=alternate]` to the letter, as it is for languages.
    link = f'<link rel="alternate feed" type="application/atom+xml" title="{title}" href="{url}">'
    return output.replace(_HEAD_END, link + _HEAD_END, 1)
