"""The home page: what needs somebody, what is here, what changed lately; and what of it is the reader's own."""

from __future__ import annotations

import heapq
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model.drill import by_drill
from mkdocs_gitguard.portal.lists.days import COMMITS_OF_A_DAY, latest_days
from mkdocs_gitguard.portal.lists.needs import Judged, needs_of
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model import Repository, Snapshot, Tag
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.page import Asset, Sheet
    from mkdocs_gitguard.portal.portal import Portal

_CARDS: Final = 6
_RELEASES: Final = 6
_CAUSES: Final = 5
_QUIET_DAYS: Final = 365
_MOST_QUIET: Final = 50


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    organization = portal.snapshot.organization
    number = len(portal.snapshot.repositories)
    yield PortalPage(
        path=portal.options.home,
        title=portal.options.site_name or organization.name,
        write=partial(_write, judged=_judged(portal)),
        is_index=True,
        is_traced=False,
        nav=0,
        nav_title="Overview" if portal.options.home else "Home",
        node=organization.id,
        search="What needs attention, what is here, what changed lately.",
        description=f"{count(number, 'repository', 'repositories')} of {organization.name}, and what changed in them.",
    )


def _judged(portal: Portal) -> Judged:
    levels, drills = portal.options.levels, portal.options.drills
    states = [(level.state, level.title) for level in levels.objectives] if levels else []
    # The newest run of each comes first.
    last = [own[0] for own in by_drill(drills).values()]
    return Judged(
        alerts=tuple(title for state, title in states if state == "alert"),
        missed=tuple(title for state, title in states if state == "missed"),
        failed=tuple(sorted(drill.about.title for drill in last if drill.outcome == "failed")),
        has_drills=bool(drills),
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the script that shows a reader what is theirs."""
    yield own_asset("reader.js")


def _write(sheet: Sheet, judged: Judged) -> Markup:
    snapshot = sheet.graph.snapshot
    urgent = [finding for finding in snapshot.findings if finding.severity != "info"]
    by_age = sorted(snapshot.repositories, key=_newest_first)
    return sheet.render(
        "gitguard/home.html",
        organization=snapshot.organization,
        title=sheet.page.title,
        tiles=_tiles(sheet, len(urgent)),
        cards=by_age[:_CARDS],
        repositories_in_all=len(snapshot.repositories),
        days=latest_days(snapshot.pull_requests, snapshot.repositories, sheet.graph.bots),
        commits_of_a_day=COMMITS_OF_A_DAY,
        releases=_releases(snapshot),
        needs=needs_of(sheet.graph, sheet.now, judged, sheet.link, most_causes=_CAUSES),
        causes_left_out=max(0, len({finding.code for finding in urgent}) - _CAUSES),
        urgent_in_all=len(urgent),
        script=sheet.file("assets/gitguard/reader.js"),
        people=bool(sheet.link("owner")),
        findings_in_all=len(snapshot.findings),
        has_pull_requests=bool(snapshot.pull_requests),
        quiet=[repository for repository in by_age if _is_quiet(sheet.now, repository)],
        most_quiet=_MOST_QUIET,
    )


class _Tile(NamedTuple):
    """A number, and the page that is about it."""

    number: int
    noun: str
    url: str
    is_urgent: bool = False


def _tiles(sheet: Sheet, urgent: int) -> list[_Tile]:
    """Return how much of everything is here, what no page is about left out."""
    snapshot = sheet.graph.snapshot
    busy = sheet.graph.work_by_owner
    people = sum(not owner.is_bot and owner.id in busy for owner in snapshot.owners)
    tiles = [
        _Tile(*_counted(len(snapshot.repositories), "repository", "repositories"), sheet.link("repository")),
        _Tile(*_counted(len(snapshot.pull_requests), "merged pull request"), sheet.link("pull-request")),
        _Tile(*_counted(people, "person", "people"), sheet.link("owner")),
    ]
    if snapshot.policies:
        held, without = len(sheet.graph.held_policies), len(sheet.graph.without_applying_policy())
        tiles.append(_Tile(*_counted(held, "policy", "policies"), sheet.link("policy")))
        nouns = ("repository without a policy that applies", "repositories without a policy that applies")
        tiles.append(_Tile(*_counted(without, *nouns), sheet.link("gap", "unapplied")))
    if snapshot.decisions:
        tiles.append(_Tile(*_counted(len(snapshot.decisions), "policy decision"), sheet.link("decision")))
    notices = len(snapshot.findings) - urgent
    if urgent:
        tiles.append(_Tile(*_counted(urgent, "finding to act on", "findings to act on"), sheet.link("finding"), True))
    else:
        tiles.append(_Tile(*_counted(notices, "notice"), sheet.link("finding")))
    return [tile for tile in tiles if tile.url]


def _counted(number: int, noun: str, plural: str = "") -> tuple[int, str]:
    return number, count(number, noun, plural).partition(" ")[2]


def _newest_first(repository: Repository) -> tuple[float, str]:
    return (-repository.head_at.timestamp() if repository.head_at else 0.0, repository.id)


def _releases(snapshot: Snapshot) -> list[tuple[Repository, Tag]]:
    releases = [(repository, tag) for repository in snapshot.repositories for tag in repository.tags if tag.is_release]
    return heapq.nlargest(_RELEASES, releases, key=lambda pair: (pair[1].at, pair[0].id, pair[1].name))


def _is_quiet(now: Now, repository: Repository) -> bool:
    return repository.head_at is not None and now.is_over(_QUIET_DAYS, repository.head_at)


VIEW = View(name="home", pages=pages, assets=assets)
