"""Which policies apply to which repositories, and what says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.policy_files import CONSTRAINT, KYVERNO, TEMPLATE
from msgspec.structs import replace

from mkdocs_gitguard.model import Policy, Relation
from mkdocs_gitguard.policies import PolicyFile, PolicyScan, scan
from mkdocs_gitguard.policies.application import PlacedUse, applications, with_scopes
from mkdocs_gitguard.policies.file_scan import PolicyUse
from mkdocs_gitguard.policies.uses import uses_in_script

BILLING, GUARDRAILS = "repository:acme/billing", "repository:acme/guardrails"
REGO = "package {package}\n\ndeny if input.x\n"


def scanned(repository: str, files: dict[str, str]) -> PolicyScan:
    return scan(
        (PolicyFile(path, f"{number:040x}", text.encode()) for number, (path, text) in enumerate(files.items())),
        repository,
        "c" * 40,
    )


def subject_to(*scans: PolicyScan) -> dict[tuple[str, str], Relation]:
    """Return the relations of two repositories by repository and path of the policy."""
    policies = {policy.id: policy for one in scans for policy in one.policies}
    names = {"acme/guardrails": GUARDRAILS, "https://github.com/acme/guardrails": GUARDRAILS}
    names |= {"https://github.com/acme/guardrails.git": GUARDRAILS, "github.com/acme/guardrails": GUARDRAILS}
    relations = applications(
        list(policies.values()),
        [BILLING, GUARDRAILS],
        (),
        [use for one in scans for use in one.uses],
        lambda name: names.get(name, ""),
    )
    return {(one.source, policies[one.target].span.path): one for one in relations}


LIBRARY = {
    "policy/labels.rego": REGO.format(package="labels"),
    "policy/lib/names.rego": REGO.format(package="lib.names"),
    "other/rest.rego": REGO.format(package="rest"),
    "examples/first.rego": REGO.format(package="first"),
}


def test_a_library_does_not_apply_to_itself() -> None:
    assert subject_to(scanned(GUARDRAILS, {**LIBRARY, "k/no-latest.yaml": KYVERNO})) == {}


@pytest.mark.parametrize(
    "step",
    [
        "- run: conftest test --policy policy deploy.yaml",
        "- run: conftest test -p=policy/labels.rego deploy.yaml",
        "- run: |\n          make\n          docker run openpolicyagent/conftest:v1 \\\n            test deploy.yaml",
        "- run: cd x && opa eval --data ./policy/labels.rego -i in.json data.labels",
        "- {run: conftest test -p labels.rego x, working-directory: policy}",
        "- {uses: acme/conftest-action@v1, with: {policy: policy}}",
        "- run: regal lint --rules ${{ github.workspace }}/policy .",
    ],
)
def test_a_command_of_a_workflow_binds_what_it_asks(step: str) -> None:
    workflow = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      {step}\n"
    relations = subject_to(scanned(BILLING, {**LIBRARY, ".github/workflows/ci.yml": workflow}))
    relation = relations[BILLING, "policy/labels.rego"]
    [evidence] = relation.evidence
    assert (evidence.basis, evidence.repository, evidence.path) == ("bound", BILLING, ".github/workflows/ci.yml")
    assert workflow.splitlines()[evidence.line - 1].strip().startswith(("-", "docker"))
    assert {path for _, path in relations} <= {"policy/labels.rego", "policy/lib/names.rego"}


@pytest.mark.parametrize(
    "command",
    [
        "opa test policy",
        "conftest verify -p policy",
        "semgrep --test policy",
        "conftest test -p $POLICIES x",
        "conftest test -p /etc/policy x",
        "conftest test -p ../policy x",
        "echo conftest",
        "conftest test -p examples x",
        "make 'unclosed conftest test",
    ],
)
def test_what_tests_policies_or_is_not_known_binds_nothing(command: str) -> None:
    workflow = f"on: push\njobs: {{a: {{runs-on: x, steps: [{{run: {command!r}}}]}}}}\n"
    files = {path: text for path, text in LIBRARY.items() if path != "policy/labels.rego"} | {"x.rego": "package x\n"}
    assert subject_to(scanned(BILLING, {**files, ".github/workflows/ci.yml": workflow})) == {} or "unclosed" in command


def test_a_checkout_and_a_url_lead_to_another_repository() -> None:
    workflow = """\
