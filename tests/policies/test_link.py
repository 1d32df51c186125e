"""Ids are unique and stay; tests find what they test; annotations reach what they speak for."""

import pytest
from make.policy_files import (
    CHAINSAW_TEST,
    CONSTRAINT,
    GUARD,
    GUARD_TEST,
    KYVERNO,
    KYVERNO_TEST,
    REPOSITORY,
    SUITE,
    TEMPLATE,
    scan_files,
)

from mkdocs_gitguard.model import path_of
from mkdocs_gitguard.policies import PolicyScan, policy_formats


def ids(scan: PolicyScan) -> list[str]:
    return [policy.id for policy in scan.policies]


def covering(scan: PolicyScan, node: str) -> list[str]:
    [record] = [record for record in (*scan.policies, *scan.rules) if record.id == node]
    return [test.name for test in record.tests]


def test_ids_of_policies_and_rules() -> None:
    scan = scan_files({"policy/guard.rego": GUARD})
    assert ids(scan) == ["policy:acme/guardrails/rego/repo.guard"]
    assert list(scan.policies[0].rules) == [
        "rule:acme/guardrails/rego/repo.guard#allow",
        "rule:acme/guardrails/rego/repo.guard#deny~no_force_push",
        "rule:acme/guardrails/rego/repo.guard#deny",
        "rule:acme/guardrails/rego/repo.guard#helper",
    ]
    assert {rule.span.commit for rule in scan.rules} == {"c" * 40}
    assert scan.sources[0].text == GUARD


def test_equal_names_are_told_apart_by_path_never_by_order() -> None:
    files = {"b/x.rego": "package a\n\nx := 1\n", "a/y.rego": "package a\n\ny := 1\n"}
    expected = ["policy:acme/guardrails/rego/a/a/y.rego", "policy:acme/guardrails/rego/a/b/x.rego"]
    assert ids(scan_files(files)) == expected
    assert ids(scan_files(dict(reversed(files.items())))) == expected
    twice = scan_files({"a.yaml": KYVERNO, "b/a.yaml": KYVERNO})
    assert len(set(ids(twice))) == 4
    assert "policy:acme/guardrails/kyverno/ClusterPolicy/no-latest/b/a.yaml" in ids(twice)
    assert len({path_of(node) for node in ids(twice)}) == 4


def test_one_name_twice_in_one_file_is_a_finding() -> None:
    text = "apiVersion: kyverno.io/v1\nkind: Policy\nmetadata: {name: a}\n"
    scan = scan_files({"a.yaml": f"{text}---\n{text}"})
    assert len(set(ids(scan))) == 2
    assert [(f.code, f.line, f.repository) for f in scan.findings] == [("policy-duplicate-id", 5, REPOSITORY)]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.yaml", "apiVersion: kyverno.io/v1\nkind: Policy\nmetadata: {name: a}\nspec:\n  rules:\n  - name: r\n  - name: r\n", 7),
        (
            "a.yaml",
            "rules:\n" + "- id: r\n  message: m\n  languages: [python]\n  severity: ERROR\n  pattern: x\n" * 2,
            7,
        ),
        ("a.yml", "policies:\n- name: r\n  resource: aws.s3\n- name: r\n  resource: aws.s3\n", 4),
    ],
)  # fmt: skip
def test_one_rule_name_twice_in_one_policy_is_a_finding(path: str, text: str, line: int) -> None:
    scan = scan_files({path: text})
    assert len({rule.id for rule in scan.rules}) == 2
    assert [(f.code, f.line, f.repository) for f in scan.findings] == [("rule-duplicate-id", line, REPOSITORY)]


def test_rules_that_share_a_name_by_right_are_no_finding() -> None:
    cel = (
        "apiVersion: policies.kyverno.io/v1alpha1\nkind: ValidatingPolicy\nmetadata: {name: a}\nspec:\n  validations:\n"
    )
    scan = scan_files({"a.yaml": cel + '  - expression: "a"\n  - expression: "b"\n', "b.rego": GUARD + GUARD})
    assert "rule-duplicate-id" not in {finding.code for finding in scan.findings}
    assert len(scan.rules) > 4


