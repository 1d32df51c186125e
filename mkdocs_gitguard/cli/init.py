"""`gitguard init`: lays down a site to start from."""

from pathlib import Path

import click

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.site_build.made_site import site_template
from mkdocs_gitguard.site_build.owned_sites import EVERYTHING, remember
from mkdocs_gitguard.state.folder import refuse_links_on_the_way


def lay_down(folder: Path, *, force: bool = False) -> list[Path]:
    """Copy the site template into `folder` and return the files written, by name.

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
            target.write_bytes(source.read_bytes())
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}.", hint="Name a folder that can.") from error
    return targets


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
def init(folder: Path, *, force: bool) -> None:
    """Lay down a site to start from in DIR (default: here), and remember that it is yours."""
    for path in lay_down(folder, force=force):
        echo(f"wrote {path}")
    try:
        remember(folder / "mkdocs.yml", [EVERYTHING])
    except SettingError as error:
        # The site is there all the same; it has to be named where it is built.
        echo(f"Warning: {error}", err=True)
    echo(f"Name your repositories in {folder / 'mkdocs.yml'}, then run: gitguard preview {folder}")
