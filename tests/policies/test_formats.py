"""Each format: which policies and rules a file holds, on which lines, under which keys."""

import json

import pytest
from make.policy_files import CONSTRAINT, GUARD, GUARD_TEST, KYVERNO, SUITE, TEMPLATE, read

from mkdocs_gitguard.policies import FileScan, policy_formats
from mkdocs_gitguard.policies.formats.semgrep import rule_files_of, sibling_tests


def rules_of(scan: FileScan) -> list[tuple[str, str, int, int]]:
    return [(r.name, r.type, r.first_line, r.last_line) for policy in scan.policies for r in policy.rules]


def test_rego_with_annotations() -> None:
    [policy] = read("policy/guard.rego", GUARD).policies
    assert (policy.name, policy.first_line, policy.last_line, policy.metadata_line) == (
        "repo.guard",
        1,
        len(GUARD.splitlines()),
        1,
    )
    assert (policy.about.title, policy.about.severity, policy.about.category) == ("Guard", "high", "supply chain")
    assert policy.about.related == ("https://example.org/guard", "https://example.org/more")
    assert policy.keys == ("rego-package:repo.guard", "rego-id:ACME-1")
    allow, force, empty, helper = policy.rules
    assert (allow.type, allow.first_line, allow.keys) == ("default", 15, ("rego:data.repo.guard.allow",))
    assert (force.label, force.about.title, force.about.severity) == ("no_force_push", "No force push", "critical")
    assert (force.first_line, force.last_line, force.metadata_line) == (22, 25, 17)
    codes = ("rego-code:repo.guard.no_force_push", "rego-code:guard.no_force_push")
    assert force.keys == ("rego:data.repo.guard.deny", *codes)
    assert (empty.about.title, empty.metadata_line) == ("No empty message", 27)
    assert (helper.type, helper.metadata_line) == ("function", 0)


def test_rego_tests_name_what_they_reach_through_helpers_but_not_what_they_replace() -> None:
    scan = read("policy/guard_test.rego", GUARD_TEST)
    assert not scan.policies
    force, helper = scan.tests
    assert (force.name, force.first_line, force.last_line) == ("test_force_push_is_denied", 8, 10)
    assert "rego:data.repo.guard.deny" in force.targets
    assert set(helper.targets) == {"rego:data.repo.guard.helper", "rego:data.repo.guard.allow"}


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("# METADATA\n# title: [", "does not parse"),
        ("# METADATA", "is empty"),
        ("# METADATA\n# - a", "not a mapping"),
        ("# METADATA\n# scope: world", "'world'"),
        ("# METADATA\n# severity: high", "no attribute severity"),
        ("# METADATA\n# custom: 1", "custom is not"),
        ("# METADATA\n# title: {a: b}", "title is not text"),
        ("# METADATA\n# scope: package", "stands above nothing"),
    ],
)
def test_broken_metadata_is_a_finding_at_its_line(block: str, words: str) -> None:
    scan = read("a.rego", f"package a\n\n{block}\nx := 1\n")
    [finding] = scan.findings
    assert finding.code == "broken-metadata"
    assert words in finding.message
    assert 3 <= finding.line <= 4
    assert len(scan.policies[0].rules) == 1


