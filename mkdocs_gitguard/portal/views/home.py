"""The home page: what is here, what changed lately, what needs attention."""

from __future__ import annotations

import heapq
from itertools import chain, groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import DirectCommit, Graph, PullRequest, Repository, Snapshot, Tag
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_CARDS: Final = 6
_CHANGES: Final = 15
_CHANGES_WITH_BOTS: Final = 60
_COMMITS_OF_A_DAY: Final = 5
"""Commits that stand open on a day without pull requests; the rest of them are folded, and all on other days."""
_RELEASES: Final = 6
_FINDINGS: Final = 5
_QUIET_DAYS: Final = 365
_MOST_QUIET: Final = 50


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    organization = portal.snapshot.organization
    number = len(portal.snapshot.repositories)
    yield PortalPage(
        path=portal.options.home,
        title=organization.name,
        write=_write,
        is_index=True,
        is_traced=False,
        nav=0,
        nav_title="Overview" if portal.options.home else "Home",
        node=organization.id,
        search="What is here, what changed lately, what needs attention.",
        description=f"{count(number, 'repository', 'repositories')} of {organization.name}, and what changed in them.",
    )


def _write(sheet: Sheet) -> Markup:
    snapshot = sheet.graph.snapshot
    urgent = [finding for finding in snapshot.findings if finding.severity != "info"]
    by_age = sorted(snapshot.repositories, key=_newest_first)
    return sheet.render(
        "gitguard/home.html",
        organization=snapshot.organization,
        tiles=_tiles(sheet, len(urgent)),
        cards=by_age[:_CARDS],
        repositories_in_all=len(snapshot.repositories),
        days=_days(sheet.graph),
        commits_of_a_day=_COMMITS_OF_A_DAY,
        releases=_releases(snapshot),
        findings=urgent[:_FINDINGS],
        urgent_in_all=len(urgent),
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
    tiles.append(_Tile(*_counted(len(snapshot.findings), "finding"), sheet.link("finding"), urgent > 0))
    return [tile for tile in tiles if tile.url]


def _counted(number: int, noun: str, plural: str = "") -> tuple[int, str]:
    return number, count(number, noun, plural).partition(" ")[2]


class _Day(NamedTuple):
    """What came to the default branches on one day."""

    moment: datetime
    people: list[PullRequest]
    bots: list[PullRequest]
    commits: list[_Commit]
    """What no pull request brought."""


class _Commit(NamedTuple):
    """A commit that no pull request brought, and the repository that it came to."""

    repository: str
    commit: DirectCommit


def _days(graph: Graph) -> list[_Day]:
    """Part what changed by day, and bots from people, until so much by people is shown."""
    snapshot, bots = graph.snapshot, graph.bots
    direct = (_Commit(repository.id, one) for repository in snapshot.repositories for one in repository.direct_commits)
    by_people = (one for one in direct if not bots.get(one.commit.author))
    every: Iterable[PullRequest | _Commit] = chain(snapshot.pull_requests, by_people)
    changes = heapq.nlargest(_CHANGES_WITH_BOTS, every, key=_came)
    days: list[_Day] = []
    shown = 0
    for _, group in groupby(changes, key=lambda change: day(_came(change)[0])):
        came = list(group)
        merged = [change for change in came if not isinstance(change, _Commit)]
        people = [change for change in merged if not bots.get(change.author)]
        of_bots = [change for change in merged if bots.get(change.author)]
        commits = [change for change in came if isinstance(change, _Commit)]
        days.append(_Day(_came(came[0])[0], people, of_bots, commits))
        shown += len(people) or min(len(commits), _COMMITS_OF_A_DAY)
        if shown >= _CHANGES:
            break
    return days


def _came(change: PullRequest | _Commit) -> tuple[datetime, str]:
    """Return when it came to the default branch, and what tells two of one moment apart."""
    if isinstance(change, _Commit):
        return change.commit.at, f"{change.repository} {change.commit.commit}"
    return change.merged_at, change.id


def _newest_first(repository: Repository) -> tuple[float, str]:
    return (-repository.head_at.timestamp() if repository.head_at else 0.0, repository.id)


def _releases(snapshot: Snapshot) -> list[tuple[Repository, Tag]]:
    releases = [(repository, tag) for repository in snapshot.repositories for tag in repository.tags if tag.is_release]
    return heapq.nlargest(_RELEASES, releases, key=lambda pair: (pair[1].at, pair[0].id, pair[1].name))


def _is_quiet(now: Now, repository: Repository) -> bool:
    return repository.head_at is not None and now.is_over(_QUIET_DAYS, repository.head_at)


VIEW = View(name="home", pages=pages)
