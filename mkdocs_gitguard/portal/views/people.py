"""People, bots, teams and addresses: an index of those who changed something, and a page for each owner."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Work, path_of, user_url
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Contribution, Graph, Owner, PullRequest
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_PULL_REQUESTS: Final = 20
_MEMBERS: Final = 200
"""Members of a team that its page names."""
_NOTHING: Final = Work()


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each owner."""
    work = portal.graph.work_by_owner
    tables = _tables(portal.graph)
    yield PortalPage(
        path="owner",
        title="People",
        write=_index,
        is_index=True,
        is_traced=False,
        is_wide=True,
        nav=30,
        nav_group="Browse",
        search="Everyone who changed something, bots apart.",
    )
    for name, rows in tables.items():
        yield from further_pages(_first(name, rows), name.capitalize(), partial(_table, name=name), rows=rows)
    theirs = {owner.id: (owner, work.get(owner.id, _NOTHING)) for owner in portal.snapshot.owners}
    made = portal.options.kept_work.once_each("owner pages", portal.graph, theirs, _pages_of)
    yield from chain.from_iterable(made.values())


def _pages_of(graph: Graph, theirs: tuple[Owner, Work]) -> tuple[PortalPage, ...]:
    return tuple(_each_page(*theirs, graph))


def _each_page(owner: Owner, did: Work, graph: Graph) -> Iterator[PortalPage]:
    first = first_part(path_of(owner.id), len(did.contributions), name="repositories")
    yield PortalPage(
        path=first.path,
        title=owner.name,
        write=partial(_owner, owner=owner, work=did, part=first),
        section="owner",
        node=owner.id,
        search=_search_text(owner, did),
        source_url=_forge_page(graph, owner, did),
        updated_at=did.last_at,
    )
    if first.of > 1:
        yield from further_pages(first, f"Repositories of {owner.name}", _repositories, rows=_most_first(did))


def _search_text(owner: Owner, work: Work) -> str:
    kind = "Bot" if owner.is_bot else {"user": "Person", "team": "Team", "email": "E-mail address"}[owner.type]
    return " · ".join([kind, *owner.logins, count(work.commits, "commit")])


def _forge_page(graph: Graph, owner: Owner, work: Work) -> str:
    for login in owner.logins:
        for repository, _ in work.contributions:
            if url := user_url(graph.forges.get(repository), login):
                return url
    return ""


def _tables(graph: Graph) -> dict[str, list[tuple[Owner, Work]]]:
    """Return who stands in which table, by what it is called: those who did most first, teams by id."""
    work = graph.work_by_owner
    rows = [(owner, work[owner.id]) for owner in graph.snapshot.owners if owner.id in work]
    rows.sort(key=lambda row: (-row[1].commits, -len(row[1].authored), row[0].id))
    return {
        "people": [row for row in rows if not row[0].is_bot],
        "teams": [(owner, _NOTHING) for owner in graph.snapshot.owners if owner.type == "team"],
        "bots": [row for row in rows if row[0].is_bot],
    }


def _first(name: str, rows: Sequence[object]) -> Part:
    """Return the first part of a table; the one of people begins the page and has no heading."""
    return first_part("owner", len(rows), name="" if name == "people" else name)


def _index(sheet: Sheet) -> Markup:
    tables = {name: (_first(name, rows).rows(rows), _first(name, rows)) for name, rows in _tables(sheet.graph).items()}
    return sheet.render("gitguard/people.html", tables=tables, is_index=True)


def _table(sheet: Sheet, name: str, part: Part, rows: Sequence[tuple[Owner, Work]]) -> Markup:
    return sheet.render("gitguard/people.html", tables={name: (rows, part)}, is_index=False)


def _most_first(work: Work) -> list[tuple[str, Contribution]]:
    return sorted(work.contributions, key=lambda pair: (-pair[1].commits, pair[0]))


def _owner(sheet: Sheet, owner: Owner, work: Work, part: Part) -> Markup:
    authored: Sequence[PullRequest] = sorted(
        work.authored, key=lambda change: (change.merged_at, change.id), reverse=True
    )
    graph = sheet.graph
    members = graph.others(owner.id, "has_member")
    return sheet.render(
        "gitguard/owner.html",
        owner=owner,
        work=work,
        written=sum(change.author == owner.id for change in work.authored),
        contributions=part.rows(_most_first(work)),
        part=part,
        changes=authored[:_PULL_REQUESTS],
        members=members[:_MEMBERS],
        members_in_all=len(members),
        teams=dict.fromkeys((*owner.teams, *graph.others(owner.id, "member_of"))),
    )


def _repositories(sheet: Sheet, part: Part, rows: Sequence[tuple[str, Contribution]]) -> Markup:
    return sheet.render("gitguard/contributions.html", contributions=rows, part=part)


VIEW = View(name="people", pages=pages)
