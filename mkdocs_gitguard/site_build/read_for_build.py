"""Reading a site in order to build it: with progress and findings in the log, and not if there is nothing to show."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.log_text import log_line
from mkdocs_gitguard.site_build.build_log import tell_findings, tell_phase
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.options import COUNTED_SEVERITIES
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.read import read_site

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.site_build.staying import LastBuild

_MOST_CAUSES: Final = 10


def read_for_build(
    options: GitGuardConfig,
    config: MkDocsConfig,
    settings: Settings,
    *,
    state_folder: Path,
    last: LastBuild | None,
    is_served: bool = False,
) -> Site:
    """Read what a site names, and log how that goes.

    Args:
        options: of the plugin.
        config: of the site.
        settings: in force.
        state_folder: where caches and mirrors live.
        last: what this process knows of its last build.
        is_served: whether MkDocs shows the site at its `site_url`, from a folder that nobody knows.

    Raises:
        SettingError: see `read_site`.
        ParseError: see `read_site`.
        SourceError: no repository could be read.
    """
    if not options.repositories and not options.snapshot:
        raise SettingError(
            f"{config.config_file_path} names no repository.",
            hint="Name one under `repositories:`, for instance `- ../billing`.",
        )
    tell_phase(settings)
    site = read_site(
        options,
        Path(config.config_file_path).parent.absolute(),
        settings,
        site_name=config.site_name,
        progress=harvest_progress(log.info, names_unmoved=False) if log.isEnabledFor(logging.INFO) else None,
        state_folder=state_folder,
        last=last,
        is_log_read=True,
    )
    _refuse_to_show_nothing(site)
    tell_findings(
        site.snapshot.findings,
        counted=COUNTED_SEVERITIES[options.strict_findings],
        is_strict=config.strict,
        pages=f"{config.site_url}finding/" if is_served else f"{_from_here(Path(config.site_dir, 'finding'))}/",
    )
    return site


def _from_here(path: Path) -> Path:
    """Return a path as it can be typed in the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _refuse_to_show_nothing(site: Site) -> None:
    """Refuse a build in which no repository could be read: an empty portal would take the place of the last one.

    Raises:
        SourceError: it names each repository with what is wrong with it.
    """
    causes = [finding for finding in site.snapshot.findings if finding.severity == "error"]
    if site.snapshot.repositories or not causes:
        return
    lines = [f"  {log_line(in_words(finding))}" for finding in causes[:_MOST_CAUSES]]
    if len(causes) > _MOST_CAUSES:
        lines.append(f"  and {len(causes) - _MOST_CAUSES} more")
    raise SourceError(
        "\n".join(["None of the repositories can be shown, so the site stays as it is:", *lines]),
    )
