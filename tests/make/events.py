"""Events for the tests of whatever takes them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE
from mkdocs_gitguard.events.intake import headers_for, take_in

AT = datetime(2026, 8, 1, 12, tzinfo=UTC)


def made_event(number: int, *, repository: str = "acme/billing", at: datetime | None = None, **fields) -> Event:
    """Return a push like no other of another number."""
    given = {
        "source": "github",
        "name": "push",
        "body": json.dumps({"number": number, "repository": {"full_name": repository}}).encode(),
        "accepted_at": at or datetime.now(UTC),
        "delivery": f"delivery-{number}",
        "repository": EventRepository(name=repository),
    }
    return Event(**given | fields)


def github_event(name: str, document: dict, *, repository: str = "acme/billing", delivery: str = "") -> Event:
    """Return an event as GitHub sends it."""
    owner, _, _ = repository.partition("/")
    about = {
        "id": sum(map(ord, repository)),
        "full_name": repository,
        "html_url": f"https://github.com/{repository}",
        "owner": {"login": owner},
    }
    hook = BY_SOURCE["github"]
    body = json.dumps({"repository": about, **document}).encode()
    return take_in(hook, headers_for(hook, name, delivery), body, at=AT).event


def pull_request(
    number: int,
    *,
    minute: int = 0,
    repository: str = "acme/billing",
    title: str = "Add something",
    state: str = "open",
    draft: bool = False,
    labels: Sequence[str] = (),
    reviewers: Sequence[str] = (),
    action: str = "edited",
) -> Event:
    """Return an event about a pull request, last changed at a minute of an hour."""
    return github_event(
        "pull_request",
        {
            "action": action,
            "pull_request": shown_pull_request(
                number, minute=minute, title=title, state=state, draft=draft, labels=labels, reviewers=reviewers
            ),
        },
        repository=repository,
    )


def shown_pull_request(number: int, *, minute: int = 0, **fields) -> dict:
    """Return a pull request as an event of GitHub shows it."""
    return {
        "number": number,
        "state": fields.get("state", "open"),
        "title": fields.get("title", "Add something"),
        "draft": fields.get("draft", False),
        "user": {"login": "ola"},
        "labels": [{"name": label} for label in fields.get("labels", ())],
        "requested_reviewers": [{"login": login} for login in fields.get("reviewers", ())],
        "requested_teams": [{"slug": slug} for slug in fields.get("teams", ())],
        "head": {"ref": f"topic{number}", "sha": commit_of(number)},
        "base": {"ref": "main"},
        "created_at": "2026-07-01T12:00:00Z",
        "updated_at": f"2026-08-01T11:{minute:02}:00Z",
        "merged_at": None,
    }


def review(
    number: int, *, minute: int = 0, repository: str = "acme/billing", state: str = "approved", login: str = "mira"
) -> Event:
    """Return an event about a review."""
    given = {"user": {"login": login}, "state": state, "submitted_at": f"2026-08-01T11:{minute:02}:00Z"}
    document = {"action": "submitted", "review": given, "pull_request": {"number": number}}
    return github_event("pull_request_review", document, repository=repository)


def check_run(
    number: int,
    *,
    minute: int = 0,
    repository: str = "acme/billing",
    conclusion: str | None = "success",
    name: str = "tests",
) -> Event:
    """Return an event about a check of the last commit of a pull request."""
    run = {
        "name": name,
        "head_sha": commit_of(number),
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "completed_at": f"2026-08-01T11:{minute:02}:00Z",
        "app": {"slug": "ci"},
    }
    return github_event("check_run", {"action": "completed", "check_run": run}, repository=repository)


def commit_of(number: int) -> str:
    """Return the last commit of a pull request."""
    return f"{number:040x}"[::-1]
