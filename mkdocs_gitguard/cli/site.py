"""The site that a command works on, read."""

import os
from typing import Final

from mkdocs_gitguard.cli.loaded_site import LoadedSite
from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.read import Site, read_site

_MOST_FINDINGS: Final = 20


def read_loaded(site: LoadedSite) -> Site:
    """Read the site's repositories, with progress on standard error."""
    return read_site(
        site.options,
        site.folder,
        resolve_settings(site.options.phase, environ=os.environ, root=site.folder),
        site_name=site.config.site_name,
        progress=harvest_progress(tell_progress),
        state_folder=site.state_folder,
    )


def tell_progress(line: str) -> None:
    """Write a line of progress to standard error."""
    echo(line, err=True)


def tell_findings(findings: tuple[Finding, ...]) -> None:
    """Write the most severe findings to standard error, a line each, and how many more there are."""
    for finding in findings[:_MOST_FINDINGS]:
        echo(f"{finding.severity}: {in_words(finding)}", err=True)
    if len(findings) > _MOST_FINDINGS:
        echo(f"… and {len(findings) - _MOST_FINDINGS} more on the portal's findings page", err=True)
