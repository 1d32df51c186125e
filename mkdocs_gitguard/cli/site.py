"""The site that a command works on, read."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs.config.base import ValidationError

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.site_file import site_at, site_to_read
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.config_file import SiteFile, plugin_options
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.options import GitGuardConfig, read_options
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.read import Site, read_site
from mkdocs_gitguard.site_build.state_folder import state_folder_of

_MOST_FINDINGS: Final = 20


class LoadedSite(NamedTuple):
    """A `mkdocs.yml`, read as data, and what it says to the plugin."""

    config: SiteFile
    options: GitGuardConfig
    folder: Path
    """That of `mkdocs.yml`."""
    state_folder: Path
    """Where caches live: ours, and not what a repository brought."""
    is_named: bool = False
    """The user has named the `mkdocs.yml`."""


def load_site(folder: Path, config_file: Path | None = None, repositories: tuple[str, ...] = ()) -> LoadedSite:
    """Load the site at hand: see `site_to_read`.

    Args:
        folder: the folder the command works on.
        config_file: the `mkdocs.yml` to use instead.
        repositories: show these instead of the site's.

    Raises:
        SettingError: the config is broken, or its state folder is not ours.
    """
    is_named = config_file is not None and not repositories
    return _loaded(site_to_read(folder, config_file, repositories))._replace(is_named=is_named)


def load_own_site(folder: Path) -> LoadedSite | None:
    """Load the folder's own site; None where it has none.

    Raises:
        SettingError: as for `load_site`.
    """
    site = site_at(folder)
    return _loaded(site) if site is not None else None


def _loaded(site: SiteFile) -> LoadedSite:
    try:
        options = read_options(plugin_options(site) or {}, config_file=site.path)
    except ValidationError as error:
        raise SettingError(f"{site.path}: {error}", hint="Fix it there.") from error
    return LoadedSite(site, options, site.folder, state_folder_of(site.folder, options.state_dir))


def read_loaded(site: LoadedSite) -> Site:
    """Read the site's repositories, with progress on standard error."""
    return read_site(
        site.options,
        site.folder,
        resolve_settings(site.options.phase, environ=os.environ, root=site.folder),
        site_name=site.config.site_name,
        progress=harvest_progress(tell_progress),
        state_folder=site.state_folder,
    )


def tell_progress(line: str) -> None:
    """Write a line of progress to standard error."""
    echo(line, err=True)


def tell_findings(findings: tuple[Finding, ...]) -> None:
    """Write the most severe findings to standard error, a line each, and how many more there are."""
    for finding in findings[:_MOST_FINDINGS]:
        echo(f"{finding.severity}: {in_words(finding)}", err=True)
    if len(findings) > _MOST_FINDINGS:
        echo(f"… and {len(findings) - _MOST_FINDINGS} more on the portal's findings page", err=True)
