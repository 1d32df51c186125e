"""The repositories that a site's options name, as far as the phase shows them: none is read for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from mkdocs_gitguard.errors import mask_credentials
from mkdocs_gitguard.git.forges import read_forges
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.selecting import Chosen, choose
from mkdocs_gitguard.harvest.sources import expand
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.event_selection import EventSelection
from mkdocs_gitguard.site_build.log import log

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.harvest.sources import RepositorySource, Sources
    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.options import GitGuardConfig

_READING_SHARE: Final = 2 / 3
"""Of BUILD_TIMEOUT, for reading the repositories: one that is slow must leave time for showing the others."""


def harvest_options(options: GitGuardConfig, folder: Path, settings: Settings, state_folder: Path) -> HarvestOptions:
    """Return what the harvest needs to know of the plugin's options and the rollout's settings.

    Raises:
        SettingError: `forges` names a forge or a pattern that is not known.
    """
    entries: list[Any] = options.repositories
    return HarvestOptions(
        repositories=tuple(
            entry if isinstance(entry, str) else {str(key): value for key, value in entry.items()} for entry in entries
        ),
        folder=folder,
        state_dir=state_folder,
        namespace=options.organization,
        forges=read_forges(options.forges),
        allow_http=options.allow_http,
        refresh=options.refresh,
        max_age=options.max_age,
        clone_time_limit=options.clone_time_limit,
        time_limit=options.time_limit,
        time_for_all=_READING_SHARE * settings.build_timeout.total_seconds(),
        pull_refs=options.pull_refs,
        jobs=settings.max_concurrent_builds,
        policies=settings.flags.policy_transparency,
        pull_request_pages=options.pull_request_pages,
        pull_request_patterns=tuple(options.pull_request_patterns),
    )


def shown_sources(options: GitGuardConfig, folder: Path, state_folder: Path) -> tuple[RepositorySource, ...]:
    """Return the repositories of a site that its phase shows, for commands that look at them one by one.

    Args:
        options: of the plugin.
        folder: that of `mkdocs.yml`.
        state_folder: where mirrors and caches are.

    Raises:
        SettingError: an option or a setting is wrong.
    """
    settings = resolve_settings(options.phase, environ=os.environ, root=folder)
    return choose_shown(expand(harvest_options(options, folder, settings, state_folder)), folder, settings).sources


def chosen_for_harvest(
    options: GitGuardConfig, folder: Path, settings: Settings, state_folder: Path
) -> tuple[HarvestOptions, Sources]:
    """Return what the harvest of a site needs to know, and the repositories that its phase shows.

    Args:
        options: of the plugin.
        folder: that of `mkdocs.yml`.
        settings: in force.
        state_folder: where mirrors and caches are.

    Raises:
        SettingError: an option or a setting is wrong.
    """
    given = harvest_options(options, folder, settings, state_folder)
    named = expand(given)
    chosen = choose_shown(named, folder, settings)
    return given, named._replace(sources=chosen.sources, findings=chosen.findings)


def event_selection(options: GitGuardConfig, folder: Path, state_folder: Path) -> EventSelection:
    """Return which events may be kept: those about repositories that the site's phase shows. Arguments as above.

    Raises:
        SettingError: an option or a setting is wrong.
    """
    settings = resolve_settings(options.phase, environ=os.environ, root=folder)
    chosen = choose_shown(expand(harvest_options(options, folder, settings, state_folder)), folder, settings)
    return EventSelection(chosen, settings.codex_repo_exclude_list)


def choose_shown(named: Sources, folder: Path, settings: Settings) -> Chosen:
    """Return what the phase shows of the repositories that a site names; the others are not opened.

    Args:
        named: from `expand`.
        folder: that of `mkdocs.yml`.
        settings: in force.

    Raises:
        SettingError: a list of the settings is wrong.
    """
    chosen = choose(named, folder, include=settings.codex_repo_include_list, exclude=settings.codex_repo_exclude_list)
    for note in chosen.notes:
        log.warning(mask_credentials(note))
    if len(chosen.sources) < len(named.sources):
        log.info("The phase %s shows %d of %d repositories.", settings.phase, len(chosen.sources), len(named.sources))
    return chosen
