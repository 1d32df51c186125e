"""From what a sender sent to an event of the log: pure functions over headers and bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

import msgspec

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.events.event import LONGEST_TEXT, Event
from mkdocs_gitguard.events.forge_hook import ForgeHook, HookFacts, mapping, text
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE, FORGE_HOOKS
from mkdocs_gitguard.events.forge_hooks.policy_decision import POLICY_DECISION, is_decision

_FORM: Final = "application/x-www-form-urlencoded"
_CLOUD_EVENT: Final = "application/cloudevents+json"
_KEPT_HEADERS: Final = frozenset(
    {
        "content-type",
        "idempotency-key",
        "x-event-key",
        "x-gitea-event-type",
        "x-github-enterprise-host",
        "x-github-hook-id",
        "x-github-hook-installation-target-id",
        "x-github-hook-installation-target-type",
        "x-gitlab-event-uuid",
        "x-gitlab-instance",
        "x-gitlab-webhook-uuid",
        "x-hook-uuid",
        "x-request-uuid",
    }
)
"""None of them holds a secret: see `Event.headers`."""
_ON_GITEA: Final = "original_url"
"""Of a repository: where it was brought over from, mostly empty (modules/structs/repo.go)."""
_ON_GITLAB: Final = ("object_kind", "event_name")


class Taken(NamedTuple):
    """What was made of a sending."""

    event: Event
    facts: HookFacts


def hook_of(headers: Mapping[str, str]) -> ForgeHook | None:
    """Return whose webhook it is, None where nobody's that is known.

    Args:
        headers: by their names in small letters.
    """
    hook = next((hook for hook in FORGE_HOOKS if headers.get(hook.event_header)), None)
    is_cloud_event = headers.get("content-type", "").partition(";")[0].strip().lower() == _CLOUD_EVENT
    return hook or (BY_SOURCE["gitguard"] if is_cloud_event or headers.get("ce-type") == POLICY_DECISION else None)


def take_in(hook: ForgeHook, headers: Mapping[str, str], body: bytes, *, at: datetime) -> Taken:
    """Return the event that was sent, and where it says to look.

    Args:
        hook: whose webhook it is.
        headers: by their names in small letters.
        body: as it came.
        at: when it was taken on.

    Raises:
        ParseError: the body is not a JSON object, or a name is too long.
    """
    document = document_of(headers, body)
    name = headers.get(hook.event_header) or (POLICY_DECISION if hook.source == "gitguard" else "")
    delivery = headers.get(hook.delivery_header, "")
    if not delivery and hook.source == "gitguard":
        delivery = text(document.get("id"))
    for label, given in ((hook.event_header, name), (hook.delivery_header, delivery)):
        if len(given) > LONGEST_TEXT:
            raise ParseError(f"The header {label} has {len(given):,} characters.", hint="Send a shorter one.")
    facts = hook.read(name, document)
    event = Event(
        source=hook.source,
        name=name,
        body=body,
        accepted_at=at,
        delivery=delivery,
        repository=facts.repository,
        headers={key: headers[key][:LONGEST_TEXT] for key in sorted(_KEPT_HEADERS & headers.keys())},
    )
    return Taken(event, facts)


def facts_of(event: Event) -> HookFacts:
    """Return where an event of the log says to look.

    Raises:
        ParseError: its body is not a JSON object.
    """
    return BY_SOURCE[event.source].read(event.name, document_of(event.headers, event.body))


def document_of(headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a body is, or that it holds in the field `payload` of a form.

    Raises:
        ParseError: it is none.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=100, keep_blank_values=True)
        body = fields.get("payload", [""])[0].encode("utf-8", "replace")
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:LONGEST_TEXT]
        raise ParseError(f"The body is not JSON: {reason}.", hint="Send application/json.") from error
    if not isinstance(document, dict):
        raise ParseError("The body is not a JSON object.", hint="Send the event as the forge does.")
    return document


def headers_for(hook: ForgeHook, name: str, delivery: str = "") -> dict[str, str]:
    """Return the headers that a forge would have sent with an event, for one that came as a file."""
    headers = {hook.event_header: name, "content-type": "application/json"}
    return headers | ({hook.delivery_header: delivery} if delivery else {})


def guess_sender(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return by the form of its content who sent an event and what it is called; `""` for what cannot be told."""
    if is_decision(document):
        return "gitguard", POLICY_DECISION
    if any(text(document.get(key)) for key in _ON_GITLAB) and "project" in document:
        kind = text(document.get("object_kind")) or text(document.get("event_name"))
        return "gitlab", f"{kind.replace('_', ' ').title()} Hook"
    if key := text(document.get("eventKey")):
        # Of Bitbucket on a server of one's own; the cloud says it in a header alone.
        return "bitbucket", key
    repository = mapping(document.get("repository"))
    if "full_name" not in repository:
        return "", ""
    # Forgejo's are Gitea's to the letter, and are read alike.
    return "gitea" if _ON_GITEA in repository else "github", _github_name(document)


def _github_name(document: Mapping[str, Any]) -> str:
    if kind := text(mapping(document.get("review")).get("type")):
        # On Gitea: `pull_request_review_approved` under the event `pull_request_approved`.
        return kind.replace("_review", "")
    if "issue" in document:
        return "issue_comment" if "comment" in document else "issues"
    for key, name in (
        ("review", "pull_request_review"),
        ("pull_request", "pull_request"),
        ("release", "release"),
        ("check_run", "check_run"),
        ("check_suite", "check_suite"),
    ):
        if document.get(key) is not None:
            return name
    if "ref" in document:
        if "after" in document:
            return "push"
        # `create` and `delete` differ only in that a new ref has a description beside it, or its commit.
        return "create" if {"master_branch", "sha"} & document.keys() else "delete" if "ref_type" in document else ""
    return "repository" if "action" in document else ""