def test_a_metadata_bomb_is_a_finding() -> None:
    lines = ["# a0: &a0 [x, x]", *(f"# a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    [finding] = read("a.rego", "# METADATA\n" + "\n".join(lines) + "\npackage a\n").findings
    assert "expands" in finding.message


def test_rego_that_does_not_parse_is_indexed_with_a_finding() -> None:
    scan = read("a.rego", "package a\n\nx := {\n\ny := 1\n")
    assert [rule.name for rule in scan.policies[0].rules] == ["x", "y"]
    assert [(finding.code, finding.line) for finding in scan.findings] == [("rego-broken", 3)]


def test_gatekeeper_template_with_rego_and_cel_at_exact_lines() -> None:
    scan = read("library/template.yaml", TEMPLATE)
    [policy] = scan.policies
    assert (policy.type, policy.shown_name, policy.name) == (
        "ConstraintTemplate",
        "K8sRequired",
        "ConstraintTemplate/k8srequired",
    )
    assert (policy.about.title, policy.about.description) == ("Required", "Asks for labels.")
    assert rules_of(scan) == [
        ("validations", "cel", 23, 24),
        ("violation", "set", 32, 34),
        ("violation", "set", 36, 38),
        ("name", "function", 43, 45),
    ]
    lines = TEMPLATE.split("\n")
    for rule in policy.rules[1:]:
        assert lines[rule.first_line - 1].strip().startswith(rule.name)
        assert lines[rule.last_line - 1].strip() == "}"
    assert [rule.keys for rule in policy.rules] == [("gatekeeper:K8sRequired",)] * 3 + [()]


def test_gatekeeper_constraint_and_suite() -> None:
    [constraint] = read("samples/constraint.yaml", CONSTRAINT).policies
    assert constraint.keys == ("gatekeeper-constraint:K8sRequired/must-have-owner",)
    assert (constraint.first_line, constraint.last_line) == (1, 6)
    tests = read("library/suite.yaml", SUITE).tests
    assert [(test.name, test.first_line) for test in tests] == [("required/allowed", 8), ("required/denied", 10)]
    assert tests[0].targets == ("path:library/template.yaml", "path:library/samples/constraint.yaml")


def test_kyverno_rules_and_cel_policies() -> None:
    scan = read("no-latest.yaml", KYVERNO)
    rules, cel = scan.policies
    assert (rules.about.title, rules.about.severity, rules.about.description) == ("No latest", "medium", "Tags move.")
    assert (rules.first_line, rules.last_line, cel.first_line, cel.last_line) == (1, 21, 23, 31)
    assert rules_of(scan) == [
        ("require-tag", "validate", 12, 17),
        ("add-label", "mutate", 18, 21),
        ("validations", "cel", 30, 31),
    ]
    assert rules.rules[0].keys == ("kyverno:no-latest/require-tag",)
    assert (cel.name, cel.keys) == ("NamespacedValidatingPolicy/team/cel", ("kyverno:cel",))


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("kyverno.io/v2beta1", "Policy"),
        ("kyverno.io/v2", "ClusterCleanupPolicy"),
        ("policies.kyverno.io/v1alpha1", "ValidatingPolicy"),
        ("policies.kyverno.io/v1beta1", "MutatingPolicy"),
        ("policies.kyverno.io/v1", "GeneratingPolicy"),
        ("policies.kyverno.io/v1", "ImageValidatingPolicy"),
        ("policies.kyverno.io/v1", "NamespacedDeletingPolicy"),
    ],
)
def test_every_kind_of_kyverno(version: str, kind: str) -> None:
    [policy] = read("a.yaml", f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: x\n").policies
    assert (policy.type, policy.name) == (kind, f"{kind}/x")


def test_semgrep() -> None:
    text = """\
rules:
  - id: eval-used
    languages: [python]
    message: Do not.
    severity: ERROR
    pattern: eval(...)
    metadata:
      category: security
      references: [https://example.org/eval]
  - id: no-matcher
"""
    [policy] = read("python/lang/eval.yaml", text).policies
    [rule] = policy.rules
    assert (rule.name, rule.first_line, rule.last_line) == ("eval-used", 2, 9)
    assert rule.keys == ("semgrep:eval-used", "semgrep:python.lang.eval-used")
    assert (rule.about.severity, rule.about.category) == ("high", "security")
    assert rule.about.related == ("https://example.org/eval",)


def test_a_rule_file_of_semgrep_is_tested_by_what_has_its_name_up_to_the_first_dot() -> None:
    policies = read("php/cookie.yaml", "rules:\n  - {id: a, pattern: x}\n").policies
    scans = [FileScan(path=path, blob="", policies=policies) for path in ("php/cookie.yaml", "php/other.yaml")]
    scans.append(FileScan(path="php/plain.yaml", blob=""))
    files = ["cookie.php", "cookie.session.php", "cookie.test.yaml", "cookie", "cookie/deep/a.php", "other.d/b.php"]
    others = ["cookie.yaml", "cookie.yml", "cookie.fixed.php", "cookies.php", ".php", "old/cookie.php", "README.md"]
    paths = [f"php/{path}" for path in (*files, *others)] + ["cookie.php", "php.yaml", "php/plain.php"]
    tested = {
        scan.path: [test.targets for test in scan.tests]
        for scan in sibling_tests(rule_files_of(scans), dict.fromkeys(paths, ""))
    }
    rule_files = {f"php/{path}": f"php/{path.split('.')[0].split('/')[0]}.yaml" for path in files}
    assert tested == {path: [(f"path:{rule_file}",)] for path, rule_file in rule_files.items()}


def test_cedar() -> None:
    text = """\
// permit(
@id("view-photos")
@description("Anyone; may look.")
permit (
  principal, action == Action::"view;", resource
);

forbid (principal, action, resource)
when { context.x == "// y" };
permit (principal
"""
    scan = read("photos.cedar", text)
    assert rules_of(scan) == [
        ("view-photos", "permit", 2, 6),
        ("policy1", "forbid", 8, 9),
        ("policy2", "permit", 10, 10),
    ]
    assert scan.policies[0].rules[0].about.description == "Anyone; may look."
    assert [(finding.code, finding.line) for finding in scan.findings] == [("cedar-broken", 10)]


def test_custodian() -> None:
    text = "policies:\n  - name: s3-open\n    resource: aws.s3\n    description: No open buckets.\n    filters: []\n"
    [policy] = read("c7n/s3.yml", text).policies
    assert [(rule.name, rule.type, rule.keys) for rule in policy.rules] == [
        ("s3-open", "aws.s3", ("custodian:s3-open",))
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("payments/{}.yaml", "rules:\n  - {id: a, pattern: x}\n"),
        ("payments/{}.cedar", "permit (principal, action, resource);\n"),
        ("payments/{}.yml", "policies:\n  - {name: a, resource: aws.s3}\n"),
    ],
)
def test_a_file_whose_name_says_nothing_is_called_by_its_folder_too(path: str, text: str) -> None:
    for name, shown in (("eval", "eval"), ("rules", "payments/rules"), (".semgrep", "payments/.semgrep")):
        [policy] = read(path.format(name), text).policies
        assert policy.shown_name == shown
    [policy] = read(path.format("rules").partition("/")[2], text).policies
    assert policy.shown_name == "rules"


def test_checkov() -> None:
    text = """\
metadata:
  id: ACME_1
  name: Encrypt
  category: ENCRYPTION
  severity: LOW
definition:
  cond_type: attribute
  attribute: encrypted
"""
    [policy] = read("checks/a.yaml", text).policies
    assert (policy.name, policy.about.title, policy.about.severity) == ("ACME_1", "Encrypt", "low")
    assert (policy.rules[0].first_line, policy.rules[0].last_line) == (6, 8)


def test_github_ruleset_as_exported() -> None:
    ruleset = {
        "name": "main",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "deletion"}, {"type": "pull_request", "parameters": {"n": 1}}],
    }
    [policy] = read(".github/rulesets/main.json", json.dumps(ruleset, indent=2)).policies
    assert policy.keys == ("github-ruleset:main",)
    assert "~DEFAULT_BRANCH" in policy.about.description
    assert [rule.name for rule in policy.rules] == ["deletion", "pull_request"]


def test_safe_settings() -> None:
    text = """\
repository:
  private: true
rulesets:
  - name: Template
    target: branch
    enforcement: evaluate
    rules:
      - type: creation
branches:
  - name: main
    protection:
      enforce_admins: true
      restrictions:
        users: []
"""
    ruleset, branch = read(".github/settings.yml", text).policies
    assert (ruleset.name, branch.name) == ("ruleset/Template", "branch/main")
    assert [(rule.name, rule.first_line, rule.last_line) for rule in branch.rules] == [
        ("enforce_admins", 12, 12),
        ("restrictions", 13, 14),
    ]


WORKFLOW = """\
name: CI
on: push
permissions: write-all
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/cache@0123456789012345678901234567890123456789
      - uses: ./local
  call:
    uses: acme/shared/.github/workflows/x.yml@main
"""


