"""Scorecards: what each repository lacks, by check, by repository and by team."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import Owner, Repository, index_path, path_of
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.page import Panel, PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal
    from mkdocs_gitguard.scorecards.check import CardCheck
    from mkdocs_gitguard.scorecards.score import Scorecard

INDEX: Final = "scorecard"
_STATES: Final = ("failed", "not known", "passed", "not applicable")
"""In the order in which a check's page lists them."""


class _Check(NamedTuple):
    """A check, as plain values: what a page was made of can be told."""

    name: str
    title: str
    level: str
    condition: str
    when: str
    why: str
    hint: str
    severity: str

    @property
    def path(self) -> str:
        """Of its page: no name of a repository is `-`."""
        return f"{INDEX}/-/{self.name}"


class _Result(NamedTuple):
    """What one check comes to for one repository."""

    check: _Check
    repository: str
    state: str
    why: str
    path: str
    line: int


class _Card(NamedTuple):
    """The results of one repository."""

    repository: str
    level: str
    results: tuple[_Result, ...]

    @property
    def path(self) -> str:
        """Of its page."""
        return index_path(INDEX, self.repository)

    def of(self, state: str) -> list[_Result]:
        """Return the results of one state."""
        return [result for result in self.results if result.state == state]


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the overview, and a page for each check, repository and team."""
    if not (portal.options.checks and (portal.flags.owners or portal.flags.policy_transparency)):
        return
    checks = {check.name: _plain(check) for check in portal.options.checks}
    cards = [_card(card, checks) for card in portal.scorecards]
    first = first_part(INDEX, len(cards), name="repositories")
    counts = {name: Counter(result.state for card in cards for result in card.results if result.check.name == name)
              for name in checks}  # fmt: skip
    yield PortalPage(
        path=INDEX,
        title="Scorecards",
        write=partial(_index, checks=tuple((check, *_numbers(counts[check.name])) for check in checks.values()),
                      part=first, rows=tuple(first.rows(cards))),
        is_index=True,
        is_wide=True,
        nav=66,
        nav_group="Health",
        search="What each repository lacks: README, licence, owners, tests, pinned actions, releases.",
    )  # fmt: skip
    yield from further_pages(first, "Scorecards", _cards, rows=tuple(cards))
    for check in checks.values():
        results = sorted(
            (result for card in cards for result in card.results if result.check.name == check.name),
            key=lambda result: (_STATES.index(result.state), result.repository),
        )
        of_check = first_part(check.path, len(results))
        title = f"Scorecards: {check.title}"
        yield PortalPage(
            path=check.path,
            title=title,
            nav_title=check.title,
            write=partial(_of_check, check=check, part=of_check, rows=tuple(of_check.rows(results))),
            is_wide=True,
            section=INDEX,
            search=f"{check.title}: {count(counts[check.name]['failed'], 'repository', 'repositories')} without.",
        )
        yield from further_pages(of_check, title, partial(_of_check, check=check), rows=tuple(results))
    for card in cards:
        yield PortalPage(
            path=card.path,
            title=f"Scorecard of {portal.graph.labels.get(card.repository, card.repository)}",
            write=partial(_of_repository, card=card),
            is_wide=True,
            section=INDEX,
        )
    yield from _teams(portal, {card.repository: card for card in cards})


def _teams(portal: Portal, cards: dict[str, _Card]) -> Iterator[PortalPage]:
    for owner in portal.snapshot.owners:
        holdings = portal.graph.holdings_by_owner.get(owner.id, ()) if owner.type == "team" else ()
        theirs = [cards[holding.repository] for holding in holdings if holding.files and holding.repository in cards]
        if theirs:
            first = first_part(_team_path(owner), len(theirs), name="repositories")
            title = f"Scorecards of {owner.name}"
            yield PortalPage(
                path=first.path,
                title=title,
                write=partial(_cards, part=first, rows=tuple(first.rows(theirs))),
                is_wide=True,
                section=INDEX,
            )
            yield from further_pages(first, title, _cards, rows=tuple(theirs))


def _team_path(owner: Owner) -> str:
    return f"{INDEX}/-/{path_of(owner.id)}"


def _plain(check: CardCheck) -> _Check:
    when = check.when.text if check.when else ""
    return _Check(check.name, check.title, check.level, check.check.text, when, check.why, check.hint, check.severity)


def _card(card: Scorecard, checks: dict[str, _Check]) -> _Card:
    repository = card.repository.id
    results = tuple(
        _Result(checks[result.check.name], repository, result.state, result.why, *result.place)
        for result in card.results
    )
    return _Card(repository, card.level, results)


def _numbers(counts: Counter[str]) -> tuple[int, int, int]:
    return counts["passed"], counts["failed"], counts["not known"]


def _index(
    sheet: Sheet, *, checks: Sequence[tuple[_Check, int, int, int]], part: Part, rows: Sequence[_Card]
) -> Markup:
    return sheet.render("gitguard/scorecards.html", checks=checks, part=part, cards=rows)


def _cards(sheet: Sheet, *, part: Part, rows: Sequence[_Card]) -> Markup:
    return sheet.render("gitguard/scorecard_table.html", part=part, cards=rows)


def _of_check(sheet: Sheet, *, check: _Check, part: Part, rows: Sequence[_Result]) -> Markup:
    return sheet.render("gitguard/scorecard_check.html", check=check, part=part, results=rows)


def _of_repository(sheet: Sheet, card: _Card) -> Markup:
    return sheet.render("gitguard/scorecard.html", card=card)


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    return _link(sheet, index_path(INDEX, repository.id), "What this repository has and lacks, by each check")


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    return _link(sheet, _team_path(owner), "What the repositories lack in which the team owns files")


def _link(sheet: Sheet, path: str, words: str) -> Panel | None:
    url = sheet.link(path)
    return (
        Panel("Scorecard", sheet.render("gitguard/scorecard_panel.html", url=url, words=words), order=45)
        if url
        else None
    )


VIEW = View(name="scorecards", pages=pages, panels={Repository: (_on_a_repository,), Owner: (_on_an_owner,)})
