"""What events of forges say beside the snapshot, for git does not know it: the open pull requests, and how they are.

They are not part of the snapshot, which is git's alone: they have a digest of their own, and a portal without events is
what it would be without this file.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from mkdocs_gitguard.model.ids import name_of
from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.snapshot import Snapshot

PullRequestState = Literal["open", "closed", "merged"]
Verdict = Literal["approved", "changes-requested", "commented", "dismissed"]
CheckOutcome = Literal["passed", "failed", "pending"]
ReviewState = Literal["approved", "changes-requested", "waiting", "none"]


class Review(Record, frozen=True, kw_only=True):
    """What one reviewer last said of a pull request."""

    login: str
    """At the forge."""
    verdict: Verdict
    at: datetime


class Checks(Record, frozen=True, kw_only=True):
    """How many checks of a pull request's last commit came out how."""

    passed: int = 0
    failed: int = 0
    pending: int = 0
    at: datetime
    """Of the latest event about one of them."""


class PullRequestStatus(Record, frozen=True, kw_only=True):
    """A pull request as the events of its forge say that it is."""

    id: str
    """`pull-request:acme/billing/412`: no node of the graph before git knows it."""
    repository: str
    """Node id."""
    number: int
    state: PullRequestState
    title: str
    author: str = ""
    """Login at the forge; `""` where no event tells it."""
    is_draft: bool = False
    source_branch: str = ""
    target_branch: str = ""
    labels: tuple[str, ...] = ()
    """Sorted."""
    reviewers: tuple[str, ...] = ()
    """Logins of people who are asked for a review, sorted."""
    reviewing_teams: tuple[str, ...] = ()
    """Names of teams that are asked, sorted: `acme/platform`."""
    reviews: tuple[Review, ...] = ()
    """By login."""
    checks: Checks | None = None
    opened_at: datetime | None = None
    at: datetime
    """Of the latest event that tells of it, by the forge's own clock."""

    @property
    def review_state(self) -> ReviewState:
        """What the reviews come to: one that asks for changes outweighs any approval."""
        verdicts = {review.verdict for review in self.reviews}
        if "changes-requested" in verdicts:
            return "changes-requested"
        if "approved" in verdicts:
            return "approved"
        return "waiting" if self.reviewers or self.reviewing_teams else "none"


class EventFacts(Record, frozen=True, kw_only=True):
    """All that events say of what a portal shows."""

    pull_requests: tuple[PullRequestStatus, ...] = ()
    """By repository, the highest number first: those that are open, and those that git knows to be merged."""

    def digest(self) -> str:
        """Return the SHA-256 of the content, `""` where events say nothing."""
        return hashlib.sha256(msgspec.msgpack.encode(self)).hexdigest() if self.pull_requests else ""


NO_EVENTS: Final = EventFacts()


def still_open(events: EventFacts, snapshot: Snapshot) -> list[PullRequestStatus]:
    """Return what events say is open, but for what git knows to be merged: git is the truth."""
    waiting_for_git = [status for status in events.pull_requests if status.state == "open"]
    if not waiting_for_git:
        return []
    merged = {change.id for change in snapshot.pull_requests}
    return [status for status in waiting_for_git if status.id not in merged]


def owners_by_login(owners: Iterable[Owner]) -> dict[str, str]:
    """Return by login or team name, in small letters, the id of its owner; a login of two people is nobody's."""
    known: dict[str, str] = {}
    shared: set[str] = set()
    for owner in owners:
        names = (name_of(owner.id).partition("/")[2],) if owner.type == "team" else owner.logins
        for name in {name.lower() for name in names}:
            if known.setdefault(name, owner.id) != owner.id:
                shared.add(name)
    return {name: owner for name, owner in known.items() if name not in shared}


def waiting(
    open_ones: Iterable[PullRequestStatus], by_login: Mapping[str, str]
) -> Iterator[tuple[str, PullRequestStatus]]:
    """Yield each pull request that asks for a review with the id of who is asked, the longest open first; no drafts."""
    for status in sorted(open_ones, key=lambda status: (status.opened_at or status.at, status.id)):
        if not status.is_draft:
            asked = [by_login.get(name.lower(), "") for name in (*status.reviewers, *status.reviewing_teams)]
            yield from ((owner, status) for owner in dict.fromkeys(asked) if owner)
