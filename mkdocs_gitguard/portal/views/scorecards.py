"""Scorecards: what each repository lacks, by check, by repository and by team."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from mkdocs_gitguard.model import Owner, path_of
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.scorecards import INDEX, STATES, row_of, shown_cards, shown_checks
from mkdocs_gitguard.portal.lists.trend import check_changes, line_of, lines_of_checks
from mkdocs_gitguard.portal.page import Panel, PortalPage, View
from mkdocs_gitguard.portal.trend_charts import ENOUGH_DAYS, ChartLine, chart_in_words, trend_chart
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model.trend import Trend
    from mkdocs_gitguard.portal.lists.scorecards import CardRow, ShownCard, ShownCheck, ShownResult
    from mkdocs_gitguard.portal.lists.trend import TrendDay, TrendLine
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal


_DAYS: Final = 60
"""Of a table, the newest."""
_Changes: TypeAlias = "tuple[tuple[str, tuple[ShownCheck, ...], tuple[ShownCheck, ...]], ...]"
"""Days, and the checks that came to hold and ceased to."""


class _Trend(NamedTuple):
    """A line as a page shows it."""

    chart: Markup | str
    """`""` for fewer days than make a line."""
    rows: Sequence[TrendDay]
    """The newest first."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the overview, and a page for each check, repository and team."""
    if not portal.has_scorecards:
        return
    checks = shown_checks(portal)
    cards = list(shown_cards(portal))
    table = [row_of(card) for card in cards]
    today = portal.now.today()
    trend = portal.trend if portal.options.trend is not None else None
    of_all = line_of(trend, trend.repositories, until=today) if trend else None
    first = first_part(INDEX, len(cards), name="repositories")
    lines = lines_of_checks(trend, checks, until=today) if trend else {}
    of_check: defaultdict[str, list[ShownResult]] = defaultdict(list)
    for card in cards:
        for result in card.results:
            of_check[result.check.name].append(result)
    counts = {name: Counter(result.state for result in of_check[name]) for name in checks}
    yield PortalPage(
        path=INDEX,
        title="Scorecards",
        write=partial(_index, checks=tuple((check, *_numbers(counts[check.name])) for check in checks.values()),
                      line=of_all, part=first, rows=tuple(first.rows(table))),
        is_index=True,
        is_wide=True,
        nav=66,
        nav_group="Health",
        search="What each repository lacks: README, licence, owners, tests, pinned actions, releases.",
    )  # fmt: skip
    yield from further_pages(first, "Scorecards", _cards, rows=tuple(table))
    for check in checks.values():
        results = sorted(of_check[check.name], key=lambda result: (STATES.index(result.state), result.repository))
        first = first_part(check.path, len(results))
        title = f"Scorecards: {check.title}"
        yield PortalPage(
            path=check.path,
            title=title,
            nav_title=check.title,
            write=partial(
                _of_check,
                check=check,
                part=first,
                rows=tuple(first.rows(results)),
                line=lines.get(check.name),
            ),
            is_wide=True,
            section=INDEX,
            search=f"{check.title}: {count(counts[check.name]['failed'], 'repository', 'repositories')} without.",
        )
        yield from further_pages(first, title, partial(_of_check, check=check), rows=tuple(results))
    for card in cards:
        yield PortalPage(
            path=card.path,
            title=f"Scorecard of {portal.graph.labels.get(card.repository, card.repository)}",
            write=partial(_of_repository, card=card, changes=_changes(trend, card, checks, until=today)),
            is_wide=True,
            section=INDEX,
        )
    yield from _teams(portal, {row.repository: row for row in table})


def _teams(portal: Portal, table: dict[str, CardRow]) -> Iterator[PortalPage]:
    for owner in portal.snapshot.owners:
        holdings = portal.graph.holdings_by_owner.get(owner.id, ()) if owner.type == "team" else ()
        theirs = [table[holding.repository] for holding in holdings if holding.files and holding.repository in table]
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


def _numbers(counts: Counter[str]) -> tuple[int, int, int]:
    return counts["passed"], counts["failed"], counts["not known"]


def _index(
    sheet: Sheet,
    *,
    checks: Sequence[tuple[ShownCheck, int, int, int]],
    line: TrendLine | None,
    part: Part,
    rows: Sequence[CardRow],
) -> Markup:
    return sheet.render("gitguard/scorecards.html", checks=checks, part=part, cards=rows, trend=_trend(line))


def _cards(sheet: Sheet, *, part: Part, rows: Sequence[CardRow]) -> Markup:
    return sheet.render("gitguard/scorecard_table.html", part=part, cards=rows)


def _of_check(
    sheet: Sheet, *, check: ShownCheck, part: Part, rows: Sequence[ShownResult], line: TrendLine | None = None
) -> Markup:
    return sheet.render("gitguard/scorecard_check.html", check=check, part=part, results=rows, trend=_trend(line))


def _of_repository(sheet: Sheet, card: ShownCard, changes: _Changes) -> Markup:
    return sheet.render("gitguard/scorecard.html", card=card, changes=changes)


def _trend(line: TrendLine | None) -> _Trend | None:
    """Return what a page shows of a line; None where it is not told what was before."""
    if line is None:
        return None
    days = [day for day in line.days if day.asked]
    points = [(day.day, day.passed / day.asked) for day in days]
    chart: Markup | str = ""
    if len(points) >= ENOUGH_DAYS:
        words = chart_in_words("Checks that hold", points, is_share=True)
        chart = trend_chart([ChartLine("", points)], is_share=True, words=words)
    return _Trend(chart, days[: -_DAYS - 1 : -1])


def _changes(trend: Trend | None, card: ShownCard, checks: Mapping[str, ShownCheck], *, until: str) -> _Changes:
    """Return the newest days on which checks came to hold or ceased to, with those of today."""
    changes = check_changes(trend, card.repository, until=until) if trend else ()
    return tuple(
        (
            change.day,
            tuple(checks[name] for name in change.gained if name in checks),
            tuple(checks[name] for name in change.lost if name in checks),
        )
        for change in changes[:_DAYS]
    )


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    url = sheet.link(_team_path(owner))
    words = "What the repositories lack in which the team owns files"
    html = sheet.render("gitguard/scorecard_panel.html", url=url, words=words)
    return Panel("Scorecard", html, order=45) if url else None


VIEW = View(name="scorecards", pages=pages, panels={Owner: (_on_an_owner,)})
