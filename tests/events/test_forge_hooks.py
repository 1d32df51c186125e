"""Events as each forge sends them: whose they are, whether they are signed, where they say to look."""

import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.events.event import EventRepository, body_key, delivery_key, envelope_of, event_from
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE, FORGE_HOOKS
from mkdocs_gitguard.events.intake import facts_of, guess_sender, headers_for, hook_of, take_in

AT = datetime(2026, 8, 1, tzinfo=UTC)
GITHUB = {
    "full_name": "acme/billing",
    "html_url": "https://github.com/acme/billing",
    "clone_url": "https://github.com/acme/billing.git",
    "ssh_url": "git@github.com:acme/billing.git",
}
GITHUB_REPOSITORY = EventRepository(
    name="acme/billing",
    urls=("https://github.com/acme/billing", "https://github.com/acme/billing.git", "git@github.com:acme/billing.git"),
)
ON_GITEA = GITHUB | {"original_url": ""}
GITLAB = {
    "path_with_namespace": "acme/platform/billing",
    "web_url": "https://gitlab.example/acme/platform/billing",
    "git_http_url": "https://me:hush@gitlab.example/acme/platform/billing.git",
}
BITBUCKET = {"full_name": "acme/billing", "links": {"html": {"href": "https://bitbucket.org/acme/billing"}}}


def _taken(source: str, name: str, document: object, **headers: str):
    hook = BY_SOURCE[source]
    return take_in(hook, headers_for(hook, name) | headers, json.dumps(document).encode(), at=AT)


