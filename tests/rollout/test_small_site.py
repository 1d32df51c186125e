"""A small site with a folder as its target gets to production as the docs say: by the gates, without an override."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.git import import_commits, make_repository

from mkdocs_gitguard.cli import cli


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CODEX_ROLLOUT_PHASE", raising=False)
    monkeypatch.setenv("CODEX_PUBLISH_TARGET", "directory:../public")
    monkeypatch.setenv("GITHUB_ACTOR", "mira")
    for name in ("billing", "ledger"):
        files = {"README.md": f"# {name}\n", "policies/guard.rego": "package guard\n\ndeny if input.x\n"}
        make_repository(tmp_path / "src" / name, files, remote=f"https://github.com/acme/{name}.git")
        import_commits(tmp_path / "src" / name, [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    monkeypatch.chdir(tmp_path / "src")
    run("init", "../portal")
    monkeypatch.chdir(tmp_path / "portal")
    return tmp_path / "portal"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, (arguments, result.output, result.exception)
    return result.stdout


def states() -> dict[str, str]:
    checklist = json.loads(run("rollout", "check", "--format", "json"))
    return {check["name"].partition(".")[2]: check["state"] for check in checklist["checks"]}


@pytest.mark.slow
def test_from_preview_to_production_by_the_gates_alone(portal: Path) -> None:
    public = portal.parent / "public" / "current"
    assert "preview -> staging" in run("rollout", "promote", "--why", "start")
    for _ in range(5):
        run("build")
    assert "Not published" in run("publish")
    run("publish", "--required", code=3)
    run("rollout", "measure")
    staging = states()
    assert {name for name, state in staging.items() if state != "pass"} == {"chaos"}
    assert staging["chaos"] == "not applicable"

    assert "staging -> canary" in run("rollout", "promote", "--why", "all pass")
    for _ in range(2):
        run("build")
    assert "Published release" in run("publish")
    assert len(list((public / "repository" / "acme").iterdir())) == 1
    run("rollback", "--rehearse")
    run("rollout", "measure")
    canary = states()
    assert {name: state for name, state in canary.items() if state != "pass"} == dict.fromkeys(
        ["chaos", "freshness", "replay"], "not applicable"
    )

    assert "canary -> production" in run("rollout", "promote", "--why", "all pass")
    run("build")
    assert "Published release" in run("publish")
    assert sorted(path.name for path in (public / "repository" / "acme").iterdir()) == ["billing", "ledger"]
    changes = json.loads(run("rollout", "status", "--format", "json"))["changes"]
    assert [change["overridden"] for change in changes] == [[], [], []]


@pytest.mark.slow
def test_without_gates_by_naming_the_phase(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("build", "--phase", "production")
    # The flags alone would end it sooner.
    with monkeypatch.context() as patch:
        patch.setenv("CODEX_DRY_RUN", "true")
        refused = CliRunner().invoke(cli, ["publish"])
    assert refused.exit_code == 1
    assert "was built in the phase production, and now it is preview" in refused.stderr
    assert "Published release" in run("publish", "--phase", "production")
    assert (portal.parent / "public/current/repository/acme/billing/index.html").is_file()
