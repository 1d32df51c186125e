"""GitLab's webhooks of projects, groups and the whole server.

https://docs.gitlab.com/user/project/integrations/webhook_events/ and
https://docs.gitlab.com/administration/system_hooks/ (18.3).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.events.forge_hook import (
    ForgeHook,
    HookFacts,
    Subject,
    mapping,
    plain_secret,
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
from mkdocs_gitguard.model import CheckOutcome, PullRequestState, Verdict

_SUBJECTS: Final[Mapping[str, Subject]] = {
    "push": "push",
    "tag_push": "push",
    "repository_update": "push",
    "merge_request": "pull-request",
    "release": "release",
    "pipeline": "checks",
    "project_create": "repository",
    "project_destroy": "repository",
    "project_rename": "repository",
    "project_transfer": "repository",
    "project_update": "repository",
}
"""By `object_kind`, or the `event_name` of a system hook, which has none."""
_BY_NAME: Final[Mapping[str, str]] = {
    "Push Hook": "push",
    "Tag Push Hook": "tag_push",
    "Merge Request Hook": "merge_request",
    "Release Hook": "release",
    "Pipeline Hook": "pipeline",
}
_APPROVED: Final = frozenset({"approved", "approval"})
_REVIEWS: Final = _APPROVED | {"unapproved", "unapproval"}
_STEPS: Final[Mapping[str, int]] = {"open": 0, "close": 2, "merge": 2}
"""See `SeenPullRequest.step`."""
_STATES: Final[Mapping[str, PullRequestState]] = {"closed": "closed", "merged": "merged"}
_OUTCOMES: Final[Mapping[str, CheckOutcome]] = {
    "success": "passed",
    "skipped": "passed",
    "failed": "failed",
    "canceled": "failed",
}
"""Of a pipeline; any other status is one on the way."""


def _kind(name: str, document: Mapping[str, Any]) -> str:
    return text(document.get("object_kind")) or text(document.get("event_name")) or _BY_NAME.get(name, "")


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    kind = _kind(name, document)
    attributes = mapping(document.get("object_attributes"))
    action = text(attributes.get("action")) or text(document.get("action"))
    subject = _SUBJECTS.get(kind, "other")
    is_review = subject == "pull-request" and action in _REVIEWS
    return HookFacts(
        subject="review" if is_review else subject,
        repository=_repository(document),
        action=action or (kind if subject == "repository" else ""),
        ref=text(document.get("ref")) or text(document.get("tag")) or text(attributes.get("target_branch")),
        before=text(document.get("before")),
        after=text(document.get("after")),
        number=whole(attributes.get("iid")) if kind == "merge_request" else 0,
    )


def _see(name: str, document: Mapping[str, Any]) -> Sightings:
    kind = _kind(name, document)
    seen = _pull_request(document) if kind == "merge_request" else None
    return Sightings(
        repository_key=key_of(mapping(document.get("project")).get("id")) or key_of(document.get("project_id")),
        pull_request=seen,
        reviews=tuple(_reviews(document, seen)) if seen else (),
        checks=(_pipeline(mapping(document.get("object_attributes"))),) if kind == "pipeline" else (),
        is_deleted=kind == "project_destroy",
    )


def _pull_request(document: Mapping[str, Any]) -> SeenPullRequest | None:
    shown, user = mapping(document.get("object_attributes")), mapping(document.get("user"))
    number = whole(shown.get("iid"))
    if not number:
        return None
    # Who did what the event tells; who wrote it is told by number alone.
    is_author = whole(user.get("id")) == whole(shown.get("author_id")) or shown.get("action") == "open"
    return SeenPullRequest(
        number=number,
        at=moment(shown.get("updated_at")),
        step=_STEPS.get(text(shown.get("action")), 1),
        state=_STATES.get(text(shown.get("state")), "open"),
        title=line(shown.get("title")),
        author=text(user.get("username")) if is_author else "",
        is_draft=shown.get("draft") is True or shown.get("work_in_progress") is True,
        source_branch=text(shown.get("source_branch")),
        target_branch=text(shown.get("target_branch")),
        commit=short(mapping(shown.get("last_commit")).get("id")),
        labels=names(label.get("title") for label in objects(document.get("labels"))),
        reviewers=names(reviewer.get("username") for reviewer in objects(document.get("reviewers"))),
        opened_at=moment(shown.get("created_at")),
    )


def _reviews(document: Mapping[str, Any], seen: SeenPullRequest) -> Iterator[SeenReview]:
    action = text(mapping(document.get("object_attributes")).get("action"))
    login = text(mapping(document.get("user")).get("username"))
    if login and action in _REVIEWS:
        verdict: Verdict = "approved" if action in _APPROVED else "dismissed"
        yield SeenReview(number=seen.number, login=login, verdict=verdict, at=seen.at)


def _pipeline(shown: Mapping[str, Any]) -> SeenCheck:
    return SeenCheck(
        commit=short(shown.get("sha")),
        name="pipeline",
        outcome=_OUTCOMES.get(text(shown.get("status")), "pending"),
        at=moment(shown.get("finished_at")) or moment(shown.get("created_at")),
    )


def _repository(document: Mapping[str, Any]) -> EventRepository:
    project = mapping(document.get("project"))
    name = text(project.get("path_with_namespace")) or text(document.get("path_with_namespace"))
    urls = [project.get(key) for key in ("web_url", "git_http_url", "git_ssh_url")]
    former = text(document.get("old_path_with_namespace"))
    return repository_of(name, urls, [former] if former else [])


HOOK: Final = ForgeHook(
    source="gitlab",
    title="GitLab",
    event_header="x-gitlab-event",
    # The same over all tries of one delivery. X-Gitlab-Event-UUID may be that of several hooks.
    delivery_header="idempotency-key",
    signature_headers=("x-gitlab-token",),
    read=_read,
    signature_of=plain_secret,
    see=_see,
)
