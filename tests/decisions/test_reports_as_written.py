"""Reports as tools, shells and clusters write them: encodings, appended files, prefixes, older and smaller kinds."""

import gzip
import json

import pytest

from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction

CONFTEST = {
    "filename": "a.yaml",
    "namespace": "main",
    "successes": 1,
    "failures": [{"msg": "no owner", "metadata": {"query": "data.main.deny"}}],
}


def event(number: int) -> str:
    return json.dumps(
        {"decision_id": str(number), "path": "a/deny", "result": [f"n{number}"], "timestamp": "2026-01-06"}
    )


def reading(report: object) -> tuple[list[str], list[str]]:
    """The messages of the decisions, and those of the findings."""
    data = report if isinstance(report, bytes) else json.dumps(report).encode()
    # In small pieces, as a stream comes.
    chunks = [data[at : at + 7] for at in range(0, len(data), 7)]
    result = read(chunks, DecisionSource(path="log"), "log", Redaction())
    return [decision.message for decision in result.decisions], [finding.message for finding in result.findings]


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("report", "messages"),
    [
        pytest.param(json.dumps([CONFTEST], indent="\t").encode("utf-16"), ["no owner"], id="PowerShell's redirection"),
        pytest.param(f"{event(1)}\n{event(2)}\n".encode("utf-16"), ["n1", "n2"], id="UTF-16 lines"),
        pytest.param(
            b"\xfe\xff" + f"[{event(1)},\n{event(2)}]".encode("utf-16-be"), ["n1", "n2"], id="UTF-16, big end first"
        ),
        pytest.param(
            BOM + json.dumps([CONFTEST]).encode() + b"\n" + BOM + json.dumps([CONFTEST]).encode(),
            ["no owner", "no owner"],
            id="two files with a byte order mark each",
        ),
        pytest.param(
            f"{event(1)}\n{event(2)}{event(3)}\n{event(4)}".encode(), ["n1", "n2", "n3", "n4"], id="no line end"
        ),
        pytest.param(
            f"[{event(1)}]\n[{event(2)}][{event(3)}]\n".encode(), ["n1", "n2", "n3"], id="arrays, no line end"
        ),
        pytest.param(f"\x1e{event(1)}\n\x1e{event(2)}\n".encode(), ["n1", "n2"], id="JSON text sequence, RFC 7464"),
        pytest.param(f"[[{event(1)}], [{event(2)}, [{event(3)}]], []]".encode(), ["n1", "n2", "n3"], id="jq -s"),
        pytest.param(f"opa-1  | {event(1)}\nopa-1  | {event(2)}\n".encode(), ["n1", "n2"], id="docker compose logs"),
        pytest.param(
            f"2026-01-06T10:00:00.123456789Z {event(1)}\n2026-01-06T10:00:01Z {event(2)}\n".encode(),
            ["n1", "n2"],
            id="kubectl logs --timestamps",
        ),
        pytest.param(
            gzip.compress(event(1).encode()) + gzip.compress(f"{event(2)}\n".encode()), ["n1", "n2"], id="members glued"
        ),
    ],
)
def test_layouts(report: bytes, messages: list[str]) -> None:
    assert reading(report) == (messages, [])


def test_what_is_cut_off_after_a_glued_report_costs_only_itself() -> None:
    messages, findings = reading(f"{event(1)}\n{event(2)}{event(3)[:-20]}\n{event(4)}".encode())
    assert messages == ["n1", "n2", "n4"]
    assert len(findings) == 1


def report_of(kind: str, group: str, spec: dict[str, object], **metadata: object) -> dict[str, object]:
    return {"apiVersion": group, "kind": kind, "metadata": {"name": "r1", "namespace": "shop", **metadata}, **spec}


RESULT = {"policy": "p", "rule": "r", "result": "fail", "message": "no owner", "source": "kyverno"}
OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1"}


@pytest.mark.parametrize(
    "report",
    [
        report_of("EphemeralReport", "reports.kyverno.io/v1", {"spec": {"owner": OWNER, "results": [RESULT]}}),
        report_of(
            "BackgroundScanReport",
            "kyverno.io/v1alpha2",
            {"spec": {"summary": {"fail": 1}, "results": [RESULT]}},
            ownerReferences=[OWNER],
        ),
        report_of("AdmissionReport", "kyverno.io/v1alpha2", {"spec": {"owner": OWNER, "results": [RESULT]}}),
    ],
    ids=lambda report: str(report["kind"]),
)
def test_kyvernos_reports_on_one_resource(report: dict[str, object]) -> None:
    result = read([json.dumps(report).encode()], DecisionSource(path="log"), "log", Redaction())
    (decision,) = result.decisions
    assert (decision.outcome, decision.message, decision.subject.name) == ("deny", "no owner", "Deployment shop/web")
    assert result.findings == ()


def test_the_first_version_of_policy_reports_says_status() -> None:
    result = {"policy": "p", "status": "Fail", "message": "no owner"}
    assert reading(report_of("PolicyReport", "wgpolicyk8s.io/v1alpha1", {"results": [result]})) == (["no owner"], [])


SARIF_TOOL = {
    "driver": {"name": "T", "rules": [{"id": "A"}], "globalMessageStrings": {"g": {"text": "driver's"}}},
    "extensions": [{"name": "ext", "rules": [{"id": "B"}], "globalMessageStrings": {"g": {"text": "extension's {0}"}}}],
}


def sarif(run: object, **log: object) -> dict[str, object]:
    return {"version": "2.1.0", "runs": [run], **log}


def test_texts_of_an_extension_are_its_own() -> None:
    of_extension = {"rule": {"index": 0, "toolComponent": {"index": 0}}, "message": {"id": "g", "arguments": ["x"]}}
    of_driver = {"ruleIndex": 0, "message": {"id": "g"}}
    assert reading(sarif({"tool": SARIF_TOOL, "results": [of_extension, of_driver]})) == (
        ["extension's x", "driver's"],
        [],
    )


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (
            report_of("PolicyReport", "wgpolicyk8s.io/v1alpha2", {"summary": {"fail": 3}, "results": None}),
            "The report r1 counts 3 results and lists 0.",
        ),
        (
            {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K8sX", "metadata": {"name": "n"}, "spec": {}},
            "K8sX n has no status, so it was not audited.",
        ),
        (
            sarif(
                {
                    "tool": SARIF_TOOL,
                    "results": [],
                    "invocations": [
                        {
                            "executionSuccessful": True,
                            "toolExecutionNotifications": [{"level": "error"}, {"level": "note"}],
                        }
                    ],
                }
            ),
            "T tells of 1 error of its own, so results may be missing.",
        ),
        (
            sarif({"tool": SARIF_TOOL, "results": []}, inlineExternalProperties=[{"results": [{"ruleId": "A"}]}]),
            "1 result outside of the runs cannot be read.",
        ),
        (sarif(None), "Run 1 is not an object."),
    ],
)
def test_what_is_passed_over_is_told(report: dict[str, object], problem: str) -> None:
    assert reading(report) == ([], [problem])
