"""`gitguard people`: who is who."""

from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.output import echo_text
from mkdocs_gitguard.cli.progress import progress
from mkdocs_gitguard.cli.site import load_site
from mkdocs_gitguard.site_build.people import suggest_people


@click.group("people")
def people() -> None:
    """Tell who is who: logins, names and addresses of one person."""


@people.command("suggest")
@click.argument("repositories", metavar="[REPOSITORY]...", nargs=-1)
@config_option
def suggest(repositories: tuple[str, ...], config_file: Path | None) -> None:
    """Draft a people file for the code owners whom history does not know, with the evidence as comments.

    REPOSITORY is a folder, a glob or a clone URL; by default those of the mkdocs.yml at hand. A first draft:
    `gitguard people suggest > people.yml`. Where the people file has entries, only what is missing in it is printed:
    `gitguard people suggest >> people.yml`.
    """
    site = load_site(Path(), config_file, repositories)
    echo_text(suggest_people(site.options, site.folder, site.state_folder, progress=progress()))
