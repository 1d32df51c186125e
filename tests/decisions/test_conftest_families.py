"""Conftest calls every rule `deny`, `violation` or `warn`, whatever more its name says; the message tells which it was."""

import json

import pytest

from mkdocs_gitguard.decisions.link import DecisionContext, add_decisions
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.model import Repository
from mkdocs_gitguard.policies import PolicyFile, scan

HOUSE = Repository(id="repository:acme/guardrails", namespace="acme", name="guardrails", head="a" * 40)
TEXT = """package main

deny_root contains "root is forbidden" if not input.nonroot

violation_tag contains {"msg": msg} if {
	endswith(input.image, ":latest")
	msg := sprintf("%s is not pinned", [input.image])
}

deny contains "no owner" if not input.owner

warn_age contains "too old" if input.age > 9

denial := "root is forbidden"
"""


def rules(document):
    reading = read([json.dumps(document).encode()], DecisionSource(path="r"), "r", Redaction())
    policies = scan([PolicyFile("main.rego", "b" * 40, TEXT.encode())], HOUSE.id, HOUSE.head)
    parts = add_decisions(
        reading.decisions,
        DecisionContext(
            repositories=[HOUSE], policies=policies.policies, rules=policies.rules, sources=policies.sources
        ),
    )
    (decision,) = parts.decisions
    return decision.resolution, [rule.partition("#")[2] for rule in decision.rules]


def in_sarif(rule_id, message):
    result = {"ruleId": rule_id, "level": "error", "message": {"text": message}}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "conftest"}}, "results": [result]}]}


def in_json(name, message):
    return [{"filename": "a.yaml", "namespace": "main", "successes": 0, name: [{"msg": message}]}]


@pytest.mark.parametrize("report", [in_sarif, in_json])
@pytest.mark.parametrize(
    ("message", "rule"),
    [("root is forbidden", "deny_root"), ("web:latest is not pinned", "violation_tag"), ("no owner", "deny")],
)
def test_the_rule_whose_name_says_more_is_found_by_its_message(report, message, rule):
    kind = "main/deny" if report is in_sarif else "failures"
    assert rules(report(kind, message)) == ("exact", [rule])


def test_a_warning_and_a_message_that_no_rule_can_have_said():
    assert rules(in_sarif("main/warn", "too old")) == ("exact", ["warn_age"])
    resolution, named = rules(in_sarif("main/deny", "said by nobody"))
    assert (resolution, set(named)) == ("candidates", {"deny_root", "violation_tag", "deny"})


def test_success_is_the_silence_of_all_rules_that_conftest_asks():
    resolution, named = rules(in_sarif("main/success", "Policy was satisfied successfully"))
    assert (resolution, set(named)) == ("exact", {"deny_root", "violation_tag", "deny", "warn_age"})
