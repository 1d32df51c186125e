"""Bitbucket's webhooks, those of the cloud and those of servers of one's own.

https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ (2026-08),
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html (9.4).
"""

from collections.abc import Mapping
from typing import Any, Final

from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.events.forge_hook import (
    ForgeHook,
    HookFacts,
    Subject,
    first,
    mapping,
    prefixed_signature,
    repository_of,
    text,
    whole,
)

_REVIEWS: Final = (
    "approved", "unapproved", "changes_request_created", "changes_request_removed", "reviewer:approved",
    "reviewer:unapproved", "reviewer:needs_work", "reviewer:updated", "reviewer:changes_requested",
)  # fmt: skip
_REPOSITORY: Final[Mapping[str, Subject]] = {
    "push": "push",
    "refs_changed": "push",
    "commit_status_created": "checks",
    "commit_status_updated": "checks",
    "updated": "repository",
    "modified": "repository",
    "deleted": "repository",
    "transfer": "repository",
}


def _subject(name: str) -> Subject:
    area, _, action = name.partition(":")
    if area in ("pullrequest", "pr"):
        if action.startswith("comment"):
            return "other"
        return "review" if action in _REVIEWS else "pull-request"
    if area == "diagnostics":
        return "ping"
    return _REPOSITORY.get(action, "other") if area == "repo" else "other"


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    pull_request = mapping(document.get("pullrequest")) or mapping(document.get("pullRequest"))
    ref, before, after = _moved(document)
    target = mapping(mapping(pull_request.get("destination")).get("branch")).get("name")
    return HookFacts(
        subject=_subject(name),
        repository=_repository(document, pull_request),
        action=name.partition(":")[2][:100],
        ref=ref or text(target) or text(mapping(pull_request.get("toRef")).get("displayId")),
        before=before,
        after=after,
        number=whole(pull_request.get("id")),
    )


def _moved(document: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the first ref that a push has moved, from where and to where."""
    change = mapping(first(mapping(document.get("push")).get("changes")))
    if change:
        new, old = mapping(change.get("new")), mapping(change.get("old"))
        hashes = [text(mapping(end.get("target")).get("hash")) for end in (old, new)]
        return text(new.get("name")) or text(old.get("name")), hashes[0], hashes[1]
    change = mapping(first(document.get("changes")))
    return text(change.get("refId")), text(change.get("fromHash")), text(change.get("toHash"))


def _repository(document: Mapping[str, Any], pull_request: Mapping[str, Any]) -> EventRepository:
    repository = mapping(document.get("repository")) or mapping(mapping(pull_request.get("toRef")).get("repository"))
    name = text(repository.get("full_name"))
    project = text(mapping(repository.get("project")).get("key"))
    if not name and project:
        name = f"{project}/{text(repository.get('slug'))}"
    links = mapping(repository.get("links"))
    clones = links.get("clone")
    entries = clones if isinstance(clones, list) else []
    urls = [mapping(links.get("html")).get("href"), *(mapping(entry).get("href") for entry in entries)]
    former = text(mapping(mapping(document.get("changes")).get("full_name")).get("old"))
    old_slug = text(mapping(document.get("old")).get("slug"))
    old_project = text(mapping(mapping(document.get("old")).get("project")).get("key"))
    return repository_of(name, urls, [item for item in (former, f"{old_project}/{old_slug}") if item.strip("/")])


HOOK: Final = ForgeHook(
    source="bitbucket",
    title="Bitbucket",
    event_header="x-event-key",
    delivery_header="x-request-uuid",
    signature_headers=("x-hub-signature", "x-hub-signature-256"),
    read=_read,
    signature_of=prefixed_signature,
)
