"""Exceptions from policies: what has ended, what changes soon, all of them, and a calendar to subscribe to."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import EXCEPTION_WORDS, Owner, Policy, Repository
from mkdocs_gitguard.portal.lists.exceptions import AHEAD, calendar, dates_of, is_ahead, state_of, worth_showing
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import PolicyException
    from mkdocs_gitguard.portal.lists.exceptions import State
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

INDEX: Final = "exception"
"""Path of the page."""
CALENDAR: Final = f"{INDEX}/calendar.ics"
_MOST_PARTS: Final = 50
_ROWS: Final = 100
"""Of a part: they are wide."""
_IN_A_PANEL: Final = 8
_DATES: Final = 60
_STATES: Final[Mapping[State, tuple[str, str]]] = {
    "ended": ("gg-warning", "ended"),
    "soon": ("", "soon"),
    "later": ("", ""),
    "open": ("", ""),
}
"""Class and words of the chip of each; no words: none."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page, in parts if there are many exceptions."""
    shown = worth_showing(portal.snapshot.exceptions, portal.now)
    first = first_part(INDEX, min(len(shown), _MOST_PARTS * _ROWS), size=_ROWS)
    yield PortalPage(
        path=INDEX,
        title="Exceptions",
        write=partial(_write, part=first),
        is_index=True,
        is_wide=True,
        is_traced=False,
        # Without any, it is reached from where policies are spoken of.
        nav=45 if shown else None,
        nav_group="Policy",
        search="Exceptions from policies: who, why, until when; what ends or comes into force.",
    )
    further = partial(_further, in_all=len(shown), left=_left_out(shown))
    yield from further_pages(first, "Exceptions", further, rows=shown)


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield the calendar."""
    graph = portal.graph
    yield Asset(path=CALENDAR, data=calendar(portal.snapshot.exceptions, graph.repositories, graph.labels, portal.now))


def _write(sheet: Sheet, part: Part) -> Markup:
    snapshot = sheet.graph.snapshot
    shown = worth_showing(snapshot.exceptions, sheet.now)
    states = Counter(state_of(one, sheet.now) for one in shown)
    dates = [dated for dated in dates_of(shown) if is_ahead(dated.at, sheet.now)]
    excepting = [one for one in shown if one.type != "start"]
    return sheet.render(
        "gitguard/exceptions.html",
        part=part,
        rows=part.rows(shown),
        in_all=len(shown),
        left=_left_out(shown),
        states=states,
        dates=dates[:_DATES],
        dates_in_all=len(dates),
        ahead=AHEAD,
        without_end=sum(one.ends_at is None for one in excepting),
        without_reason=sum(not one.reason and not one.reference for one in excepting),
        without_owner=sum(not one.owners for one in excepting),
        has_owners=bool(snapshot.ownership),
        partial=sum(repository.is_partial for repository in snapshot.repositories),
        calendar=sheet.file(CALENDAR),
        **_words(sheet),
    )


def _further(sheet: Sheet, *, in_all: int, left: int, part: Part, rows: Sequence[PolicyException]) -> Markup:
    return sheet.render("gitguard/exceptions.html", part=part, rows=rows, in_all=in_all, left=left, **_words(sheet))


def _left_out(shown: Sequence[PolicyException]) -> int:
    """Return how many do not fit on the pages that there are at most."""
    return max(0, len(shown) - _MOST_PARTS * _ROWS)


def _words(sheet: Sheet) -> dict[str, object]:
    return {"type_words": EXCEPTION_WORDS, "state_words": _STATES, "state_of": lambda one: state_of(one, sheet.now)}


def _panel(sheet: Sheet, exceptions: Sequence[PolicyException], *, show_repository: bool) -> Panel | None:
    shown = worth_showing(exceptions, sheet.now)
    if not shown:
        return None
    html = sheet.render(
        "gitguard/exceptions_panel.html",
        rows=shown[:_IN_A_PANEL],
        in_all=len(shown),
        show_repository=show_repository,
        **_words(sheet),
    )
    return Panel("Exceptions", html, anchor="exceptions", order=45)


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    return _panel(sheet, sheet.graph.exceptions_by_repository.get(repository.id, ()), show_repository=False)


def _on_a_policy(sheet: Sheet, policy: Policy) -> Panel | None:
    return _panel(sheet, sheet.graph.exceptions_by_policy.get(policy.id, ()), show_repository=True)


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    return _panel(sheet, sheet.graph.exceptions_by_owner.get(owner.id, ()), show_repository=True)


VIEW = View(
    name="exceptions",
    needs="policy_transparency",
    pages=pages,
    assets=assets,
    panels={
        Repository: (_on_a_repository,),
        Policy: (_on_a_policy,),
        Owner: (_on_an_owner,),
    },
)
