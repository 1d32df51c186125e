"""This repository obeys its own policies, as a real Rego engine judges it."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]

# The engine runs in a process of its own: it is native code, and a crash of it must not end the test run.
EVALUATE = """
import sys, regopy
interpreter = regopy.Interpreter()
interpreter.add_module("policy", open(sys.argv[1]).read())
interpreter.set_input_term(sys.stdin.read())
print(interpreter.query(sys.argv[2]))
"""


def evaluate(policy: str, rule: str, document: Any) -> list[str]:
    """Return the messages of `rule` in `policies/<policy>.rego` for a document."""
    source = ROOT / "policies" / f"{policy}.rego"
    done = subprocess.run(
        [sys.executable, "-c", EVALUATE, str(source), f"data.gitguard.{policy}.{rule}"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    messages: list[str] = json.loads(done.stdout)["expressions"][0]
    return messages


@pytest.mark.parametrize("rule", ["deny", "warn"])
def test_dependency_floors_hold(rule: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert evaluate("dependency_floors", rule, project) == []


def test_dependency_floors_can_fail() -> None:
    document = {"project": {"dependencies": ["GitPython>=3.1", "mkdocs>=1.6,<2", "click"]}}
    assert len(evaluate("dependency_floors", "deny", document)) == 1
    assert len(evaluate("dependency_floors", "warn", document)) == 1


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflows_are_pinned(workflow: Path) -> None:
    assert evaluate("workflow_pinning", "deny", yaml.safe_load(workflow.read_text())) == []


def test_workflow_pinning_can_fail() -> None:
    document = {"jobs": {"test": {"steps": [{"uses": "actions/checkout@v5"}]}}}
    assert len(evaluate("workflow_pinning", "deny", document)) == 2
