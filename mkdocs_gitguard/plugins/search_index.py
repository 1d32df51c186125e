"""The search of a site: an index of the portal's own, beside that of MkDocs, which holds the site's own pages alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.meaning.files import MEANING_ROOT, write_files
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage
from mkdocs_gitguard.plugins.search_plugin import search_plugin
from mkdocs_gitguard.portal.search import SEARCH_ROOT, digest_of, groups_of, write_index
from mkdocs_gitguard.site_build.epoch import package_digest
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.pagefind import PAGEFIND_ROOT, write_pagefind

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_gitguard.portal import Pages

OF_MKDOCS: Final = "search/search_index.json"
"""Where MkDocs' search plugin and Material's put their index."""
_MEMORY: Final = "search-index.memory"
_MEANING_MEMORY: Final = "meaning-files.memory"


def leave_out_generated(config: MkDocsConfig) -> None:
    """Let the search plugin's index take none of the portal's pages: a browser reads all of it for every page.

    To be called when the plugin has begun its index, and before it is shown a page.
    """
    index: Any = getattr(search_plugin(config), "search_index", None)
    if index is None:
        return
    add = index.add_entry_from_context

    def add_own(page: Page) -> None:
        if not isinstance(page, GeneratedPage):
            add(page)

    index.add_entry_from_context = add_own


def kept_folders(kind: str) -> list[str]:
    """Return the folders of a site that the search keeps itself.

    Args:
        kind: the option `search`.
    """
    return [SEARCH_ROOT, MEANING_ROOT, *([PAGEFIND_ROOT] if kind == "pagefind" else [])]


def write_search(pages: Pages, config: MkDocsConfig, *, state: Path, kind: str) -> None:
    """Bring the search of a built site up to date.

    Args:
        pages: the portal.
        config: of the site.
        state: the plugin's state folder.
        kind: the option `search`.

    Raises:
        PublishError: the index cannot be written.
        SettingError: Pagefind cannot be used for this site.
    """
    folder = Path(config.site_dir) / SEARCH_ROOT
    is_own = kind == "own"
    meaning = pages.portal.meaning
    has_meaning = is_own and meaning is not None and bool(meaning.folder)
    places = {
        "pages": OF_MKDOCS if is_own and search_plugin(config) is not None else "",
        **({"meaning": "../meaning/index"} if has_meaning else {}),
    }
    if not is_own:
        places["pagefind"] = f"{PAGEFIND_ROOT}/pagefind.js"
        write_pagefind(Path(config.site_dir))
    try:
        done = write_index(
            lambda: groups_of(pages) if is_own else [],
            folder,
            whole=digest_of(pages, *places.values()),
            epoch=package_digest(),
            memory=state / _MEMORY,
            places=places,
        )
        of_meaning = write_files(
            pages,
            meaning if has_meaning else None,
            Path(config.site_dir),
            state / _MEANING_MEMORY,
            epoch=package_digest(),
        )
    except OSError as error:
        raise PublishError(
            f"The search index cannot be written: {error.filename or folder}: {error.strerror}.",
            hint="Let the setting `site_dir` name a folder that can be written, with room on its disk.",
        ) from error
    log.info("Search: %d files kept, %d written, %d deleted", *done)
    if meaning is not None:
        meaning.counts.published = of_meaning.size
        log.info("Meaning: %d files kept, %d written, %d deleted", *of_meaning[:3])
