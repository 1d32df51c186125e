"""The rule behind a decision is the one that OPA's own evaluation leads to, on every form of rule and every input."""

import json

import pytest
from decisions.opa_forms import FORMS
from decisions.opa_modules import MODULES as PLAIN
from regopy import Interpreter

from mkdocs_gitguard.decisions.link import DecisionContext, add_decisions
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.model import Repository
from mkdocs_gitguard.policies import PolicyFile, scan

MODULES = PLAIN | FORMS
REPOSITORY = Repository(id="repository:acme/guardrails", namespace="acme", name="guardrails", head="a" * 40)


def evaluated(text, path, given):
    """What OPA's language gives for a query: its value, or None where it is undefined."""
    interpreter = Interpreter()
    interpreter.add_module("gate.rego", text)
    interpreter.set_input(given)
    answer = str(interpreter.query("value := data." + path.replace("/", ".")))
    return json.loads(answer)["bindings"]["value"] if answer.startswith("{") else None


def without(text, rules):
    lines = text.split("\n")
    for rule in rules:
        for line in range(rule.span.first_line - 1, rule.span.last_line):
            lines[line] = ""
    return "\n".join(lines)


def filled(value):
    """A value without what stands in it for nothing, as `deny.low contains …` gives an empty set where it gives none."""
    if not isinstance(value, dict):
        return value
    members = {key: filled(member) for key, member in value.items()}
    return {key: member for key, member in members.items() if member not in ([], {})}


def makers(module, given, value, rules):
    """The definitions of the rule that alone, without the others of its name, give at least a part of the value."""
    rule_ids = set()
    for rule in rules:
        others = [other for other in rules if other is not rule]
        alone = filled(evaluated(without(module.text, others), module.path, given))
        value = filled(value)
        if (
            (alone == value and isinstance(alone, bool) == isinstance(value, bool))
            or (alone and isinstance(value, list) and all(item in value for item in alone))
            or (alone and isinstance(value, dict) and isinstance(alone, dict) and alone.items() <= value.items())
        ):
            rule_ids.add(rule.id)
    return rule_ids


def resolved(module, value):
    event = {"decision_id": "d", "path": module.path, "timestamp": "2026-01-01T00:00:00Z"}
    event |= {} if value is None else {"result": value}
    reading = read([json.dumps(event).encode()], DecisionSource(path="log"), "log", Redaction())
    assert reading.findings == ()
    return linked(reading, module)


def policies_of(module):
    return scan([PolicyFile("gate.rego", "b" * 40, module.text.encode())], REPOSITORY.id, REPOSITORY.head)


def linked(reading, module):
    policies = policies_of(module)
    parts = add_decisions(
        reading.decisions,
        DecisionContext(
            repositories=[REPOSITORY], policies=policies.policies, rules=policies.rules, sources=policies.sources
        ),
    )
    return parts.decisions[0]


def rules_of(module):
    name = module.path.split("/")[1]
    return [rule for rule in policies_of(module).rules if rule.name.partition(".")[0] == name]


@pytest.mark.parametrize("name", MODULES)
def test_the_rule_that_made_the_value_is_named(name):
    module = MODULES[name]
    rules = rules_of(module)
    assert len(rules) > 1 or "else" in module.text
    for given in module.inputs:
        value = evaluated(module.text, module.path, given)
        decision = resolved(module, value)
        if value is None or filled(value) in ([], {}):
            # No body held: all of them had their say.
            assert set(decision.rules) == {rule.id for rule in rules}, given
            assert decision.resolution == "exact", (given, decision.reason)
            continue
        made = makers(module, given, value, rules)
        assert made, given
        assert made <= set(decision.rules), (given, value, decision.reason)
        if module.is_exact:
            assert decision.resolution == "exact", (given, value, decision.reason)
        if decision.resolution == "exact":
            assert set(decision.rules) == made, (given, value, decision.reason)


@pytest.mark.parametrize("name", MODULES)
def test_exact_is_only_said_where_no_other_definition_can_give_the_value(name):
    module = MODULES[name]
    rules = rules_of(module)
    for value in filter(
        lambda value: filled(value) not in (None, [], {}),
        (evaluated(module.text, module.path, given) for given in module.inputs),
    ):
        decision = resolved(module, value)
        able = set().union(*(makers(module, other, value, rules) for other in module.inputs))
        if decision.resolution == "exact":
            assert able <= set(decision.rules), (value, decision.reason)


def test_a_definition_that_is_gone_gives_way_to_the_others():
    module = MODULES["allow by default"]
    (default, rule) = sorted(rules_of(module), key=lambda one: one.span.first_line)
    assert evaluated(without(module.text, [default]), module.path, {"user": "a"}) is None
    assert evaluated(without(module.text, [rule]), module.path, {"user": "b"}) is True


@pytest.mark.parametrize("key", ["erased", "masked"])
@pytest.mark.parametrize("name", MODULES)
def test_a_result_that_was_taken_away_is_no_verdict_and_never_exact(name, key):
    module = MODULES[name]
    event = {"decision_id": "d", "path": module.path, "timestamp": "2026-01-01T00:00:00Z", key: ["/result"]}
    event |= {"result": "***"} if key == "masked" else {}
    reading = read([json.dumps(event).encode()], DecisionSource(path="log"), "log", Redaction())
    (reported,) = reading.decisions
    assert (reported.outcome, reported.message) == ("skip", "OPA's own mask took the result out of its log.")
    assert linked(reading, module).resolution == "candidates"
