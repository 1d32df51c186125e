"""GitHub's webhooks (https://docs.github.com/en/webhooks/webhook-events-and-payloads, 2026-08)."""

from collections.abc import Mapping
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
)
