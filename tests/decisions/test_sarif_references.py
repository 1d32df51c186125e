"""A SARIF result is read through its references: rules, texts, files, bases, configurations (SARIF 2.1.0)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.decisions.formats.sarif import FORMAT
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction


def log(*results, tool=None, **run):
    driver = {"name": "Checker", "rules": [{"id": "D1", "defaultConfiguration": {"level": "note"}}, {"id": "D2"}]}
    extension = {
        "name": "org/rules",
        "guid": "ABCDEF00-0000-0000-0000-000000000001",
        "rules": [
            {"id": "E1", "guid": "00000000-0000-0000-0000-0000000000e1", "defaultConfiguration": {"level": "error"}},
            {"id": "E2", "messageStrings": {"m": {"text": "{0} and {1}"}}, "defaultConfiguration": {"level": "none"}},
        ],
    }
    tool = tool or {"driver": driver, "extensions": [extension]}
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}


def reading(*results, **run):
    return read([json.dumps(log(*results, **run)).encode()], DecisionSource(path="r"), "r", Redaction())


def one(result, **run):
    report = reading({"message": {"text": "m"}} | result, **run)
    assert report.findings == ()
    (decision,) = report.decisions
    return decision


@pytest.mark.parametrize(
    ("result", "rule", "outcome"),
    [
        ({"ruleIndex": 0}, "D1", "warn"),
        ({"ruleId": "D1"}, "D1", "warn"),
        ({"ruleId": "D1/sub/rule", "ruleIndex": 0}, "D1/sub/rule", "warn"),
        ({"ruleId": "E1/sub"}, "E1/sub", "deny"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "E1", "deny"),
        ({"ruleIndex": 0, "rule": {"toolComponent": {"index": 0}}}, "E1", "deny"),
        ({"rule": {"index": 1, "toolComponent": {"name": "org/rules"}}}, "E2", "skip"),
        ({"rule": {"index": 0, "toolComponent": {"guid": "abcdef00-0000-0000-0000-000000000001"}}}, "E1", "deny"),
        ({"rule": {"guid": "00000000-0000-0000-0000-0000000000E1"}}, "E1", "deny"),
        ({"ruleId": "E1", "ruleIndex": 0}, "E1", "deny"),
        ({"rule": {"id": "E1"}, "ruleIndex": -1}, "E1", "deny"),
        ({"ruleId": "unknown", "ruleIndex": 1_000_000}, "unknown", "warn"),
    ],
)
def test_the_rule_of_a_result(result, rule, outcome):
    assert (one(result).name, one(result).outcome) == (f"Checker: {rule}", outcome)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"level": "error", "baselineState": "absent"}, "skip"),
        ({"level": "error", "baselineState": "unchanged"}, "deny"),
        ({"level": "error", "baselineState": "new"}, "deny"),
        ({"level": "error", "suppressions": []}, "deny"),
        (
            {"level": "error", "suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "accepted"}]},
            "skip",
        ),
        ({"level": "error", "suppressions": [{"kind": "inSource"}, {"status": "underReview"}]}, "deny"),
        ({"kind": "open"}, "error"),
        ({"kind": "review"}, "warn"),
        ({"kind": "informational"}, "skip"),
        ({"kind": "fail", "level": "error"}, "deny"),
    ],
)
def test_the_outcome_of_a_result(result, outcome):
    assert one({"ruleId": "D2"} | result).outcome == outcome


def test_an_invocation_can_set_a_rules_level():
    override = {"descriptor": {"id": "D2"}, "configuration": {"level": "error"}}
    run = {"invocations": [{"executionSuccessful": True, "ruleConfigurationOverrides": [override]}]}
    assert one({"ruleId": "D2", "provenance": {"invocationIndex": 0}}, **run).outcome == "deny"
    assert one({"ruleId": "D2"}, **run).outcome == "warn"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ({"id": "m", "arguments": ["a", "b"]}, "a and b"),
        ({"id": "g"}, "of all rules"),
        ({"text": "{0} {{0}} {1} {7}", "arguments": ["{1}", 2]}, "{1} {0} 2 {7}"),
        ({"markdown": "**m**"}, "**m**"),
    ],
)
def test_the_message_of_a_result(message, shown):
    tool = log()["runs"][0]["tool"]
    tool["driver"]["globalMessageStrings"] = {"g": {"text": "of all rules"}}
    assert one({"message": message, "ruleId": "E2"}, tool=tool).message == shown


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ({"uri": "a%20b.py"}, "a b.py"),
        ({"index": 1}, "lib/c.py"),
        ({"uri": "x.py", "uriBaseId": "SRC"}, "src/x.py"),
        ({"uri": "x.py", "uriBaseId": "ROOT"}, "x.py"),
        ({"uri": "x.py", "uriBaseId": "LOOP"}, "x.py"),
        ({"uri": "file:///w/x.py", "uriBaseId": "SRC"}, "w/x.py"),
        ({"index": 99}, ""),
    ],
)
def test_the_path_of_a_result(location, path):
    run = {
        "artifacts": [{"location": {"uri": "a.py"}}, {"location": {"uri": "c.py", "uriBaseId": "LIB"}}],
        "originalUriBaseIds": {
            "ROOT": {"uri": "file:///home/runner/work/"},
            "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
            "LIB": {"uri": "lib/"},
            "LOOP": {"uriBaseId": "LOOP"},
        },
    }
    result = {"ruleId": "D2", "locations": [{"physicalLocation": {"artifactLocation": location}}]}
    assert one(result, **run).subject.path == path


def test_a_logical_location_by_index_and_what_was_analysed():
    run = {"logicalLocations": [{"fullyQualifiedName": "shop.Cart"}]}
    result = {"ruleId": "D2", "analysisTarget": {"uri": "t.py"}, "locations": [{"logicalLocations": [{"index": 0}]}]}
    assert (one(result, **run).subject.name, one(result, **run).subject.path) == ("shop.Cart", "t.py")


def test_what_is_passed_over_is_told():
    run = {"externalPropertyFileReferences": {"results": [{"location": {"uri": "more.sarif"}}]}}
    messages = [finding.message for finding in reading(7, {"message": {"text": "m"}}, **run).findings]
    assert messages == [
        "Result 1 of Checker is not an object.",
        "Result 2 of Checker names no rule.",
        "1 files with more results of Checker are named and were not read.",
    ]
    failed = reading(invocations=[{"executionSuccessful": False}])
    assert "1 of its runs" in failed.findings[0].message


def test_arguments_that_hold_each_other_are_filled_in_once():
    arguments = [f"{{{number + 1}}}" * 10 for number in range(9)] + ["x" * 10]
    reported = one({"ruleId": "D2", "message": {"text": "{0}" * 10, "arguments": arguments}})
    assert reported.message == "{1}" * 100
    long = one({"ruleId": "D2", "message": {"text": "{0}" * 100_000, "arguments": ["x" * 100_000]}})
    assert len(long.message) == 10_000


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.sampled_from(["D1", "E1", "SRC", "m", "absent", "{0}", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "index", "guid", "name", "rules", "toolComponent", "uri", "uriBaseId", "text", "arguments", "location",
             "physicalLocation", "artifactLocation", "level", "descriptor", "configuration", "invocationIndex"]
        ),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["rule", "ruleId", "ruleIndex", "message", "locations", "provenance", "suppressions", "kind"]),
        PARTS,
    ),
    st.dictionaries(
        st.sampled_from(["tool", "artifacts", "originalUriBaseIds", "invocations", "logicalLocations", "results"]),
        PARTS,
    ),
)
def test_any_references_can_be_followed(result, run):
    list(FORMAT.read({"version": "2.1.0", "runs": [log(result)["runs"][0] | run]}))
    list(FORMAT.read(log(result, **{name: value for name, value in run.items() if name != "tool"})))
