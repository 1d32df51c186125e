"""What a policy's source is for: policy, automation, sample, test data or version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.policy_files import CONSTRAINT, TEMPLATE

from mkdocs_gitguard.policies import PolicyFile, scan
from mkdocs_gitguard.policies.roles import roles_of

LIBRARY = "repository:acme/library"
REGO = "package {package}\n\ndeny if input.x\n"
TEMPLATES = "policy:acme/library/gatekeeper/ConstraintTemplate/k8srequiredlabels/"


def roles(files: dict[str, str]) -> dict[str, str]:
    """Return the role of the policies of some files by path."""
    scanned = scan(
        (PolicyFile(path, f"{hash(text) % 16**8:040x}", text.encode()) for path, text in files.items()),
        LIBRARY,
        "c" * 40,
    )
    return {policy.span.path: policy.role for policy in scanned.policies}


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("policy/deny.rego", "policy"),
        ("src/latest/contest.rego", "policy"),
        ("policy/attestation/protest.rego", "policy"),
        ("resampled/demonstration.rego", "policy"),
        ("policy/release/v1.rego", "policy"),
        ("examples/kubernetes/policy/deny.rego", "sample"),
        ("data_filter_example/x.rego", "sample"),
        ("example-policies/x.rego", "sample"),
        ("docs/x.rego", "sample"),
        ("kubernetes/admission/example_loadbalancer.rego", "sample"),
        ("demo/basic/x.rego", "sample"),
        ("tests/multitype/policy/x.rego", "test"),
        ("cmd/_testdata_/x.rego", "policy"),
        ("library/test_loadbalancer.rego", "test"),
        ("unit-tests/x.rego", "test"),
        ("aws/input.rego", "test"),
        ("mock/x.rego", "test"),
        ("examples/configfile/test/deny.rego", "test"),
    ],
)
def test_the_place_of_a_source_tells_its_role(path: str, role: str) -> None:
    assert roles({path: REGO.format(package="a.b")}) == {path: role}


def test_a_package_for_tests_is_test_data() -> None:
    assert roles({"lib/x.rego": REGO.format(package="lib.helpers_test")}) == {"lib/x.rego": "test"}
    assert roles({"lib/x.rego": REGO.format(package="lib.latest")}) == {"lib/x.rego": "policy"}


def test_workflows_and_pipelines_are_automation() -> None:
    workflow = "on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n"
    pipeline = "stages: [a]\nbuild:\n  stage: a\n  script: [make]\n"
    assert roles({".github/workflows/ci.yml": workflow, ".gitlab-ci.yml": pipeline}) == {
        ".github/workflows/ci.yml": "automation",
        ".gitlab-ci.yml": "automation",
    }


def versions(files: dict[str, str]) -> dict[str, str]:
    """Return the path of each version's policy by the version's own."""
    scanned = scan(
        (PolicyFile(path, f"{number:040x}", text.encode()) for number, (path, text) in enumerate(files.items())),
        LIBRARY,
        "c" * 40,
    )
    paths = {policy.id: policy.span.path for policy in scanned.policies}
    return {policy.span.path: paths[policy.version_of] for policy in scanned.policies if policy.role == "version"}


def test_of_versioned_folders_the_highest_is_the_policy() -> None:
    files = {f"hub/labels/{version}/template.yaml": TEMPLATE for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc1")}
    assert versions(files) == {
        f"hub/labels/{version}/template.yaml": "hub/labels/2.0.0-rc1/template.yaml"
        for version in ("1.0.0", "1.2.0", "1.10.0")
    }
    files["hub/labels/2.0.0/template.yaml"] = TEMPLATE
    assert versions(files)["hub/labels/2.0.0-rc1/template.yaml"] == "hub/labels/2.0.0/template.yaml"


def test_what_stands_outside_of_versioned_folders_is_the_policy() -> None:
    files = {f"hub/{version}/template.yaml": TEMPLATE for version in ("v1", "v2beta1")}
    files["library/template.yaml"] = TEMPLATE
    assert set(versions(files).values()) == {"library/template.yaml"}
    assert len(versions(files)) == 2


def test_a_sample_of_an_old_version_is_a_sample() -> None:
    files = {f"hub/{version}/samples/x.yaml": CONSTRAINT for version in ("1.0.0", "1.0.1")}
    assert set(roles(files).values()) == {"sample"}


def test_equal_files_of_one_name_are_copies_of_the_one_nearest_to_the_top() -> None:
    text = REGO.format(package="lib.shared")
    files = {
        "lib/shared.rego": text,
        "deep/down/lib/shared.rego": text,
        "other.rego": REGO.format(package="lib.shared"),
    }
    scanned = scan((PolicyFile(path, f"{len(text):040x}", text.encode()) for path, text in files.items()), LIBRARY, "c")
    copies = {policy.span.path: policy.version_of for policy in scanned.policies if policy.role == "version"}
    assert set(copies) <= {"deep/down/lib/shared.rego", "lib/shared.rego"}
    assert len(copies) == 2  # all three have one length, so one made-up blob: the nearest to the top stays


@given(st.lists(st.text(alphabet="/.v019-test_examples", min_size=1, max_size=30), unique=True, max_size=6))
def test_every_policy_has_one_role_whatever_its_path(paths: list[str]) -> None:
    scanned = scan(
        (PolicyFile(f"{path}.rego", f"{1:040x}", REGO.format(package="x").encode()) for path in paths), LIBRARY, "c"
    )
    found_roles = roles_of(scanned.policies)
    assert set(found_roles) == {policy.id for policy in scanned.policies}
    for policy_id, role in found_roles.items():
        assert (role.name == "version") == bool(role.version_of)
        assert role.version_of != policy_id
        if role.version_of:
            assert found_roles[role.version_of].name == "policy"
