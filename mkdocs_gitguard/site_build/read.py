"""Reading a site: its repositories, or the snapshot of them that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard.site_build.budget import read_budget
from mkdocs_gitguard.site_build.given_snapshot import given_snapshot
from mkdocs_gitguard.site_build.key import key_of
from mkdocs_gitguard.site_build.site import Site
from mkdocs_gitguard.site_build.state_folder import state_folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.harvest.progress import Progress
    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.budget import Budget
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.staying import LastBuild


def read_site(
    options: GitGuardConfig,
    folder: Path,
    settings: Settings,
    *,
    site_name: str = "",
    progress: Progress | None = None,
    state_folder: Path | None = None,
    last: LastBuild | None = None,
    is_log_read: bool = False,
) -> Site:
    """Read what the options name, as far as the rollout shows it.

    Args:
        options: of the plugin.
        folder: where relative paths count from: that of `mkdocs.yml`.
        settings: in force, `resolve_settings` gives them.
        site_name: names the organisation where neither the options nor the repositories do.
        progress: is told which repositories are read.
        state_folder: where caches and mirrors live; that of the options unless given.
        last: what this process knows of its last build.
        is_log_read: whether the event log is asked what is new; else what the last build has seen there is taken.

    Raises:
        SettingError: an option or a setting is wrong, or names what is not there.
        ParseError: the people file is broken.
    """
    budget = read_budget(options.site_budget)
    if options.snapshot:
        return _given(folder / options.snapshot, settings, budget)
    # What reads repositories takes longer to load than a site that stands takes to be looked at.
    from mkdocs_gitguard.site_build.read_repositories import read_repositories  # noqa: PLC0415

    return read_repositories(
        options,
        folder,
        settings,
        budget,
        site_name=site_name,
        progress=progress,
        state_folder=state_folder or state_folder_of(folder, options.state_dir),
        last=last,
        is_log_read=is_log_read,
    )


def _given(path: Path, settings: Settings, budget: Budget) -> Site:
    snapshot, digest = given_snapshot(path, settings)
    shown = tuple(repository.id for repository in snapshot.repositories)
    return Site(snapshot, settings, budget, (path,), shown=shown, key=key_of((digest,)))
