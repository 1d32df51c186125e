"""What all events of a log together show: each thing as the latest event has it, by the forge's own time.

To observe is to take the later of two for every single thing, so that duplicates, replays and events out of order give
the same; an event that is observed twice changes nothing. What is observed outlasts the log's retention.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.events.event import Event, EventRepository, body_key
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE
from mkdocs_gitguard.events.intake import document_of
from mkdocs_gitguard.events.sightings import SeenCheck, SeenPullRequest, SeenReview, Sightings
from mkdocs_gitguard.model import CheckOutcome, Checks, PullRequestState, PullRequestStatus, Review, Verdict, name_of

CHECKS_FOR: Final = timedelta(days=90)
"""For which the checks of a commit are kept, before the latest event of their repository."""
MOST_CLOSED: Final = 500
"""Pull requests of a repository that are kept when they are not open any more, those of the highest numbers."""
_VERSION: Final = 1
"""Raised whenever what an older version has kept would be read wrongly."""
_SUITE: Final = "suite "


class Stamp(NamedTuple):
    """How late something is: of two the higher counts."""

    at: datetime
    """By the forge; where its event has no moment, when the event was taken on."""
    step: int
    tie: str
    """The forge's order of two deliveries, as far as their ids tell it, then a digest: never chance."""


class ObservedPullRequest(msgspec.Struct, array_like=True):
    """A pull request, as the latest events have it."""

    stamp: Stamp | None = None
    seen: SeenPullRequest | None = None
    """None: only its reviews are known yet."""
    author: str = ""
    author_stamp: Stamp | None = None
    reviews: dict[str, tuple[Stamp, Verdict]] = {}
    """By login: the last one that is more than a comment, else the last comment."""


class ObservedRepository(msgspec.Struct, array_like=True):
    """One repository of one forge, whatever it was called."""

    names: dict[str, Stamp] = {}
    urls: dict[str, Stamp] = {}
    latest: datetime = datetime(1, 1, 1, tzinfo=UTC)
    deleted_at: Stamp | None = None
    pull_requests: dict[int, ObservedPullRequest] = {}
    checks: dict[str, dict[str, tuple[Stamp, CheckOutcome]]] = {}
    """By commit and name of the check."""

    def repository(self) -> EventRepository:
        """Return what it is called, by its latest name, and was called before."""
        names = sorted(self.names, key=lambda name: (self.names[name], name), reverse=True)
        urls = sorted(self.urls, key=lambda url: (self.urls[url], url), reverse=True)
        return EventRepository(name=names[0] if names else "", former_names=tuple(names[1:]), urls=tuple(urls))


class Observations(msgspec.Struct, array_like=True):
    """All that was observed."""

    version: int = _VERSION
    read_to: int = 0
    """Sequence of the last event of the log that was observed."""
    log: str = ""
    """Which log that was: another one is read from its beginning."""
    selection: str = ""
    """Digest of what was shown then: where it is another, the log is read again."""
    repositories: dict[str, ObservedRepository] = {}
    """By source, host and the forge's own number."""

    def observe(self, event: Event) -> bool:
        """Take in what an event shows; return whether that was anything. What cannot be read shows nothing."""
        try:
            document = document_of(event.headers, event.body)
        except ParseError:
            return False
        seen = BY_SOURCE[event.source].see(event.name, document)
        if not (seen.pull_request or seen.reviews or seen.checks or seen.is_deleted or event.repository.former_names):
            return False
        key = _key(event, seen)
        repository = self.repositories.setdefault(key, ObservedRepository())
        _observe(repository, event, seen)
        return True

    def prune(self) -> None:
        """Forget what is too old, or too much, to be shown."""
        for repository in self.repositories.values():
            oldest = _before(repository.latest)
            repository.checks = {
                commit: checks
                for commit, checks in repository.checks.items()
                if any(stamp.at >= oldest for stamp, _ in checks.values())
            }
            closed = [number for number, one in repository.pull_requests.items() if _is_closed(one)]
            for number in sorted(closed)[:-MOST_CLOSED]:
                del repository.pull_requests[number]


def statuses(observed: ObservedRepository, repository: str) -> Iterator[PullRequestStatus]:
    """Yield what is observed of the pull requests of a repository, the highest number first.

    Args:
        observed: what events show.
        repository: node id.
    """
    for number in sorted(observed.pull_requests, reverse=True):
        one = observed.pull_requests[number]
        seen, stamp = one.seen, one.stamp
        # A deleted repository has no open pull requests.
        if seen is None or stamp is None or (observed.deleted_at is not None and observed.deleted_at > stamp):
            continue
        checks = _checks(observed.checks.get(seen.commit, {}))
        reviews = tuple(
            Review(login=login, verdict=verdict, at=given.at) for login, (given, verdict) in sorted(one.reviews.items())
        )
        moments = [stamp.at, *(review.at for review in reviews), *([checks.at] if checks else [])]
        yield PullRequestStatus(
            id=f"pull-request:{name_of(repository)}/{number}",
            repository=repository,
            number=number,
            state=seen.state,
            title=seen.title,
            author=seen.author or one.author,
            is_draft=seen.is_draft,
            source_branch=seen.source_branch,
            target_branch=seen.target_branch,
            labels=seen.labels,
            reviewers=seen.reviewers,
            reviewing_teams=seen.reviewing_teams,
            reviews=reviews,
            checks=checks,
            opened_at=seen.opened_at,
            at=max(moments),
        )


