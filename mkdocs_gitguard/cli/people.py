"""`gitguard people`: who is who."""

from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.output import echo_text
from mkdocs_gitguard.cli.repositories import repositories_option
from mkdocs_gitguard.cli.site import tell_progress
from mkdocs_gitguard.site_build.people import suggest_people
from mkdocs_gitguard.site_build.progress import harvest_progress


@click.group("people", cls=Group, epilog=examples("gitguard people suggest > people.yml"))
def people() -> None:
    """Tell who is who: logins, names and addresses of one person."""


@people.command(
    "suggest",
    epilog=examples(
        "gitguard people suggest > people.yml   # a first draft",
        "gitguard people suggest >> people.yml  # what is missing in it",
    ),
)
@repositories_option("A folder, a glob or a clone URL, instead of what the site here names.")
@config_option
def suggest(repositories: tuple[str, ...], config_file: Path | None) -> None:
    """Draft a people file for the code owners whom history does not know, with the evidence as comments.

    The repositories are those of the site here. Where the people file has entries, only what is missing in it is
    printed.
    """
    site = load_site(Path(), config_file, repositories)
    echo_text(suggest_people(site.options, site.folder, site.state_folder, progress=harvest_progress(tell_progress)))
