"""Each index of a graph holds, by its key, exactly what the snapshot says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pytest
from make.snapshot import GUARD_POLICY, GUARDRAILS, guardrails, likely, with_decisions
from msgspec.structs import replace

from mkdocs_gitguard.model import MOST_HELD, POLICY_SEVERITIES, Graph, Holding, Policy, SourceSpan, Work, gravest_first

SNAPSHOT = with_decisions(likely(pull_requests=8))
INDEXES = [name for name, value in vars(Graph).items() if isinstance(value, cached_property) and name != "digest"]


@pytest.mark.parametrize("name", [name for name in INDEXES if name != "decision_counts"])
def test_every_index_is_made_once_and_cannot_be_changed(name: str) -> None:
    graph = Graph(SNAPSHOT)
    index = getattr(graph, name)
    assert isinstance(index, Mapping)
    assert getattr(graph, name) is index
    with pytest.raises(TypeError):
        index["x"] = ()


@pytest.mark.parametrize(
    ("index", "keys"),
    [
        ("decisions_by_policy", lambda one: one.policies),
        ("decisions_by_rule", lambda one: one.rules),
        ("decisions_by_repository", lambda one: (one.subject.repository,)),
        ("decisions_by_pull_request", lambda one: (one.subject.pull_request,)),
    ],
)
def test_decisions_by_what_they_are_about_and_by_what_made_them(index: str, keys) -> None:
    every = {key for one in SNAPSHOT.decisions for key in keys(one)} - {""}
    assert every
    assert getattr(Graph(SNAPSHOT), index) == {
        key: tuple(one for one in SNAPSHOT.decisions if key in keys(one)) for key in every
    }


def test_work_is_what_an_owner_committed_wrote_and_merged() -> None:
    work = Graph(SNAPSHOT).work_by_owner
    for owner in SNAPSHOT.owners:
        theirs = work.get(owner.id, Work())
        changes = SNAPSHOT.pull_requests
        assert theirs.authored == tuple(one for one in changes if owner.id in (one.author, *one.co_authors))
        assert theirs.merged == sum(one.merger == owner.id for one in changes)
        assert theirs.commits == sum(
            one.commits
            for repository in SNAPSHOT.repositories
            for one in repository.contributors
            if one.owner == owner.id
        )


def test_what_applies_to_a_repository_comes_with_its_relations() -> None:
    graph = Graph(guardrails())
    assert {
        one.policy.id: tuple(relation.paths for relation in one.relations)
        for one in graph.applying_by_repository[GUARDRAILS]
    } == {
        GUARD_POLICY: (("policy/",),),
        "policy:acme/guardrails/kyverno/ClusterPolicy/no-latest": (("infra/", "*.tf"),),
    }
    assert [rule.span.first_line for rule in graph.rules_by_policy[GUARD_POLICY]] == sorted(
        rule.span.first_line for rule in graph.snapshot.rules if rule.policy == GUARD_POLICY
    )
    assert [policy.id for policy in graph.policies_by_owner["owner:team/acme/policy"]] == [GUARD_POLICY]


def test_the_gravest_policies_come_first_and_unknown_words_last() -> None:
    span = SourceSpan(repository="repository:a/b", path="a", first_line=1, last_line=1, commit="c", blob="d")
    words = ("", "odd", *reversed(POLICY_SEVERITIES))
    policies = [
        Policy(id=word, repository="repository:a/b", format="rego", type="package", name="x", severity=word, span=span)
        for word in words
    ]
    assert [policy.severity for policy in gravest_first(policies)] == [*POLICY_SEVERITIES, "", "odd"]


def test_owners_change_with_the_day_that_they_were_seen_on_and_not_with_the_moment() -> None:
    owner = SNAPSHOT.owners[0]
    morning = datetime(2026, 1, 5, 0, 1, tzinfo=UTC)

    def owners(last_at):
        changed = (replace(one, last_at=last_at) if one is owner else one for one in SNAPSHOT.owners)
        return Graph(replace(SNAPSHOT, owners=tuple(changed))).owners

    assert owners(morning) == owners(morning + timedelta(hours=23))
    assert owners(morning + timedelta(days=1)) != owners(morning)
    assert owners(morning)[owner.id].last_at == datetime(2026, 1, 5, tzinfo=UTC)
    assert owners(None)[owner.id].last_at is None


def test_what_an_owner_holds_comes_by_files_as_far_as_it_is_shown_and_then_by_name() -> None:
    names = "qwertyuiopasdfghjklz"
    holdings = tuple(Holding(f"repository:acme/{name}", 99, 50 - place, (), ()) for place, name in enumerate(names))
    graph = Graph(SNAPSHOT)
    graph.__dict__["holdings_by_owner"] = {"owner:user/mira": holdings}
    held = graph.held_by_owner["owner:user/mira"]
    assert held[:MOST_HELD] == tuple(one.repository for one in holdings[:MOST_HELD])
    assert held[MOST_HELD:] == tuple(sorted(one.repository for one in holdings[MOST_HELD:]))