@pytest.mark.parametrize(
    ("name", "document", "facts"),
    [
        (
            "push",
            {"ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40},
            {"subject": "push", "after": "b" * 40},
        ),
        ("pull_request", {"action": "opened", "pull_request": {"number": 7}}, {"subject": "pull-request", "number": 7}),
        ("pull_request_target", {"number": 7}, {"subject": "pull-request", "number": 7}),
        ("pull_request_review", {"pull_request": {"number": 7}}, {"subject": "review", "number": 7}),
        ("release", {"release": {"tag_name": "v1"}}, {"subject": "release", "ref": "v1"}),
        ("check_run", {"check_run": {"head_sha": "c" * 40}}, {"subject": "checks", "after": "c" * 40}),
        ("check_suite", {"check_suite": {"head_sha": "c" * 40}}, {"subject": "checks", "after": "c" * 40}),
        ("create", {"ref": "topic", "ref_type": "branch"}, {"subject": "ref", "ref": "topic"}),
        ("delete", {"ref": "topic", "ref_type": "branch"}, {"subject": "ref", "ref": "topic"}),
        ("repository", {"action": "archived"}, {"subject": "repository", "action": "archived"}),
        ("ping", {"zen": "Keep it logically awesome."}, {"subject": "ping"}),
        ("star", {"action": "created"}, {"subject": "other"}),
    ],
)
def test_github(name, document, facts) -> None:
    event, read = _taken("github", name, {"repository": GITHUB, **document}, **{"x-github-delivery": "d-1"})
    assert {key: getattr(read, key) for key in facts} == facts
    assert event.repository == GITHUB_REPOSITORY
    assert (event.name, event.delivery) == (name, "d-1")


def test_a_renamed_and_a_moved_repository_are_known_by_their_former_names() -> None:
    renamed = {"action": "renamed", "repository": GITHUB, "changes": {"repository": {"name": {"from": "invoices"}}}}
    assert _taken("github", "repository", renamed).event.repository.former_names == ("acme/invoices",)
    moved = {"repository": GITHUB, "changes": {"owner": {"from": {"organization": {"login": "old"}}}}}
    assert _taken("github", "repository", moved).event.repository.former_names == ("old/billing",)
    moved = {
        "event_name": "project_transfer",
        "path_with_namespace": "new/billing",
        "old_path_with_namespace": "old/billing",
    }
    taken = _taken("gitlab", "System Hook", moved)
    assert (taken.event.repository.name, taken.event.repository.former_names) == ("new/billing", ("old/billing",))
    assert taken.facts.subject == "repository"
    changed = {"repository": BITBUCKET, "changes": {"full_name": {"old": "acme/invoices", "new": "acme/billing"}}}
    assert _taken("bitbucket", "repo:updated", changed).event.repository.former_names == ("acme/invoices",)


@pytest.mark.parametrize(
    ("name", "document", "facts"),
    [
        ("Push Hook", {"object_kind": "push", "ref": "refs/heads/main"}, {"subject": "push", "ref": "refs/heads/main"}),
        ("Tag Push Hook", {"object_kind": "tag_push", "ref": "refs/tags/v1"}, {"subject": "push"}),
        (
            "Merge Request Hook",
            {"object_kind": "merge_request", "object_attributes": {"iid": 7, "action": "merge"}},
            {"subject": "pull-request", "number": 7, "action": "merge"},
        ),
        (
            "Merge Request Hook",
            {"object_kind": "merge_request", "object_attributes": {"iid": 7, "action": "approved"}},
            {"subject": "review", "number": 7},
        ),
        (
            "Pipeline Hook",
            {"object_kind": "pipeline", "object_attributes": {"id": 9}},
            {"subject": "checks", "number": 0},
        ),
        ("Note Hook", {"object_kind": "note"}, {"subject": "other"}),
        ("System Hook", {"object_kind": "push"}, {"subject": "push"}),
    ],
)
def test_gitlab(name, document, facts) -> None:
    event, read = _taken("gitlab", name, {"project": GITLAB, **document}, **{"idempotency-key": "k-1"})
    assert {key: getattr(read, key) for key in facts} == facts
    assert event.repository.name == "acme/platform/billing"
    assert event.delivery == "k-1"
    assert not any("hush" in url for url in event.repository.urls)


@pytest.mark.parametrize("source", ["gitea", "forgejo"])
def test_gitea_and_forgejo_are_told_from_github_whose_headers_they_send(source) -> None:
    headers = {
        f"x-{source}-event": "pull_request_approved",
        "x-gitea-event": "pull_request",
        "x-github-event": "pull_request",
    }
    if source == "gitea":
        headers["x-gitea-event"] = "pull_request_approved"
    hook = hook_of(headers)
    assert hook.source == source
    body = json.dumps({"repository": GITHUB, "pull_request": {"number": 3}}).encode()
    assert take_in(hook, headers, body, at=AT).facts.subject == "review"


@pytest.mark.parametrize(
    ("name", "document", "facts"),
    [
        (
            "repo:push",
            {
                "push": {
                    "changes": [{"new": {"name": "main", "target": {"hash": "b"}}, "old": {"target": {"hash": "a"}}}]
                }
            },
            {"subject": "push", "ref": "main", "before": "a", "after": "b"},
        ),
        ("repo:push", {"push": {"changes": []}}, {"subject": "push"}),
        ("pullrequest:fulfilled", {"pullrequest": {"id": 5}}, {"subject": "pull-request", "number": 5}),
        ("pullrequest:approved", {"pullrequest": {"id": 5}}, {"subject": "review", "number": 5}),
        ("pullrequest:comment_created", {"pullrequest": {"id": 5}}, {"subject": "other"}),
        ("repo:commit_status_updated", {}, {"subject": "checks"}),
    ],
)
def test_bitbucket(name, document, facts) -> None:
    event, read = _taken("bitbucket", name, {"repository": BITBUCKET, **document})
    assert {key: getattr(read, key) for key in facts} == facts
    assert event.repository == EventRepository(name="acme/billing", urls=("https://bitbucket.org/acme/billing",))


def test_bitbucket_on_a_server_of_ones_own() -> None:
    repository = {
        "slug": "billing",
        "project": {"key": "ACME"},
        "links": {"clone": [{"href": "ssh://git@b.example/acme/billing.git"}]},
    }
    changes = [{"refId": "refs/heads/main", "fromHash": "a", "toHash": "b"}]
    event, facts = _taken("bitbucket", "repo:refs_changed", {"repository": repository, "changes": changes})
    assert event.repository == EventRepository(name="ACME/billing", urls=("ssh://b.example/acme/billing.git",))
    assert (facts.subject, facts.ref, facts.after) == ("push", "refs/heads/main", "b")
    pull_request = {"id": 4, "toRef": {"displayId": "main", "repository": repository}}
    event, facts = _taken("bitbucket", "pr:reviewer:approved", {"pullRequest": pull_request})
    assert (event.repository.name, facts.subject, facts.number) == ("ACME/billing", "review", 4)
    renamed = {"old": {**repository, "slug": "invoices"}, "new": repository}
    event, facts = _taken("bitbucket", "repo:modified", renamed)
    assert event.repository == EventRepository(
        name="ACME/billing", urls=("ssh://b.example/acme/billing.git",), former_names=("ACME/invoices",)
    )
    assert _taken("bitbucket", "diagnostics:ping", {"test": True}).facts.subject == "ping"


@pytest.mark.parametrize("is_cloud_event", [False, True])
def test_a_policy_decision(is_cloud_event) -> None:
    decision = {"event": "policy.decision", "id": "d-9", "outcome": "deny", "subject": {"repository": "acme/billing"}}
    headers = {"x-gitguard-event": "policy.decision"}
    if is_cloud_event:
        decision = {"specversion": "1.0", "type": "policy.decision", "id": "d-9", "data": decision | {"event": ""}}
        headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    hook = hook_of(headers)
    event, facts = take_in(hook, headers, json.dumps(decision).encode(), at=AT)
    assert (event.source, event.name, event.delivery) == ("gitguard", "policy.decision", "d-9")
    assert (facts.subject, facts.action, facts.repository.name) == ("decision", "deny", "acme/billing")


def test_a_decision_may_name_a_repository_by_its_address() -> None:
    subject = {"repository": "https://github.com/acme/billing.git"}
    taken = _taken("gitguard", "policy.decision", {"event": "policy.decision", "subject": subject})
    assert taken.event.repository == EventRepository(name="acme/billing", urls=("https://github.com/acme/billing.git",))


def test_githubs_form_encoding() -> None:
    body = b"payload=" + quote(json.dumps({"repository": GITHUB, "ref": "refs/heads/ü & =", "after": "b"})).encode()
    headers = {"x-github-event": "push", "content-type": "application/x-www-form-urlencoded"}
    event, facts = take_in(BY_SOURCE["github"], headers, body, at=AT)
    assert facts.ref == "refs/heads/ü & ="
    assert event.body == body
    assert facts_of(event) == facts


def _signature(source: str, secret: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"gitlab": secret, "gitea": digest, "forgejo": digest}.get(source, f"sha256={digest}")


@pytest.mark.parametrize("hook", FORGE_HOOKS, ids=lambda hook: hook.source)
def test_signatures(hook) -> None:
    body = b'{"a": 1}'
    right = {hook.signature_headers[0]: _signature(hook.source, "sécret", body)}
    assert hook.is_signed(right, body, ["old", "sécret"])
    assert not hook.is_signed(right, body, ["other"])
    assert not hook.is_signed(right, body, [])
    assert not hook.is_signed(right, body, [""])
    assert not hook.is_signed({}, body, ["sécret"])
    assert not hook.is_signed({hook.signature_headers[0]: ""}, body, ["sécret"])
    assert not hook.is_signed({hook.signature_headers[0]: "ÿ\udcff"}, body, ["sécret"])
    if hook.source != "gitlab":
        assert not hook.is_signed(right, body + b" ", ["sécret"])


def test_githubs_own_example_of_a_signature() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries, "Testing the webhook payload".
    headers = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    assert BY_SOURCE["github"].is_signed(headers, b"Hello, World!", ["It's a Secret to Everybody"])


def test_no_secret_of_a_header_is_kept() -> None:
    headers = {
        "x-gitlab-token": "hush",
        "x-hub-signature-256": "sha256=hush",
        "authorization": "hush",
        "cookie": "hush",
    }
    event = _taken("gitlab", "Push Hook", {"project": GITLAB}, **headers).event
    assert "hush" not in repr((event.headers, event.repository, event.delivery, event.name))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'"x"', b"{", b'{"a": "\xff"}', b"[" * 100_000, b'{"a":' * 100_000, b"\x00", b"{} {}"]
)
@pytest.mark.parametrize("hook", FORGE_HOOKS, ids=lambda hook: hook.source)
def test_what_is_not_a_json_object_is_refused(hook, body) -> None:
    with pytest.raises(ParseError, match="The body is not"):
        take_in(hook, headers_for(hook, "push"), body, at=AT)


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ParseError, match="x-github-delivery has 301 characters"):
        _taken("github", "push", {}, **{"x-github-delivery": "d" * 301})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["repository", "project", "full_name", "changes", "owner", "from", "name", "pull_request", "number", "push",
             "new", "target", "links", "clone", "href", "html", "object_attributes", "iid", "action", "ref", "event",
             "data", "subject", "type", "specversion", "toRef", "pullRequest", "pullrequest", "old", "key", "slug"]
        )
        | st.text(max_size=5),
        inner,
        max_size=6,
    ),
    max_leaves=40,
)  # fmt: skip


