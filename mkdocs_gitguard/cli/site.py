"""The site that a command works on, read."""

import os
from typing import Final

from mkdocs_gitguard.cli.loaded_site import LoadedSite
from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.read import read_site
from mkdocs_gitguard.site_build.site import Site

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


def read_to_answer(site: LoadedSite, *, is_told: bool = True) -> Site:
    """Read the site's repositories for an answer about them, and tell of those of which nothing is known.

    Args:
        site: with its repositories.
        is_told: whether what could not be read is told here, on standard error.

    Raises:
        SourceError: no repository could be read.
    """
    read = read_loaded(site)
    lost = unread(read)
    if lost and not read.snapshot.repositories:
        raise SourceError(lost[0].message, hint=lost[0].hint)
    tell_findings(lost if is_told else ())
    return read


def unread(site: Site) -> tuple[Finding, ...]:
    """Return why repositories could not be read, and entries that give none."""
    known = {repository.id for repository in site.snapshot.repositories}
    missing = {*site.shown} - known
    return tuple(
        finding
        for finding in site.snapshot.findings
        if finding.severity != "info"
        and (finding.repository in missing or (finding.source and not finding.repository and not finding.path))
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
