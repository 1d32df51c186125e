"""Decisions become nodes, with subjects and relations, and left-out repositories leave no trace."""

from datetime import UTC

import pytest
from decisions.guardrails import GUARDRAILS, PACKAGE, POLICY, RULES, TEXT, day, decision
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mkdocs_gitguard.decisions.link import DecisionContext, add_decisions
from mkdocs_gitguard.decisions.report import ReportedReason, ReportPlace
from mkdocs_gitguard.decisions.subjects import RepositoryNames, plain_name
from mkdocs_gitguard.model import (
    Coverage,
    Evidence,
    Forge,
    PullRequest,
    Relation,
    Repository,
    SourceText,
    coverage,
    path_of,
)

BILLING = Repository(
    id="repository:acme/billing",
    namespace="acme",
    name="billing",
    forge=Forge(name="github", web_url="https://github.com/acme/billing"),
)


def pull(number, at, commit):
    return PullRequest(
        id=f"pull-request:acme/billing/{number}", repository=BILLING.id, number=number, title="t", merged_at=at,
        commit=commit, evidence="e", confidence="high",
    )  # fmt: skip


PULLS = (pull(2, day(12), "2" * 40), pull(1, day(11), "1" * 40))


def assembled(*reported, **changes):
    given = {
        "repositories": (BILLING, GUARDRAILS), "pull_requests": {BILLING.id: PULLS}, "policies": (POLICY,), "rules": RULES,
        "sources": (SourceText(blob="blob-1", text=TEXT),),
    }  # fmt: skip
    return add_decisions(reported, DecisionContext(**{**given, **changes}))


def test_a_decision_with_subject_and_relations():
    parts = assembled(
        decision(
            "rego:data.repo.guard.warn",
            at=day(25),
            subject={"repository": "https://github.com/acme/billing.git", "pull_request": 2, "path": "src/x.py"},
        )
    )
    (one,) = parts.decisions
    assert one.id.startswith("decision:opa/")
    assert (one.subject.repository, one.subject.pull_request, one.subject.pull_request_by) == (
        BILLING.id,
        PULLS[0].id,
        "number",
    )
    assert one.resolution == "exact"
    assert [(r.type, r.source, r.target, r.paths) for r in parts.relations] == [
        ("decided_by", one.id, f"rule:{PACKAGE[7:]}#warn", ()),
        ("decided_by", PULLS[0].id, one.id, ()),
        ("subject_to", BILLING.id, PACKAGE, ("src/x.py",)),
    ]
    assert parts.findings == ()


@pytest.mark.parametrize(
    ("subject", "at", "number", "by"),
    [
        ({"commit": "1111111"}, day(25), 1, "commit"),
        ({"commit": "2" * 40}, day(25), 2, "commit"),
        ({"commit": "333"}, day(25), 0, ""),
        ({}, day(11), 1, "time"),
        ({}, day(25), 2, "time"),
        ({}, day(3), 0, ""),
        ({}, None, 0, ""),
        ({"pull_request": 7}, day(25), 0, ""),
    ],
)
def test_the_pull_request_is_found_by_number_commit_or_time(subject, at, number, by):
    (one,) = assembled(decision("x", at=at, subject={"repository": "acme/billing"} | subject)).decisions
    assert one.subject.pull_request == (f"pull-request:acme/billing/{number}" if number else "")
    assert one.subject.pull_request_by == by


def test_unknown_repositories_are_a_finding_and_keep_their_decision():
    parts = assembled(*(decision("x", subject={"repository": name}) for name in ["acme/gone", "acme/gone", "other/x"]))
    assert [one.subject.name for one in parts.decisions].count("acme/gone") == 2
    assert [finding.message for finding in parts.findings] == [
        "2 decisions are about acme/gone, which is not in this portal.",
        "1 decision is about other/x, which is not in this portal.",
    ]


def test_a_repository_that_the_rollout_leaves_out_is_named_nowhere():
    parts = assembled(
        *(
            decision("x", message="acme/quiet is bad", subject={"repository": name, "path": "quiet.py"})
            for name in ["acme/quiet", "https://github.com/Acme/Quiet.git", "git@github.com:acme/quiet", "quiet"]
        ),
        left_out=["acme/quiet"],
    )
    assert parts.decisions == ()
    assert "quiet" not in repr(parts).lower()
    assert parts.findings[0].message.startswith("4 decisions are about repositories that this rollout phase leaves out")


