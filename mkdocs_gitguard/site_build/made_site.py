"""The site of a folder that has none: made from the site template, in the user's cache and not in the folder itself.

Nothing that the folder holds is a part of it, and nothing is written into the folder.
"""

from pathlib import Path
from typing import Any

import yaml

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.remote import parse_remote
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.state.folder import make_state_folder, refuse_links
from mkdocs_gitguard.state.user_folders import cache_folder_for

_PACKAGE = Path(__file__).parents[1]
_PREVIEW = "preview"
_BUILT = "site"


def site_template() -> Path:
    """Return the folder that `init` copies: packaged in a wheel, beside the package in a checkout."""
    packaged = _PACKAGE / "_site_template"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "site_template"


def repositories_at(folder: Path) -> list[str]:
    """Return what to harvest for a folder without a site: itself, or the repositories that lie in it.

    Raises:
        SettingError: it is none, and none lies in it.
    """
    if is_repository(folder):
        return [str(folder)]
    inner = [str(path) for path in sorted(folder.iterdir()) if path.is_dir() and is_repository(path)]
    if inner:
        return inner
    for parent in folder.parents:
        if is_repository(parent):
            return [str(parent)]
    raise SettingError(
        f"{folder} is not a git repository and none lies in it.",
        hint="Name a git repository, a folder of them, or lay down a site with: gitguard init",
    )


def make_site(folder: Path, repositories: tuple[str, ...] = (), *, cache_dir: Path | None = None) -> Path:
    """Write a site that shows `repositories`, and return its `mkdocs.yml`.

    Args:
        folder: where relative paths and globs count from, and what the site is called after.
        repositories: paths, globs and clone URLs; none: those of `repositories_at`.
        cache_dir: where to make it, with its state and its pages; default: a folder of the user's cache.

    Raises:
        SettingError: it cannot be written, or there is no repository.
    """
    folder = folder.resolve()
    entries = repositories or tuple(repositories_at(folder))
    top = cache_folder_for(folder) if cache_dir is None else cache_dir.absolute()
    site = top / _PREVIEW
    config: dict[str, Any] = yaml.safe_load((site_template() / "mkdocs.yml").read_text(encoding="utf-8"))
    config["site_name"] = printable(folder.name) or "Repositories"
    config["docs_dir"] = str(site / "docs")
    config["site_dir"] = str(top / _BUILT)
    del config["theme"]["custom_dir"], config["extra_css"]
    options = {"repositories": [_from(folder, entry) for entry in entries], "state_dir": str(top / "state")}
    config["plugins"] = ["search", {"gitguard": options}]
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    refuse_links(top)
    try:
        make_state_folder(top)
        (site / "docs").mkdir(parents=True, exist_ok=True)
        target = site / "mkdocs.yml"
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"{top} cannot be written: {error.strerror}.",
            hint="Set XDG_CACHE_HOME to a folder that can, or make a site with: gitguard init DIR",
        ) from error
    return target


def made_site_around(top: Path) -> Path | None:
    """Return the folder of the `mkdocs.yml` that `make_site` has written into `top`; None where it has not."""
    site = top / _PREVIEW
    return site if (top / _BUILT).is_dir() and (site / "mkdocs.yml").is_file() else None


def is_repository(path: Path) -> bool:
    """Tell a work tree or a bare repository by its look; nothing in it is opened."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def _from(folder: Path, entry: str) -> str:
    """Return an entry as it reads from anywhere: a path made absolute, a clone URL as it is."""
    return entry if parse_remote(entry) and not (folder / entry).exists() else str(folder / entry)
