"""Where decisions led is kept while policies of other repositories change, and never once it could be otherwise."""

import pytest
from decisions.guardrails import GUARDRAILS, HEAD, OLD, PACKAGE, POLICY, RULES, SET, TEXT, day, decision
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mkdocs_gitguard.decisions import link
from mkdocs_gitguard.decisions.link import DecisionContext, DecisionLinks, add_decisions
from mkdocs_gitguard.decisions.report import ReportedReason, ReportPlace
from mkdocs_gitguard.decisions.subjects import RepositoryNames
from mkdocs_gitguard.model import PullRequest, SourceText

NAMES = ("guardrails", "payments", "search")
KEYS = ("rego:data.repo.guard.warn", "rego:data.repo.guard.deny", "rego:data.other.deny", "rego-package:repo.guard")
TEXTS = {"blob-1": TEXT, "blob-2": TEXT.replace("A licence is missing", "No licence")}


def reported():
    yield from (decision(key, at=day(25), message="A licence is missing", name=key) for key in KEYS)
    yield from (decision(key, at=day(15), name=key, source="old.json:1") for key in KEYS)
    yield from (decision(KEYS[1], revision=commit, name=commit) for commit in (HEAD, OLD, "c" * 40))
    yield decision(KEYS[0], policies="payments", name="theirs")
    place = ReportedReason(place=ReportPlace(path="policies/guard.rego", line=13))
    yield replace(decision(name="place"), claims=(place,))
    family = ReportedReason(keys=("rego:data.nowhere.deny",), family=KEYS[3], family_names=("deny",))
    yield replace(decision(name="family"), claims=(family,))
    for subject in ({"pull_request": 2}, {"commit": "2" * 40}, {"commit": "2" * 8}, {}):
        about = {"repository": "acme/payments", **subject}
        yield decision(name="about", message=str(subject), at=day(25), subject=about)


REPORTED = tuple(reported())
HOLDS = {
    "commit": (HEAD, "c" * 40),
    "blob": tuple(TEXTS),
    "key": ("repo.guard", "other"),
    "path": ("policies/guard.rego", "guard.rego"),
    "rules": (len(RULES), 3, 0),
    "holds": (True, False),
}
"""What may be so or so of a repository's policies, the first being likeliest."""
WORLD = {
    **{f"{name} {what}": values for name in NAMES for what, values in HOLDS.items()},
    **{f"{name} shown": (True, False) for name in NAMES},
    "older": (True, False),
    "namesake": (False, True),
    "blob-1 known": (True, False),
    "merged": ((), (1,), (1, 2), (2,), (2, 3)),
    "merged on": (24, 26),
    "merged commit": ("2" * 40, "2" * 39 + "3"),
}
START = {what: values[0] for what, values in WORLD.items()}
edits = st.sampled_from([(what, value) for what, values in WORLD.items() for value in values])


def context_of(**changed):
    world = START | changed
    policies, rules = [], []
    repositories = [
        replace(GUARDRAILS, id=f"repository:acme/{name}", name=name, head=world[f"{name} commit"])
        for name in NAMES
        if world[f"{name} shown"]
    ]
    for repository in repositories:
        held = {what: world[f"{repository.name} {what}"] for what in HOLDS}
        if not held["holds"]:
            continue
        own = {"repository": repository.id, "commit": held["commit"], "blob": held["blob"], "path": held["path"]}
        identity = PACKAGE.replace("guardrails", repository.name)
        policies.append(
            replace(POLICY, id=identity, repository=repository.id, span=replace(POLICY.span, **own),
                    keys=(f"rego-package:{held['key']}",))
        )  # fmt: skip
        rules += [
            replace(one, id=f"{repository.name}{one.id}", policy=identity, span=replace(one.span, **own),
                    keys=tuple(key.replace("repo.guard", held["key"]) for key in one.keys))
            for one in RULES[: held["rules"]]
        ]  # fmt: skip
    if world["namesake"]:
        repositories.append(
            replace(GUARDRAILS, id="repository:umbrella/payments", namespace="umbrella", name="payments")
        )
    older = (SET._replace(commit=OLD, is_head=False),) if world["older"] else ()
    sources = tuple(
        SourceText(blob=blob, text=text) for blob, text in TEXTS.items() if blob != "blob-1" or world["blob-1 known"]
    )
    merged = [
        PullRequest(
            id=f"pull-request:acme/payments/{number}",
            repository="repository:acme/payments",
            number=number,
            title="Round",
            author="",
            merged_at=day(world["merged on"]) if number == 2 else day(23),
            commit=world["merged commit"] if number == 2 else f"{number}" * 40,
            evidence="github-merge-commit",
            confidence="high",
        )
        for number in (world["merged"] if world["payments shown"] else ())
    ]
    return DecisionContext(
        repositories, {"repository:acme/payments": merged}, tuple(policies), tuple(rules), sources, older=older
    )


def linked(context, before=None):
    return DecisionLinks(context, RepositoryNames(context.repositories), before)


@given(st.lists(edits, max_size=8), edits, edits)
@settings(max_examples=200)
def test_links_that_are_kept_are_those_that_would_be_made(begun, first, second) -> None:
    world = dict(begun)
    links = linked(context_of(**world))
    add_decisions(REPORTED, context_of(**world), links)
    for what, value in (first, second):
        world[what] = value
        context = context_of(**world)
        links = linked(context, links)
        assert add_decisions(REPORTED, context, links) == add_decisions(REPORTED, context)


@pytest.mark.parametrize(("what", "value"), [(what, value) for what, values in WORLD.items() for value in values[1:]])
def test_links_after_one_thing_has_changed_are_those_that_would_be_made(what, value) -> None:
    for begun in ({}, {"guardrails key": "other"}, {"payments key": "other"}, {"search holds": False}):
        first = linked(context_of(**begun))
        add_decisions(REPORTED, context_of(**begun), first)
        context = context_of(**{**begun, what: value})
        assert add_decisions(REPORTED, context, linked(context, first)) == add_decisions(REPORTED, context)


def test_only_what_asks_for_a_changed_policy_is_led_back_again(monkeypatch) -> None:
    before = context_of(**{"payments holds": False, "search key": "other"})
    after = context_of(**{"payments holds": False, "search key": "other", "guardrails commit": "c" * 40})
    asked = []

    def counted(reported, index, original=link.link_decision):
        asked.append(reported)
        return original(reported, index)

    monkeypatch.setattr(link, "link_decision", counted)
    of_each = (decision(KEYS[1], name="theirs"), decision(KEYS[2], name="others"))
    first = linked(before)
    was = add_decisions(of_each, before, first)
    assert len(asked) == 2
    is_now = add_decisions(of_each, after, linked(after, first))
    assert asked[2:] == [of_each[0]]
    kept = {one.policy_key: one for one in was.decisions}["others"]
    assert next(one for one in is_now.decisions if one.policy_key == "others") is kept


def test_what_no_report_holds_any_more_is_let_go() -> None:
    context = context_of()
    links = linked(context)
    add_decisions(REPORTED, context, links)
    add_decisions(REPORTED[:1], context, links)
    assert len(links._known) == len(links._made) == 1


def test_a_decision_that_names_a_place_alone_where_nothing_stands_is_led_nowhere() -> None:
    place = ReportedReason(place=ReportPlace(path="gone/guard.rego", line=3))
    (one,) = add_decisions((replace(decision(name=""), claims=(place,)),), context_of()).decisions
    assert (one.resolution, one.reason) == ("unresolved", "No policy of this portal stands at gone/guard.rego:3.")