on: push
jobs:
  a:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
        with: {repository: acme/guardrails, path: guard}
      - run: conftest test -p guard/policy/lib x
      - run: conftest test --update git::https://github.com/acme/guardrails.git//other?ref=main x
      - run: conftest test --update git::https://github.com/acme/unknown//policy x
"""
    relations = subject_to(scanned(GUARDRAILS, LIBRARY), scanned(BILLING, {".github/workflows/ci.yml": workflow}))
    assert set(relations) == {(BILLING, "policy/lib/names.rego"), (BILLING, "other/rest.rego")}
    assert relations[BILLING, "other/rest.rego"].evidence[0].line == 9


def test_a_pipeline_of_gitlab_and_a_configuration_of_conforma_bind() -> None:
    pipeline = "default:\n  before_script: [make]\ncheck:\n  script:\n    - conftest test -p policy/lib x\n"
    config = "sources:\n  - policy:\n      - github.com/acme/guardrails//other\n    data: []\n"
    relations = subject_to(
        scanned(GUARDRAILS, LIBRARY),
        scanned(BILLING, {".gitlab-ci.yml": pipeline, "policy/lib/x.rego": "package x\na := 1\n", "ec.yaml": config}),
    )
    assert set(relations) == {(BILLING, "policy/lib/x.rego"), (BILLING, "other/rest.rego")}
    assert relations[BILLING, "policy/lib/x.rego"].evidence[0].line == 5
    assert relations[BILLING, "other/rest.rego"].evidence[0].what == "Conforma's sources asks other"


def test_a_ruleset_that_is_switched_off_applies_to_nothing() -> None:
    ruleset = '{{"name": "r", "enforcement": "{}", "rules": [{{"type": "deletion"}}]}}'
    active = scanned(BILLING, {"rulesets/a.json": ruleset.format("active")})
    assert set(subject_to(active)) == {(BILLING, "rulesets/a.json")}
    assert subject_to(scanned(BILLING, {"rulesets/a.json": ruleset.format("disabled")})) == {}


def scopes_of(policies: tuple[Policy, ...]) -> dict[str, tuple[str, ...]]:
    return {
        policy.type: tuple(kind for scope in policy.scopes for kind in scope.resources)
        for policy in with_scopes(policies)
    }


def test_a_template_has_the_scopes_of_its_constraints_and_kyverno_those_of_its_match() -> None:
    policies = scanned(GUARDRAILS, {"t.yaml": TEMPLATE, "c.yaml": CONSTRAINT, "k.yaml": KYVERNO}).policies
    scopes = scopes_of(policies)
    assert scopes["ConstraintTemplate"] == scopes["Constraint"] != ()
    assert scopes["ClusterPolicy"] != ()
    [template] = [policy for policy in with_scopes(policies) if policy.type == "ConstraintTemplate"]
    assert template.scopes[0].evidence.node.startswith("policy:acme/guardrails/gatekeeper/")
    in_samples = scanned(GUARDRAILS, {"t.yaml": TEMPLATE, "samples/c.yaml": CONSTRAINT}).policies
    assert scopes_of(in_samples)["ConstraintTemplate"] == ()


@given(st.text(max_size=300) | st.from_regex(r"(conftest test|opa eval|semgrep)( (-[pdc]|--config|[^\n]{1,9})){0,9}"))
def test_no_script_is_too_odd_to_be_read(script: str) -> None:
    for use in uses_in_script(script, 7):
        assert use.line >= 7
        assert use.path == "." or not use.path.startswith(("/", "..", "-"))


_PATHS = st.text("ab/-.0", min_size=1, max_size=5).filter(lambda path: path.strip("/") == path and "//" not in path)


@given(st.sets(_PATHS, min_size=1, max_size=8), st.sampled_from([".", "a", "b", "a/b", "a-", "a0"]))
def test_a_place_binds_a_file_or_all_that_is_below_a_folder(paths: set[str], place: str) -> None:
    [policy] = scanned(GUARDRAILS, {"a.rego": REGO.format(package="a")}).policies
    policies = [
        replace(policy, id=f"policy:acme/guardrails/{path}", span=replace(policy.span, path=path)) for path in paths
    ]
    uses = [PlacedUse(PolicyUse(tool="conftest", path=place, line=1), GUARDRAILS, "ci.yml")]
    bound = [one.target for one in applications(policies, [GUARDRAILS], uses=uses)]
    assert bound == [
        one.id for one in policies if place in (".", one.span.path) or one.span.path.startswith(f"{place}/")
    ]