def encoded(observations: Observations) -> bytes:
    """Return observations as bytes."""
    return msgspec.msgpack.encode(observations)


def decoded(data: bytes) -> Observations:
    """Return observations from their bytes.

    Raises:
        msgspec.MsgspecError: they are none.
        ValueError: they are of another version.
    """
    observations = _decode(data)
    if observations.version != _VERSION:
        raise ValueError(observations.version)
    return observations


_decode: Final = msgspec.msgpack.Decoder(Observations).decode


def _key(event: Event, seen: Sightings) -> str:
    addresses = (event.headers.get("x-gitlab-instance", ""), *event.repository.urls)
    hosts = [host for address in addresses if "://" in address and (host := _host_of(address))]
    return f"{event.source} {hosts[0] if hosts else ''} {seen.repository_key or event.repository.name.lower()}"


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _observe(repository: ObservedRepository, event: Event, seen: Sightings) -> None:
    tie = _tie(event)

    def stamp(at: datetime | None, step: int = 1) -> Stamp:
        return Stamp(at or event.accepted_at.astimezone(UTC), step, tie)

    shown = (*((seen.pull_request,) if seen.pull_request else ()), *seen.reviews, *seen.checks)
    own = stamp(max((one.at for one in shown if one.at is not None), default=None))
    repository.latest = max(repository.latest, own.at)
    for name in filter(None, (event.repository.name,)):
        repository.names[name] = max(own, repository.names.get(name, own))
    for name in event.repository.former_names:
        # It was called so before, at whatever time: never its latest name by this event.
        repository.names.setdefault(name, Stamp(_LONG_AGO, 0, ""))
    for url in event.repository.urls:
        repository.urls[url] = max(own, repository.urls.get(url, own))
    if seen.is_deleted:
        repository.deleted_at = max(own, repository.deleted_at or own)
    if seen.pull_request is not None:
        _observe_pull_request(repository, seen.pull_request, stamp(seen.pull_request.at, seen.pull_request.step))
    for review in seen.reviews:
        _observe_review(repository, review, stamp(review.at, int(review.verdict == "dismissed")))
    for check in seen.checks:
        _observe_check(repository, check, stamp(check.at, int(check.outcome != "pending")))


def _observe_pull_request(repository: ObservedRepository, seen: SeenPullRequest, stamp: Stamp) -> None:
    observed = repository.pull_requests.setdefault(seen.number, ObservedPullRequest())
    if observed.stamp is None or stamp > observed.stamp:
        observed.stamp, observed.seen = stamp, seen
    if seen.author and (observed.author_stamp is None or stamp > observed.author_stamp):
        observed.author_stamp, observed.author = stamp, seen.author


def _observe_review(repository: ObservedRepository, review: SeenReview, stamp: Stamp) -> None:
    if not review.number:
        return
    reviews = repository.pull_requests.setdefault(review.number, ObservedPullRequest()).reviews
    known = reviews.get(review.login)
    # A comment takes nothing back that was approved, or asked for, before.
    if known is None or _weight(stamp, review.verdict) > _weight(*known):
        reviews[review.login] = (stamp, review.verdict)


def _weight(stamp: Stamp, verdict: Verdict) -> tuple[bool, Stamp]:
    return verdict != "commented", stamp


def _observe_check(repository: ObservedRepository, check: SeenCheck, stamp: Stamp) -> None:
    if not check.commit or not check.name:
        return
    checks = repository.checks.setdefault(check.commit, {})
    known = checks.get(check.name)
    if known is None or stamp > known[0]:
        checks[check.name] = (stamp, check.outcome)


def _checks(observed: dict[str, tuple[Stamp, CheckOutcome]]) -> Checks | None:
    """Count checks: single ones where they are known, else what stands for all of a program."""
    single = {name: one for name, one in observed.items() if not name.startswith(_SUITE)}
    counted = list((single or observed).values())
    if not counted:
        return None
    outcomes: list[CheckOutcome] = [outcome for _, outcome in counted]
    return Checks(
        passed=outcomes.count("passed"),
        failed=outcomes.count("failed"),
        pending=outcomes.count("pending"),
        at=max(stamp.at for stamp, _ in counted),
    )


_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
_OPEN: Final[PullRequestState] = "open"


def _before(latest: datetime) -> datetime:
    return latest - CHECKS_FOR if latest - _LONG_AGO > CHECKS_FOR else _LONG_AGO


def _is_closed(observed: ObservedPullRequest) -> bool:
    return observed.seen is not None and observed.seen.state != _OPEN


def _tie(event: Event) -> str:
    """Return what tells two events of one second apart: GitHub's delivery ids hold the time (RFC 9562, version 1)."""
    try:
        delivery = UUID(event.delivery)
        time = delivery.time if delivery.version == 1 else 0
    except ValueError:
        time = 0
    return f"{time:016x}{body_key(event)}"
