"""Bitbucket's webhooks, those of the cloud and those of servers of one's own.

https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ (2026-08),
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html (9.4).
"""

from collections.abc import Iterator, Mapping
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
_STATES: Final[Mapping[str, PullRequestState]] = {"MERGED": "merged", "DECLINED": "closed", "SUPERSEDED": "closed"}
_STEPS: Final[Mapping[str, int]] = {
    "created": 0,
    "opened": 0,
    "fulfilled": 2,
    "merged": 2,
    "rejected": 2,
    "declined": 2,
    "deleted": 2,
}
"""See `SeenPullRequest.step`."""
_VERDICTS: Final[Mapping[str, Verdict]] = {
    "approved": "approved",
    "APPROVED": "approved",
    "changes_requested": "changes-requested",
    "NEEDS_WORK": "changes-requested",
}
_OUTCOMES: Final[Mapping[str, CheckOutcome]] = {"SUCCESSFUL": "passed", "FAILED": "failed", "STOPPED": "failed"}


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


def _see(name: str, document: Mapping[str, Any]) -> Sightings:
    action = name.partition(":")[2]
    cloud, server = mapping(document.get("pullrequest")), mapping(document.get("pullRequest"))
    repository = _shown(document, server)
    status = mapping(document.get("commit_status"))
    reviews: Iterator[SeenReview] = iter(())
    seen: SeenPullRequest | None = None
    if cloud:
        seen, reviews = _on_cloud(cloud, action), _reviews_on_cloud(cloud, document)
    elif server:
        seen, reviews = _on_server(server, document, action), _reviews_on_server(server, document)
    return Sightings(
        repository_key=key_of(repository.get("uuid")) or key_of(repository.get("id")),
        pull_request=seen,
        reviews=tuple(reviews),
        checks=(_check(status),) if status else (),
        is_deleted=name == "repo:deleted",
    )


def _on_cloud(shown: Mapping[str, Any], action: str) -> SeenPullRequest | None:
    number = whole(shown.get("id"))
    if not number:
        return None
    source, destination = mapping(shown.get("source")), mapping(shown.get("destination"))
    return SeenPullRequest(
        number=number,
        at=moment(shown.get("updated_on")),
        step=_STEPS.get(action, 1),
        state=_STATES.get(text(shown.get("state")), "open"),
        title=line(shown.get("title")),
        author=text(mapping(shown.get("author")).get("nickname")),
        is_draft=shown.get("draft") is True,
        source_branch=text(mapping(source.get("branch")).get("name")),
        target_branch=text(mapping(destination.get("branch")).get("name")),
        commit=short(mapping(source.get("commit")).get("hash")),
        reviewers=names(reviewer.get("nickname") for reviewer in objects(shown.get("reviewers"))),
        opened_at=moment(shown.get("created_on")),
    )


def _reviews_on_cloud(shown: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[SeenReview]:
    number = whole(shown.get("id"))
    for participant in objects(shown.get("participants")):
        login = text(mapping(participant.get("user")).get("nickname"))
        if login and (verdict := _VERDICTS.get(text(participant.get("state")))):
            yield SeenReview(number=number, login=login, verdict=verdict, at=moment(participant.get("participated_on")))
    standing = {
        (text(mapping(participant.get("user")).get("nickname")), text(participant.get("state")))
        for participant in objects(shown.get("participants"))
    }
    for field, state in (("approval", "approved"), ("changes_request", "changes_requested")):
        statement = mapping(document.get(field))
        login = text(mapping(statement.get("user")).get("nickname"))
        if login and (login, state) not in standing:
            # The same field tells that it was given and that it was taken back.
            yield SeenReview(number=number, login=login, verdict="dismissed", at=moment(statement.get("date")))


def _on_server(shown: Mapping[str, Any], document: Mapping[str, Any], action: str) -> SeenPullRequest | None:
    number = whole(shown.get("id"))
    if not number:
        return None
    source, target = mapping(shown.get("fromRef")), mapping(shown.get("toRef"))
    users = [mapping(reviewer.get("user")).get("name") for reviewer in objects(shown.get("reviewers"))]
    is_deleted = action == "deleted"
    return SeenPullRequest(
        number=number,
        at=moment(document.get("date")) or moment(shown.get("updatedDate")),
        step=_STEPS.get(action, 1),
        state="closed" if is_deleted else _STATES.get(text(shown.get("state")), "open"),
        title=line(shown.get("title")),
        author=text(mapping(mapping(shown.get("author")).get("user")).get("name")),
        is_draft=shown.get("draft") is True,
        source_branch=text(source.get("displayId")),
        target_branch=text(target.get("displayId")),
        commit=short(source.get("latestCommit")),
        reviewers=names(users),
        opened_at=moment(shown.get("createdDate")),
    )


def _reviews_on_server(shown: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[SeenReview]:
    """Yield what the one who acts says: of the others the event has no moment."""
    participant = mapping(document.get("participant"))
    login = text(mapping(participant.get("user")).get("name"))
    if login and "status" in participant:
        verdict = _VERDICTS.get(text(participant.get("status")), "dismissed")
        yield SeenReview(number=whole(shown.get("id")), login=login, verdict=verdict, at=moment(document.get("date")))


def _check(status: Mapping[str, Any]) -> SeenCheck:
    href = text(mapping(mapping(status.get("links")).get("commit")).get("href"))
    commit = text(mapping(status.get("commit")).get("hash")) or href.rpartition("/")[2]
    return SeenCheck(
        commit=short(commit),
        name=text(status.get("key")) or text(status.get("name")),
        outcome=_OUTCOMES.get(text(status.get("state")), "pending"),
        at=moment(status.get("updated_on")),
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


def _shown(document: Mapping[str, Any], pull_request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the repository that a sender shows; of one that was renamed on a server as it is now."""
    shown = document.get("repository") or document.get("new") or mapping(pull_request.get("toRef")).get("repository")
    return mapping(shown)


def _repository(document: Mapping[str, Any], pull_request: Mapping[str, Any]) -> EventRepository:
    repository = _shown(document, pull_request)
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
    see=_see,
)