def test_decisions_of_policies_that_are_left_out_leave_nothing():
    place = ReportPlace(repository="acme/quiet", commit="1" * 40, path="quiet.rego", line=1)
    placed = decision("y", name="quiet", subject={"repository": "acme/billing"})
    parts = assembled(
        decision("rego:data.quiet.deny", name="quiet.deny", policies="https://github.com/acme/quiet"),
        replace(placed, claims=(ReportedReason(place=place),)),
        decision("rego:data.repo.guard.warn", policies="acme/guardrails", subject={"repository": "acme/billing"}),
        left_out=["acme/quiet"],
    )
    assert [one.resolution for one in parts.decisions] == ["exact"]
    assert "quiet" not in repr(parts)
    assert parts.findings[0].message.startswith("2 decisions are about repositories that this rollout phase leaves out")


def test_secrets_reach_no_field():
    secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    parts = assembled(
        decision(
            f"x:{secret}",
            message=f"token {secret}",
            name=secret,
            revision=secret,
            subject={"name": secret, "path": secret, "repository": f"https://u:{secret}@h/x"},
        )
    )
    assert secret not in repr(parts)


def test_a_commit_is_no_secret():
    commit = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
    (one,) = assembled(
        decision("x", revision=commit, subject={"repository": "acme/billing", "commit": commit})
    ).decisions
    assert (one.policy_revision, one.subject.commit) == (commit, commit)


def test_ids_hold_still_and_overlapping_reports_count_once():
    equal = [decision("x", message="m"), decision("x", message="m")]
    first = assembled(*equal)
    assert len(first.decisions) == 2
    again = assembled(*equal, *(replace(one, source="rotated.json:7") for one in equal))
    assert [one.id for one in again.decisions] == [one.id for one in first.decisions]
    log = [decision("x", report_id="d-1", source=f"{name}:1") for name in "ab"]
    assert len(assembled(*log).decisions) == 1


def test_newest_first_and_those_without_time_last():
    parts = assembled(*(decision("x", message=str(number), at=at) for number, at in enumerate([day(1), None, day(3)])))
    assert [one.at for one in parts.decisions] == [day(3), day(1), None]


def test_a_decision_is_further_evidence_for_what_is_known_to_apply():
    reported = decision("rego:data.repo.guard.warn", at=day(25), subject={"repository": "acme/billing", "path": "x"})
    assert [r.type for r in assembled(reported).relations].count("subject_to") == 1
    known = Relation(
        type="subject_to",
        source=BILLING.id,
        target=PACKAGE,
        paths=("infra/",),
        evidence=(Evidence(basis="configured", what="entry 1"),),
    )
    [relation] = [r for r in assembled(reported, applications=[known]).relations if r.type == "subject_to"]
    assert relation.paths == ("infra/",)
    assert [one.basis for one in relation.evidence] == ["configured", "decided"]
    assert relation.evidence[1].what == "1 decision"


def test_coverage_is_a_share_or_no_data():
    parts = assembled(
        decision("rego:data.repo.guard.warn", at=day(25)), decision("rego:data.repo.guard.deny"), decision("nowhere")
    )
    figures = coverage(parts.decisions)
    assert figures == Coverage(decisions=3, exact=1, candidates=1, unresolved=1)
    assert figures.share == pytest.approx(1 / 3)
    assert coverage(()).share is None


@pytest.mark.parametrize(
    "text",
    ["acme/billing", "ACME/Billing", "https://github.com/acme/billing", "https://x:y@github.com/acme/billing.git/", "git@github.com:acme/billing.git",
     "ssh://git@github.com:22/acme/billing", "github.com/acme/billing?x#y", "billing", "repository:acme/billing", "https://git.mirror.example/acme/billing"],
)  # fmt: skip
def test_what_reports_call_a_repository(text):
    assert RepositoryNames([BILLING, GUARDRAILS]).find(text) == BILLING.id


@pytest.mark.parametrize("text", ["", "/", "acme", "acme/billing2", "other/billing", "https://", ":", "acme/billing/x"])
def test_what_is_another_repository(text):
    assert RepositoryNames([BILLING, GUARDRAILS]).find(text) == ""


@given(st.text())
def test_any_name_can_be_looked_up(text):
    RepositoryNames([BILLING]).find(text)
    plain_name(text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["rego:data.repo.guard.deny", "y"]),
            st.text(max_size=4),
            st.none() | st.datetimes(timezones=st.just(UTC), min_value=day(1).replace(tzinfo=None)),
        ),
        max_size=8,
    )
)
def test_ids_are_unique_and_the_order_of_reports_does_not_matter(events):
    reported = [decision(key, message=message, at=at) for key, message, at in events]
    one, other = assembled(*reported), assembled(*reversed(reported))
    assert one == other
    assert len({path_of(d.id) for d in one.decisions}) == len(reported)
