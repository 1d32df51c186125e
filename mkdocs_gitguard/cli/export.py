"""`gitguard export`: the portal for other generators and tools."""

from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.folder import sync_folder
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.loaded_site import LoadedSite, load_site
from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.site import read_loaded, tell_findings
from mkdocs_gitguard.graph_api.backstage import to_yaml
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.markdown import markdown_files
from mkdocs_gitguard.site_build.config_file import listed_plugins
from mkdocs_gitguard.site_build.portal import pages_of
from mkdocs_gitguard.site_build.site import Site
from mkdocs_gitguard.words import count


@click.command(
    "export",
    epilog=examples(
        "gitguard export portal-docs  # Markdown for Zensical and others",
        "gitguard export catalog --format backstage",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@config_option
@click.option(
    "--format", "output_format", type=click.Choice(["markdown", "backstage"]), default="markdown", show_default=True
)
def export(folder: Path, config_file: Path | None, output_format: str) -> None:
    """Write the portal into DIR for another generator or catalog.

    Files that did not change are left untouched.

    markdown: a docs folder for Zensical and other generators, with SUMMARY.md, .nav.yml and the snapshot as JSON. It is
    without what asks the Graph API or the portal's own search.
    backstage: catalog-info.yaml, with repositories, teams and people as entities of a Backstage catalog.
    """
    loaded = load_site(Path(), config_file)
    site = read_loaded(loaded)
    if output_format == "backstage":
        catalog = to_yaml(site.snapshot, site_url=loaded.config.site_url)
        synced = sync_folder(folder, [("catalog-info.yaml", catalog.encode())])
    else:
        synced = sync_folder(folder, markdown_files(portal_pages(loaded, site, stands_alone=True)))
    tell_findings(site.snapshot.findings)
    echo(f"{folder}: {count(synced.written, 'file')} written, {synced.unchanged} unchanged, {synced.removed} removed")


def portal_pages(loaded: LoadedSite, site: Site, *, stands_alone: bool = False) -> Pages:
    """Return the pages that a build of the site would make; `stands_alone`: there is nothing else of ours."""
    home = (loaded.options.home or "").strip("/")
    # Templates of the site's own run code: they count where the site is built, not where it is read.
    return pages_of(
        site,
        loaded.options,
        site_name=loaded.config.site_name or "",
        site_url=loaded.config.site_url,
        home=home,
        use_directory_urls=loaded.config.use_directory_urls,
        template_folders=(),
        plugins={plugin.name for plugin in listed_plugins(loaded.config)},
        stands_alone=stands_alone,
        state_folder=loaded.state_folder,
    )