@given(document=st.dictionaries(st.sampled_from(["repository", "project", "changes", "push", "pull_request", "subject",
                                                 "event", "pullRequest", "pullrequest", "object_attributes", "links",
                                                 "data", "check_run", "release", "old"]), JSON, max_size=6),
       hook=st.sampled_from(FORGE_HOOKS), name=st.text(max_size=30), delivery=st.text(max_size=30))  # fmt: skip
def test_whatever_is_sent_is_read_and_kept_as_it_came(document, hook, name, delivery) -> None:
    body = json.dumps(document).encode()
    event, facts = take_in(hook, headers_for(hook, name, delivery), body, at=AT)
    assert event.body == body
    assert facts_of(event) == facts
    envelope = envelope_of(event)
    assert envelope.isascii()
    assert b"\n" not in envelope
    assert event_from(envelope, body) == event
    assert len(body_key(event)) == 32
    assert bool(delivery_key(event)) == bool(event.delivery)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body) -> None:
    for hook in FORGE_HOOKS:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            with suppress(ParseError):
                take_in(hook, headers_for(hook, "push") | {"content-type": kind}, body, at=AT)


@pytest.mark.parametrize(
    ("document", "sender"),
    [
        ({"repository": GITHUB, "ref": "x", "before": "", "after": ""}, ("github", "push")),
        ({"repository": GITHUB, "pull_request": {}, "review": {}}, ("github", "pull_request_review")),
        ({"repository": GITHUB, "pull_request": {}}, ("github", "pull_request")),
        ({"repository": GITHUB, "ref": "x", "ref_type": "tag", "master_branch": "main"}, ("github", "create")),
        ({"repository": GITHUB, "ref": "x", "ref_type": "tag"}, ("github", "delete")),
        ({"repository": GITHUB, "action": "archived"}, ("github", "repository")),
        ({"repository": GITHUB, "issue": {}, "comment": {}, "action": "created"}, ("github", "issue_comment")),
        ({"repository": ON_GITEA, "pull_request": {}, "review": None}, ("gitea", "pull_request")),
        (
            {"repository": ON_GITEA, "pull_request": {}, "review": {"type": "pull_request_review_approved"}},
            ("gitea", "pull_request_approved"),
        ),
        ({"repository": ON_GITEA, "ref": "x", "ref_type": "branch", "sha": "1"}, ("gitea", "create")),
        ({"project": GITLAB, "object_kind": "merge_request"}, ("gitlab", "Merge Request Hook")),
        ({"eventKey": "pr:opened", "pullRequest": {}}, ("bitbucket", "pr:opened")),
        ({"event": "policy.decision"}, ("gitguard", "policy.decision")),
        ({"event": "something"}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_a_file_is_told_by_its_content(document, sender) -> None:
    assert guess_sender(document) == sender


def test_nobodys_headers() -> None:
    assert hook_of({}) is None
    assert hook_of({"content-type": "application/json", "x-github-event": ""}) is None
