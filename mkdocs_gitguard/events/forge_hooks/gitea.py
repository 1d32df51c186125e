"""Gitea's and Forgejo's webhooks: GitHub's form under headers of their own.

https://docs.gitea.com/usage/webhooks (1.24), https://forgejo.org/docs/v12.0/user/webhooks/.
"""

from collections.abc import Mapping
from typing import Any, Final

from mkdocs_gitguard.events.forge_hook import ForgeHook, HookFacts, Subject, hex_signature
from mkdocs_gitguard.events.forge_hooks.github import read_github

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


def _read(name: str, document: Mapping[str, Any]) -> HookFacts:
    return read_github(name, document, _SUBJECTS)


GITEA: Final = ForgeHook(
    source="gitea",
    title="Gitea",
    event_header="x-gitea-event",
    delivery_header="x-gitea-delivery",
    signature_headers=("x-gitea-signature",),
    read=_read,
    signature_of=hex_signature,
)
FORGEJO: Final = ForgeHook(
    source="forgejo",
    title="Forgejo",
    event_header="x-forgejo-event",
    delivery_header="x-forgejo-delivery",
    signature_headers=("x-forgejo-signature", "x-gitea-signature"),
    read=_read,
    signature_of=hex_signature,
)
