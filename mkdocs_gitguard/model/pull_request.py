"""Pull requests (merge requests): as recovered from history, and beside that as events of their forge say they are.

What events say does not stand in the snapshot, which is git's alone: it has a digest of its own, and a portal without
events is what it would be without it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from mkdocs_gitguard.model.record import Record

PullRequestState = Literal["open", "closed", "merged"]
Verdict = Literal["approved", "changes-requested", "commented", "dismissed"]
CheckOutcome = Literal["passed", "failed", "pending"]
ReviewState = Literal["approved", "changes-requested", "waiting", "none"]
Confidence = Literal["high", "medium", "low"]
"""high: a merge commit's own words or a fetched pull ref; medium: a number at the end of the subject; low: probable,
by author and time."""


class FileChange(Record, frozen=True, kw_only=True):
    """A path that a pull request touched."""

    path: str
    status: Literal["added", "modified", "deleted", "type-changed"]
    additions: int | None = None
    """Lines; None for a binary file and for a pull request without a page of its own."""
    deletions: int | None = None


class PullRequest(Record, frozen=True, kw_only=True):
    """A merged pull request."""

    id: str
    repository: str
    number: int
    title: str
    author: str = ""
    """Owner id of who wrote it; `""` where history does not tell."""
    merger: str = ""
    """Owner id of who merged it; `""` where the forge itself committed."""
    merged_at: datetime
    commit: str
    """The commit that brought it onto the default branch."""
    source_branch: str = ""
    co_authors: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()
    commits: int | None = None
    """Commits it brought, where history keeps them apart."""
    reverts: int | None = None
    """Number of the pull request that this one takes back."""
    backport_of: int | None = None
    evidence: str
    """Name of the rule that found it, for instance `github-merge-commit`."""
    confidence: Confidence


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


def waiting(
    open_ones: Iterable[PullRequestStatus], by_login: Mapping[str, str]
) -> Iterator[tuple[str, PullRequestStatus]]:
    """Yield each pull request that asks for a review with the id of who is asked, the longest open first; no drafts."""
    for status in sorted(open_ones, key=lambda status: (status.opened_at or status.at, status.id)):
        if not status.is_draft:
            asked = [by_login.get(name.lower(), "") for name in (*status.reviewers, *status.reviewing_teams)]
            yield from ((owner, status) for owner in dict.fromkeys(asked) if owner)