def test_workflow_with_its_findings() -> None:
    scan = read(".github/workflows/ci.yml", WORKFLOW)
    assert rules_of(scan) == [
        ("permissions", "permissions", 3, 3),
        ("test", "job", 5, 10),
        ("call", "job", 11, 12),
    ]
    loose, everything = sorted(scan.findings, key=lambda finding: -finding.line)
    assert (loose.code, loose.line) == ("workflow-unpinned-action", 8)
    assert "actions/checkout@v4 (line 8), acme/shared/.github/workflows/x.yml@main (line 12)" in loose.message
    assert (everything.code, everything.line) == ("workflow-permissions-write-all", 3)


def test_workflow_without_permissions() -> None:
    text = "on: push\njobs:\n  a:\n    permissions: {}\n  b:\n    runs-on: x\n"
    [finding] = read(".github/workflows/a.yaml", text).findings
    assert finding.code == "workflow-permissions-unstated"
    assert not read(".github/workflows/a.yaml", "permissions: {}\n" + text).findings
    assert not read("elsewhere/a.yaml", text).policies


@pytest.mark.parametrize(
    "text",
    [
        "kind: List\nitems: []\n",
        "rules: 1\n",
        "rules:\n  - a\n  - [b]\n",
        "policies: {a: b}\nresource: x\n",
        "metadata: x\ndefinition: y\n",
        "apiVersion: [kyverno.io/v1]\nkind: {}\n",
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: []\n",
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: x, annotations: 1}\nspec: {rules: [1, a: 2]}\n",
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nspec: {targets: {a: 1}}\n",
        "apiVersion: test.gatekeeper.sh/v1\nkind: Suite\ntests: [1]\n",
        "jobs: {a: 1, b: [2], c: {steps: 3}}\n",
        "",
        "\x00\x01",
    ],
)
def test_wrong_types_cost_nothing_else(text: str) -> None:
    for path in ("a.yaml", ".github/workflows/a.yml", ".github/settings.yml", "a.cedar", "a.rego"):
        read(path, text)


def test_helm_templates_are_told_not_failed() -> None:
    text = "{{- if .Values.on }}\napiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: {{ .Values.n }}\n{{- end }}\n"
    scan = read("chart/templates/policy.yaml", text)
    assert [(finding.code, finding.severity) for finding in scan.findings] == [("yaml-templated", "info")]
    assert not scan.policies


def test_a_broken_document_does_not_cost_its_neighbour() -> None:
    scan = read("a.yaml", "apiVersion: kyverno.io/v1\nkind: [\n---\n" + KYVERNO)
    assert len(scan.policies) == 2
    assert [finding.code for finding in scan.findings] == ["yaml-broken"]
    assert scan.policies[0].first_line == 4


def test_duplicate_keys_are_told_at_their_line() -> None:
    [finding] = read("a.yaml", "apiVersion: kyverno.io/v1\nkind: Policy\nmetadata:\n  name: a\n  name: b\n").findings
    assert (finding.code, finding.line) == ("yaml-duplicate-key", 5)


def test_large_files_are_not_read() -> None:
    [finding] = read("big.rego", b"package a\n" + b"#" * 50_000_000).findings
    assert finding.code == "policy-file-too-large"
    assert finding.severity == "info"


def test_policies_in_folders_for_tests_are_left_out_and_their_tests_kept() -> None:
    for folder in ("testdata", ".chainsaw-test", "e2e/x", "unit-tests"):
        assert not read(f"{folder}/a.yaml", KYVERNO).policies
    assert read("tests/suite.yaml", SUITE).tests
    assert read("latest/a.yaml", KYVERNO).policies
    assert not read("testdata/a.rego", GUARD).policies
    assert read("policy/test/test.rego", GUARD).policies


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        *((".github/settings.yml", True), ("a/deployment-settings.yaml", True), ("a/repos/b.yml", True)),
        *((".github/suborgs/b.yaml", True), ("rulesets/a.json", True), ("x/ruleset/a.yml", True)),
        *(("a/my-ruleset-1.json", True), ("repos/b.json", False), ("a/settings.json", False), ("a/b.yml", False)),
        *(("a/ruleset.yml", False), ("ruleset/a/b.yml", False)),
    ],
)
def test_github_settings_are_known_by_their_paths(path: str, *, wanted: bool) -> None:
    (known,) = (known for known in policy_formats() if known.name == "github-ruleset")
    assert known.wants(path) is wanted
