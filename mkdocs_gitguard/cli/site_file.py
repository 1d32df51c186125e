"""Which `mkdocs.yml` a command works on: the one at hand, else one made for the folder."""

from pathlib import Path
from typing import Any

import yaml

from mkdocs_gitguard.cli.init import site_template
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.remote import parse_remote

_NAMES = ("mkdocs.yml", "mkdocs.yaml")


def locate_site(folder: Path, config_file: Path | None = None) -> Path:
    """Return the `mkdocs.yml` for `folder`.

    That is `config_file` if given; else the folder's own, if it lists the `gitguard` plugin; else one that is written
    below `folder/.gitguard/` from the site template, showing the repository that the folder is, or the repositories
    that lie in it.

    Raises:
        SettingError: there is no such folder or file, or it holds no repository.
    """
    if config_file is not None:
        if not config_file.is_file():
            raise SettingError(f"{config_file} is not a file.", hint="Name a mkdocs.yml with --config-file.")
        return config_file
    if not folder.is_dir():
        raise SettingError(f"{folder} is not a folder.", hint="Name a git repository or a folder of them.")
    if (site := site_at(folder)) is not None:
        return site
    return write_site_of(folder, tuple(repositories_at(folder.resolve())))


def site_at(folder: Path) -> Path | None:
    """Return the folder's own `mkdocs.yml`, if it lists the `gitguard` plugin."""
    paths = (folder / name for name in _NAMES)
    return next((path for path in paths if path.is_file() and _lists_gitguard(path)), None)


def repositories_at(folder: Path) -> list[str]:
    """Return what to harvest for a folder without a site: itself, or the repositories that lie in it."""
    if _is_repository(folder):
        return [str(folder)]
    inner = [str(path) for path in sorted(folder.iterdir()) if path.is_dir() and _is_repository(path)]
    if inner:
        return inner
    for parent in folder.parents:
        if _is_repository(parent):
            return [str(parent)]
    raise SettingError(
        f"{folder} is not a git repository and none lies in it.",
        hint="Name a git repository, a folder of them, or lay down a site with: gitguard init",
    )


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def _lists_gitguard(path: Path) -> bool:
    """Tell whether a config lists the plugin, without running its YAML tags, which may import Python objects."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        return False
    if not isinstance(node, yaml.MappingNode):
        return False
    for key, value in node.value:
        if key.value == "plugins" and isinstance(value, yaml.CollectionNode):
            return any(_plugin_name(item) == "gitguard" for item in value.value)
    return False


def _plugin_name(item: Any) -> str:
    if isinstance(item, tuple):
        item = item[0]
    if isinstance(item, yaml.MappingNode) and item.value:
        item = item.value[0][0]
    return item.value if isinstance(item, yaml.ScalarNode) else ""


def write_site_of(folder: Path, repositories: tuple[str, ...]) -> Path:
    """Write a site that shows `repositories` below `folder/.gitguard/` and return its `mkdocs.yml`.

    Relative paths and globs among them count from `folder`.

    Raises:
        SettingError: it cannot be written.
    """
    folder = folder.resolve()
    state = folder / ".gitguard"
    site = state / "preview"
    config: dict[str, Any] = yaml.safe_load((site_template() / "mkdocs.yml").read_text(encoding="utf-8"))
    config["site_name"] = folder.name or "Repositories"
    config["docs_dir"] = str(site / "docs")
    config["site_dir"] = str(state / "site")
    del config["theme"]["custom_dir"], config["extra_css"]
    options = {"repositories": [_from(folder, entry) for entry in repositories], "state_dir": str(state)}
    config["plugins"] = ["search", {"gitguard": options}]
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    try:
        (site / "docs").mkdir(parents=True, exist_ok=True)
        (state / ".gitignore").write_text("*\n", encoding="utf-8")
        target = site / "mkdocs.yml"
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"{state} cannot be written: {error.strerror}.", hint="Make a site elsewhere with: gitguard init DIR"
        ) from error
    return target


def _from(folder: Path, entry: str) -> str:
    """Return an entry as it reads from anywhere: a path made absolute, a clone URL as it is."""
    return entry if parse_remote(entry) and not (folder / entry).exists() else str(folder / entry)
