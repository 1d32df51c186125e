"""What Acme's forge has sent: the pull requests that are open, who reviews them, and how their checks went.

The form is GitHub's: https://docs.github.com/en/webhooks/webhook-events-and-payloads (2026-08).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.demo.history import DAY
from mkdocs_gitguard.demo.stories import Story


class Webhook(NamedTuple):
    """One webhook: its name, as `pull_request`, and its content."""

    name: str
    document: Mapping[str, Any]


class _Open(NamedTuple):
    repository: str
    title: str
    author: str
    days: float
    """Since it was opened."""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    approved_by: str = ""
    refused_by: str = ""
    conclusion: str = ""
    is_draft: bool = False


_OPEN: Final = (
    _Open(
        "payments-api", "Retry a refund only once", "inessilva", 2.2, ("bug",), ("tomasnovak",), conclusion="success"
    ),
    _Open(
        "payments-api",
        "Keep card tokens in the vault",
        "aikotanaka",
        9.5,
        ("security",),
        ("kemiadeyemi",),
        ("security",),
        refused_by="larslind",
        conclusion="failure",
    ),
    _Open("checkout-web", "Say why a card was refused", "elifdemir", 0.3, teams=("web",), is_draft=True),
    _Open(
        "guardrails",
        "Ask for a second code owner above 500 lines",
        "larslind",
        4.1,
        ("policy",),
        approved_by="kemiadeyemi",
        conclusion="success",
    ),
    _Open("infrastructure", "Move dns to its own account", "olanord", 31.0, reviewers=("mirahansen",)),
)
_FIRST: Final = 9
"""What is added to the last number that was merged, so that `happen` has numbers of its own for a while."""


def webhooks(stories: list[Story], *, end: int) -> Iterator[Webhook]:
    """Yield what was sent about the repositories that there are, the oldest of each pull request first.

    Args:
        stories: the repositories.
        end: Unix seconds after which nothing was sent.
    """
    merged = {story.name: story.pull_requests for story in stories}
    for place, one in enumerate(_OPEN):
        if one.repository in merged:
            yield from _sent(one, merged[one.repository] + _FIRST + place, end - int(one.days * DAY), end)


def _sent(one: _Open, number: int, opened: int, end: int) -> Iterator[Webhook]:
    commit = sha1(one.title.encode(), usedforsecurity=False).hexdigest()
    repository = {
        "id": 1 + sum(one.repository.encode()),
        "full_name": f"acme/{one.repository}",
        "owner": {"login": "acme"},
        "html_url": f"https://github.com/acme/{one.repository}",
        "clone_url": f"https://github.com/acme/{one.repository}.git",
    }
    organization = {"login": "acme"}
    pull_request = {
        "number": number,
        "title": one.title,
        "state": "open",
        "draft": one.is_draft,
        "user": {"login": one.author},
        "created_at": _at(opened),
        "updated_at": _at(opened),
        "head": {"ref": f"{one.author}/{one.title.lower().replace(' ', '-')}", "sha": commit},
        "base": {"ref": "main"},
        "labels": [{"name": name} for name in one.labels],
        "requested_reviewers": [{"login": login} for login in one.reviewers],
        "requested_teams": [{"slug": slug} for slug in one.teams],
    }
    shared = {"repository": repository, "organization": organization}
    yield Webhook("pull_request", {"action": "opened", "number": number, "pull_request": pull_request, **shared})
    middle = opened + (end - opened) // 2
    for login, state in ((one.approved_by, "approved"), (one.refused_by, "changes_requested")):
        if login:
            review = {"state": state, "submitted_at": _at(middle), "user": {"login": login}}
            yield Webhook(
                "pull_request_review",
                {"action": "submitted", "review": review, "pull_request": pull_request, **shared},
            )
    if one.conclusion:
        run = {
            "name": "ci",
            "status": "completed",
            "conclusion": one.conclusion,
            "head_sha": commit,
            "completed_at": _at(opened + 900),
            "app": {"slug": "github-actions"},
        }
        yield Webhook("check_run", {"action": "completed", "check_run": run, **shared})


def _at(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
