"""Code owners: a page of each repository, and panels where owners matter. Their index: `ownership_index.py`."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from mkdocs_gitguard.codeowners import LOCATIONS
from mkdocs_gitguard.model import Organization, Owner, PullRequest, Repository, file_url, index_path, path_of
from mkdocs_gitguard.portal.lists.owner_suggestions import evidence_in_words, lines_for, reading_note, suggested_owners
from mkdocs_gitguard.portal.lists.ownership import all_loads, alone, drifted, idle, load_of, share, tree
from mkdocs_gitguard.portal.lists.parts import FEWER, Part, first_part, further_pages
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View
from mkdocs_gitguard.portal.views import ownership_index
from mkdocs_gitguard.words import count, forge_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_gitguard.model import Graph, Holding, Ownership
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_TABLES: Final[Mapping[str, tuple[str, int]]] = {
    "owners": ("Code owners", 25),
    "drift": ("Mostly changed by others", 10),
    "idle": ("Rules without effect", 15),
    "rules": ("Rules", 18),
}
"""What the long tables of a repository's page are called, and their rows on one page, by anchor: few enough that all
four fit on a page that opens at once and that a keyboard gets through."""
_AREAS: Final = 40
"""Folders of the tree, those with most files."""
_PLACES: Final = 20
"""Folders and files without an owner, lines with a fault, and on home owners who were not seen for long."""
_EXAMPLES: Final = 10
"""Files of a rule that are named."""
_OWNERS_IN_PANEL: Final = 8
_SUGGESTED: Final = 12
"""Places with suggested owners that are listed; all stand in the lines."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, then a page for each repository."""
    yield from ownership_index.pages(portal)
    for ownership in portal.snapshot.ownership:
        made = partial(_pages_of, ownership)
        yield from portal.options.kept_work.once(
            "ownership pages", ownership.repository, portal.graph, made, inputs=ownership
        )
    yield from _pages_of_owners(portal)


def _pages_of(ownership: Ownership, graph: Graph) -> tuple[PortalPage, ...]:
    """Return the page of a repository's code owners, and further ones for long tables."""
    repository = graph.repositories.get(ownership.repository)
    if repository is None:
        return ()
    name = f"{repository.namespace}/{repository.name}"
    page = PortalPage(
        path=index_path("ownership", repository.id),
        title=f"Code owners of {name}",
        nav_title=name,
        write=partial(_of_repository, repository=repository, ownership=ownership),
        section="ownership",
        search=_search_text(ownership),
        description=f"Who owns which files of {name}, by its CODEOWNERS file.",
        source_url=file_url(repository.forge, repository.head, ownership.path) if ownership.path else "",
        updated_at=repository.head_at,
    )
    further = (
        further_pages(
            _first_of(repository, table, len(rows)),
            f"{_TABLES[table][0]} of {name}",
            partial(_part_of_repository, repository=repository, ownership=ownership, name=table),
        )
        for table, rows in _rows(ownership).items()
    )
    return page, *chain.from_iterable(further)


def _pages_of_owners(portal: Portal) -> Iterator[PortalPage]:
    """Yield further pages of those owners who have files in many repositories."""
    holdings_of = portal.graph.holdings_by_owner
    for owner in portal.snapshot.owners:
        if holdings := holdings_of.get(owner.id):
            first = first_part(path_of(owner.id), len(holdings), name="owns")
            yield from further_pages(first, f"What {owner.name} owns", _holdings, rows=holdings)


def _search_text(ownership: Ownership) -> str:
    if not ownership.path:
        return "No CODEOWNERS file."
    return " · ".join(
        [
            ownership.path,
            f"{share(ownership.owned, ownership.files)} of files owned",
            count(len(ownership.rules), "rule"),
            count(len(ownership.owners), "owner"),
        ]
    )


def _rows(ownership: Ownership) -> Mapping[str, Sequence[Any]]:
    """Return the rows of a repository's long tables, by the anchors of these."""
    return {
        "owners": ownership.owners,
        "drift": drifted(ownership),
        "idle": idle(ownership),
        "rules": ownership.rules,
    }


def _first_of(repository: Repository, table: str, rows: int) -> Part:
    """Return the first part of one of the long tables of a repository's page."""
    return first_part(index_path("ownership", repository.id), rows, name=table, size=_TABLES[table][1])


def _of_repository(sheet: Sheet, repository: Repository, ownership: Ownership) -> Markup:
    areas = sorted(ownership.areas, key=lambda area: (-area.files, area.path))
    parts = {name: (rows, _first_of(repository, name, len(rows))) for name, rows in _rows(ownership).items()}
    note = reading_note(repository, ownership)
    suggested = suggested_owners(sheet.graph, sheet.now, repository, ownership)
    return sheet.render(
        "gitguard/ownership.html",
        tables={name: (_shown(sheet, name, part.rows(rows)), part) for name, (rows, part) in parts.items()},
        # A folder has as many files as one below it, and stands before it.
        root=tree(areas[:_AREAS]),
        areas_left_out=len(areas[_AREAS:]),
        idle_in_all=len(idle(ownership)),
        drift_in_all=len(parts["drift"][0]),
        unclear=sum(drift.contributors[0].standing == "unknown" for drift in ownership.drift if drift.contributors),
        alone=alone(ownership, sheet.graph.owners),
        most=FEWER,
        places=_PLACES,
        suggested=suggested.places[:_SUGGESTED],
        suggested_left_out=len(suggested.places[_SUGGESTED:]),
        suggested_lines=lines_for(suggested, repository, ownership).lines if suggested.places else (),
        evidence_in_words=evidence_in_words,
        reading_note=note,
        reader="" if note else forge_title(ownership.dialect),
        new_file=LOCATIONS[ownership.dialect][0],
        script=sheet.file("assets/gitguard/copy.js"),
        **_words(sheet, repository, ownership, parts["rules"][1]),
    )


