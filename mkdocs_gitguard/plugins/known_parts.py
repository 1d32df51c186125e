"""Which parts of a site are known well enough to tell what they read and write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.plugins.search_plugin import is_search
from mkdocs_gitguard.site_build.epoch import mentions
from mkdocs_gitguard.site_build.plain_site import PLAIN_EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

_OURS: Final = "mkdocs_gitguard.plugins."
_TEMPLATES: Final = frozenset(["sitemap.xml", "404.html"])
"""Templates of a theme that make files of their own: of these two it is known what they read."""
_MOMENT: Final = "build_date_utc"
"""What a theme's template may print that differs between two builds of a day."""
_LIBRARIES: Final = frozenset(["markdown", "material", "materialx", "pymdownx"])


def unknown_part(config: MkDocsConfig) -> str:
    """Return what of a site may read or write anything, in words; `""` for nothing."""
    others = (
        name
        for name, plugin in config.plugins.items()
        if not is_search(plugin) and not type(plugin).__module__.startswith(_OURS)
    )
    parts = {
        "hooks may take part in it": bool(config.hooks),
        "templates make further files": bool(config.extra_templates)
        or not _TEMPLATES.issuperset(config.theme.static_templates),
        "the theme prints the moment": mentions(config.theme.dirs, _MOMENT),
        **{f"{name} may take part in it": True for name in others},
    }
    return next((part for part, is_there in parts.items() if is_there), "")


def pages_stand_alone(config: MkDocsConfig) -> bool:
    """Tell whether the site's own pages are made of their files alone: an extension that is not known may read any."""
    extensions = {name.removeprefix("markdown.extensions.") for name in config.markdown_extensions}
    return extensions <= PLAIN_EXTENSIONS and all(map(_is_of_library, _functions(config.mdx_configs)))


def _functions(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for item in value.values():
                yield from _functions(item)
        case list() | tuple():
            for item in value:
                yield from _functions(item)
        case partial():
            yield from _functions([value.func, value.args, value.keywords])
        case _ if callable(value):
            yield value


def _is_of_library(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).partition(".")[0] in _LIBRARIES
