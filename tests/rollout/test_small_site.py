"""A small site with a folder as its target gets to production as the docs say: by the gates, without an override."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from make.git import import_commits, make_repository


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    for name in ("billing", "ledger"):
        files = {"README.md": f"# {name}\n", "policies/guard.rego": "package guard\n\ndeny if input.x\n"}
        make_repository(tmp_path / "src" / name, files, remote=f"https://github.com/acme/{name}.git")
        import_commits(tmp_path / "src" / name, [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    run(tmp_path / "src", "init", "../portal")
    return tmp_path / "portal"


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "CODEX_PUBLISH_TARGET": "directory:../public", "GITHUB_ACTOR": "mira"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs_gitguard", *arguments],
        cwd=folder,
        env={name: value for name, value in environment.items() if name != "CODEX_ROLLOUT_PHASE"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def states(portal: Path) -> dict[str, str]:
    checklist = json.loads(run(portal, "rollout", "check", "--format", "json"))
    return {check["name"].partition(".")[2]: check["state"] for check in checklist["checks"]}


@pytest.mark.slow
def test_from_preview_to_production_by_the_gates_alone(portal: Path) -> None:
    public = portal.parent / "public" / "current"
    assert "preview -> staging" in run(portal, "rollout", "promote", "--why", "start")
    for _ in range(5):
        run(portal, "build")
    assert "Not published" in run(portal, "publish")
    run(portal, "publish", "--required", code=3)
    run(portal, "rollout", "measure")
    staging = states(portal)
    assert {name for name, state in staging.items() if state != "pass"} == {"chaos"}
    assert staging["chaos"] == "not applicable"

    assert "staging -> canary" in run(portal, "rollout", "promote", "--why", "all pass")
    for _ in range(2):
        run(portal, "build")
    assert "Published release" in run(portal, "publish")
    assert len(list((public / "repository" / "acme").iterdir())) == 1
    run(portal, "rollback", "--rehearse")
    run(portal, "rollout", "measure")
    canary = states(portal)
    assert {name: state for name, state in canary.items() if state != "pass"} == dict.fromkeys(
        ["chaos", "freshness", "replay"], "not applicable"
    )

    assert "canary -> production" in run(portal, "rollout", "promote", "--why", "all pass")
    run(portal, "build")
    assert "Published release" in run(portal, "publish")
    assert sorted(path.name for path in (public / "repository" / "acme").iterdir()) == ["billing", "ledger"]
    changes = json.loads(run(portal, "rollout", "status", "--format", "json"))["changes"]
    assert [change["overridden"] for change in changes] == [[], [], []]


@pytest.mark.slow
def test_without_gates_by_naming_the_phase(portal: Path) -> None:
    run(portal, "build", "--phase", "production")
    assert "was built in the phase production, and now it is preview" in refusal(portal)
    assert "Published release" in run(portal, "publish", "--phase", "production")
    assert (portal.parent / "public/current/repository/acme/billing/index.html").is_file()


def refusal(portal: Path) -> str:
    """What a dry run of a publish in the phase in force says; the flags alone would end it sooner."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs_gitguard", "publish"],
        cwd=portal,
        env={**os.environ, "CODEX_DRY_RUN": "true", "CODEX_PUBLISH_TARGET": "directory:../public"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr
