"""Exceptions from policies: what each format says, and that nothing written there ends in an error."""

from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from make.policy_files import COMMIT, REPOSITORY, read, scan_files

from mkdocs_gitguard.policies.exception_fields import moment_of
from mkdocs_gitguard.policies.exceptions import with_policies
from mkdocs_gitguard.policies.file_scan import FoundException
from mkdocs_gitguard.policies.link import link
from mkdocs_gitguard.policies.skip_comments import read_skips

CONFORMA = """\
apiVersion: appstudio.redhat.com/v1alpha1
kind: EnterpriseContractPolicy
metadata: {name: release}
spec:
  sources:
    - name: Default
      policy: ["oci::quay.io/conforma/release-policy:konflux"]
      config:
        exclude:
          - hermetic_build_task
          - "test:clamav"
      volatileConfig:
        exclude:
          - value: trusted_task.current
            effectiveOn: 2026-01-01T00:00:00Z
            effectiveUntil: "2026-12-31T23:59:59+02:00"
            imageRef: sha256:abc
            reference: https://issues.example.org/EC-1
          - value: "*"
            effectiveUntil: next year
          - effectiveUntil: 2026-12-31T00:00:00Z
        include:
          - value: cve.unpatched
            effectiveOn: 2027-02-01T00:00:00Z
          - value: "@slsa3"
"""
KYVERNO = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata:
  name: delta
  labels: {cleanup.kyverno.io/ttl: 2026-11-01T120000Z}
  annotations:
    example.org/reason: "Moves to the new cluster\\n  first."
    example.org/ticket: https://issues.example.org/D-7
spec:
  exceptions:
    - policyName: disallow-host
      ruleNames: [host-namespaces, autogen-host-namespaces, autogen-cronjob-host-namespaces]
    - policyName: team/require-labels
  match:
    any:
      - resources: {kinds: [Pod, Deployment], namespaces: [delta], names: ["tool*"]}
---
apiVersion: policies.kyverno.io/v1alpha1
kind: PolicyException
metadata: {name: cel, labels: {cleanup.kyverno.io/ttl: 10s}}
spec:
  policyRefs: [{name: check-labels, kind: ValidatingPolicy}]
  matchConditions: [{name: ns, expression: "object.metadata.namespace == 'x'"}]
"""
GATEKEEPER = """\
apiVersion: config.gatekeeper.sh/v1alpha1
kind: Config
metadata: {name: config}
spec:
  match:
    - excludedNamespaces: [kube-system, gatekeeper-system]
      processes: ["*"]
    - excludedNamespaces: [audit-off]
      processes: [audit]
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sRequiredLabels
metadata: {name: owners}
spec:
  match:
    kinds: [{apiGroups: [""], kinds: [Pod]}]
    excludedNamespaces: [legacy]
    namespaceSelector:
      matchExpressions: [{key: env, operator: NotIn, values: [dev, test]}]
"""
REGO = """\
# METADATA
# title: Guard
package repo.guard

import rego.v1

# METADATA
# title: Signed
# custom:
#   short_name: signed
#   effective_on: 2026-12-24T00:00:00Z
deny contains "unsigned" if not input.signed

# METADATA
# title: Soon
# custom:
#   short_name: soon
#   effective_on: soon
deny contains "soon" if input.soon
"""


def exceptions(path: str, text: str) -> list[FoundException]:
    return list(read(path, text).exceptions)


def test_conforma() -> None:
    plain, term, dated, every, included = exceptions("policy.yaml", CONFORMA)
    assert (plain.type, plain.name, plain.first_line, plain.ends_at) == ("exclusion", "hermetic_build_task", 10, None)
    assert term.keys == ("rego-code:test", "rego-package:test")
    assert (dated.name, dated.first_line, dated.scope) == ("trusted_task.current", 14, "images sha256:abc")
    assert dated.starts_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert dated.ends_at == datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC)
    assert dated.reference == "https://issues.example.org/EC-1"
    assert (every.name, every.keys, every.ends_at) == ("every rule", (), None)
    assert (included.type, included.name) == ("start", "cve.unpatched")
    assert [(finding.code, finding.line) for finding in read("policy.yaml", CONFORMA).findings] == [
        ("exception-date", 20),
        ("exception-broken", 21),
    ]


def test_kyverno() -> None:
    host, labels, cel = exceptions("exception.yaml", KYVERNO)
    assert (host.type, host.name, host.first_line) == ("exemption", "disallow-host/host-namespaces", 11)
    assert host.scope == "kinds Pod, Deployment; namespaces delta; names tool*"
    assert host.reason == "Moves to the new cluster first."
    assert host.reference == "https://issues.example.org/D-7"
    assert host.ends_at == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert host.keys == ("kyverno:disallow-host/host-namespaces",)
    assert labels.keys == ("kyverno:require-labels",)
    assert (cel.name, cel.ends_at, cel.scope) == ("check-labels", None, "where object.metadata.namespace == 'x'")
    assert not read("exception.yaml", KYVERNO).findings
    broken = KYVERNO.replace("2026-11-01T120000Z", "never").replace("name: check-labels", "title: x")
    assert [finding.code for finding in read("x.yaml", broken).findings] == ["exception-date", "exception-broken"]
    assert not exceptions("tests/fixtures/exception.yaml", KYVERNO)


def test_gatekeeper() -> None:
    system, audit, own = exceptions("config.yaml", GATEKEEPER)
    assert (system.name, system.scope) == ("every constraint", "namespaces kube-system, gatekeeper-system")
    assert audit.scope == "namespaces audit-off; processes audit"
    assert (own.name, own.first_line) == ("K8sRequiredLabels/owners", 17)
    assert own.scope == "namespaces legacy; labels env in (dev, test)"
    assert own.keys == ("gatekeeper-constraint:K8sRequiredLabels/owners",)


def test_rego_that_is_not_in_force_yet() -> None:
    [signed] = exceptions("policy/guard.rego", REGO)
    assert (signed.type, signed.name, signed.first_line, signed.last_line) == ("start", "signed", 7, 12)
    assert signed.starts_at == datetime(2026, 12, 24, tzinfo=UTC)
    assert signed.keys == ("rego-code:repo.guard.signed", "rego-code:guard.signed")
    [finding] = read("policy/guard.rego", REGO).findings
    assert (finding.code, finding.line) == ("exception-date", 14)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = f()  # nosemgrep", [("semgrep", "every rule", "")]),
        ("x = f()  # noqa: S1  # nosemgrep: a.b.rule-c, rule-d: known safe", None),
        (
            "// nosem: rule-a, rule-b - read only",
            [("semgrep", "rule-a", "read only"), ("semgrep", "rule-b", "read only")],
        ),
        ("<!-- nosemgrep: html.x -->", [("semgrep", "html.x", "")]),
        ("print('nosemgrep')", []),
        ("semgrep --disable-nosem # --disable-nosem", []),
        ("# nosemantics here", []),
        ("#checkov:skip=CKV_AWS_20:Public: by design", [("checkov", "CKV_AWS_20", "Public: by design")]),
        ("# checkov:skip=CKV_1,CKV_2", [("checkov", "CKV_1", ""), ("checkov", "CKV_2", "")]),
        ("/* bridgecrew:skip=BC_1:ok */", [("checkov", "BC_1", "ok")]),
        ('    checkov.io/skip1: "CKV_K8S_20=It is fine"', [("checkov", "CKV_K8S_20", "It is fine")]),
    ],
)
def test_skip_comments(line: str, expected: list[tuple[str, str, str]] | None) -> None:
    scan = read_skips("main.tf", "b" * 40, [(7, line)])
    if expected is None:
        assert [one.name for one in scan.exceptions] == ["a.b.rule-c", "rule-d"]
        assert scan.exceptions[0].keys == ("semgrep:a.b.rule-c", "semgrep:b.rule-c", "semgrep:rule-c")
        assert scan.exceptions[0].reason == "known safe"
    else:
        assert [(one.format, one.name, one.reason) for one in scan.exceptions] == expected
    assert all(one.first_line == one.last_line == 7 for one in scan.exceptions)


def test_a_skip_without_a_check_is_a_finding() -> None:
    [finding] = read_skips("main.tf", "b" * 40, [(3, "# checkov:skip=")]).findings
    assert (finding.code, finding.path, finding.line) == ("exception-broken", "main.tf", 3)


def test_ids_do_not_depend_on_lines_and_lead_to_the_policies_of_the_same_repository() -> None:
    files = {"policy/guard.rego": REGO, "config.yaml": GATEKEEPER, "samples/config.yaml": GATEKEEPER}
    scanned = scan_files(files)
    ids = {one.id.removeprefix("exception:acme/guardrails/") for one in scanned.exceptions}
    assert ids == {
        "rego/policy/guard.rego/signed",
        "gatekeeper/config.yaml/every constraint",
        "gatekeeper/config.yaml/every constraint~2",
        "gatekeeper/config.yaml/K8sRequiredLabels/owners",
    }
    moved = scan_files({path: f"\n\n{text}" for path, text in files.items()})
    assert {one.id for one in moved.exceptions} == {one.id for one in scanned.exceptions}
    known = {one.id: one.policies for one in with_policies(scanned.exceptions, scanned.policies, scanned.rules)}
    assert known["exception:acme/guardrails/rego/policy/guard.rego/signed"] == (
        "policy:acme/guardrails/rego/repo.guard",
    )
    assert known["exception:acme/guardrails/gatekeeper/config.yaml/K8sRequiredLabels/owners"]


@given(st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    moment = moment_of(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(timezones=st.sampled_from([UTC])))
def test_a_moment_is_read_as_written(moment: datetime) -> None:
    assert moment_of(moment.strftime(f"{moment.year:04}-%m-%dT%H:%M:%SZ")) == moment.replace(microsecond=0)


@given(st.lists(st.tuples(st.integers(1, 9), st.text(st.sampled_from("#/ nosemgrep:,=checkov.skip1A_-é\"'")))))
def test_any_lines_are_read(lines: list[tuple[int, str]]) -> None:
    scan = read_skips("a.py", "b" * 40, lines)
    assert all(one.name and one.first_line for one in scan.exceptions)
    link([scan], REPOSITORY, COMMIT)


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.sampled_from(["2026-01-01", "*", "@x", "NotIn"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "spec",
                    "match",
                    "exceptions",
                    "policyName",
                    "ruleNames",
                    "sources",
                    "policy",
                    "volatileConfig",
                    "exclude",
                    "include",
                    "value",
                    "effectiveOn",
                    "effectiveUntil",
                    "config",
                    "configuration",
                    "excludedNamespaces",
                    "namespaceSelector",
                    "matchExpressions",
                    "operator",
                    "values",
                    "metadata",
                    "annotations",
                    "labels",
                    "name",
                    "any",
                    "resources",
                    "policyRefs",
                    "matchConditions",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(
    VALUES,
    st.sampled_from(
        [
            ("kyverno.io/v2", "PolicyException"),
            ("policies.kyverno.io/v1", "PolicyException"),
            ("config.gatekeeper.sh/v1alpha1", "Config"),
            ("constraints.gatekeeper.sh/v1beta1", "K8sX"),
            ("appstudio.redhat.com/v1alpha1", "EnterpriseContractPolicy"),
        ]
    ),
)
def test_any_shape_is_read(values: object, kind: tuple[str, str]) -> None:
    document = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "x"}, "sources": values, "spec": values}
    scan = read("a.yaml", yaml.safe_dump(document))
    for one in scan.exceptions:
        assert one.name
        assert 1 <= one.first_line <= one.last_line
    assert {finding.code for finding in scan.findings} <= {"exception-date", "exception-broken"}