def _part_of_repository(sheet: Sheet, repository: Repository, ownership: Ownership, name: str, part: Part) -> Markup:
    rows = _rows(ownership)[name]
    of_rules = part if name == "rules" else None
    return sheet.render(
        f"gitguard/ownership_{name}.html",
        rows=_shown(sheet, name, part.rows(rows)),
        part=part,
        **_words(sheet, repository, ownership, of_rules),
    )


def _shown(sheet: Sheet, name: str, rows: Sequence[Any]) -> Sequence[Any]:
    if name != "owners":
        return rows
    return [load_of(sheet.graph, sheet.now, row.owner, with_holdings=False) for row in rows]


def _words(sheet: Sheet, repository: Repository, ownership: Ownership, here: Part | None) -> dict[str, object]:
    """Return what the templates of a repository's code owners share; `here`: the part of the rules on the page."""
    first = _first_of(repository, "rules", len(ownership.rules))
    part_of = {rule.line: number // first.size + 1 for number, rule in enumerate(ownership.rules)}

    def line(number: int) -> Markup:
        """Link a line's number to the line of the file."""
        return sheet.ui.external(file_url(repository.forge, repository.head, ownership.path, number), str(number))

    def to_line(number: int) -> Markup:
        """Link a line's number to its row."""
        part = part_of.get(number)
        if part is None:
            return escape(number)
        page = "" if here is not None and part == here.number else sheet.link(first.path_of(part))
        return Markup('<a href="{}#line-{}">{}</a>').format(page, number, number)

    return {
        "repository": repository,
        "ownership": ownership,
        "files_of": {share.owner: share.files for share in ownership.owners},
        "share": share,
        "examples": _EXAMPLES,
        "line": line,
        "to_line": to_line,
    }


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    ownership = sheet.graph.ownership.get(repository.id)
    if ownership is None:
        return None
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_repository.html",
            repository=repository,
            ownership=ownership,
            loads={
                share.owner: load_of(sheet.graph, sheet.now, share.owner, with_holdings=False)
                for share in ownership.owners[:_OWNERS_IN_PANEL]
            },
            most=_OWNERS_IN_PANEL,
            idle=len(idle(ownership)),
            share=share,
            page=sheet.link(index_path("ownership", repository.id)),
        ),
        order=30,
    )


def _on_a_pull_request(sheet: Sheet, change: PullRequest) -> Panel | None:
    if not sheet.graph.codeowners_paths.get(change.repository) or not change.files:
        return None
    theirs = sheet.graph.ownership_by_pull_request.get(change.id)
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_of_pull_request.html",
            theirs=theirs,
            page=sheet.link(index_path("ownership", change.repository)),
        ),
        order=20,
    )


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    if owner.id not in sheet.graph.holdings_by_owner:
        return None
    load = load_of(sheet.graph, sheet.now, owner.id)
    part = first_part(path_of(owner.id), len(load.holdings), name="owns")
    return Panel(
        "Owns",
        sheet.render(
            "gitguard/ownership_of_owner.html",
            owner=owner,
            load=load,
            holdings=part.rows(load.holdings),
            part=part,
            share=share,
            index_path=index_path,
        ),
        order=10,
    )


def _holdings(sheet: Sheet, part: Part, rows: Sequence[Holding]) -> Markup:
    return sheet.render("gitguard/holdings.html", holdings=rows, part=part, share=share, index_path=index_path)


def _on_home(sheet: Sheet, _: Organization) -> Panel | None:
    ownership = sheet.graph.snapshot.ownership
    if not ownership:
        return None
    return Panel(
        "Code owners",
        sheet.render(
            "gitguard/ownership_at_home.html",
            ownership=ownership,
            with_file=sum(1 for one in ownership if one.path),
            files=sum(one.files for one in ownership),
            owned=sum(one.owned for one in ownership),
            idle=sum(len(idle(one)) for one in ownership),
            inactive=sorted(
                (load for load in all_loads(sheet.graph, sheet.now) if load.state == "inactive" and load.files),
                key=lambda load: (-load.files, load.owner.id),
            ),
            most=_PLACES,
            share=share,
        ),
        order=40,
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the style sheet of these pages, and the script that copies the lines of one."""
    yield own_asset("ownership.css", "style")
    yield own_asset("copy.js")


VIEW = View(
    name="ownership",
    needs="owners",
    pages=pages,
    panels={
        Repository: (_on_a_repository,),
        PullRequest: (_on_a_pull_request,),
        Owner: (_on_an_owner,),
        Organization: (_on_home,),
    },
    assets=assets,
)
