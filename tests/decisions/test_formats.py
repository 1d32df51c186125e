"""Each format as its tool writes it. The documents are cut down from real ones; their field names and forms are not ours."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.decisions.options import DecisionSource, decision_sources, redaction
from mkdocs_gitguard.decisions.read import load, read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.decisions.registry import decision_formats
from mkdocs_gitguard.errors import SettingError


def reading(document, **source):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read([data], DecisionSource(path="r", **source), "r", Redaction())


def one(document, **source):
    report = reading(document, **source)
    assert report.findings == ()
    assert len(report.decisions) == 1
    return report.decisions[0]


OPA = {
    "labels": {"app": "my-example-app", "id": "1780d507", "version": "v1.0.0"},
    "decision_id": "4ca636c1-55e4-417a-b1d8-4aceb67960d1",
    "bundles": {"authz": {"revision": "4f3c2b1a"}},
    "path": "http/example/authz/allow",
    "input": {"method": "GET", "path": "/salary/bob", "password": "hunter2"},
    "result": True,
    "requested_by": "[::1]:59943",
    "timestamp": "2026-01-01T00:00:00.123456789Z",
    "metrics": {"timer_server_handler_ns": 1},
}


def test_opa_decision_log():
    reported = one([OPA])
    assert (reported.format, reported.outcome, reported.name) == ("opa", "allow", "http.example.authz.allow")
    assert reported.claims[0].keys[0] == "rego:data.http.example.authz.allow"
    assert reported.claims[0].verdict is True
    assert reported.revision == "4f3c2b1a"
    assert reported.at == datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)
    assert json.loads(reported.input) == {"input": {"method": "GET", "path": "<text>", "password": "***"}}


def test_opa_redaction_is_named_and_nothing_of_the_builtin_cache_is_kept():
    event = OPA | {
        "erased": ["/input/password", "/input/a/b", "/result"],
        "masked": ["/input/path"],
        "nd_builtin_cache": {"http.send": {'[{"url": "https://vault"}]': {"body": "s3cr3t"}}},
    }
    reported = one([event])
    assert json.loads(reported.input) == {
        "input": {
            "method": "GET",
            "path": "(masked by OPA)",
            "password": "(erased by OPA)",
            "a": {"b": "(erased by OPA)"},
        },
        "nd_builtin_cache": {"http.send": "<number>"},
    }


@pytest.mark.parametrize(
    ("changes", "outcome", "message"),
    [
        ({"path": "repo/guard/deny", "result": ["no licence", "no owner"]}, "deny", "no licence; no owner"),
        ({"path": "repo/guard/deny", "result": []}, "allow", ""),
        ({"path": "repo/guard/deny_root", "result": [{"msg": "root"}]}, "deny", "root"),
        ({"path": "repo/guard/warn", "result": ["old"]}, "warn", "old"),
        ({"path": "repo/guard", "result": {"allow": False, "reasons": ["no owner"]}}, "deny", "no owner"),
        ({"path": "repo/guard", "result": {"deny": ["no"], "warn": ["old"]}}, "deny", "no"),
        ({"path": "repo/guard", "result": {"deny": [], "warn": ["old"]}}, "warn", "old"),
        ({"path": "repo/guard", "result": {"deny": []}}, "allow", ""),
        ({"path": "repo/allow", "result": False}, "deny", ""),
        ({"path": "repo/names", "result": {"a": 1}}, "skip", "The result is not a verdict."),
        ({"error": {"code": "internal_error", "message": "boom"}}, "error", "boom"),
    ],
)
def test_what_an_opa_result_says(changes, outcome, message):
    reported = one([OPA | changes])
    assert (reported.outcome, reported.message) == (outcome, message)


def test_an_undefined_allow_is_a_denial():
    reported = one([{key: value for key, value in OPA.items() if key != "result"}])
    assert (reported.outcome, reported.claims[0].verdict) == ("deny", False)


def test_every_message_of_opa_is_a_voice_of_its_own():
    reported = one([OPA | {"path": "repo/guard", "result": {"deny": ["a", "b"], "warn": ["c"], "allow": False}}])
    assert [(claim.keys[0], claim.message) for claim in reported.claims] == [
        ("rego:data.repo.guard.deny", "a"),
        ("rego:data.repo.guard.deny", "b"),
        ("rego:data.repo.guard.warn", "c"),
    ]


def test_opa_query_instead_of_path():
    event = OPA | {"query": "data.repo.guard.allow = x", "result": [{"bindings": {"x": False}, "expressions": []}]}
    del event["path"]
    reported = one([event])
    assert reported.claims[0].keys[0] == "rego:data.repo.guard.allow"
    reported = one([event | {"query": "data.a.b; data.c.d"}])
    assert reported.claims == ()


def test_opa_subject_of_a_forge_event():
    given = {"repository": {"full_name": "acme/billing"}, "pull_request": {"number": 412, "head": {"sha": "abc1234"}}}
    subject = one([OPA | {"input": given}]).subject
    assert (subject.repository, subject.pull_request, subject.commit) == ("acme/billing", 412, "abc1234")


def test_opa_console_log_and_upload_forms():
    console = b'{"level":"info","msg":"Initializing server."}\n' + json.dumps(OPA | {"msg": "Decision Log"}).encode()
    report = reading(console)
    assert len(report.decisions) == 1
    assert [finding.line for finding in report.findings] == [1]
    assert one(gzip.compress(json.dumps([OPA]).encode())).outcome == "allow"


CONFTEST = {
    "filename": "deployment.yaml",
    "namespace": "main",
    "successes": 4,
    "warnings": [{"msg": "Found service hello", "metadata": {"query": "data.main.warn"}}],
    "failures": [
        {
            "msg": "Containers must not run as root",
            "loc": {"file": "base/deployment.yaml", "line": 7},
            "metadata": {"query": "data.main.deny_root", "details": {"token": "abc"}},
        }
    ],
}


def test_conftest():
    report = reading([CONFTEST, {"filename": "ok.yaml", "namespace": "main", "successes": 2}])
    assert [(d.outcome, d.claims[0].keys, d.subject.path, d.subject.line) for d in report.decisions] == [
        ("deny", ("rego:data.main.deny_root",), "base/deployment.yaml", 7),
        ("warn", ("rego:data.main.warn",), "deployment.yaml", 0),
        ("allow", ("rego-package:main",), "ok.yaml", 0),
    ]


def test_conftest_before_it_named_the_query():
    failure = {"filename": "a.yaml", "namespace": "k8s.pods", "successes": 0, "failures": [{"msg": "no"}]}
    assert one([failure]).claims[0].keys == ("rego:data.k8s.pods.deny", "rego:data.k8s.pods.violation")


def test_silence_is_told_from_a_verdict():
    assert one([{"filename": "ok", "namespace": "main", "successes": 2}]).claims[0].is_silent
    for changes, silent in [
        ({"path": "repo/guard/deny", "result": []}, ["rego:data.repo.guard.deny"]),
        (
            {"path": "repo/guard", "result": {"deny": [], "warn": {}}},
            ["rego:data.repo.guard.deny", "rego:data.repo.guard.warn"],
        ),
        ({"path": "repo/names", "result": []}, []),
        ({"path": "repo/allow", "result": False}, []),
    ]:
        claims = one([OPA | changes]).claims
        assert [claim.keys[0] for claim in claims if claim.is_silent] == silent


def test_conforma_code_in_a_conftest_result():
    result = {"msg": "bad", "metadata": {"code": "attestation.missing", "query": "data.attestation.deny"}}
    reported = one([{"filename": "i", "namespace": "attestation", "successes": 0, "failures": [result]}])
    assert reported.claims[0].keys == ("rego-code:attestation.missing", "rego:data.attestation.deny")


def sarif(tool, *results, rules=(), **run):
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": tool, "rules": list(rules)}}, "results": list(results), **run}],
    }


LOCATION = {"physicalLocation": {"artifactLocation": {"uri": "src/a%20b.py"}, "region": {"startLine": 3}}}


def test_sarif_subject_message_and_level_of_the_rule():
    reported = one(
        sarif(
            "zizmor",
            {"ruleIndex": 0, "message": {"id": "m", "arguments": ["x"]}, "locations": [LOCATION]},
            rules=[
                {
                    "id": "zizmor/a",
                    "messageStrings": {"m": {"text": "{0} is bad"}},
                    "defaultConfiguration": {"level": "error"},
                }
            ],
            versionControlProvenance=[{"repositoryUri": "https://github.com/acme/billing", "revisionId": "abc1234"}],
            invocations=[{"endTimeUtc": "2026-02-03T04:05:06Z", "executionSuccessful": True}],
        )
    )
    assert (reported.outcome, reported.message, reported.name) == ("deny", "x is bad", "zizmor: zizmor/a")
    assert reported.at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    subject = reported.subject
    assert (subject.repository, subject.commit, subject.path, subject.line) == (
        "https://github.com/acme/billing", "abc1234", "src/a b.py", 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "rule", "key"),
    [
        ("Semgrep OSS", "rules.python.flask.debug", "semgrep:python.flask.debug"),
        ("checkov", "CKV2_AWS_6", "checkov:CKV2_AWS_6"),
        ("Trivy", "AVD-AWS-0086", "rego-id:AVD-AWS-0086"),
        ("Trivy", "AWS-0086", "rego-id:AVD-AWS-0086"),
        ("conftest", "main/deny", "rego:data.main.deny"),
        ("Regal", "style/opa-fmt", 'rego:data.regal.rules.style["opa-fmt"].report'),
        ("odd", "X1", "sarif:odd/X1"),
    ],
)
def test_sarif_keys_by_tool(tool, rule, key):
    assert key in one(sarif(tool, {"ruleId": rule, "message": {"text": "m"}})).claims[0].keys


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"level": "error"}, "deny"),
        ({"level": "note"}, "warn"),
        ({}, "warn"),
        ({"kind": "pass", "level": "none"}, "allow"),
        ({"kind": "notApplicable"}, "skip"),
        ({"level": "error", "suppressions": [{"kind": "inSource"}]}, "skip"),
        ({"level": "error", "suppressions": [{"kind": "external", "status": "rejected"}]}, "deny"),
        ({"level": 7}, "warn"),
    ],
)
def test_sarif_outcomes(result, outcome):
    assert one(sarif("t", {"ruleId": "r", "message": {"text": "m"}} | result)).outcome == outcome


def test_sarif_of_another_version_or_without_rule_is_a_finding():
    assert "not 2.1" in reading({"version": "1.0.0", "runs": []}).findings[0].message
    assert "names no rule" in reading(sarif("t", {"message": {"text": "m"}})).findings[0].message


REPORT = b"""
apiVersion: %s
kind: %s
metadata: {name: cpol-x, creationTimestamp: 2026-01-02T03:04:05Z}
scope: {kind: Deployment, name: web, namespace: default}
results:
- {policy: team/require-labels, rule: autogen-check, result: fail, source: kyverno, message: no label, timestamp: {seconds: 1679565894, nanos: 0}}
- {policy: ivpol, result: pass, source: KyvernoImageValidatingPolicy, resources: [{kind: Pod, name: p}]}
- {policy: odd, result: perhaps}
"""


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        (b"wgpolicyk8s.io/v1alpha2", b"PolicyReport"),
        (b"openreports.io/v1alpha1", b"ClusterReport"),
        (b"wgpolicyk8s.io/v1beta1", b"ClusterPolicyReport"),
    ],
)
def test_policy_reports(api, kind):
    report = reading(REPORT % (api, kind))
    first, second = report.decisions
    assert (first.outcome, first.claims[0].keys) == ("deny", ("kyverno:require-labels/check", "kyverno:require-labels"))
    assert first.subject.name == "Deployment default/web"
    assert first.at == datetime(2023, 3, 23, 10, 4, 54, tzinfo=UTC)
    assert (second.outcome, second.claims[0].keys, second.subject.name) == ("allow", ("kyverno:ivpol",), "Pod p")
    assert second.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [finding.message for finding in report.findings] == ["Result 3 of report cpol-x has no known `result`."]


CONSTRAINT = {
    "apiVersion": "constraints.gatekeeper.sh/v1beta1",
    "kind": "K8sRequiredLabels",
    "metadata": {"name": "ns-must-have-gk"},
    "status": {
        "auditTimestamp": "2019-05-11T01:46:13Z",
        "totalViolations": 2,
        "violations": [
            {"enforcementAction": "deny", "kind": "Namespace", "name": "default", "message": "you must provide labels"},
            {"enforcementAction": "dryrun", "kind": "Pod", "namespace": "a", "name": "p", "message": "m"},
        ],
    },
}


def test_gatekeeper_audit_in_a_list():
    report = reading({"apiVersion": "v1", "kind": "List", "items": [CONSTRAINT]})
    assert [(d.outcome, d.claims[0].keys, d.subject.name) for d in report.decisions] == [
        (
            "deny",
            ("gatekeeper:K8sRequiredLabels", "gatekeeper-constraint:K8sRequiredLabels/ns-must-have-gk"),
            "Namespace default",
        ),
        (
            "warn",
            ("gatekeeper:K8sRequiredLabels", "gatekeeper-constraint:K8sRequiredLabels/ns-must-have-gk"),
            "Pod a/p",
        ),
    ]


def test_gatekeeper_says_where_it_left_violations_out():
    status = CONSTRAINT["status"] | {"totalViolations": 40}
    assert "counts 40 violations and lists 2" in reading(CONSTRAINT | {"status": status}).findings[0].message


def test_regal():
    violation = {
        "title": "opa-fmt",
        "description": "File should be formatted with `opa fmt`",
        "category": "style",
        "level": "error",
        "location": {"col": 1, "row": 9, "file": "p.rego", "text": "package p"},
    }
    reported = one({"violations": [violation], "summary": {"files_scanned": 1, "num_violations": 1}})
    assert (reported.outcome, reported.name, reported.subject.path, reported.subject.line) == (
        "deny",
        "style/opa-fmt",
        "p.rego",
        9,
    )
    assert reported.claims[0].keys == (
        'rego:data.regal.rules.style["opa-fmt"].report',
        'rego:data.custom.regal.rules.style["opa-fmt"].report',
    )


EVENT = {
    "event": "policy.decision",
    "schema_version": "1.0",
    "id": "d-1",
    "at": "2026-03-01T00:00:00Z",
    "outcome": "deny",
    "message": "no owner",
    "policy": {
        "key": "rego:data.repo.guard.deny",
        "repository": "acme/guardrails",
        "commit": "abc1234",
        "path": "policies/guard.rego",
        "first_line": 12,
    },
    "subject": {"repository": "acme/billing", "commit": "def5678", "pull_request": 412, "path": "src/x.py", "line": 2},
    "input": {"token": "hunter2", "action": "merge"},
}


@pytest.mark.parametrize(
    "document", [EVENT, {"specversion": "1.0", "type": "policy.decision", "id": "d-1", "source": "/ci", "data": EVENT}]
)
def test_our_own_event(document):
    reported = one(document)
    assert (reported.outcome, reported.report_id, reported.revision, reported.policies) == (
        "deny",
        "d-1",
        "abc1234",
        "acme/guardrails",
    )
    assert (reported.claims[0].place.path, reported.claims[0].place.line) == ("policies/guard.rego", 12)
    assert reported.subject.pull_request == 412
    assert json.loads(reported.input) == {"token": "***", "action": "merge"}


def test_the_site_fills_in_what_a_report_leaves_unsaid():
    document = sarif(
        "t",
        {
            "ruleId": "r",
            "message": {"text": "m"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///ci/work/src/a.py"}}}],
        },
    )
    reported = one(document, repository="acme/billing", commit="abc1234", root="/ci/work", policies="acme/rules")
    assert (reported.subject.repository, reported.subject.commit, reported.subject.path) == (
        "acme/billing",
        "abc1234",
        "src/a.py",
    )
    assert reported.policies == "acme/rules"
    reported = one(EVENT, repository="acme/other", commit="fff", pull_request=9)
    assert (reported.subject.repository, reported.subject.commit, reported.subject.pull_request) == (
        "acme/billing",
        "def5678",
        412,
    )


def test_documents_of_no_known_kind_are_one_finding():
    report = reading(b'{"a": 1}\n{"b": 2}\n' + json.dumps(OPA).encode())
    assert len(report.decisions) == 1
    assert [finding.message for finding in report.findings] == [
        "2 documents are not in a known format of decision reports."
    ]


def test_a_flood_of_problems_is_counted():
    report = reading(b'{"a": 1}\n' + b"{cut\n" * 100)
    assert len(report.findings) == 21
    assert "more parts" in report.findings[-1].message


def test_files_by_glob_and_what_cannot_be_read(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/b.json").write_text(json.dumps([OPA]))
    (tmp_path / "logs/a.json").write_text(json.dumps(EVENT))
    (tmp_path / "logs/folder.json").mkdir()
    reading = load(decision_sources(["logs/*.json", "missing/**"]), tmp_path, Redaction())
    assert [decision.source for decision in reading.decisions] == ["logs/a.json:1", "logs/b.json:1"]
    assert [(finding.source, finding.message) for finding in reading.findings] == [
        ("missing/**", "There is no decision report at this path.")
    ]


@pytest.mark.parametrize("value", [7, {"path": "x"}, [7], [{"pth": "x"}], [""], [{"path": "x", "pull_request": "a"}]])
def test_settings_that_cannot_be_are_named(value):
    with pytest.raises(SettingError, match="decisions"):
        decision_sources(value)
    with pytest.raises(SettingError, match="decision_inputs"):
        redaction({"show": "all"})


def test_settings():
    assert decision_sources(None) == ()
    assert decision_sources("a.json")[0].path == "a.json"
    assert decision_sources([{"path": "a", "commit": 1234567}])[0].commit == "1234567"
    assert redaction({"allow": ["x"]}).allow == ("x",)


def test_a_format_that_nobody_provides(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(SettingError, match="nope"):
        load([DecisionSource(path="a.json", format="nope")], tmp_path, Redaction())


NAMES = sorted(
    {"runs", "tool", "driver", "name", "results", "ruleId", "rules", "message", "locations", "version", "apiVersion", "kind",
     "violations", "summary", "files_scanned", "status", "metadata", "filename", "namespace", "failures", "msg", "decision_id",
     "path", "query", "result", "input", "erased", "masked", "bundles", "event", "outcome", "policy", "subject", "rule",
     "timestamp", "nd_builtin_cache", "error", "level", "location", "title", "items", "repository", "pull_request"}
)  # fmt: skip
WORDS = ["2.1.0", "wgpolicyk8s.io/v1alpha2", "PolicyReport", "constraints.gatekeeper.sh/v1", "List", "policy.decision", "deny", "fail",
         "a/b/deny", "data.a.b = x", "/input/a/b", "\ud800", "2026-01-01T00:00:00Z", "file:///x"]  # fmt: skip
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**30)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
CLAIMED = st.sampled_from(
    [
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{"ruleId": "r"}]}]},
        {
            "apiVersion": "wgpolicyk8s.io/v1alpha2",
            "kind": "PolicyReport",
            "results": [{"policy": "p", "result": "fail"}],
        },
        CONSTRAINT,
        {"violations": [{"title": "t"}], "summary": {"files_scanned": 1}},
        CONFTEST,
        OPA,
        EVENT,
    ]
)


@st.composite
def twisted(draw):
    """A true document with some of its values, at any depth, replaced by something odd."""

    def twist(value):
        if draw(st.integers(0, 5)) == 0:
            return draw(ODD)
        if isinstance(value, dict):
            return {key: twist(member) for key, member in value.items()}
        return [twist(item) for item in value] if isinstance(value, list) else value

    return twist(draw(CLAIMED))


@settings(max_examples=300)
@given(twisted() | ODD)
@example("\ud800")
def test_wrong_types_anywhere_cost_only_themselves(document):
    report = reading([document, OPA])
    assert any(decision.report_id == OPA["decision_id"] for decision in report.decisions)
    for format_ in decision_formats().values():
        if format_.claims(document):
            list(format_.read(document))
