"""What changed: a page a week, and the feeds to follow it with."""

from __future__ import annotations

import gzip
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from mkdocs_gitguard.model.portal_state import STATE_PATH, state_of
from mkdocs_gitguard.portal.feeds import ALL
from mkdocs_gitguard.portal.lists.happenings import Happening, in_repository
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.trend import findings_between
from mkdocs_gitguard.portal.page import Asset, PortalPage, View
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Graph
    from mkdocs_gitguard.portal.lists.trend import FindingsChange
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

INDEX: Final = "week"
"""Path of the page of all weeks."""
_ROWS: Final = 60
"""Pull requests on one page of a week."""
_MOST: Final = 1_000
"""Pull requests of one week that are shown."""
_FEWER: Final = 20
"""Of what else happened in a week, each sort, and of what bots did twice as many."""
_DAYS: Final = 7


class Week(NamedTuple):
    """A calendar week (ISO 8601, UTC)."""

    name: str
    """`2026-W48`."""
    first: str
    """Its Monday: `2026-11-23`."""
    last: str
    """Its Sunday."""
    merged: tuple[Happening, ...]
    """Pull requests of people, by repository, at most `_MOST`."""
    by_bots: tuple[Happening, ...]
    others: tuple[Happening, ...]
    """Releases, and what changed policies or a CODEOWNERS file, some of each, newest first."""
    numbers: tuple[tuple[str, int], ...]
    """How many there are of each: `pull requests`, `of bots`, `policies`, `owners`, `releases`, `repositories`."""
    findings: tuple[FindingsChange, ...] = ()
    """Repositories of which findings came or went, as builds counted them."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page of all weeks, and a page for each of the newest in which something happened."""
    weeks = weeks_of(portal)
    # What a week's row shows, and no more: the index holds while the rows do.
    rows = tuple(week._replace(merged=(), by_bots=(), others=(), findings=()) for week in weeks)
    yield PortalPage(
        path=INDEX,
        title="What changed",
        write=partial(_write_index, has_feeds=portal.options.feeds, weeks=rows),
        is_index=True,
        is_wide=True,
        nav=25 if weeks else None,
        nav_group="Browse",
        search="What was merged, released and changed, week by week; feeds.",
    )
    for number, week in enumerate(weeks):
        first = first_part(_path_of(week), len(week.merged), size=_ROWS)
        yield PortalPage(
            path=first.path,
            title=f"Week {week.name}",
            write=partial(
                _write_week,
                week=week._replace(merged=week.merged[:_ROWS]),
                part=first,
                before=_path_of(weeks[number + 1]) if number + 1 < len(weeks) else "",
                after=_path_of(weeks[number - 1]) if number else "",
            ),
            section=INDEX,
            is_wide=True,
            search=f"What changed from {week.first} to {week.last}.",
            description=f"What changed from {week.first} to {week.last}.",
        )
        yield from further_pages(first, f"Week {week.name}", _write_more, rows=week.merged)


def files(portal: Portal) -> Iterator[Asset]:
    """Yield what the portal shows, in short, for `gitguard changes` to compare with later."""
    state = msgspec.json.encode(state_of(portal.snapshot, portal.graph.digest), order="deterministic")
    yield Asset(path=STATE_PATH, data=gzip.compress(state, mtime=0))


def weeks_of(portal: Portal) -> list[Week]:
    """Return the newest weeks in which something happened, the newest first; nothing of days to come."""
    graph, now, once = portal.graph, portal.now, portal.options.kept_work.once
    days = portal.options.weeks * _DAYS
    happenings: defaultdict[str, list[Happening]] = defaultdict(list)
    made_of = (days, now.today())
    for repository in graph.repositories:
        lately = once("weeks", repository, graph, partial(_lately, repository, days, now), inputs=made_of)
        for name, of_week in lately.items():
            happenings[name] += of_week
    names = sorted(happenings, reverse=True)[: portal.options.weeks]
    weeks = [
        once("week", name, graph, partial(_week, name, happenings[name]), inputs=happenings[name]) for name in names
    ]
    return [week._replace(findings=findings_between(portal.trend, week.first, week.last)) for week in weeks]


def _lately(repository: str, days: int, now: Now, graph: Graph) -> Mapping[str, list[Happening]]:
    """Return by week what happened in a repository in the last days, nothing of days to come."""
    weeks: defaultdict[str, list[Happening]] = defaultdict(list)
    for one in in_repository(graph, graph.repositories[repository], lambda at: not now.is_over(days - 1, at)):
        if now.is_over(-1, one.at):
            weeks[_name_of(one.at)].append(one)
    return weeks


