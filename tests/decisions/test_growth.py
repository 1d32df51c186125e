"""What strangers write costs in proportion to its size: twice as much of it may take twice as long, not four times."""

import json
import time

import pytest

from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.decisions.rego_values import definition_in
from mkdocs_gitguard.decisions.rule_values import can_say
from mkdocs_gitguard.policies import PolicyFile, read_file


def report(data):
    read([data], DecisionSource(path="r"), "r", Redaction())


def sarif(results, **run):
    report(
        json.dumps(
            {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": results, **run}]}
        ).encode()
    )


def rule(text):
    can_say(definition_in(text, 1, text.count("\n") + 1), "message")


def policy(path, text):
    read_file(PolicyFile(path, "a" * 40, text.encode()))


OVERRIDES = [{"ruleConfigurationOverrides": [{"descriptor": {"id": "x"}}] * 500}]
INPUTS = {
    "arguments that hold each other": lambda n: sarif(
        [{"ruleId": "r", "message": {"text": "{0}" * n, "arguments": ["{0}" * n]}}]
    ),
    "overrides of every result": lambda n: sarif(
        [{"ruleId": "r", "provenance": {"invocationIndex": 0}}] * (n // 4), invocations=OVERRIDES
    ),
    "unclosed objects": lambda n: report(b'{"a":[\n' * n),
    "an unclosed array of objects": lambda n: report(b"[\n" + b' {"a":1,\n' * n),
    "brackets": lambda n: report(b"[" * n),
    "lines between": lambda n: report(b'x {\n{"a":1}\n' * n),
    "sexagesimal numbers": lambda n: report(b"a: 1" + b":10" * n),
    "erased values": lambda n: report(
        json.dumps({"decision_id": "d", "path": "a/b", "erased": ["/input/" + "a/" * 9 + str(i) for i in range(n)]}).encode()
    ),
    "assignments that double": lambda n: rule(
        "deny contains a0 if {\n" + "".join(f'a{i} := sprintf("%s%s", [a{i + 1}, a{i + 1}])\n' for i in range(n)) + "}"
    ),
    "template strings in template strings": lambda n: rule("x := " + '$"{' * n),
    "destructured arrays": lambda n: rule("deny contains m if {\n" + "[a, b] := [c, d]\n" * n + "}"),
    "METADATA": lambda n: policy("a.rego", "package a\n" + "# METADATA\n# title: a\n" * (n // 2) + "x := 1\n"),
    "METADATA in a body": lambda n: policy("a.rego", "package a\nx if {\n" + "# METADATA\n# title: a\ny\n" * (n // 4) + "}\n"),
    "Cedar statements": lambda n: policy("a.cedar", "permit(a, b, c);\n" * n),
    "aliases": lambda n: policy(
        ".github/workflows/a.yml", "x: &x [a]\njobs:\n" + "".join(f" a{i}:\n  - b\n  - *x\n\n" for i in range(n // 4))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
def test_four_times_as_much_takes_less_than_sixteen_times_as_long(name):
    def seconds(size):
        start = time.process_time()
        INPUTS[name](size)
        return time.process_time() - start

    # Quadratic would be 16 times, each time; what is too short to be measured passes. A busy machine may spoil a try.
    assert any(seconds(8_000) < 12 * max(seconds(2_000), 0.1) for _ in range(4))
