"""What events say of pull requests: the open ones, of all and of a repository, how one went, and who is waited for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import Owner, PullRequest, Repository
from mkdocs_gitguard.portal.lists.parts import first_part, further_pages
from mkdocs_gitguard.portal.page import Panel, PortalPage, View
from mkdocs_gitguard.portal.search.entries import OPEN_PULL_REQUESTS
from mkdocs_gitguard.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model import Checks, PullRequestStatus, ReviewState, Verdict
    from mkdocs_gitguard.portal.lists.parts import Part
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_SHOWN: Final = 30
"""Of a repository; the forge has the others."""
_WAITING: Final = 20
"""Of a person or team."""
_MANY: Final = 10
"""Rows that stand open; further ones are folded."""
_REVIEWS: Final = 20
_LABELS: Final = 8

REVIEW_WORDS: Final[Mapping[ReviewState, str]] = {
    "approved": "approved",
    "changes-requested": "changes requested",
    "waiting": "waiting for review",
    "none": "no review",
}
_VERDICTS: Final[Mapping[Verdict, str]] = {
    "approved": "approved",
    "changes-requested": "requested changes",
    "commented": "commented",
    "dismissed": "review dismissed",
}


PATH: Final = "open-pull-request"
"""Of the page of those of all repositories."""
_ROWS: Final = 40
"""On one page of that table: each leads to four places or more."""
_ASKED: Final = 2
_AGES: Final = ((90, "over three months"), (30, "over a month, three at most"), (7, "over a week, a month at most"))
"""By days; in this order the words stand in the filter too, which sorts them."""
_YOUNG: Final = "a week at most"


class _Head(NamedTuple):
    """What the first part says of all: the others need not be made again where it changes."""

    in_all: int
    repositories: int
    latest: datetime


class _Words(NamedTuple):
    """What a row is filtered by, in words."""

    teams: str
    """Those that are asked, a line each."""
    asked: tuple[str, ...]
    """Teams, then people."""
    review: str
    checks: str
    age: str
    opened_at: datetime


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page of what is open in all repositories, where events say anything of pull requests.

    Also where none is open now: an entry of the navigation that comes and goes would have all pages made again.
    """
    if not portal.graph.statuses:
        return
    statuses = [status for own in portal.graph.open_pull_requests.values() for status in own]
    statuses.sort(key=lambda status: (_opened_at(status), status.id), reverse=True)
    rows = tuple(statuses)
    first = first_part(PATH, len(rows), size=_ROWS)
    latest = max(status.at for status in rows or portal.graph.statuses.values())
    head = _Head(len(rows), len(portal.graph.open_pull_requests), latest)
    yield PortalPage(
        path=PATH,
        title="Open pull requests",
        write=partial(_everywhere, part=first, rows=first.rows(rows), head=head),
        is_index=True,
        is_wide=True,
        nav=21,
        nav_group="Browse",
        search="Open pull requests of all repositories, by team asked, author, draft, checks, review and age.",
    )
    yield from further_pages(first, "Open pull requests", _everywhere, rows=rows)


def _everywhere(sheet: Sheet, *, rows: Sequence[PullRequestStatus], part: Part, head: _Head | None = None) -> Markup:
    return sheet.render(
        "gitguard/open_pull_requests_everywhere.html",
        rows=[(status, _words(sheet, status)) for status in rows],
        part=part,
        head=head,
        labels_shown=_LABELS,
        asked_shown=_ASKED,
    )


def _words(sheet: Sheet, status: PullRequestStatus) -> _Words:
    opened_at, checks = _opened_at(status), status.checks
    return _Words(
        teams="\n".join(map(one_line, status.reviewing_teams)),
        asked=(*status.reviewing_teams, *status.reviewers),
        review=REVIEW_WORDS[status.review_state],
        checks=_worst(checks) if checks is not None else "none",
        age=next((words for days, words in _AGES if sheet.now.is_over(days, opened_at)), _YOUNG),
        opened_at=opened_at,
    )


def _worst(checks: Checks) -> str:
    return "failed" if checks.failed else "pending" if checks.pending else "passed"


def _opened_at(status: PullRequestStatus) -> datetime:
    """Return when it was opened, as far as events tell."""
    return status.opened_at or status.at


def _open(sheet: Sheet, repository: Repository) -> Panel | None:
    open_ones = sheet.graph.open_pull_requests.get(repository.id, ())
    if not open_ones:
        return None
    return Panel(
        "Open pull requests",
        _table(sheet, open_ones, most=_SHOWN, show_repository=False),
        anchor=OPEN_PULL_REQUESTS,
        order=5,
    )


def _events(sheet: Sheet, change: PullRequest) -> Panel | None:
    status = sheet.graph.statuses.get(change.id)
    if status is None or not (status.labels or status.reviews or status.checks):
        return None
    return Panel(
        "Review and checks",
        sheet.render(
            "gitguard/pull_request_events.html", status=status, verdicts=_VERDICTS, reviews=status.reviews[:_REVIEWS]
        ),
        order=5,
    )


def _waiting(sheet: Sheet, owner: Owner) -> Panel | None:
    waiting = sheet.graph.waiting_by_owner.get(owner.id, ())
    if not waiting:
        return None
    return Panel(
        "Waiting for their review",
        _table(sheet, waiting, most=_WAITING, show_repository=True),
        anchor="waiting-for-review",
        order=10,
    )


def _theirs(sheet: Sheet, owner: Owner) -> Panel | None:
    theirs = sheet.graph.open_by_author.get(owner.id, ())
    if not theirs:
        return None
    return Panel(
        "Open pull requests",
        _table(sheet, theirs, most=_WAITING, show_repository=True),
        anchor=OPEN_PULL_REQUESTS,
        order=11,
    )


def _table(sheet: Sheet, rows: Sequence[PullRequestStatus], *, most: int, show_repository: bool) -> Markup:
    return sheet.render(
        "gitguard/open_pull_requests.html",
        rows=rows[:most],
        many=_MANY,
        in_all=len(rows),
        latest=max(status.at for status in rows),
        review_words=REVIEW_WORDS,
        labels_shown=_LABELS,
        show_repository=show_repository,
    )


VIEW = View(
    name="open-pull-requests",
    pages=pages,
    panels={Repository: (_open,), PullRequest: (_events,), Owner: (_waiting, _theirs)},
)
