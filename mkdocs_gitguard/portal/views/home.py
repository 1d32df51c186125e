"""The home page: what is here, what changed lately, what needs attention."""

from __future__ import annotations

import heapq
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import View
from mkdocs_gitguard.portal.views.people import work_by_owner
from mkdocs_gitguard.portal.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import PullRequest, Repository, Snapshot, Tag
    from mkdocs_gitguard.portal.sheet import Sheet
    from mkdocs_gitguard.portal.site import Portal

_CARDS: Final = 6
_CHANGES: Final = 15
_CHANGES_WITH_BOTS: Final = 60
_RELEASES: Final = 6
_FINDINGS: Final = 5
_QUIET_DAYS: Final = 365


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    organization = portal.snapshot.organization
    number = len(portal.snapshot.repositories)
    yield PortalPage(
        path=portal.options.home,
        title=organization.name,
        write=_write,
        is_index=True,
        nav=0,
        nav_title="Overview" if portal.options.home else "Home",
        node=organization.id,
        search="What is here, what changed lately, what needs attention.",
        description=f"{count(number, 'repository', 'repositories')} of {organization.name}, and what changed in them.",
    )


def _write(sheet: Sheet) -> Markup:
    snapshot = sheet.portal.snapshot
    urgent = [finding for finding in snapshot.findings if finding.severity != "info"]
    by_age = sorted(snapshot.repositories, key=_newest_first)
    changes = heapq.nlargest(
        _CHANGES_WITH_BOTS, snapshot.pull_requests, key=lambda change: (change.merged_at, change.id)
    )
    return sheet.render(
        "gitguard/home.html",
        organization=snapshot.organization,
        tiles=_tiles(sheet, len(urgent)),
        cards=by_age[:_CARDS],
        days=_days(sheet.portal, changes),
        releases=_releases(snapshot),
        findings=urgent[:_FINDINGS],
        urgent_in_all=len(urgent),
        quiet=[repository for repository in by_age if _is_quiet(sheet.portal, repository)],
    )


class _Tile(NamedTuple):
    """A number, and the page that is about it."""

    number: int
    noun: str
    url: str
    is_urgent: bool = False


def _tiles(sheet: Sheet, urgent: int) -> list[_Tile]:
    """Return how much of everything is here, what no page is about left out."""
    snapshot = sheet.portal.snapshot
    busy = work_by_owner(snapshot)
    people = sum(not owner.is_bot and owner.id in busy for owner in snapshot.owners)
    tiles = [
        _Tile(*_counted(len(snapshot.repositories), "repository", "repositories"), sheet.link("repository")),
        _Tile(*_counted(len(snapshot.pull_requests), "merged pull request"), sheet.link("pull-request")),
        _Tile(*_counted(people, "person", "people"), sheet.link("owner")),
    ]
    if snapshot.policies:
        tiles.append(_Tile(*_counted(len(snapshot.policies), "policy", "policies"), sheet.link("policy")))
    if snapshot.decisions:
        tiles.append(_Tile(*_counted(len(snapshot.decisions), "policy decision"), sheet.link("decision")))
    tiles.append(_Tile(*_counted(len(snapshot.findings), "finding"), sheet.link("finding"), urgent > 0))
    return [tile for tile in tiles if tile.url]


def _counted(number: int, noun: str, plural: str = "") -> tuple[int, str]:
    return number, count(number, noun, plural).partition(" ")[2]


class _Day(NamedTuple):
    """What was merged on one day."""

    moment: datetime
    people: list[PullRequest]
    bots: list[PullRequest]


def _days(portal: Portal, changes: Sequence[PullRequest]) -> list[_Day]:
    """Part changes by day and bots from people, until so many by people are shown."""
    days: list[_Day] = []
    shown = 0
    for _, group in groupby(changes, key=lambda change: day(change.merged_at)):
        merged = list(group)
        bots = [change for change in merged if is_bot(portal, change.author)]
        people = [change for change in merged if not is_bot(portal, change.author)]
        days.append(_Day(merged[0].merged_at, people, bots))
        shown += len(people)
        if shown >= _CHANGES:
            break
    return days


def is_bot(portal: Portal, owner: str) -> bool:
    """Return whether an owner is known to be a bot."""
    record = portal.graph.owners.get(owner)
    return record is not None and record.is_bot


def _newest_first(repository: Repository) -> tuple[float, str]:
    return (-repository.head_at.timestamp() if repository.head_at else 0.0, repository.id)


def _releases(snapshot: Snapshot) -> list[tuple[Repository, Tag]]:
    found = [(repository, tag) for repository in snapshot.repositories for tag in repository.tags if tag.is_release]
    return heapq.nlargest(_RELEASES, found, key=lambda pair: (pair[1].at, pair[0].id, pair[1].name))


def _is_quiet(portal: Portal, repository: Repository) -> bool:
    return repository.head_at is not None and (portal.now - repository.head_at).days > _QUIET_DAYS


VIEW = View(name="home", pages=pages)
