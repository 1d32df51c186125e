"""`gitguard harvest`: the snapshot as JSON."""

import os
import sys
from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.loaded_site import LoadedSite, load_site
from mkdocs_gitguard.cli.output import echo, write_json
from mkdocs_gitguard.cli.repositories import repositories_option
from mkdocs_gitguard.cli.site import read_loaded, tell_findings, tell_progress
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.elsewhere import read_shard
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.shown_sources import chosen_for_harvest
from mkdocs_gitguard.words import count
from mkdocs_gitguard.workers.folder import Shard


@click.command(
    "harvest",
    epilog=examples(
        "gitguard harvest -o snapshot.json  # the repositories of the site here",
        "gitguard harvest -r ../billing -r ../api > snapshot.json",
        "gitguard harvest | jq '.pull_requests[0]'",
        "gitguard harvest --facts facts --shard 2/5  # for gitguard build --facts",
    ),
)
@repositories_option("A folder, a glob or a clone URL, instead of what the site here names.")
@config_option
@click.option("--format", "output_format", type=click.Choice(["json"]), default="json", hidden=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option(
    "--facts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the facts into this folder, for `gitguard build --facts`, and print nothing.",
)
@click.option("--shard", metavar="N/TOTAL", help="With --facts: only this part of the repositories, as 2/5.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any finding that is an error or a warning.")
def harvest(
    repositories: tuple[str, ...],
    config_file: Path | None,
    output_format: str,
    output: Path | None,
    *,
    facts: Path | None,
    shard: str | None,
    strict: bool,
) -> None:
    """Read repositories and print all facts as JSON.

    They are those of the site here, else the current repository.
    """
    del output_format
    loaded = load_site(Path(), config_file, repositories)
    if facts is not None:
        _end(_write_facts(loaded, facts, Shard.parse(shard or "1/1")), strict=strict)
        return
    if shard:
        raise SettingError("--shard is given without --facts.", hint="Name the folder for the facts: --facts DIR.")
    site = read_loaded(loaded)
    document = site.snapshot.to_json() + b"\n"
    if output is None:
        write_json(document)
    else:
        try:
            output.write_bytes(document)
        except OSError as error:
            raise SettingError(f"{output} cannot be written: {error.strerror}.", hint="Name another file.") from error
    _end(site.snapshot.findings, strict=strict)


def _write_facts(loaded: LoadedSite, folder: Path, shard: Shard) -> tuple[Finding, ...]:
    settings = resolve_settings(loaded.options.phase, environ=os.environ, root=loaded.folder)
    options, named = chosen_for_harvest(loaded.options, loaded.folder, settings, loaded.state_folder)
    progress = harvest_progress(tell_progress)
    limit = settings.max_repos_per_hour
    read = read_shard(named, options, shard, folder, most_an_hour=limit, progress=progress)
    echo(f"{folder}: the facts of {read.written} of {count(read.total, 'repository', 'repositories')}.", err=True)
    return read.findings


def _end(findings: tuple[Finding, ...], *, strict: bool) -> None:
    tell_findings(findings)
    if strict and any(finding.severity != "info" for finding in findings):
        sys.exit(1)
