"""What one event shows of pull requests, in our words and read leniently: git knows none of it.

Each thing that is seen has the moment that the forge itself gives it. So the latest counts, in whatever order events
come and however often: see `events/observations.py`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.events.event import LONGEST_TEXT
from mkdocs_gitguard.model import CheckOutcome, PullRequestState, Record, Verdict

SHORT_COMMIT: Final = 12
"""Digits by which commits are told apart: Bitbucket sends no more of them."""
_MOST_NAMES: Final = 100
"""Labels, or reviewers, of one pull request."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SeenPullRequest(Record, frozen=True, kw_only=True):
    """A pull request as an event shows it."""

    number: int
    at: datetime | None
    """When the forge last changed it; None: the event does not say."""
    step: int = 1
    """Of two of one moment the higher is the later: 0 it was opened, 2 it was closed, 1 anything between."""
    state: PullRequestState = "open"
    title: str = ""
    author: str = ""
    is_draft: bool = False
    source_branch: str = ""
    target_branch: str = ""
    commit: str = ""
    """Its last one, shortened."""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    reviewing_teams: tuple[str, ...] = ()
    opened_at: datetime | None = None


class SeenReview(Record, frozen=True, kw_only=True):
    """What a reviewer said."""

    number: int
    login: str
    verdict: Verdict
    at: datetime | None


class SeenCheck(Record, frozen=True, kw_only=True):
    """How a check of a commit came out."""

    commit: str
    """Shortened."""
    name: str
    """The same for each run of one check; begins with `suite ` for one that stands for all checks of a program."""
    outcome: CheckOutcome
    at: datetime | None


class Sightings(NamedTuple):
    """All that an event shows."""

    repository_key: str = ""
    """The forge's own number for the repository, which it keeps when it is renamed; `""`: the event has none."""
    pull_request: SeenPullRequest | None = None
    reviews: tuple[SeenReview, ...] = ()
    checks: tuple[SeenCheck, ...] = ()
    is_deleted: bool = False
    """The repository is no more."""


def nothing_seen(_: str, __: Mapping[str, Any]) -> Sightings:
    """Return nothing: for whoever sends nothing about pull requests."""
    return Sightings()


def moment(value: object) -> datetime | None:
    """Return a sender's moment: RFC 3339, GitLab's older form, or milliseconds since 1970; None for what is none."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return _EPOCH + timedelta(milliseconds=value) if value > 0 else None
        if not isinstance(value, str) or not value:
            return None
        read = datetime.fromisoformat(value[:64].replace(" UTC", "+00:00"))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def line(value: object) -> str:
    """Return a sender's text that people have written, cut where it is too long."""
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def short(value: object) -> str:
    """Return a commit, shortened."""
    return value[:SHORT_COMMIT].lower() if isinstance(value, str) else ""


def names(values: Iterable[object]) -> tuple[str, ...]:
    """Return those that are texts, sorted, each once."""
    known = {value for value in values if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT}
    return tuple(sorted(known)[:_MOST_NAMES])


def objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a sender's list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def key_of(value: object) -> str:
    """Return a forge's own number, or its text for one."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) and value else ""
