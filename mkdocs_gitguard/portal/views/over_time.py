"""Over time: ownership, findings, policy results and scorecards from day to day, of all and of each team.

A page is a function of what earlier builds counted and of this build's snapshot: see `Portal.trend`.
"""

from __future__ import annotations

import gzip
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from mkdocs_gitguard.model import Owner, path_of
from mkdocs_gitguard.model.trend import TREND_PATH
from mkdocs_gitguard.portal.lists.trend import line_of
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View
from mkdocs_gitguard.portal.trend_charts import ENOUGH_DAYS, ChartLine, chart_in_words, share_in_words, trend_chart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.portal.lists.trend import TrendDay, TrendLine
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

INDEX: Final = "over-time"
"""Path of the page."""
_ROWS: Final = 60
"""Days of a table, the newest; all stand in the data."""
_TEAMS: Final = 60
"""That the page names; each team's own page leads to its own."""


class _Subject(NamedTuple):
    """One chart: what is counted, and what it is a part of."""

    anchor: str
    title: str
    about: str
    columns: tuple[tuple[str, str], ...]
    """Field and heading; of a share the part, then the whole."""
    is_share: bool


_SUBJECTS: Final = (
    _Subject(
        "coverage",
        "Files with an owner",
        "Of all files, by CODEOWNERS; in a repository without such a file nobody owns any.",
        (("owned", "With an owner"), ("files", "Files")),
        is_share=True,
    ),
    _Subject(
        "findings",
        "Findings to act on",
        "Errors and warnings; notices are left out.",
        (("errors", "Errors"), ("warnings", "Warnings")),
        is_share=False,
    ),
    _Subject(
        "decisions",
        "Policy decisions that allow",
        "Of the decisions in the reports of that day that allowed, denied or failed.",
        (("allowed", "Allowed"), ("decided", "Decisions")),
        is_share=True,
    ),
    _Subject(
        "scorecards",
        "Checks that hold",
        "Of all checks of the scorecards, over all repositories, that hold or do not; what is not known is left out.",
        (("passed", "Hold"), ("asked", "Checks")),
        is_share=True,
    ),
)
_HELD: Final = _Subject(
    "files", "Files that they own", "By the CODEOWNERS files.", (("held", "Files"),), is_share=False
)


class _Chart(NamedTuple):
    """A subject as a page shows it."""

    subject: _Subject
    chart: Markup | str
    """`""` for fewer days than make a line."""
    newest: str
    """What it came to on the last day, `""` where nothing is known."""
    rows: Sequence[TrendDay]
    """The newest first."""
    left_out: int


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page of the organisation, and one for each team where there are days enough for a line."""
    if portal.options.trend is None:
        return
    today = portal.now.today()
    teams = _teams(portal) if sum(day <= today for day in portal.trend.days) >= ENOUGH_DAYS else {}
    yield PortalPage(
        path=INDEX,
        title="Over time",
        write=partial(
            _write,
            line=line_of(portal.trend, portal.trend.repositories, until=today),
            subjects=_shown(portal),
            teams=tuple((owner.id, _path_of_team(owner)) for owner in teams),
        ),
        is_index=True,
        is_wide=True,
        nav=67,
        nav_group="Health",
        search="Over time: files with an owner, findings, policy decisions, scorecards.",
    )
    for owner, repositories in teams.items():
        yield PortalPage(
            path=_path_of_team(owner),
            title=f"{owner.name} over time",
            write=partial(
                _write,
                line=line_of(portal.trend, repositories, until=today, team=owner.id),
                subjects=(_HELD.anchor, *_shown(portal)),
                team=owner.id,
            ),
            is_wide=True,
            section=INDEX,
        )


def _teams(portal: Portal) -> dict[Owner, list[str]]:
    """Return by team that owns any file the repositories in which it does."""
    held = portal.graph.holdings_by_owner if portal.flags.owners else {}
    theirs = {
        owner: [holding.repository for holding in held.get(owner.id, ()) if holding.files]
        for owner in portal.snapshot.owners
        if owner.type == "team"
    }
    return {owner: repositories for owner, repositories in theirs.items() if repositories}


def files(portal: Portal) -> Iterator[Asset]:
    """Yield what is known over time, for tools and for the next run of a builder that keeps nothing."""
    if portal.options.trend is not None:
        yield Asset(path=TREND_PATH, data=gzip.compress(msgspec.json.encode(portal.trend), mtime=0))


def _shown(portal: Portal) -> tuple[str, ...]:
    """Return the anchors of the charts that the flags show."""
    flags = portal.flags
    shown = {
        "coverage": flags.owners,
        "findings": True,
        "decisions": flags.policy_transparency,
        "scorecards": portal.has_scorecards,
    }
    return tuple(anchor for anchor, is_shown in shown.items() if is_shown)


def _path_of_team(owner: Owner) -> str:
    return f"{INDEX}/-/{path_of(owner.id)}"


def _write(
    sheet: Sheet,
    line: TrendLine,
    subjects: tuple[str, ...],
    team: str = "",
    teams: tuple[tuple[str, str], ...] = (),
) -> Markup:
    by_anchor = {subject.anchor: subject for subject in (_HELD, *_SUBJECTS)}
    return sheet.render(
        "gitguard/over_time.html",
        charts=[_chart_of(by_anchor[anchor], line.days) for anchor in subjects],
        repositories=line.days[-1].repositories if line.days else 0,
        team=team,
        teams=teams[:_TEAMS],
        teams_left_out=len(teams[_TEAMS:]),
        data=sheet.file(TREND_PATH),
        share=_share,
    )


def _chart_of(subject: _Subject, days: Sequence[TrendDay]) -> _Chart:
    names = [name for name, _ in subject.columns]
    counted = [day for day in days if not subject.is_share or getattr(day, names[-1])]
    chart: Markup | str = ""
    if subject.is_share:
        lines = [ChartLine("", [(day.day, _share(day, subject)) for day in counted])]
    else:
        labels = dict(subject.columns) if len(names) > 1 else {}
        lines = [
            ChartLine(labels.get(name, ""), [(day.day, float(getattr(day, name))) for day in counted]) for name in names
        ]
    if len(counted) >= ENOUGH_DAYS:
        words = " ".join(
            chart_in_words(line.label or subject.title, line.points, is_share=subject.is_share) for line in lines
        )
        chart = trend_chart(lines, is_share=subject.is_share, words=words)
    newest = ""
    if counted and subject.is_share:
        newest = share_in_words(_share(counted[-1], subject))
    elif counted:
        newest = f"{sum(getattr(counted[-1], name) for name in names):,}"
    return _Chart(subject, chart, newest, counted[: -_ROWS - 1 : -1], len(counted[:-_ROWS]))


def _share(day: TrendDay, subject: _Subject) -> float:
    part, whole = (getattr(day, name) for name, _ in subject.columns)
    # What another run published may not add up.
    return min(1.0, float(part / whole))


def _on_an_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    url = sheet.link(_path_of_team(owner)) if owner.type == "team" else ""
    if not url:
        return None
    words = "Ownership, findings, policy decisions and scorecards from day to day"
    return Panel("Over time", sheet.render("gitguard/scorecard_panel.html", url=url, words=words), order=46)


VIEW = View(name="over-time", pages=pages, panels={Owner: (_on_an_owner,)}, files=files)
