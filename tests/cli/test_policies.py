"""`gitguard policies` on real repositories."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make.git import make_repository
from make.policy_files import GUARD, GUARD_TEST, KYVERNO

from mkdocs_gitguard.cli import cli

BROKEN = "# METADATA\n# title: [\npackage broken\n\ndeny contains 1\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(
        tmp_path / "guardrails",
        {
            "CODEOWNERS": "/policy/ @acme/policy\n",
            "policy/guard.rego": GUARD,
            "policy/guard_test.rego": GUARD_TEST,
            "policy/broken.rego": BROKEN,
            "k8s/a.yaml": KYVERNO,
            "k8s/b.yaml": "apiVersion: kyverno.io/v1\nkind: [\n",
        },
        remote="https://github.com/acme/guardrails.git",
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["policies", *arguments])


def test_list(repository: Path) -> None:
    result = run("list", str(repository))
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[-1] == "acme/guardrails/rego/repo.guard  policy/guard.rego:1-37  4 rules, 2 tests  Guard"
    assert len(lines) == 4
    assert "acme/guardrails: 4 policies." in result.stderr


def test_list_as_json_has_rules_with_lines(repository: Path) -> None:
    document = json.loads(run("list", str(repository), "--format", "json").stdout)
    guard = next(policy for policy in document if policy["name"] == "repo.guard")
    assert guard["owners"] == ["@acme/policy"]
    assert [(rule["name"], rule["span"]["first_line"]) for rule in guard["rules"]][1:3] == [("deny", 22), ("deny", 30)]


def test_what_is_not_a_policy_is_marked_and_asked_for_nothing(tmp_path: Path) -> None:
    workflow = "on: push\npermissions: {}\njobs: {a: {runs-on: x, steps: [{run: conftest test x}]}}\n"
    folder = make_repository(
        tmp_path / "app",
        {
            ".github/workflows/ci.yml": workflow,
            "CODEOWNERS": "/policy/ @acme/policy\n",
            "policy/guard.rego": GUARD,
            "policy/guard_test.rego": GUARD_TEST,
            "examples/bare.rego": "package bare\n\ndeny if true\n",
            "k8s/no-latest.yaml": KYVERNO,
        },
        remote="https://github.com/acme/app.git",
    )
    result = run("list", str(folder))
    assert "[automation]" in next(line for line in result.stdout.splitlines() if "ci.yml" in line)
    assert "[sample]" in next(line for line in result.stdout.splitlines() if "bare" in line)
    assert "acme/app: 3 policies (and 1 automation, 1 sample)." in result.stderr
    assert "bare" not in run("check", str(folder)).stdout
    assert (
        "applies to: acme/app (conftest test asks policy, .github/workflows/ci.yml:3)"
        in run("show", "repo.guard", str(folder)).stdout
    )
    assert "applies to: Pod" in run("show", "no-latest", str(folder)).stdout


@pytest.mark.parametrize(
    "name",
    ["repo.guard", "policy:acme/guardrails/rego/repo.guard", "acme/guardrails/rego/repo.guard", "policy/guard.rego"],
)
def test_show(repository: Path, name: str) -> None:
    output = run("show", name, str(repository)).stdout
    for words in (
        "Guard\n",
        "high, supply chain",
        "@acme/policy",
        "22-25  deny (set)  1 test  No force push",
        "| Keeps",
    ):
        assert words in output
    assert "test  policy/guard_test.rego:8  test_force_push_is_denied" in output


def test_show_of_what_is_not_there(repository: Path) -> None:
    result = run("show", "nothing", str(repository))
    assert (result.exit_code, "gitguard policies list" in result.output) == (1, True)


def test_check_as_text(repository: Path) -> None:
    result = run("check", str(repository))
    assert result.exit_code == 1
    *lines, summary = result.stdout.splitlines()
    assert [(line.split(": ")[0], line.rpartition("[")[2][:-1]) for line in lines] == [
        ("k8s/a.yaml:1", "policy-without-owner"),
        ("k8s/a.yaml:1", "policy-without-tests"),
        ("k8s/a.yaml:23", "policy-without-owner"),
        ("k8s/a.yaml:23", "policy-without-tests"),
        ("k8s/b.yaml:3", "yaml-broken"),
        ("policy/broken.rego:2", "broken-metadata"),
        ("policy/broken.rego:3", "policy-without-description"),
        ("policy/broken.rego:3", "policy-without-tests"),
    ]
    assert summary == "4 policies: 2 errors, 6 warnings."


def test_check_as_sarif_json_and_github(repository: Path) -> None:
    [sarif] = json.loads(run("check", str(repository), "--format", "sarif").stdout)["runs"]
    broken = next(result for result in sarif["results"] if result["ruleId"] == "broken-metadata")
    assert broken["level"] == "error"
    [location] = broken["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "policy/broken.rego"
    assert location["physicalLocation"]["region"] == {"startLine": 2}
    [document] = json.loads(run("check", str(repository), "--format", "json").stdout)["repositories"]
    assert (document["errors"], document["warnings"]) == (2, 6)
    github = run("check", str(repository), "--format", "github").stdout.splitlines()
    assert "::error file=policy/broken.rego,line=2,title=broken-metadata::" in "\n".join(github)
    assert len(github) == 8


def test_check_passes_where_nothing_is_wrong(tmp_path: Path) -> None:
    clean = make_repository(tmp_path / "a", {"guard.rego": GUARD, "guard_test.rego": GUARD_TEST})
    result = run("check", str(clean), "--strict")
    assert (result.exit_code, result.stdout) == (0, "1 policy: 0 errors, 0 warnings.\n")


def test_check_fails_on_warnings_if_told(tmp_path: Path) -> None:
    untested = make_repository(tmp_path / "a", {"guard.rego": GUARD})
    assert run("check", str(untested)).exit_code == 0
    assert run("check", str(untested), "--strict").exit_code == 1


def test_what_cannot_be_checked_is_not_wrong(tmp_path: Path) -> None:
    assert run("check", str(tmp_path / "nothing")).exit_code == 2


def test_the_repositories_of_the_site_at_hand(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "mkdocs.yml").write_text(
        "site_name: x\nplugins:\n- gitguard:\n    repositories: [../guardrails]\n", encoding="utf-8"
    )
    monkeypatch.chdir(site)
    assert "acme/guardrails/rego/repo.guard" in run("list").stdout
    monkeypatch.chdir(repository)
    assert "acme/guardrails/rego/repo.guard" in run("list").stdout
    assert not (repository / ".gitguard").exists()
