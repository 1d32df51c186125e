"""Every decision leads to the rules that made it, and says how sure that is."""

from decisions.guardrails import (
    HEAD,
    OLD,
    PACKAGE,
    POLICY,
    REPOSITORY,
    RULES,
    SET,
    TEXT,
    day,
    decision,
    rule,
    span,
)
from msgspec.structs import replace

from mkdocs_gitguard.decisions.policy_index import PolicyIndex, PolicySet
from mkdocs_gitguard.decisions.report import ReportedReason, ReportPlace
from mkdocs_gitguard.decisions.resolve import link_decision

DENY, LICENCE = f"rule:{PACKAGE[7:]}#deny~1", f"rule:{PACKAGE[7:]}#deny~2"
INDEX = PolicyIndex([SET], {"acme/guardrails": REPOSITORY}.get)


def test_one_rule_of_the_key_is_exact():
    resolved = link_decision(decision("rego:data.repo.guard.warn", at=day(25)), INDEX)
    assert (resolved.resolution, resolved.rules, resolved.policies) == (
        "exact",
        (f"rule:{PACKAGE[7:]}#warn",),
        (PACKAGE,),
    )
    assert resolved.reason == "rego:data.repo.guard.warn is one rule, unchanged since the decision."
    assert resolved.spans == (span(14, 16),)


def test_rules_of_one_name_are_told_apart_by_their_words():
    for message, expected in [
        ('Path "src/x" has no owner: see docs/owners.md', DENY),
        ("A licence is missing", LICENCE),
    ]:
        resolved = link_decision(decision("rego:data.repo.guard.deny", message=message, at=day(25)), INDEX)
        assert (resolved.resolution, resolved.rules) == ("exact", (expected,))
    resolved = link_decision(decision("rego:data.repo.guard.deny", message="something else", at=day(25)), INDEX)
    assert (resolved.resolution, resolved.rules) == ("candidates", (DENY, LICENCE))
    assert "stands for 2 rules" in resolved.reason


def test_a_verdict_tells_the_default_from_the_others():
    for verdict, expected in [(False, "allow~default"), (True, "allow")]:
        resolved = link_decision(decision("rego:data.repo.guard.allow", verdict=verdict, at=day(25)), INDEX)
        assert (resolved.resolution, resolved.rules) == ("exact", (f"rule:{PACKAGE[7:]}#{expected}",))


def test_silence_is_the_verdict_of_all_rules_that_could_have_spoken():
    silent = replace(
        decision("rego:data.repo.guard.deny", at=day(25)),
        claims=(ReportedReason(keys=("rego:data.repo.guard.deny",), is_silent=True),),
    )
    resolved = link_decision(silent, INDEX)
    assert (resolved.resolution, resolved.rules) == ("exact", (DENY, LICENCE))
    assert resolved.reason == "None of the 2 rules of rego:data.repo.guard.deny held, unchanged since the decision."
    package = replace(silent, claims=(ReportedReason(keys=("rego-package:repo.guard",), is_silent=True),))
    assert [name.partition("#")[2] for name in link_decision(package, INDEX).rules] == ["deny~1", "deny~2", "warn"]


def test_silence_of_copies_is_not_exact():
    copies = tuple(replace(one, id=f"{one.id}-copy") for one in RULES)
    index = PolicyIndex([SET._replace(rules=(*RULES, *copies))])
    silent = replace(
        decision("x", at=day(25)), claims=(ReportedReason(keys=("rego:data.repo.guard.deny",), is_silent=True),)
    )
    assert link_decision(silent, index).resolution == "candidates"


def test_a_denial_without_a_default_is_that_of_all_bodies():
    rules = tuple(replace(one, name="deny") for one in RULES[2:4])
    index = PolicyIndex([SET._replace(rules=rules)])
    reported = decision("rego:data.repo.guard.deny", verdict=False, at=day(25))
    assert (link_decision(reported, index).resolution, len(link_decision(reported, index).rules)) == ("exact", 2)
    held = decision("rego:data.repo.guard.deny", verdict=True, at=day(25))
    assert link_decision(held, index).resolution == "candidates"


