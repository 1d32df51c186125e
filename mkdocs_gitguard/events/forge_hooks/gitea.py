"""Gitea's and Forgejo's webhooks: GitHub's form under headers of their own.

https://docs.gitea.com/usage/webhooks (1.24), https://forgejo.org/docs/v12.0/user/webhooks/.
"""

from collections.abc import Mapping
from typing import Any, Final

from mkdocs_gitguard.events.forge_hook import ForgeHook, HookFacts, Subject, hex_signature, mapping, text, whole
from mkdocs_gitguard.events.forge_hooks.github import read_github, see_pull_request
from mkdocs_gitguard.events.sightings import SeenCheck, SeenReview, Sightings, key_of, moment, short
from mkdocs_gitguard.model import CheckOutcome, Verdict

_SUBJECTS: Final[Mapping[str, Subject]] = {
    "push": "push",
    "pull_request": "pull-request",
    "pull_request_assign": "pull-request",
    "pull_request_label": "pull-request",
    "pull_request_milestone": "pull-request",
    "pull_request_sync": "pull-request",
    "pull_request_review_request": "review",
    "pull_request_approved": "review",
    "pull_request_rejected": "review",
    "pull_request_comment": "review",
    "release": "release",
    "status": "checks",
    "create": "ref",
    "delete": "ref",
    "repository": "repository",
}


_VERDICTS: Final[Mapping[str, Verdict]] = {
    "pull_request_review_approved": "approved",
    "pull_request_review_rejected": "changes-requested",
    "pull_request_review_comment": "commented",
}
"""By `review.type`: modules/webhook/type.go."""
_OUTCOMES: Final[Mapping[str, CheckOutcome]] = {
    "success": "passed",
    "skipped": "passed",
    "warning": "passed",
    "failure": "failed",
    "error": "failed",
}
"""modules/structs/commit_status.go."""


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    return read_github(name, document, _SUBJECTS)


def _see(name: str, document: Mapping[str, Any]) -> Sightings:
    seen = see_pull_request(document)
    login = text(mapping(document.get("sender")).get("login"))
    verdict = _VERDICTS.get(text(mapping(document.get("review")).get("type")))
    return Sightings(
        repository_key=key_of(mapping(document.get("repository")).get("id")),
        pull_request=seen,
        reviews=(SeenReview(number=seen.number, login=login, verdict=verdict, at=seen.at),)
        if seen and login and verdict
        else (),
        checks=(_check(document),) if name == "status" and whole(document.get("id")) else (),
        is_deleted=name == "repository" and document.get("action") == "deleted",
    )


def _check(document: Mapping[str, Any]) -> SeenCheck:
    return SeenCheck(
        commit=short(document.get("sha")),
        name=text(document.get("context")),
        outcome=_OUTCOMES.get(text(document.get("state")), "pending"),
        at=moment(document.get("updated_at")) or moment(document.get("created_at")),
    )


GITEA: Final = ForgeHook(
    source="gitea",
    title="Gitea",
    event_header="x-gitea-event",
    delivery_header="x-gitea-delivery",
    signature_headers=("x-gitea-signature",),
    read=_read,
    signature_of=hex_signature,
    see=_see,
)
FORGEJO: Final = ForgeHook(
    source="forgejo",
    title="Forgejo",
    event_header="x-forgejo-event",
    delivery_header="x-forgejo-delivery",
    signature_headers=("x-forgejo-signature", "x-gitea-signature"),
    read=_read,
    signature_of=hex_signature,
    see=_see,
)
