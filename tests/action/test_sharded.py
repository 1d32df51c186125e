"""The job matrix: its steps run in bash, and the portal of its jobs against that of one."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from action.runner import CHECKOUT
from make.workers import Portal, pages_in

WORKFLOW: dict[str, Any] = yaml.safe_load((CHECKOUT / ".github/workflows/sharded.yml").read_text())
SHARDS = 3
NOW = "1767400000"


def run_step(job: str, name: str, workspace: Path, temp: Path, known: dict[str, str]) -> str:
    """Run one step as GitHub's runner does, and return what it printed."""
    (step,) = (step for step in WORKFLOW["jobs"][job]["steps"] if step["name"] == name)
    assert "${{" not in step["run"], "inputs reach bash by env only"
    filled = {
        variable: re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: known[match[1]], str(value))
        for variable, value in step["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=workspace,
        env={
            "PATH": os.environ["PATH"], "HOME": str(temp), "PYTHONPATH": str(CHECKOUT), "RUNNER_TEMP": str(temp),
            "CI": "true", "SOURCE_DATE_EPOCH": NOW, **filled,
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def machine(folder: Path) -> Path:
    """Return the temporary folder of a new machine, with what the step Install gives."""
    command = folder / "gitguard" / "bin" / "gitguard"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mkdocs_gitguard "$@"\n')
    command.chmod(0o755)
    return folder


def test_the_portal_of_the_jobs_is_the_portal_of_one(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    portal = Portal(workspace, "", names=("api", "billing", "ledger", "web"))
    (workspace / "docs").mkdir()
    options = {"repositories": ["repositories/*"], "strict_findings": "never"}
    config = {"site_name": "Acme", "theme": {"name": "material", "font": False}, "plugins": [{"gitguard": options}]}
    (workspace / "mkdocs.yml").write_text(yaml.safe_dump(config))
    known = {
        "inputs.phase": "",
        "inputs.config-file": "mkdocs.yml",
        "secrets.token || github.token": "t0ken",
        "strategy.job-total": str(SHARDS),
    }
    builder = machine(tmp_path / "builder")
    # The second shard fails, as a machine may: its repositories are read by the job that builds.
    for number in (1, 3):
        shard = machine(tmp_path / f"shard-{number}")
        run_step("harvest", "Harvest", workspace, shard, {**known, "matrix.shard": str(number)})
        for path in (shard / "facts").iterdir():
            (builder / "facts").mkdir(exist_ok=True)
            path.rename(builder / "facts" / path.name)
        (workspace / ".gitguard").rename(shard / "state")
    text = run_step("build", "Build", workspace, builder, known)
    assert text.count("is read here: there are no facts of it") == 1
    (workspace / ".gitguard").rename(builder / "state")
    subprocess.run(
        [sys.executable, "-m", "mkdocs_gitguard", "build", "-d", str(tmp_path / "one")],
        cwd=workspace,
        env={**os.environ, "CI": "true", "SOURCE_DATE_EPOCH": NOW},
        check=True,
        capture_output=True,
    )
    assert pages_in(builder / "site") == pages_in(tmp_path / "one")
    assert len(portal.repositories) == 4


def test_the_jobs_together_read_every_repository() -> None:
    harvest = WORKFLOW["jobs"]["harvest"]
    assert harvest["strategy"]["matrix"] == {"shard": "${{ fromJSON(inputs.shards) }}"}
    assert harvest["strategy"]["fail-fast"] is False
    assert WORKFLOW["jobs"]["build"]["needs"] == "harvest"