def test_a_rule_built_into_a_tool_has_no_source_here():
    resolved = link_decision(decision("sarif:zizmor/artipacked", name="zizmor: artipacked", format="sarif"), INDEX)
    assert (
        resolved.reason
        == "No policy of this portal is called zizmor: artipacked. A rule that is built into its tool has no source here."
    )


def test_the_first_known_key_counts_and_a_package_alone_is_not_exact():
    resolved = link_decision(decision("rego:data.repo.guard", "rego-package:repo.guard", at=day(25)), INDEX)
    assert (resolved.resolution, len(resolved.rules)) == ("candidates", 5)


def test_every_voice_has_to_be_exact():
    reported = decision("rego:data.repo.guard.warn", at=day(25))
    both = replace(
        reported,
        claims=(*reported.claims, ReportedReason(keys=("rego:data.repo.guard.deny",), message="A licence is missing")),
    )
    assert link_decision(both, INDEX).resolution == "exact"
    assert len(link_decision(both, INDEX).rules) == 2
    unknown = replace(reported, claims=(*reported.claims, ReportedReason(keys=("rego:data.nowhere.deny",))))
    assert link_decision(unknown, INDEX).resolution == "candidates"


def test_what_nothing_is_called_is_unresolved_with_the_reason():
    resolved = link_decision(decision("rego:data.nowhere.deny", name="rego:data.nowhere.deny"), INDEX)
    assert (resolved.resolution, resolved.reason) == (
        "unresolved",
        "No policy of this portal is called rego:data.nowhere.deny.",
    )
    assert link_decision(decision(), INDEX).reason == "The report names no rule."
    assert link_decision(decision("x"), PolicyIndex([])).reason == "No repository of this portal holds policies."


def test_the_named_repository_of_the_policies_counts():
    other = PolicySet("repository:acme/other", "c" * 40, *_moved("acme/other"), {"blob-1": TEXT})
    index = PolicyIndex([SET, other], {"acme/guardrails": REPOSITORY, "acme/other": "repository:acme/other"}.get)
    reported = decision("rego:data.repo.guard.warn", at=day(25))
    assert link_decision(reported, index).resolution == "candidates"
    assert "2 rules of 2 policies" in link_decision(reported, index).reason
    assert link_decision(replace(reported, policies="acme/guardrails"), index).policies == (PACKAGE,)
    assert (
        link_decision(replace(reported, policies="acme/hidden"), index).reason
        == "The repository that holds the policies is not in this portal."
    )


def test_the_named_folder_of_the_policies_counts():
    copy = replace(POLICY, id=f"{PACKAGE}/copy", span=span(1, 16, path="copies/guard.rego"))
    rules = tuple(
        replace(one, id=f"{one.id}-copy", policy=copy.id, span=replace(one.span, path="copies/guard.rego"))
        for one in RULES
    )
    index = PolicyIndex([SET._replace(policies=(POLICY, copy), rules=(*RULES, *rules))])
    reported = decision("rego:data.repo.guard.warn", at=day(25))
    assert link_decision(reported, index).resolution == "candidates"
    assert link_decision(replace(reported, policies_path="policies/"), index).policies == (PACKAGE,)


def _moved(namespace):
    policy = replace(POLICY, id=f"policy:{namespace}/rego/repo.guard", repository=f"repository:{namespace}")
    return (policy,), tuple(replace(one, id=f"{one.id}@{namespace}", policy=policy.id) for one in RULES)


