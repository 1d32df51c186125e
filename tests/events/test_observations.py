"""What events together show of pull requests, in whatever order and however often they come."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.events import AT, check_run, commit_of, github_event, pull_request, review, shown_pull_request

from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE, FORGE_HOOKS
from mkdocs_gitguard.events.intake import headers_for, take_in
from mkdocs_gitguard.events.observations import MOST_CLOSED, Observations, decoded, encoded, statuses
from mkdocs_gitguard.events.sightings import moment
from mkdocs_gitguard.model import Checks, PullRequestStatus, Review

HOME = "repository:acme/billing"


def observed(*events: Event) -> list[PullRequestStatus]:
    """Return what events show of their one repository."""
    observations = Observations()
    for event in events:
        observations.observe(event)
    observations.prune()
    (repository,) = decoded(encoded(observations)).repositories.values()
    return list(statuses(repository, HOME))


def sent(source: str, name: str, document: object, *, delivery: str = "") -> Event:
    hook = BY_SOURCE[source]
    return take_in(hook, headers_for(hook, name, delivery), json.dumps(document).encode(), at=AT).event


def at(minute: int) -> datetime:
    return datetime(2026, 8, 1, 11, minute, tzinfo=UTC)


def test_a_pull_request_is_as_its_latest_event_says_and_everything_has_its_moment() -> None:
    first = pull_request(7, minute=1, title="Old", labels=["bug"], reviewers=["mira"])
    last = pull_request(7, minute=5, title="New", labels=["urgent", "bug"], draft=True)
    approval = review(7, minute=3, login="kai")
    run, again = check_run(7, minute=4, conclusion="failure"), check_run(7, minute=6)
    (status,) = observed(last, again, first, run, approval)
    assert status == PullRequestStatus(
        id="pull-request:acme/billing/7",
        repository=HOME,
        number=7,
        state="open",
        title="New",
        author="ola",
        is_draft=True,
        source_branch="topic7",
        target_branch="main",
        labels=("bug", "urgent"),
        reviews=(Review(login="kai", verdict="approved", at=at(3)),),
        checks=Checks(passed=1, at=at(6)),
        opened_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
        at=at(6),
    )


EVENTS = st.one_of(
    st.builds(
        pull_request,
        st.integers(1, 2),
        minute=st.integers(0, 3),
        title=st.sampled_from("abc"),
        state=st.sampled_from(["open", "closed"]),
        action=st.sampled_from(["opened", "edited", "closed"]),
        labels=st.lists(st.sampled_from(["bug", "docs"])),
    ),
    st.builds(
        review,
        st.integers(1, 2),
        minute=st.integers(0, 3),
        state=st.sampled_from(["approved", "changes_requested", "commented", "dismissed"]),
    ),
    st.builds(check_run, st.integers(1, 2), minute=st.integers(0, 3), conclusion=st.sampled_from(["success", None])),
)


@given(
    st.lists(EVENTS, min_size=1, max_size=8).flatmap(lambda given: st.tuples(st.just(given), st.permutations(given)))
)
def test_order_and_duplicates_change_nothing(orders) -> None:
    given_order, other_order = orders
    assert observed(*given_order) == observed(*other_order, *given_order)


def test_of_two_events_of_one_second_the_later_delivery_counts_and_a_closing_one_before_all() -> None:
    def labelled(labels: list[str], delivery: str) -> Event:
        document = {"action": "labeled", "pull_request": shown_pull_request(7, labels=labels)}
        return github_event("pull_request", document, delivery=delivery)

    # Version 1 of a UUID holds the time: the second of these is a ten-millionth of a second later.
    earlier = labelled(["bug"], "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    later = labelled(["bug", "docs"], "72d3162f-cc78-11e3-81ab-4c9367dc0958")
    assert observed(later, earlier)[0].labels == ("bug", "docs")
    closing = pull_request(7, state="closed", action="closed")
    assert observed(closing, later, earlier)[0].state == "closed"


def test_a_comment_takes_no_approval_back_and_a_dismissal_does() -> None:
    approval, comment = review(7, minute=1), review(7, minute=5, state="commented")
    (status,) = observed(pull_request(7), comment, approval)
    assert [one.verdict for one in status.reviews] == ["approved"]
    assert status.review_state == "approved"
    dismissed = {
        "action": "dismissed",
        "review": {"user": {"login": "mira"}, "state": "dismissed", "submitted_at": "2026-08-01T11:01:00Z"},
        "pull_request": shown_pull_request(7, minute=2),
    }
    (status,) = observed(pull_request(7), github_event("pull_request_review", dismissed), approval)
    assert [one.verdict for one in status.reviews] == ["dismissed"]


def test_a_suite_counts_only_where_no_single_check_is_known() -> None:
    shown = {"head_sha": commit_of(7), "status": "completed", "conclusion": "failure", "app": {"slug": "ci"}}
    suite = github_event("check_suite", {"check_suite": {**shown, "updated_at": "2026-08-01T11:09:00Z"}})
    assert observed(pull_request(7), suite)[0].checks == Checks(failed=1, at=at(9))
    assert observed(pull_request(7), suite, check_run(7, minute=3))[0].checks == Checks(passed=1, at=at(3))


def test_a_renamed_repository_is_one_and_a_deleted_one_has_nothing_open() -> None:
    renamed = {
        "action": "renamed",
        "changes": {"repository": {"name": {"from": "billing"}}},
        "repository": {"id": sum(map(ord, "acme/billing")), "full_name": "acme/invoices"}
        | {"html_url": "https://github.com/acme/invoices"},
    }
    events = [pull_request(7), sent("github", "repository", renamed)]
    for order in (events, events[::-1]):
        observations = Observations()
        for event in order:
            observations.observe(event)
        (repository,) = observations.repositories.values()
        assert repository.repository().name == "acme/invoices"
        assert repository.repository().former_names == ("acme/billing",)
    deleted = github_event("repository", {"action": "deleted"})
    assert observed(deleted, pull_request(7)) == []


def test_a_project_that_gitlab_has_deleted_is_known_by_its_server_and_number() -> None:
    shown = {"iid": 7, "title": "Add", "state": "opened", "updated_at": "2026-08-01T11:01:00Z"}
    project = {"id": 5, "path_with_namespace": "acme/billing", "web_url": "https://gitlab.example/acme/billing"}
    hook = BY_SOURCE["gitlab"]
    instance = {"x-gitlab-instance": "https://gitlab.example"}
    opened = {"object_kind": "merge_request", "project": project, "object_attributes": shown}
    gone = {"event_name": "project_destroy", "path_with_namespace": "acme/billing", "project_id": 5}
    events = [
        take_in(hook, headers_for(hook, name) | instance, json.dumps(document).encode(), at=AT).event
        for name, document in (("Merge Request Hook", opened), ("System Hook", gone))
    ]
    assert len(observed(events[0])) == 1
    assert observed(*events) == []


def test_an_address_that_is_none_costs_nothing() -> None:
    around = {"id": 1, "full_name": "acme/billing", "html_url": "https://[x/acme/billing"}
    document = {"repository": around, "pull_request": shown_pull_request(7)}
    assert len(observed(github_event("pull_request", document))) == 1


def test_what_is_old_or_too_much_is_forgotten() -> None:
    old, new = check_run(7), pull_request(8, minute=1)
    assert observed(pull_request(7), old, new)[1].checks is not None
    document = {"action": "edited", "pull_request": shown_pull_request(9) | {"updated_at": "2026-11-01T11:00:00Z"}}
    assert observed(pull_request(7), old, github_event("pull_request", document))[1].checks is None
    closed = [pull_request(number, state="closed", action="closed") for number in range(1, MOST_CLOSED + 3)]
    left = [status.number for status in observed(*closed, pull_request(1, minute=5))]
    assert left == [*range(MOST_CLOSED + 2, 2, -1), 1]


def test_gitlab() -> None:
    project = {"id": 5, "path_with_namespace": "acme/billing", "web_url": "https://gitlab.example/acme/billing"}
    shown = {
        "iid": 7,
        "author_id": 3,
        "title": "Draft: Add",
        "state": "opened",
        "draft": True,
        "source_branch": "topic",
        "target_branch": "main",
        "last_commit": {"id": "a" * 40},
        "created_at": "2026-08-01 11:00:00 UTC",
        "updated_at": "2026-08-01T11:01:00Z",
    }
    around = {"object_kind": "merge_request", "project": project, "labels": [{"title": "bug"}]}
    opened = around | {
        "user": {"id": 3, "username": "ola"},
        "object_attributes": shown | {"action": "open"},
        "reviewers": [{"username": "mira"}],
    }
    approved = around | {
        "user": {"id": 4, "username": "mira"},
        "object_attributes": shown | {"action": "approved", "updated_at": "2026-08-01T11:02:00Z", "draft": False},
    }
    pipeline = {
        "object_kind": "pipeline",
        "project": project,
        "object_attributes": {"sha": "a" * 40, "status": "failed", "finished_at": "2026-08-01 11:03:00 UTC"},
    }
    (status,) = observed(
        sent("gitlab", "Merge Request Hook", approved),
        sent("gitlab", "Pipeline Hook", pipeline),
        sent("gitlab", "Merge Request Hook", opened),
    )
    assert (status.author, status.is_draft, status.labels, status.reviewers) == ("ola", False, ("bug",), ())
    assert status.reviews == (Review(login="mira", verdict="approved", at=at(2)),)
    assert status.checks == Checks(failed=1, at=at(3))
    assert (status.opened_at, status.source_branch) == (at(0), "topic")
    merged = around | {"object_attributes": shown | {"action": "merge", "state": "merged"}}
    assert observed(sent("gitlab", "Merge Request Hook", merged))[0].state == "merged"


@pytest.mark.parametrize("source", ["gitea", "forgejo"])
def test_gitea_and_forgejo(source: str) -> None:
    repository = {"id": 5, "full_name": "acme/billing", "html_url": "https://code.example/acme/billing"}
    shown = shown_pull_request(7, minute=2, labels=["bug"])
    approved = {
        "action": "reviewed",
        "repository": repository,
        "sender": {"login": "mira"},
        "pull_request": shown,
        "review": {"type": "pull_request_review_approved"},
    }
    status_of_commit = {
        "id": 1,
        "repository": repository,
        "sha": commit_of(7),
        "context": "tests",
        "state": "failure",
        "updated_at": "2026-08-01T13:03:00+02:00",
    }
    (status,) = observed(sent(source, "pull_request_approved", approved), sent(source, "status", status_of_commit))
    assert status.reviews == (Review(login="mira", verdict="approved", at=at(2)),)
    assert status.checks == Checks(failed=1, at=at(3))
    assert (status.labels, status.author) == (("bug",), "ola")


def test_bitbucket_of_the_cloud() -> None:
    repository = {"uuid": "{a}", "full_name": "acme/billing", "links": {"html": {"href": "https://bitbucket.org/a/b"}}}
    mira = {"nickname": "mira"}
    shown = {
        "id": 7,
        "title": "Add",
        "state": "OPEN",
        "draft": False,
        "author": {"nickname": "ola"},
        "reviewers": [mira],
        "participants": [{"user": mira, "state": "approved", "participated_on": "2026-08-01T11:02:00Z"}],
        "source": {"branch": {"name": "topic"}, "commit": {"hash": "a" * 12}},
        "destination": {"branch": {"name": "main"}},
        "created_on": "2026-08-01T11:00:00Z",
        "updated_on": "2026-08-01T11:02:00Z",
    }
    build = {"key": "tests", "state": "INPROGRESS", "updated_on": "2026-08-01T11:03:00Z"}
    build["links"] = {"commit": {"href": f"https://api.bitbucket.org/2.0/repositories/a/b/commit/{'a' * 40}"}}
    approved = sent("bitbucket", "pullrequest:approved", {"repository": repository, "pullrequest": shown})
    built = sent("bitbucket", "repo:commit_status_created", {"repository": repository, "commit_status": build})
    (status,) = observed(built, approved)
    assert (status.author, status.reviewers, status.source_branch) == ("ola", ("mira",), "topic")
    assert status.reviews == (Review(login="mira", verdict="approved", at=at(2)),)
    assert status.checks == Checks(pending=1, at=at(3))
    taken_back = {
        "repository": repository,
        "pullrequest": shown | {"participants": [{"user": mira, "state": None}]},
        "approval": {"user": mira, "date": "2026-08-01T11:04:00Z"},
    }
    (status,) = observed(approved, sent("bitbucket", "pullrequest:unapproved", taken_back))
    assert [one.verdict for one in status.reviews] == ["dismissed"]
    declined = {"repository": repository, "pullrequest": shown | {"state": "DECLINED"}}
    assert observed(sent("bitbucket", "pullrequest:rejected", declined))[0].state == "closed"


def test_bitbucket_of_ones_own() -> None:
    mira = {"user": {"name": "mira"}}
    shown = {
        "id": 7,
        "title": "Add",
        "state": "OPEN",
        "author": {"user": {"name": "ola"}},
        "reviewers": [mira],
        "fromRef": {"displayId": "topic", "latestCommit": "a" * 40},
        "toRef": {"displayId": "main", "repository": {"id": 3, "slug": "billing", "project": {"key": "acme"}}},
        "createdDate": int(at(0).timestamp() * 1000),
        "updatedDate": int(at(1).timestamp() * 1000),
    }
    document = {
        "date": "2026-08-01T11:02:00+0000",
        "pullRequest": shown,
        "participant": mira | {"status": "NEEDS_WORK"},
    }
    (status,) = observed(sent("bitbucket", "pr:reviewer:needs_work", document))
    assert (status.author, status.reviewers, status.opened_at) == ("ola", ("mira",), at(0))
    assert status.reviews == (Review(login="mira", verdict="changes-requested", at=at(2)),)
    assert status.review_state == "changes-requested"


FIELDS = (
    *("pull_request", "number", "state", "user", "login", "object_attributes", "iid", "labels", "review", "reviewers"),
    *("check_run", "head_sha", "updated_at", "object_kind", "pullrequest", "id", "participants", "status", "head"),
    *("pullRequest", "date", "commit_status", "links", "repository", "project"),
)


@given(
    st.sampled_from([hook.source for hook in FORGE_HOOKS]),
    st.sampled_from(
        ["pull_request", "Merge Request Hook", "pullrequest:approved", "repository", "status", "check_run"]
    ),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(FIELDS),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    ),
)
def test_whatever_an_event_holds_it_is_read_or_shows_nothing(source: str, name: str, document) -> None:
    given_document = document if isinstance(document, dict) else {"pull_request": document}
    BY_SOURCE[source].see(name, given_document)
    observations = Observations()
    observations.observe(sent(source, name, given_document))
    observations.prune()
    for repository in observations.repositories.values():
        list(statuses(repository, HOME))


@pytest.mark.parametrize("value", ["", "soon", 0, -5, True, 1 << 80, "9999-12-31T23:59:59-23:00", None, ["2026"]])
def test_what_is_no_moment_is_none(value: object) -> None:
    assert moment(value) is None


def test_an_event_without_a_moment_counts_from_when_it_was_taken_on() -> None:
    document = {"action": "edited", "pull_request": shown_pull_request(7) | {"updated_at": "yesterday"}}
    (status,) = observed(github_event("pull_request", document))
    assert status.at == AT
    assert status.at - at(0) == timedelta(hours=1)
