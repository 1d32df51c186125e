"""The site that the rollout and publish commands work on: its settings, its state, and where it is built."""

import getpass
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from mkdocs_gitguard.cli.loaded_site import LoadedSite, load_site
from mkdocs_gitguard.cli.output import warn
from mkdocs_gitguard.cli.phase_option import phase_option
from mkdocs_gitguard.rollout.resolve import resolve_settings, settings_of
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.state.database import STATE_FILE

R = TypeVar("R")

_CONFIG_HELP: Final = "The mkdocs.yml to use instead of the one here."


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


def open_site(config_file: Path | None, phase: str | None = None) -> RolloutSite:
    """Read the `mkdocs.yml` at hand; without one, the site that `gitguard build` makes for the folder.

    Args:
        config_file: the `mkdocs.yml` to use instead.
        phase: the phase to be in instead of the one in force.

    Raises:
        SettingError: the file or a setting is wrong.
    """
    loaded = load_site(Path(), config_file)
    root = loaded.folder
    if phase:
        settings = settings_of(phase, environ=os.environ, root=root)
    else:
        settings = resolve_settings(loaded.options.phase, environ=os.environ, root=root)
    state = RolloutState(loaded.state_folder / STATE_FILE, warn=warn)
    return RolloutSite(loaded, root, settings, loaded.state_folder, state, Path(loaded.config.site_dir))


def with_site(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command the option `--config-file`, and the site as its first argument."""

    @click.option("-f", "--config-file", type=click.Path(path_type=Path), help=_CONFIG_HELP)
    @wraps(command)
    def run(*args: Any, config_file: Path | None, **options: Any) -> R:
        return command(open_site(config_file), *args, **options)

    return run


def with_site_in_phase(command: Callable[..., R]) -> Callable[..., R]:
    """As `with_site`, with the option `--phase` too."""

    @click.option("-f", "--config-file", type=click.Path(path_type=Path), help=_CONFIG_HELP)
    @phase_option
    @wraps(command)
    def run(*args: Any, config_file: Path | None, phase: str | None, **options: Any) -> R:
        return command(open_site(config_file, phase), *args, **options)

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
