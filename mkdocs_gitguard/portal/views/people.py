"""People, bots, teams and addresses: an index of those who changed something, and a page for each owner."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import path_of, user_url
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import Contribution, Owner, PullRequest, Repository, Snapshot
    from mkdocs_gitguard.portal.pages import Portal
    from mkdocs_gitguard.portal.sheet import Sheet

_PULL_REQUESTS: Final = 20
_ROWS: Final = 1000


@dataclass(slots=True)
class Work:
    """What one owner did, over all repositories."""

    contributions: list[tuple[Repository, Contribution]] = field(default_factory=list)
    authored: list[PullRequest] = field(default_factory=list)
    merged: int = 0

    @property
    def commits(self) -> int:
        """Commits in all repositories, merges left out."""
        return sum(contribution.commits for _, contribution in self.contributions)

    @property
    def last_at(self) -> datetime | None:
        """The last commit or pull request."""
        moments = [contribution.last_at for _, contribution in self.contributions]
        moments += [change.merged_at for change in self.authored]
        return max(moments, default=None)

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        return bool(self.contributions or self.authored or self.merged)


def work_by_owner(snapshot: Snapshot) -> Mapping[str, Work]:
    """Return what each owner did."""
    work: defaultdict[str, Work] = defaultdict(Work)
    for repository in snapshot.repositories:
        for contribution in repository.contributors:
            work[contribution.owner].contributions.append((repository, contribution))
    for change in snapshot.pull_requests:
        for author in dict.fromkeys((change.author, *change.co_authors)):
            if author:
                work[author].authored.append(change)
        if change.merger:
            work[change.merger].merged += 1
    return work


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each owner."""
    work = work_by_owner(portal.snapshot)
    yield PortalPage(
        path="owner",
        title="People",
        write=partial(_index, work=work),
        is_index=True,
        is_wide=True,
        nav=30,
        search="Everyone who changed something, bots apart.",
    )
    for owner in portal.snapshot.owners:
        did = work.get(owner.id, Work())
        yield PortalPage(
            path=path_of(owner.id),
            title=owner.name,
            write=partial(_owner, owner=owner, work=did),
            section="owner",
            node=owner.id,
            search=_search_text(owner, did),
            source_url=_forge_page(owner, did),
            updated_at=did.last_at,
        )


def _search_text(owner: Owner, work: Work) -> str:
    kind = "Bot" if owner.is_bot else {"user": "Person", "team": "Team", "email": "E-mail address"}[owner.type]
    return " · ".join([kind, *owner.logins, count(work.commits, "commit")])


def _forge_page(owner: Owner, work: Work) -> str:
    for login in owner.logins:
        for repository, _ in work.contributions:
            if url := user_url(repository.forge, login):
                return url
    return ""


def _index(sheet: Sheet, work: Mapping[str, Work]) -> Markup:
    rows = [(owner, work[owner.id]) for owner in sheet.portal.snapshot.owners if owner.id in work]
    rows.sort(key=lambda row: (-row[1].commits, -len(row[1].authored), row[0].id))
    people = [row for row in rows if not row[0].is_bot]
    others = [owner for owner in sheet.portal.snapshot.owners if owner.type != "user"]
    return sheet.render(
        "gitguard/people.html",
        people=people[:_ROWS],
        people_in_all=len(people),
        bots=[row for row in rows if row[0].is_bot],
        teams=[owner for owner in others if owner.type == "team"],
    )


def _owner(sheet: Sheet, owner: Owner, work: Work) -> Markup:
    authored: Sequence[PullRequest] = sorted(
        work.authored, key=lambda change: (change.merged_at, change.id), reverse=True
    )
    graph = sheet.portal.graph
    return sheet.render(
        "gitguard/owner.html",
        owner=owner,
        work=work,
        contributions=sorted(work.contributions, key=lambda pair: (-pair[1].commits, pair[0].id)),
        changes=authored[:_PULL_REQUESTS],
        members=graph.others(owner.id, "has_member"),
        teams=dict.fromkeys((*owner.teams, *graph.others(owner.id, "member_of"))),
    )


VIEW = View(name="people", pages=pages)