def _name_of(at: datetime) -> str:
    year, week, _ = at.astimezone(UTC).isocalendar()
    return f"{year:04}-W{week:02}"


def _week(name: str, happenings: Sequence[Happening], graph: Graph) -> Week:
    bots = graph.bots
    monday = date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
    newest_first = sorted(happenings, key=lambda one: (one.at, one.key), reverse=True)
    merged = [one for one in newest_first if one.type == "merged"]
    people = [one for one in merged if not bots.get(one.author)]
    of_bots = [one for one in merged if bots.get(one.author)]
    others = [one for one in newest_first if one.type != "merged"]
    policies = {policy for one in merged for policy in one.changed} | {
        one.node for one in others if one.type == "policy"
    }
    owners = sum(one.changes_owners for one in merged) + sum(one.type == "owners" for one in others)
    return Week(
        name=name,
        first=monday.isoformat(),
        last=(monday + timedelta(days=_DAYS - 1)).isoformat(),
        merged=tuple(sorted(people[:_MOST], key=lambda one: one.repository)),
        by_bots=tuple(sorted(of_bots[: 2 * _FEWER], key=lambda one: one.repository)),
        others=_some_of_each(newest_first),
        numbers=(
            ("pull requests", len(people)),
            ("of bots", len(of_bots)),
            ("policies", len(policies)),
            ("owners", owners),
            ("releases", sum(one.type == "released" for one in others)),
            ("repositories", len({one.repository for one in happenings})),
        ),
    )


def _some_of_each(happenings: Sequence[Happening]) -> tuple[Happening, ...]:
    sorts = (
        [one for one in happenings if one.type == "released"],
        [one for one in happenings if one.type == "policy" or one.changed],
        [one for one in happenings if one.type == "owners" or one.changes_owners],
    )
    return tuple(dict.fromkeys(one for sort in sorts for one in sort[:_FEWER]))


def _path_of(week: Week) -> str:
    return f"{INDEX}/{week.name.lower()}"


def _write_index(sheet: Sheet, *, has_feeds: bool, weeks: tuple[Week, ...]) -> Markup:
    return sheet.render(
        "gitguard/weeks.html",
        weeks=[(week, _path_of(week), dict(week.numbers)) for week in weeks],
        feed=sheet.file(ALL) if has_feeds else "",
    )


def _write_more(sheet: Sheet, part: Part, rows: Sequence[Happening]) -> Markup:
    return sheet.render("gitguard/week_more.html", part=part, merged=_by_repository(rows))


def _write_week(sheet: Sheet, week: Week, part: Part, before: str, after: str) -> Markup:
    numbers = dict(week.numbers)
    return sheet.render(
        "gitguard/week.html",
        week=week,
        before=before,
        after=after,
        numbers=numbers,
        sentence=_sentence(numbers),
        merged=_by_repository(week.merged),
        by_bots=_by_repository(week.by_bots),
        part=part,
        policies=[one for one in week.others if one.type == "policy" or one.changed][:_FEWER],
        owners=[one for one in week.others if one.type == "owners" or one.changes_owners][:_FEWER],
        releases=[one for one in week.others if one.type == "released"][:_FEWER],
        findings=[(one.repository, _in_words(one)) for one in week.findings[:_FEWER]],
        findings_left_out=max(0, len(week.findings) - _FEWER),
        more=max(0, numbers["pull requests"] - _MOST),
        more_of_bots=max(0, numbers["of bots"] - len(week.by_bots)),
    )


def _sentence(numbers: Mapping[str, int]) -> str:
    merged = numbers["pull requests"] + numbers["of bots"]
    return f"{count(merged, 'pull request')} merged in {count(numbers['repositories'], 'repository', 'repositories')}"


def _in_words(change: FindingsChange) -> str:
    """Return what came and went: `1 error more, 2 warnings fewer`."""
    parts = ((change.errors, "error"), (change.warnings, "warning"))
    return ", ".join(f"{count(abs(by), word)} {'more' if by > 0 else 'fewer'}" for by, word in parts if by)


def _by_repository(happenings: Sequence[Happening]) -> list[tuple[str, list[Happening]]]:
    return [(repository, list(group)) for repository, group in groupby(happenings, key=lambda one: one.repository)]


VIEW = View(name="changes", pages=pages, files=files)
