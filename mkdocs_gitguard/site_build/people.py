"""Who is who in the repositories of a site, for those who write its people file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mkdocs_gitguard.assembly.core import Core
from mkdocs_gitguard.assembly.own_addresses import own_address_in
from mkdocs_gitguard.assembly.ownership import contribute_ownership
from mkdocs_gitguard.assembly.people_draft import draft_people
from mkdocs_gitguard.assembly.snapshot import errors_first
from mkdocs_gitguard.assembly.stages import dialects_of, read_dialects
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.harvest.run import harvest
from mkdocs_gitguard.model import Organization, node_id
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.read_repositories import read_people
from mkdocs_gitguard.site_build.shown_sources import harvest_options, shown_sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mkdocs_gitguard.harvest.progress import Progress
    from mkdocs_gitguard.site_build.options import GitGuardConfig


def suggest_people(
    options: GitGuardConfig, folder: Path, state_folder: Path, *, progress: Progress | None = None
) -> str:
    """Return a draft of the site's people file: see `draft_people`.

    Args:
        options: of the plugin.
        folder: that of `mkdocs.yml`.
        state_folder: where caches and mirrors live.
        progress: is told which repositories are read.

    Raises:
        SettingError: an option or a setting is wrong.
        ParseError: the people file is broken.
    """
    core = _core(options, folder, state_folder, progress)
    dialects = dialects_of(core.facts, read_dialects(options.codeowners))
    return draft_people(core, contribute_ownership(core, dialects).ownership)


def addresses_in(
    options: GitGuardConfig, folder: Path, state_folder: Path, repositories: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return by repository and owner id the e-mail address that somebody mostly uses there, if it is theirs alone.

    For the CODEOWNERS file of that very repository, whose history tells them already: see `own_address_in`.

    Args:
        options: of the plugin.
        folder: that of `mkdocs.yml`.
        state_folder: where caches and mirrors live.
        repositories: node ids.

    Raises:
        SettingError: an option or a setting is wrong.
        ParseError: the people file is broken.
    """
    return own_address_in(_core(options, folder, state_folder, None), repositories)


def _core(options: GitGuardConfig, folder: Path, state_folder: Path, progress: Progress | None) -> Core:
    people = read_people(options.people, folder)
    settings = resolve_settings(options.phase, environ=os.environ, root=folder)
    labels = {source.label for source in shown_sources(options, folder, state_folder)}
    given = harvest_options(options, folder, settings, state_folder)
    result = harvest(given, progress=progress, select=lambda source: source.label in labels)
    if result.findings and not result.facts:
        worst = min(result.findings, key=errors_first)
        raise SourceError(worst.message, hint=worst.hint)
    return Core(
        result.facts,
        organization=Organization(id=node_id("organization", "site"), name=""),
        people=people,
        bots=options.bots,
    )
