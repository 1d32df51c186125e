"""What one report may cost and add, and what is told of the rest."""

import json

import pytest

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import load, read
from mkdocs_gitguard.decisions.redaction import Redaction

OPA = {"decision_id": "d", "path": "a/allow", "result": True}


def reading(document):
    return read([json.dumps(document).encode()], DecisionSource(path="r"), "r", Redaction())


def one(document):
    report = reading(document)
    assert report.findings == ()
    (decision,) = report.decisions
    return decision


def test_one_report_adds_no_more_than_its_share(tmp_path, monkeypatch):
    monkeypatch.setattr("mkdocs_gitguard.decisions.read.MOST_OF_A_REPORT", 200)
    lines = (
        json.dumps(
            OPA
            | {
                "decision_id": f"d{number}",
                "timestamp": f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
            }
        )
        for number in range(202)
    )
    (tmp_path / "log.jsonl").write_text("\n".join(lines), encoding="utf-8")
    reading = load([DecisionSource(path="log.jsonl")], tmp_path, Redaction())
    assert len(reading.decisions) == 200
    assert "d1" not in {decision.report_id for decision in reading.decisions}
    assert [finding.message for finding in reading.findings] == [
        "The report holds 202 decisions; the newest 200 are shown."
    ]


@pytest.mark.parametrize(
    ("violation", "outcome"),
    [
        ({"enforcementAction": "deny"}, "deny"),
        ({"enforcementAction": "dryrun"}, "warn"),
        ({"enforcementAction": "scoped", "enforcementActions": ["warn", "deny"]}, "deny"),
        ({"enforcementAction": "scoped", "enforcementActions": ["warn"]}, "warn"),
        ({"enforcementAction": "unrecognized"}, "warn"),
        ({}, "deny"),
    ],
)
def test_gatekeeper_actions(violation, outcome):
    document = {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K", "metadata": {"name": "n"}}
    document["status"] = {
        "totalViolations": 1,
        "violations": [{"message": "m", "kind": "Pod", "name": "p"} | violation],
    }
    assert one(document).outcome == outcome


@pytest.mark.parametrize("number", [10**23, -1, 2**63, 2**64])
def test_a_number_that_64_bits_do_not_hold_is_missing(number):
    event = {
        "event": "policy.decision",
        "outcome": "deny",
        "subject": {"path": "a", "line": number, "pull_request": number},
    }
    reported = one(event)
    assert (reported.subject.line, reported.subject.pull_request) == (0, 0)


def test_a_document_that_no_format_can_look_at_is_a_finding(monkeypatch):
    def raising(_):
        raise ValueError

    odd = DecisionFormat(name="odd", title="Odd", claims=raising, read=lambda _: iter(()))
    monkeypatch.setattr("mkdocs_gitguard.decisions.read.decision_formats", lambda: {"odd": odd})
    (finding,) = reading({"a": 1}).findings
    assert finding.message == "A document cannot be told by its form: ValueError."
