"""The plugins that make a site's search index, whose part in a page of the portal is taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

SEARCH_MODULES: Final = ("mkdocs.contrib.search", "material.plugins.search.plugin")
"""Modules of those that are known."""


def is_search(plugin: object) -> bool:
    """Tell whether a plugin is one that makes a search index, and is known."""
    return type(plugin).__module__ in SEARCH_MODULES


def search_plugin(config: MkDocsConfig) -> Any:
    """Return the plugin that makes the search index, None if the site has none that is known."""
    return next(filter(is_search, config.plugins.values()), None)