OLD_RULE = rule("deny", 3, 5, blob="blob-0", commit=OLD)
OLD_POLICY = replace(POLICY, span=span(1, 5, blob="blob-0", commit=OLD), rules=(OLD_RULE.id,))
OLD_SET = PolicySet(
    REPOSITORY,
    OLD,
    (OLD_POLICY,),
    (OLD_RULE,),
    {"blob-0": "package repo.guard\n\ndeny if {\n  true\n}\n"},
    is_head=False,
)


def test_a_decision_before_the_last_change_is_judged_by_the_text_of_its_time():
    reported = decision("rego:data.repo.guard.deny", message="A licence is missing", at=day(15))
    resolved = link_decision(reported, PolicyIndex([SET, OLD_SET]))
    assert (resolved.resolution, resolved.rules, resolved.spans) == ("exact", (OLD_RULE.id,), (OLD_RULE.span,))
    assert f"at commit {OLD[:10]}" in resolved.reason


def test_a_text_that_was_not_read_is_not_exact():
    reported = decision("rego:data.repo.guard.warn", at=day(15))
    resolved = link_decision(reported, INDEX)
    assert resolved.resolution == "candidates"
    assert "the file changed after the decision" in resolved.reason


def test_no_time_or_no_history_is_the_head_and_said_so():
    assert (
        "at its head, as the report has no time" in link_decision(decision("rego:data.repo.guard.warn"), INDEX).reason
    )
    index = PolicyIndex([SET._replace(policies=(replace(POLICY, changes=()),))])
    resolved = link_decision(decision("rego:data.repo.guard.warn", at=day(15)), index)
    assert (resolved.resolution, "history is not known" in resolved.reason) == ("exact", True)


def test_the_commit_that_the_report_names_counts():
    index = PolicyIndex([SET, OLD_SET])
    for revision in (OLD, OLD[:9]):
        resolved = link_decision(decision("rego:data.repo.guard.deny", revision=revision), index)
        assert (resolved.resolution, resolved.spans) == ("exact", (OLD_RULE.span,))
        assert "which the report names" in resolved.reason
    resolved = link_decision(decision("rego:data.repo.guard.warn", at=day(25), revision="c0ffee0" * 4), index)
    assert (resolved.resolution, "was not read" in resolved.reason) == ("exact", True)
    assert (
        link_decision(decision("rego:data.repo.guard.warn", at=day(25), revision="v1.2"), index).resolution == "exact"
    )


def test_of_several_bundles_the_one_that_is_known_counts():
    index = PolicyIndex([SET, OLD_SET])
    reported = replace(decision("rego:data.repo.guard.deny", at=day(25)), revisions=("f" * 40, OLD))
    resolved = link_decision(reported, index)
    assert (resolved.resolution, resolved.spans) == ("exact", (OLD_RULE.span,))
    assert "was not read" in resolved.reason
    both = link_decision(replace(reported, revisions=(HEAD, OLD)), index)
    assert both.resolution == "candidates"


def test_what_is_not_in_the_report_is_never_exact():
    reported = decision("rego:data.repo.guard.warn", at=day(25))
    masked = replace(reported, claims=(ReportedReason(keys=reported.claims[0].keys, is_unknown=True),))
    resolved = link_decision(masked, INDEX)
    assert (resolved.resolution, resolved.reason) == (
        "candidates",
        "What rego:data.repo.guard.warn gave is not in the report.",
    )


def test_a_place_is_looked_up_before_any_key():
    reported = decision("wrong:key", at=day(25))
    placed = replace(
        reported, claims=(ReportedReason(keys=("wrong:key",), place=ReportPlace(path="policies/guard.rego", line=8)),)
    )
    assert link_decision(placed, INDEX).rules == (DENY,)
    nowhere = replace(
        reported, claims=(ReportedReason(keys=("wrong:key",), place=ReportPlace(path="gone.rego", line=8)),)
    )
    assert link_decision(nowhere, INDEX).resolution == "unresolved"
    at_head = replace(placed, revision=HEAD)
    assert link_decision(at_head, INDEX).resolution == "exact"
