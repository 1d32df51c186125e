"""Our own event, `policy.decision`: see docs/decisions.md, and `decisions/formats/event.py`, which reads all of it."""

from collections.abc import Mapping
from typing import Any, Final

from mkdocs_gitguard.events.forge_hook import (
    ForgeHook,
    HookFacts,
    mapping,
    prefixed_signature,
    repository_of,
    text,
    whole,
)

POLICY_DECISION: Final = "policy.decision"


def is_decision(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is one, bare or within a CloudEvent."""
    return document.get("event") == POLICY_DECISION or (
        document.get("type") == POLICY_DECISION and "specversion" in document
    )


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    if name == "ping":
        return HookFacts(subject="ping")
    if not is_decision(document):
        return HookFacts(subject="other")
    body = document if document.get("event") == POLICY_DECISION else mapping(document.get("data"))
    subject = mapping(body.get("subject"))
    repository = text(subject.get("repository"))
    return HookFacts(
        subject="decision",
        repository=repository_of(_name(repository), [repository] if ":" in repository else []),
        action=text(body.get("outcome")),
        after=text(subject.get("commit")),
        number=whole(subject.get("pull_request")),
    )


def _name(repository: str) -> str:
    """Return `namespace/name` of what a report may have written as a URL."""
    path = repository.partition("://")[2].partition("/")[2] if "://" in repository else repository
    return path.strip("/").removesuffix(".git")


HOOK: Final = ForgeHook(
    source="gitguard",
    title="a policy engine",
    event_header="x-gitguard-event",
    delivery_header="x-gitguard-delivery",
    signature_headers=("x-hub-signature-256",),
    read=_read,
    signature_of=prefixed_signature,
)
