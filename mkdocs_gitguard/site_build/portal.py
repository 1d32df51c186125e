"""The portal of a site that has been read, as the site's options shape it: for MkDocs and for the export alike."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.policies.registry import policy_formats
from mkdocs_gitguard.portal import Options, Pages, Portal
from mkdocs_gitguard.portal.views import VIEWS, search
from mkdocs_gitguard.scorecards.check import checks_of
from mkdocs_gitguard.site_build.epoch import package_digest
from mkdocs_gitguard.site_build.meaning import meaning_of
from mkdocs_gitguard.site_build.pagefind import check_pagefind
from mkdocs_gitguard.site_build.trend_file import kept_trend
from mkdocs_gitguard.state.compiled_templates import COMPILED
from mkdocs_gitguard.state.folder_cache import FolderCache

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jinja2 import Environment

    from mkdocs_gitguard.portal.portal import Mode
    from mkdocs_gitguard.scorecards.check import CardCheck
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.site_build.status import Status


def pages_of(
    site: Site,
    options: GitGuardConfig,
    *,
    site_name: str,
    site_url: str = "",
    home: str,
    use_directory_urls: bool,
    template_folders: Sequence[str],
    plugins: Collection[str],
    status: Status | None = None,
    state_folder: Path | None = None,
    work: KeptWork | None = None,
    stands_alone: bool = False,
    templates: Environment | None = None,
) -> Pages:
    """Return the pages of the portal.

    Args:
        site: what was read.
        options: of the plugin.
        site_name: what the site calls itself.
        site_url: where it is; `""`: it does not say.
        home: path of the home page.
        use_directory_urls: whether pages are folders.
        template_folders: where templates of the site's own are looked for before ours.
        plugins: names of those that the site lists.
        status: what the pages of rollout, service levels and drills show; None: there are no such pages.
        state_folder: where is kept what need not be made again; None: nowhere.
        work: what was worked out for the build before; None: nothing is kept.
        stands_alone: whether there are the pages and nothing else, so that none may lead to the Graph API or ask the
            index of the search.
        templates: those of an earlier portal, whose files are known to be as they were; None: they are read.

    Raises:
        SettingError: the option `diagrams`, `search` or `embeddings` asks for what is not there, a policy format cannot
            be loaded, or a check of the scorecards is wrong.
    """
    COMPILED.begin(package_digest())
    if site.flags.mermaid_graphs:
        _check_diagrams(options, plugins)
    if options.search == "pagefind":
        check_pagefind()
    portal = Portal(
        site.snapshot,
        events=site.events,
        meaning=meaning_of(site, options, state_folder) if site.flags.embeddings else None,
        now=system_clock(),
        templates=templates,
        flags=msgspec.structs.replace(site.flags, graph_api=False) if stands_alone else site.flags,
        formats={known.name: known.traits for known in policy_formats()},
        options=Options(
            use_directory_urls=use_directory_urls,
            site_name=site_name,
            home=home,
            pull_request_pages=options.pull_request_pages,
            site_limits=site.budget.limits,
            site_url=f"{site_url.rstrip('/')}/" if site_url else "",
            feeds=options.feeds,
            policy_feeds=options.policy_feeds,
            weeks=options.weeks,
            decision_pages=options.decision_pages,
            diagrams=cast("Mode", options.diagrams),
            template_folders=tuple(template_folders),
            kept_answers=FolderCache(state_folder / "path-answers") if state_folder else {},
            kept_work=work or KeptWork(),
            epoch=package_digest(),
            rollout=status.rollout if status else None,
            levels=status.levels if status else None,
            dashboards=status.dashboards if status else None,
            drills=status.drills if status else (),
            trend=kept_trend(state_folder) if state_folder else None,
            drill_set=status.drill_set if status else (),
            log_state=status.log_state if status else None,
            checks=_checks(options),
        ),
    )
    return Pages(portal, [view for view in VIEWS if not (stands_alone and view is search.VIEW)])


def home_of(options: GitGuardConfig, *, is_root_taken: bool) -> str:
    """Return the path of the home page.

    Args:
        options: of the plugin.
        is_root_taken: whether the site has a home page of its own.
    """
    if options.home is not None:
        return options.home.strip("/")
    return "overview" if is_root_taken else ""


def _checks(options: GitGuardConfig) -> tuple[CardCheck, ...]:
    path = options.config_file_path
    return checks_of(Path(path).parent) if options.scorecards and path else ()


def _check_diagrams(options: GitGuardConfig, plugins: Collection[str]) -> None:
    """Refuse a way of drawing that would leave every diagram undrawn."""
    if options.diagrams == "client" and find_spec("mermaidx") is None:
        raise SettingError(
            "The option `diagrams` is client, which needs Mermaid on the site.",
            hint="Install it: pip install 'mkdocs-gitguard[offline]', or take the option out.",
        )
    if options.diagrams == "mermaid2" and "mermaid2" not in plugins:
        raise SettingError(
            "The option `diagrams` is mermaid2, but `plugins:` does not list mermaid2.",
            hint="Install mkdocs-mermaid2-plugin and list it, or take the option out.",
        )
