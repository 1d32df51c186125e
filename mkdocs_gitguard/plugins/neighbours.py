"""What other plugins make of pages that were generated: those that would read a source, which ours have none of.

MkDocs gives `None` as the source's path of a file whose content was generated, since 1.6, and such a page has no
Markdown. Plugins that read the source's history end there, or make something up; one that runs Markdown as a template
runs a title, too, and ours are written by whoever opens a pull request. They are shown no page of ours. Others would
look at each and find nothing to do: for those alone MkDocs need not make thousands of pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig

PAGE_EVENTS: Final = ("pre_page", "page_read_source", "page_markdown", "page_content", "page_context", "post_page")
"""The events that MkDocs has for each page, in their order."""
_OF_SOURCES: Final = frozenset(
    [
        # Runs the title as a template (1.5.0, `on_page_markdown`).
        "mkdocs_macros.plugin",
        # These ask git for the source, and take the moment of the build where there is none.
        "mkdocs_git_authors_plugin.plugin",
        "mkdocs_git_committers_plugin_2.plugin",
        "mkdocs_git_revision_date_localized_plugin.plugin",
        # Puts pages into a feed by the date of their source (1.19.0, `on_page_content`); the portal has its own.
        "mkdocs_rss_plugin.plugin",
    ]
)
"""Modules of plugins that are not shown generated pages."""
_IDLE: Final = frozenset(
    [
        # Reads `tags` of the metadata, which a page of ours has where Material's `meta` plugin or a hook adds it: with
        # either MkDocs makes every page.
        "material.plugins.tags.plugin",
        # Looks whether it has copied the source.
        "mkdocs_monorepo_plugin.plugin",
        # Replaces what stands in the Markdown.
        "admonitions.admonition",
        # Looks whether the page is one of its own.
        "material.plugins.blog.plugin",
        # Translates what stands in the Markdown; `languages` sets right what it leaves in the config.
        "mkdocs_static_i18n.plugin",
    ]
)
"""Modules of plugins that do nothing to a page without Markdown."""
_OWN_FILES_ONLY: Final = frozenset(
    [
        "mkdocs_git_revision_date_localized_plugin.plugin",
        "mkdocs_gitguard.plugins.graph_api",
        "mkdocs_gitguard.plugins.languages",
        "mkdocs_multirepo_plugin.plugin",
        "mkdocs_redirects.plugin",
        "mkdocs_rss_plugin.plugin",
        "mkdocs_section_index.plugin",
        "mkdocs_static_i18n.plugin",
    ]
)
"""Modules of plugins that touch nothing but files of their own once the site is built."""


def owner_of(method: object) -> object:
    """Return the plugin that a method of an event belongs to, None for a hook's function."""
    return getattr(method, "__self__", None)


def module_of(method: object) -> str:
    """Return the module of the plugin or hook that a method of an event belongs to."""
    owner = owner_of(method)
    return type(owner).__module__ if owner is not None else str(getattr(method, "__module__", method))


def takes_part(method: object) -> bool:
    """Tell whether a method of a page's event may change a generated page."""
    return not isinstance(method, _Spared) and module_of(method) not in _IDLE


def takes_the_site(method: object) -> bool:
    """Tell whether a method of the event `post_build` may read or write pages."""
    if module_of(method) == "mkdocs_macros.plugin":
        # The user's own functions are run (`on_post_build` of a module), or nothing is.
        return bool(getattr(owner_of(method), "post_build_functions", True))
    return module_of(method) not in _OWN_FILES_ONLY


class _Spared:
    """A plugin's method that is not shown generated pages."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    def __call__(self, *items: Any, **context: Any) -> Any:
        page = context.get("page", items[0] if items else None)
        return None if isinstance(page, GeneratedPage) else self._method(*items, **context)


def spare_generated(config: MkDocsConfig) -> None:
    """Keep generated pages from plugins that read a page's source. To be called before pages are made."""
    for event in PAGE_EVENTS:
        methods = config.plugins.events[event]
        methods[:] = [_Spared(method) if module_of(method) in _OF_SOURCES else method for method in methods]
