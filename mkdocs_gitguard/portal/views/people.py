"""People, bots, teams and addresses: an index of those who changed something, and a page for each owner."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Work, path_of, user_url
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Owner, PullRequest
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_PULL_REQUESTS: Final = 20
_ROWS: Final = 1000


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each owner."""
    work = portal.graph.work_by_owner
    yield PortalPage(
        path="owner",
        title="People",
        write=_index,
        is_index=True,
        is_traced=False,
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


def _index(sheet: Sheet) -> Markup:
    snapshot, work = sheet.graph.snapshot, sheet.graph.work_by_owner
    rows = [(owner, work[owner.id]) for owner in snapshot.owners if owner.id in work]
    rows.sort(key=lambda row: (-row[1].commits, -len(row[1].authored), row[0].id))
    people = [row for row in rows if not row[0].is_bot]
    return sheet.render(
        "gitguard/people.html",
        people=people[:_ROWS],
        people_in_all=len(people),
        bots=[row for row in rows if row[0].is_bot],
        teams=[owner for owner in snapshot.owners if owner.type == "team"],
    )


def _owner(sheet: Sheet, owner: Owner, work: Work) -> Markup:
    authored: Sequence[PullRequest] = sorted(
        work.authored, key=lambda change: (change.merged_at, change.id), reverse=True
    )
    graph = sheet.graph
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
