"""GitHub's webhooks (https://docs.github.com/en/webhooks/webhook-events-and-payloads, 2026-08)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.events.forge_hook import (
    ForgeHook,
    HookFacts,
    Subject,
    mapping,
    prefixed_signature,
    repository_of,
    text,
    whole,
)
from mkdocs_gitguard.events.sightings import (
    SeenCheck,
    SeenPullRequest,
    SeenReview,
    Sightings,
    key_of,
    line,
    moment,
    names,
    objects,
    short,
)
from mkdocs_gitguard.model import CheckOutcome, Verdict

_SUBJECTS: Final[Mapping[str, Subject]] = {
    "push": "push",
    "pull_request": "pull-request",
    # As a workflow calls it.
    "pull_request_target": "pull-request",
    "pull_request_review": "review",
    "release": "release",
    "check_run": "checks",
    "check_suite": "checks",
    "create": "ref",
    "delete": "ref",
    "repository": "repository",
    "ping": "ping",
}
STEPS: Final[Mapping[str, int]] = {"opened": 0, "closed": 2}
"""See `SeenPullRequest.step`."""
_VERDICTS: Final[Mapping[str, Verdict]] = {
    "approved": "approved",
    "changes_requested": "changes-requested",
    "commented": "commented",
    "dismissed": "dismissed",
}
_PASSED: Final = frozenset({"success", "neutral", "skipped"})
"""Conclusions: docs.github.com/en/rest/checks/runs."""


def read_github(name: str, document: Mapping[str, Any], subjects: Mapping[str, Subject] = _SUBJECTS) -> HookFacts:
    """Return where an event of the form that GitHub, Gitea and Forgejo share says to look."""
    pull_request = mapping(document.get("pull_request"))
    release = mapping(document.get("release"))
    checks = mapping(document.get("check_run")) or mapping(document.get("check_suite"))
    target = text(mapping(pull_request.get("base")).get("ref"))
    return HookFacts(
        subject=subjects.get(name, "other"),
        repository=_repository(document),
        action=text(document.get("action")),
        ref=text(document.get("ref")) or text(release.get("tag_name")) or target,
        before=text(document.get("before")),
        after=text(document.get("after")) or text(checks.get("head_sha")),
        number=whole(pull_request.get("number")) or whole(document.get("number")),
    )


def see_github(name: str, document: Mapping[str, Any]) -> Sightings:
    """Return what an event of GitHub's form shows of pull requests."""
    repository = mapping(document.get("repository"))
    return Sightings(
        repository_key=key_of(repository.get("id")),
        pull_request=see_pull_request(document),
        reviews=tuple(_reviews(document)),
        checks=tuple(_checks(document)),
        is_deleted=name == "repository" and document.get("action") == "deleted",
    )


def see_pull_request(document: Mapping[str, Any]) -> SeenPullRequest | None:
    """Return the pull request that an event of GitHub's form is about."""
    shown = mapping(document.get("pull_request"))
    number = whole(shown.get("number"))
    if not number or "state" not in shown:
        return None
    is_merged = shown.get("merged") is True or moment(shown.get("merged_at")) is not None
    head, base = mapping(shown.get("head")), mapping(shown.get("base"))
    owner = mapping(mapping(document.get("repository")).get("owner")) or mapping(document.get("organization"))
    organization = text(owner.get("login"))
    teams = [text(team.get("slug")) for team in objects(shown.get("requested_teams"))]
    return SeenPullRequest(
        number=number,
        at=moment(shown.get("updated_at")),
        step=STEPS.get(text(document.get("action")), 1),
        state="merged" if is_merged else "closed" if shown.get("state") == "closed" else "open",
        title=line(shown.get("title")),
        author=text(mapping(shown.get("user")).get("login")),
        is_draft=shown.get("draft") is True,
        source_branch=text(head.get("ref")),
        target_branch=text(base.get("ref")),
        commit=short(head.get("sha")),
        labels=names(label.get("name") for label in objects(shown.get("labels"))),
        reviewers=names(user.get("login") for user in objects(shown.get("requested_reviewers"))),
        reviewing_teams=names(f"{organization}/{team}" for team in teams if organization and team),
        opened_at=moment(shown.get("created_at")),
    )


def _reviews(document: Mapping[str, Any]) -> Iterator[SeenReview]:
    review, shown = mapping(document.get("review")), mapping(document.get("pull_request"))
    login = text(mapping(review.get("user")).get("login"))
    # `state` comes in small letters from webhooks, in capitals from the API.
    verdict = _VERDICTS.get(text(review.get("state")).lower())
    if login and verdict:
        # A review that is dismissed keeps the moment at which it was given.
        at = shown.get("updated_at") if verdict == "dismissed" else review.get("submitted_at")
        yield SeenReview(number=whole(shown.get("number")), login=login, verdict=verdict, at=moment(at))


def _checks(document: Mapping[str, Any]) -> Iterator[SeenCheck]:
    run, suite = mapping(document.get("check_run")), mapping(document.get("check_suite"))
    shown = run or suite
    app = text(mapping(shown.get("app")).get("slug"))
    name = f"{app} {text(run.get('name'))}" if run else f"suite {app}"
    if commit := short(shown.get("head_sha")):
        at = (run.get("completed_at") or run.get("started_at")) if run else suite.get("updated_at")
        yield SeenCheck(commit=commit, name=name, outcome=_outcome(shown), at=moment(at))


def _outcome(check: Mapping[str, Any]) -> CheckOutcome:
    if check.get("status") != "completed" or check.get("conclusion") in (None, "stale"):
        return "pending"
    return "passed" if check.get("conclusion") in _PASSED else "failed"


def _repository(document: Mapping[str, Any]) -> EventRepository:
    repository = mapping(document.get("repository"))
    name = text(repository.get("full_name"))
    owner, _, last = name.rpartition("/")
    changes = mapping(document.get("changes"))
    former = []
    # Renamed: docs, "repository", action `renamed`; moved: action `transferred`.
    if old := text(mapping(mapping(mapping(changes.get("repository")).get("name"))).get("from")):
        former.append(f"{owner}/{old}")
    moved_from = mapping(mapping(changes.get("owner")).get("from"))
    owners = [text(mapping(moved_from.get(kind)).get("login")) for kind in ("user", "organization")]
    former += [f"{login}/{last}" for login in owners if login]
    urls = [repository.get(key) for key in ("html_url", "clone_url", "ssh_url")]
    return repository_of(name, urls, former)


HOOK: Final = ForgeHook(
    source="github",
    title="GitHub",
    event_header="x-github-event",
    delivery_header="x-github-delivery",
    signature_headers=("x-hub-signature-256",),
    read=read_github,
    signature_of=prefixed_signature,
    see=see_github,
)
