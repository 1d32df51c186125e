"""Whatever stands in a file, reading and linking it ends in records and findings with lines that the file has."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from policies.sources import COMMIT, REPOSITORY

from mkdocs_gitguard.policies import FileScan, PolicyFile, link, read_file

KEYS = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "annotations",
        "spec",
        "rules",
        "targets",
        "target",
        "rego",
        "libs",
        "code",
        "engine",
        "source",
        "validations",
        "expression",
        "message",
        "crd",
        "names",
        "validate",
        "mutate",
        "policies",
        "results",
        "policy",
        "rule",
        "steps",
        "try",
        "apply",
        "file",
        "tests",
        "cases",
        "template",
        "constraint",
        "id",
        "languages",
        "pattern",
        "severity",
        "resource",
        "definition",
        "jobs",
        "uses",
        "permissions",
        "rulesets",
        "branches",
        "protection",
        "enforcement",
        "type",
        "title",
        "description",
        "category",
        "related",
    ]
)
WORDS = st.sampled_from(
    [
        "kyverno.io/v1",
        "policies.kyverno.io/v1",
        "cli.kyverno.io/v1",
        "chainsaw.kyverno.io/v1",
        "templates.gatekeeper.sh/v1",
        "constraints.gatekeeper.sh/v1",
        "test.gatekeeper.sh/v1",
        "ClusterPolicy",
        "ValidatingPolicy",
        "ConstraintTemplate",
        "Suite",
        "Test",
        "Rego",
        "K8sNativeValidation",
        "active",
        "package a\n\n# METADATA\n# title: [\nviolation[x] {\n",
        "../a.yaml",
        "{{ x }}",
        "",
        "\x85\u2028",
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
OBJECTS = st.fixed_dictionaries(
    {"apiVersion": WORDS, "kind": WORDS, "metadata": VALUES, "spec": VALUES},
    optional={"rules": VALUES, "jobs": VALUES, "policies": VALUES, "results": VALUES, "tests": VALUES},
)
PATHS = st.sampled_from(
    ["a.yaml", ".github/workflows/a.yml", ".github/settings.yml", "k/.kyverno-test/kyverno-test.yaml"]
)


def check(scan: FileScan, data: bytes) -> None:
    lines = data.count(b"\n") + 1
    for finding in scan.findings:
        assert 0 <= finding.line <= lines
    for policy in scan.policies:
        for part in (policy, *policy.rules):
            assert 1 <= part.first_line <= part.last_line <= lines
    found = link([scan], REPOSITORY, COMMIT)
    assert len({policy.id for policy in found.policies}) == len(found.policies)
    assert len({rule.id for rule in found.rules}) == len(found.rules)


@given(st.lists(st.one_of(OBJECTS, VALUES), min_size=1, max_size=3), PATHS, st.sampled_from([True, False, None]))
def test_yaml_of_any_shape(documents: list[object], path: str, flow: bool | None) -> None:  # noqa: FBT001 - hypothesis passes by place
    data = yaml.safe_dump_all(documents, default_flow_style=flow, allow_unicode=True).encode("utf-8", "surrogatepass")
    check(read_file(PolicyFile(path, "b" * 40, data)), data)


LINES = st.sampled_from(
    [
        "package a.b",
        "import data.a as b",
        "# METADATA",
        "# title: x",
        "#  scope: package",
        "# custom: [",
        "deny contains x if {",
        "}",
        "test_a if b.deny",
        'x := "',
        "y := `",
        "f(a) = b { c",
        "else := 1",
        "",
        "\ufeff\u202e",
        '@id("a") permit(principal);',
    ]
)


@given(
    st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["a.rego", "a_test.rego", "a.cedar"])
)
def test_lines_in_any_order(lines: list[str], separator: str, path: str) -> None:
    data = separator.join(lines).encode()
    check(read_file(PolicyFile(path, "b" * 40, data)), data)


@given(st.binary(max_size=200), st.sampled_from(["a.rego", "a.yaml", "a.cedar", ".github/workflows/a.yml"]))
def test_any_bytes(data: bytes, path: str) -> None:
    prefix = b"kyverno.io gatekeeper.sh rules: jobs "
    check(read_file(PolicyFile(path, "b" * 40, prefix + data)), prefix + data)
