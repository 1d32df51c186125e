"""Whatever stands in a file, reading and linking it ends in records and findings with lines that the file has."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from make.policy_files import COMMIT, REPOSITORY
from policies.shapes import OBJECTS, VALUES

from mkdocs_gitguard.policies import FileScan, PolicyFile, link, read_file

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
    linked = link([scan], REPOSITORY, COMMIT)
    assert len({policy.id for policy in linked.policies}) == len(linked.policies)
    assert len({rule.id for rule in linked.rules}) == len(linked.rules)


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