def test_rego_tests_are_linked_to_rules_and_policy() -> None:
    scan = scan_files({"policy/guard.rego": GUARD, "policy/guard_test.rego": GUARD_TEST})
    policy = "policy:acme/guardrails/rego/repo.guard"
    assert covering(scan, policy) == ["test_force_push_is_denied", "test_helper"]
    rule = "rule:acme/guardrails/rego/repo.guard#"
    assert covering(scan, f"{rule}deny") == ["test_force_push_is_denied"]
    assert covering(scan, f"{rule}helper") == ["test_helper"]
    assert covering(scan, f"{rule}allow") == ["test_helper"]
    assert {source.text for source in scan.sources} == {GUARD, GUARD_TEST}


def test_gatekeeper_suites_are_linked_by_path() -> None:
    scan = scan_files({"l/template.yaml": TEMPLATE, "l/samples/constraint.yaml": CONSTRAINT, "l/suite.yaml": SUITE})
    template = "acme/guardrails/gatekeeper/ConstraintTemplate/k8srequired"
    assert covering(scan, f"policy:{template}") == ["required/allowed", "required/denied"]
    assert covering(scan, f"rule:{template}#violation~2") == ["required/allowed", "required/denied"]
    assert covering(scan, f"rule:{template}#name") == []


def test_kyverno_tests_are_linked_to_the_rules_of_their_files_only() -> None:
    scan = scan_files(
        {
            "a/no-latest.yaml": KYVERNO,
            "b/no-latest.yaml": KYVERNO,
            "a/.kyverno-test/kyverno-test.yaml": KYVERNO_TEST,
            "a/.chainsaw-test/chainsaw-test.yaml": CHAINSAW_TEST,
        }
    )
    policy = "acme/guardrails/kyverno/ClusterPolicy/no-latest/a/no-latest.yaml"
    assert covering(scan, f"policy:{policy}") == ["chain", "suite/autogen-require-tag Pod fail"]
    assert covering(scan, f"rule:{policy}#add-label") == ["chain"]
    assert len(covering(scan, f"rule:{policy}#require-tag")) == 2
    other = policy.replace("/a/", "/b/")
    assert covering(scan, f"policy:{other}") == []


def test_annotations_reach_the_package_the_packages_below_and_all_rules_of_a_name() -> None:
    scan = scan_files(
        {
            "a.rego": "# METADATA\n# scope: subpackages\n# title: All\n# custom:\n#   severity: low\npackage top\n",
            "b.rego": "# METADATA\n# title: Inner\npackage top.inner\n\n"
            "# METADATA\n# scope: document\n# description: For all.\ndeny contains 1\n\ndeny contains 2\n",
            "c.rego": "package top.inner\n\ndeny contains 3\n",
        }
    )
    top, first, second = scan.policies
    assert (top.title, top.severity) == ("All", "low")
    assert (first.title, first.severity, second.title, second.severity) == ("Inner", "low", "Inner", "low")
    assert {rule.description for rule in scan.rules} == {"For all."}
    assert {rule.severity for rule in scan.rules} == {"low"}


def test_the_same_files_give_the_same_bytes_in_any_order() -> None:
    files = {"guard.rego": GUARD, "guard_test.rego": GUARD_TEST, "t.yaml": TEMPLATE, "k.yaml": KYVERNO}
    blobs = {path: f"{number:040x}" for number, path in enumerate(files)}
    one, other = scan_files(files), scan_files(dict(reversed(files.items())))
    assert ids(one) == ids(other)
    assert [rule.id for rule in one.rules] == [rule.id for rule in other.rules]
    assert len(blobs) == len(one.sources)


@pytest.mark.parametrize("form", [known.name for known in policy_formats()])
def test_formats_have_names_that_can_stand_in_an_id(form: str) -> None:
    assert form.islower()
    assert path_of(f"policy:a/{form}/b") == f"policy/a/{form}/b"
