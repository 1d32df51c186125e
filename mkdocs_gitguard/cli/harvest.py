"""`gitguard harvest`: the snapshot as JSON."""

import sys
from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import write_json
from mkdocs_gitguard.cli.repositories import repositories_option
from mkdocs_gitguard.cli.site import load_site, read_loaded, tell_findings
from mkdocs_gitguard.errors import SettingError


@click.command(
    "harvest",
    epilog=examples(
        "gitguard harvest -o snapshot.json  # the repositories of the site here",
        "gitguard harvest -r ../billing -r ../api > snapshot.json",
        "gitguard harvest | jq '.pull_requests[0]'",
    ),
)
@repositories_option("A folder, a glob or a clone URL, instead of what the site here names.")
@config_option
@click.option("--format", "output_format", type=click.Choice(["json"]), default="json", hidden=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any finding that is an error or a warning.")
def harvest(
    repositories: tuple[str, ...], config_file: Path | None, output_format: str, output: Path | None, *, strict: bool
) -> None:
    """Read repositories and print all facts as JSON.

    They are those of the site here, else the current repository.
    """
    del output_format
    site = read_loaded(load_site(Path(), config_file, repositories))
    document = site.snapshot.to_json() + b"\n"
    if output is None:
        write_json(document)
    else:
        try:
            output.write_bytes(document)
        except OSError as error:
            raise SettingError(f"{output} cannot be written: {error.strerror}.", hint="Name another file.") from error
    tell_findings(site.snapshot.findings)
    if strict and any(finding.severity != "info" for finding in site.snapshot.findings):
        sys.exit(1)
