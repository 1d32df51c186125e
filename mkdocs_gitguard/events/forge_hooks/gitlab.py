"""GitLab's webhooks of projects, groups and the whole server.

https://docs.gitlab.com/user/project/integrations/webhook_events/ and
https://docs.gitlab.com/administration/system_hooks/ (18.3).
"""

from collections.abc import Mapping
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
_REVIEWS: Final = frozenset({"approved", "unapproved", "approval", "unapproval"})


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    kind = text(document.get("object_kind")) or text(document.get("event_name")) or _BY_NAME.get(name, "")
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
)
