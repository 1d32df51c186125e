"""`gitguard init`: lays down a site to start from."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.site_build.made_site import is_repository, repositories_at, site_template
from mkdocs_gitguard.site_build.owned_sites import EVERYTHING, remember
from mkdocs_gitguard.state.folder import refuse_links_on_the_way

_MOST_NAMED: Final = 20
"""Repositories of a folder that are named one by one; more are a glob."""
_PLACE: Final = b"      repositories:\n        - .\n"
"""What the template has for the repositories."""
_NOBODY: Final = "      repositories: []\n"


def repositories_for(folder: Path, here: Path) -> list[str]:
    """Return what a new site in `folder` shows at first, as its `mkdocs.yml` names it.

    That is the folder itself where it is a repository, else the one that the current folder is or lies in, else those
    that lie in the current folder or in `folder`; nothing where there is none.

    Args:
        folder: of the site.
        here: the current folder.
    """
    folder, here = folder.absolute(), here.absolute()
    if is_repository(folder):
        return ["."]
    for place in (here, folder):
        with suppress(SettingError, OSError):
            at_place = repositories_at(place)
            if len(at_place) <= _MOST_NAMED:
                return [Path(os.path.relpath(path, folder)).as_posix() for path in at_place]
            return [Path(os.path.relpath(place, folder), "*").as_posix()]
    return []


def lay_down(folder: Path, *, force: bool = False, repositories: Sequence[str] = (".",)) -> list[Path]:
    """Copy the site template into `folder` and return the files written, by name.

    Args:
        folder: of the site.
        force: overwrite what is there.
        repositories: what the site shows at first.

    Raises:
        SettingError: a file is there already and `force` is off, or the folder cannot be written. Nothing has been
            written then.
    """
    template = site_template()
    sources = sorted(path for path in template.rglob("*") if path.is_file())
    targets = [folder / path.relative_to(template) for path in sources]
    # A theme folder that holds other templates would make them ours.
    taken = [str(path) for path in targets if path.exists()] or [
        str(path) for path in (folder / "overrides",) if path.is_dir() and any(path.iterdir())
    ]
    for target in targets:
        refuse_links_on_the_way(folder, target)
    if taken and not force:
        raise SettingError(
            f"These files are there already: {', '.join(taken)}.",
            hint="Name another folder, or overwrite with --force.",
        )
    try:
        for source, target in zip(sources, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_with_repositories(source.read_bytes(), repositories))
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}.", hint="Name a folder that can.") from error
    return targets


def _with_repositories(content: bytes, repositories: Sequence[str]) -> bytes:
    """Return a file of the template with the repositories named in it, where it has a place for them."""
    lines = "".join(f"        - {json.dumps(entry, ensure_ascii=False)}\n" for entry in repositories)
    return content.replace(_PLACE, (f"      repositories:\n{lines}" if lines else _NOBODY).encode())


@click.command(
    "init",
    epilog=examples(
        "gitguard init            # here",
        "gitguard init portal     # in a folder of its own",
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
def init(folder: Path, *, force: bool) -> None:
    """Lay down a site to start from in DIR, which shows the repositories that are there.

    DIR is the current folder unless given. The site shows the repository that DIR or the current folder is or lies in,
    else those that lie in the current folder; the file says where to name others. That the site is yours is remembered,
    so that `gitguard build` asks no questions.
    """
    repositories = repositories_for(folder, Path())
    for path in lay_down(folder, force=force, repositories=repositories):
        echo(f"wrote {path}")
    try:
        remember(folder / "mkdocs.yml", [EVERYTHING])
    except SettingError as error:
        # The site is there all the same; it has to be named where it is built.
        warn(str(error))
    if repositories:
        echo(f"It shows {', '.join(repositories)}; name others in {folder / 'mkdocs.yml'}.")
        echo(f"See it with: gitguard preview {folder}")
    else:
        echo("There is no git repository here, so it shows nothing yet.")
        echo(f"Name your repositories in {folder / 'mkdocs.yml'}, then run: gitguard preview {folder}")
