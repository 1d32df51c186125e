"""The site that a command works on, its `mkdocs.yml` loaded and nothing of it read.

Apart from `site`, whose reading brings git, the policy formats and the rest of the harvest in.
"""

from pathlib import Path
from typing import NamedTuple

from mkdocs.config.base import ValidationError

from mkdocs_gitguard.cli.site_file import site_at, site_to_read
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.site_build.config_file import SiteFile, plugin_options
from mkdocs_gitguard.site_build.options import GitGuardConfig, read_options
from mkdocs_gitguard.site_build.state_folder import state_folder_of


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
