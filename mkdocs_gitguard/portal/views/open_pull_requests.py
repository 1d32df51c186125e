"""What events say of pull requests: the open ones of a repository, how one went, and who is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Owner, PullRequest, Repository
from mkdocs_gitguard.portal.page import Panel, View
from mkdocs_gitguard.portal.search.entries import OPEN_PULL_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import PullRequestStatus, ReviewState, Verdict
    from mkdocs_gitguard.portal.page import Sheet

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
    panels={Repository: (_open,), PullRequest: (_events,), Owner: (_waiting, _theirs)},
)
