"""Which site a command works on, and whose word is needed before it is built.

The rules are those of docs/security.md: a command that reads takes a site's `mkdocs.yml` as data; one that builds it
takes it if it is plain, if the user has named it, or has once called it their own.
"""

import os
import sys
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.tracked import tracked_names
from mkdocs_gitguard.log_text import log_line
from mkdocs_gitguard.site_build.config_file import CONFIG_NAMES, SiteFile, plugin_options, read_site_file
from mkdocs_gitguard.site_build.made_site import make_site
from mkdocs_gitguard.site_build.owned_sites import EVERYTHING, allowed, remember
from mkdocs_gitguard.site_build.plain_site import event_server_of, reasons_for_a_word

_MOST_REASONS: Final = 5


def site_at(folder: Path) -> SiteFile | None:
    """Return the folder's own site as MkDocs would find it, read; None where there is none with the plugin.

    Raises:
        SettingError: what MkDocs would take cannot be used, or it is not clear which site is meant.
    """
    if not folder.is_dir():
        raise SettingError(f"{folder} is not a folder.", hint="Name a git repository or a folder of them.")
    first, second = (folder / name for name in CONFIG_NAMES)
    # As MkDocs: the second counts only where there is no first one.
    if not first.exists():
        return _listing(second) if second.exists() else None
    site = _listing(first)
    if site is None and second.exists() and _listing(second) is not None:
        raise SettingError(
            f"{second} lists the plugin gitguard, but MkDocs takes {first.name}, which does not.",
            hint=f"Delete one of the two, or name the one that you mean: --config-file {second}",
        )
    return site


def named_site(config_file: Path) -> SiteFile:
    """Return the site that the user has named.

    Raises:
        SettingError: it cannot be used, or does not list the plugin.
    """
    if not config_file.is_file():
        raise SettingError(f"{config_file} is not a file.", hint="Name a mkdocs.yml with --config-file.")
    site = _listing(config_file)
    if site is None:
        raise SettingError(
            f"{config_file} does not list the plugin gitguard.", hint="Write `- gitguard` under `plugins:`."
        )
    return site


def site_to_read(folder: Path, config_file: Path | None = None, repositories: tuple[str, ...] = ()) -> SiteFile:
    """Return the site for a command that reads: nothing that it names is run.

    Args:
        folder: the folder the command works on.
        config_file: the `mkdocs.yml` to use instead.
        repositories: show these instead of the site's.

    Raises:
        SettingError: there is no such folder or file, it is broken, or it is not clear which site is meant.
    """
    site = None if repositories else named_site(config_file) if config_file else site_at(folder)
    return site or read_site_file(make_site(folder, repositories))


def site_to_build(
    folder: Path,
    config_file: Path | None = None,
    repositories: tuple[str, ...] = (),
    *,
    cache_dir: Path | None = None,
    is_emptied: bool = True,
) -> Path:
    """Return the `mkdocs.yml` to hand to MkDocs, which runs what it names.

    That is `config_file`, which is the user's word; else the folder's own, if it is plain or the user's word was given
    for it; else one that is made for the repository that the folder is, or those that lie in it.

    Args:
        folder: the folder the command works on.
        config_file: the `mkdocs.yml` to use instead.
        repositories: show these instead of the site's.
        cache_dir: where a site is made.
        is_emptied: whether the site's own `site_dir` is built into.

    Raises:
        SettingError: as for `site_to_read`; or the site is not plain, and there is nobody who could be asked.
    """
    if repositories:
        return make_site(folder, repositories, cache_dir=cache_dir)
    if config_file is not None:
        return named_site(config_file).path
    site = site_at(folder)
    if site is None:
        return make_site(folder, cache_dir=cache_dir)
    words = allowed(site.path)
    reasons = () if EVERYTHING in words else reasons_for_a_word(site, is_emptied=is_emptied)
    if set(reasons) <= words or _is_the_users(site, reasons):
        return site.path
    echo("Only its git history is shown.", err=True)
    return make_site(folder, cache_dir=cache_dir)


def strange_server(site: SiteFile, *, is_named: bool) -> str:
    """Return in words the server of an event log that is not to be asked without the user's word; `""`: there is none.

    Args:
        site: at hand.
        is_named: whether the user has named it, which is their word.

    Raises:
        SourceError: git cannot tell whether the site came with its repository.
    """
    server = "" if is_named else event_server_of(site)
    if not server or {server, EVERYTHING} & allowed(site.path):
        return ""
    return server if tracked_names(site.folder, (site.path.name,)) else ""


def _is_the_users(site: SiteFile, reasons: tuple[str, ...]) -> bool:
    """Ask whether a site that is not plain is the user's own, and remember a yes."""
    more = len(reasons) - _MOST_REASONS
    listed = "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
    warning = f"{site.path} does more than show its own repository: {listed}."
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or os.environ.get("CI"):
        raise SettingError(
            warning,
            hint=f"Name the site if it is yours: --config-file {site.path} (in the Action: the input config-file). "
            "To look at the repository only, name that: --repository .",
        )
    if not click.confirm(f"{log_line(warning)}\nIs this site yours?", default=False, err=True):
        return False
    remember(site.path, reasons)
    return True


def _listing(path: Path) -> SiteFile | None:
    site = read_site_file(path)
    return site if plugin_options(site) is not None else None
