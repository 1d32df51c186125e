"""What MkDocs, the theme and the options put into every generated page: the epoch of a build."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.nav import Link, Section
from mkdocs.structure.pages import Page
from mkdocs.utils import get_build_date
from pathspec import PathSpec

from mkdocs_gitguard.site_build.epoch import UnstableError, mentions, package_digest, theme_digest, value_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

    from mkdocs_gitguard.portal import Portal

_NOT_ON_PAGES: Final = frozenset(
    [
        "config_file_path",
        "docs_dir",
        "site_dir",
        "plugins",
        "theme",
        "hooks",
        "dev_addr",
        "watch",
        "validation",
        "strict",
    ]
)
"""Settings of MkDocs that stand on no page, or are looked at below."""
_EACH_BUILD_ANEW: Final = frozenset(
    [
        "rollout",
        "levels",
        "dashboards",
        "drills",
        "drill_set",
        "log_state",
        "checks",
        "trend",
        "template_folders",
        "kept_answers",
        "kept_work",
        "epoch",
    ]
)
"""Of the portal's options: what only pages of rollout, service levels, drills, scorecards and of what went over time
show, what the digests of theme and package hold, and what stands on no page."""
THEME: Final = "the theme"
_DATES: Final = ("build_date_utc", "update_date")
"""What a theme may print that changes with the day. MkDocs' own themes print the first on the home page alone."""


def site_epoch(portal: Portal, config: MkDocsConfig, nav: Navigation, *, theme: str = "") -> dict[str, str]:
    """Return what goes into every generated page, by the word for it.

    Args:
        portal: what is shown.
        config: of the site.
        nav: of the site.
        theme: digest of the theme's templates, where they are loaded and known to be as they were; `""`: made here.
    """
    custom = [config.theme.custom_dir] if config.theme.custom_dir else []
    epoch = {
        "the package or its libraries": package_digest(),
        THEME: theme or theme_digest(config.theme.dirs, custom),
        "the theme's settings": _digest_or_never(lambda: value_digest(theme_settings(config))),
        "the site's settings": _digest_or_never(lambda: value_digest(plain_settings(config, _NOT_ON_PAGES))),
        "the plugins": _digest_or_never(lambda: value_digest(list(_plugins(config)))),
        "the portal's options": value_digest(
            {
                "flags": {item: getattr(portal.flags, item) for item in portal.flags.__struct_fields__},
                "formats": {name: repr(traits) for name, traits in portal.formats.items()},
                "has a rollout": portal.options.rollout is not None,
                "has levels": portal.options.levels is not None,
                **{
                    field.name: getattr(portal.options, field.name)
                    for field in fields(portal.options)
                    if field.name not in _EACH_BUILD_ANEW
                },
            }
        ),
        "the navigation": value_digest(list(_entries(nav.items))),
    }
    if custom and any(mentions(custom, word) for word in _DATES):
        epoch["the day, which the theme prints"] = get_build_date()
    return epoch


def theme_settings(config: MkDocsConfig) -> dict[str, Any]:
    """Return the settings of the theme, as `value_digest` takes them."""
    return {**config.theme, "locale": str(config.theme.get("locale"))}


def plain_settings(config: MkDocsConfig, left_out: Collection[str]) -> dict[str, Any]:
    """Return MkDocs' settings but for some, as `value_digest` takes them: patterns of paths by what they say."""
    return {key: _patterns_of(value) for key, value in config.items() if key not in left_out}


def _patterns_of(value: Any) -> Any:
    if not isinstance(value, PathSpec):
        return value
    return [(type(pattern).__name__, pattern.include, str(getattr(pattern, "regex", ""))) for pattern in value.patterns]


def _digest_or_never(make: Callable[[], str]) -> str:
    """Return a digest; where there is none, something that no other build has."""
    try:
        return make()
    except UnstableError as error:
        return f"{error.message} {os.urandom(8).hex()}"


def _plugins(config: MkDocsConfig) -> Iterator[tuple[str, Any]]:
    for name, plugin in config.plugins.items():
        if isinstance(plugin, ModuleType):
            # A hook; MkDocs lists it among the plugins, under its file's name.
            yield name, Path(plugin.__file__ or "").read_bytes().hex()
        elif not name.startswith("gitguard"):
            yield name, dict(plugin.config)


def _entries(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, Section):
            yield item.title, list(_entries(item.children))
        elif isinstance(item, Page):
            yield item.title, item.file.url, item.is_homepage, item.meta.get("icon"), item.meta.get("status")
        elif isinstance(item, Link):
            yield item.title, item.url
