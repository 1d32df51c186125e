"""The site that the rollout and publish commands work on: its settings, its state, and where it is built."""

import getpass
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.resolve import resolve
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState

R = TypeVar("R")


class RolloutSite(NamedTuple):
    """What the commands need to know of a site."""

    root: Path
    """The folder of `mkdocs.yml`, where relative paths and `config/rollout/` start."""
    config_file: Path | None
    settings: Settings
    state_folder: Path
    built: Path
    """Where `gitguard build` writes the portal."""

    @property
    def state(self) -> RolloutState:
        """The rollout's part of the state file."""
        return RolloutState(self.state_folder / "state.db")


def open_site(config_file: Path | None) -> RolloutSite:
    """Read the `mkdocs.yml` at hand, or do without one.

    Raises:
        SettingError: the file or a setting is wrong.
    """
    path = config_file or next((Path(name) for name in ("mkdocs.yml", "mkdocs.yaml") if Path(name).is_file()), None)
    if path is None:
        root = Path.cwd()
        settings = resolve(environ=os.environ, root=root)
        return RolloutSite(root, None, settings, root / ".gitguard", root / ".gitguard" / "site")
    if not path.is_file():
        raise SettingError(f"{path} is not a file.", hint="Name a mkdocs.yml with --config-file.")
    try:
        config = load_config(str(path))
    except MkDocsException as error:
        raise SettingError(f"{path}: {error}") from error
    plugin = config.plugins.get("gitguard")
    if plugin is None:
        raise SettingError(f"{path} does not list the plugin gitguard.", hint="Add it under `plugins:`.")
    root = path.resolve().parent
    settings = resolve(str(plugin.config["phase"]), environ=os.environ, root=root)
    return RolloutSite(root, path, settings, root / str(plugin.config["state_dir"]), Path(config.site_dir))


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
