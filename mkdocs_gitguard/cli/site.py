"""The site that a command works on, read."""

import logging
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.progress import progress
from mkdocs_gitguard.cli.site_file import locate_site, write_site_of
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.log import show_text_only
from mkdocs_gitguard.site_build.options import GitGuardConfig
from mkdocs_gitguard.site_build.read import Site, read_site

_MOST_FINDINGS: Final = 20


class LoadedSite(NamedTuple):
    """A `mkdocs.yml` and what it says to the plugin."""

    config: MkDocsConfig
    options: GitGuardConfig
    folder: Path


def load_site(folder: Path, config_file: Path | None = None, repositories: tuple[str, ...] = ()) -> LoadedSite:
    """Load the site at hand: see `locate_site`.

    Args:
        folder: the folder the command works on.
        config_file: the `mkdocs.yml` to use instead.
        repositories: show these instead of the site's.

    Raises:
        SettingError: the config is broken or does not list the plugin.
    """
    path = write_site_of(folder, repositories) if repositories else locate_site(folder, config_file)
    # MkDocs warns of every option it finds odd; what matters is raised below.
    logging.getLogger("mkdocs").setLevel(logging.ERROR)
    show_text_only()
    try:
        config = load_config(str(path))
    except ConfigurationError as error:
        raise SettingError(f"{path} cannot be used: {error}", hint="Fix it there.") from error
    except SystemExit as error:
        # MkDocs logs each wrong option and then aborts.
        raise SettingError(f"{path} has wrong options; see above.", hint="Fix them there.") from error
    plugin = config.plugins.get("gitguard")
    if plugin is None or not isinstance(plugin.config, GitGuardConfig):
        raise SettingError(f"{path} does not list the plugin gitguard.", hint="Add it under `plugins:`.")
    return LoadedSite(config, plugin.config, Path(path).parent.absolute())


def read_loaded(site: LoadedSite) -> Site:
    """Read the site's repositories, with progress on standard error."""
    return read_site(site.options, site.folder, site_name=site.config.site_name, progress=progress())


def tell_findings(findings: tuple[Finding, ...]) -> None:
    """Write the most severe findings to standard error, a line each, and how many more there are."""
    for finding in findings[:_MOST_FINDINGS]:
        echo(f"{finding.severity}: {in_words(finding)}", err=True)
    if len(findings) > _MOST_FINDINGS:
        echo(f"… and {len(findings) - _MOST_FINDINGS} more on the portal's findings page", err=True)
