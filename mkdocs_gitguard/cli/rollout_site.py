"""The site that the rollout and publish commands work on: its settings, its state, and where it is built."""

import getpass
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.site import LoadedSite, load_site
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.state.database import STATE_FILE

R = TypeVar("R")


class RolloutSite(NamedTuple):
    """What the commands need to know of a site."""

    loaded: LoadedSite
    root: Path
    """The folder of `mkdocs.yml`, where relative paths and `config/rollout/` start."""
    settings: Settings
    state_folder: Path
    state: RolloutState
    """The rollout's part of the state file."""
    built: Path
    """Where `gitguard build` writes the portal."""


def open_site(config_file: Path | None) -> RolloutSite:
    """Read the `mkdocs.yml` at hand; without one, the site that `gitguard build` makes for the folder.

    Raises:
        SettingError: the file or a setting is wrong.
    """
    loaded = load_site(Path(), config_file)
    root = loaded.folder
    settings = resolve_settings(loaded.options.phase, environ=os.environ, root=root)
    state = RolloutState(loaded.state_folder / STATE_FILE, warn=_warn)
    return RolloutSite(loaded, root, settings, loaded.state_folder, state, Path(loaded.config.site_dir))


def _warn(text: str) -> None:
    echo(f"Warning: {text}", err=True)


def with_site(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command the option `--config-file`, and the site as its first argument."""

    @click.option(
        "-f", "--config-file", type=click.Path(path_type=Path), help="The mkdocs.yml to use instead of the one here."
    )
    @wraps(command)
    def run(*args: Any, config_file: Path | None, **options: Any) -> R:
        return command(open_site(config_file), *args, **options)

    return run


def someone() -> str:
    """Return who is at work: the actor in GitHub Actions, else the user's name."""
    actor = os.environ.get("GITHUB_ACTOR", "")
    if actor:
        return actor
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
