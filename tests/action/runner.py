"""Runs a composite action's steps in bash as GitHub's runner does: inputs by env, outputs and summary by files."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).parents[2]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text())


@dataclass
class Run:
    """What a run of the action left."""

    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    failed: str = ""
    """Name of the step that failed."""
    ran: list[str] = field(default_factory=list)


class _Context:
    """What expressions may look at."""

    def __init__(self, inputs: Mapping[str, str], event_name: str) -> None:
        self.steps: dict[str, dict[str, str]] = {}
        self.outcomes: dict[str, str] = {}
        self.event_name = event_name
        self.inputs = {name: self.fill(str(spec.get("default", ""))) for name, spec in ACTION["inputs"].items()} | dict(
            inputs
        )

    def expression(self, text: str) -> str:
        if match := re.fullmatch(r"inputs\.([\w-]+)", text):
            return self.inputs[match[1]]
        if match := re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text):
            return self.steps.get(match[1], {}).get(match[2], "")
        if match := re.fullmatch(r"steps\.([\w-]+)\.outcome", text):
            return self.outcomes.get(match[1], "skipped")
        return {"github.token": "t0ken"}[text]

    def fill(self, text: str) -> str:
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: self.expression(match[1]), text)

    def holds(self, condition: str, failed: str) -> bool:
        known = {
            "inputs.publish == 'true'": self.inputs["publish"] == "true",
            "inputs.changes == 'true'": self.inputs["changes"] == "true",
            "inputs.comment == 'true'": self.inputs["comment"] == "true",
            "github.event_name == 'pull_request'": self.event_name == "pull_request",
            "always()": True,
            "steps.build.outcome != 'skipped'": "build" in self.steps,
        }
        parts = [part.strip() for part in condition.split("&&") if part]
        return (not failed or "always()" in parts) and all(known[part] for part in parts)


def run_action(
    workspace: Path, temp: Path, *, event: Path, event_name: str, inputs: Mapping[str, str], env: Mapping[str, str]
) -> Run:
    """Run every `run` step whose `if` holds."""
    (temp / "gitguard" / "bin").mkdir(parents=True, exist_ok=True)
    command = temp / "gitguard" / "bin" / "gitguard"
    # What the step Install gives, without the network.
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mkdocs_gitguard "$@"\n')
    command.chmod(0o755)
    result = Run()
    context = _Context(inputs, event_name)
    for number, step in enumerate(ACTION["runs"]["steps"]):
        if "run" not in step or step["name"] == "Install" or not context.holds(step.get("if", ""), result.failed):
            continue
        output, summary = temp / f"output-{number}", temp / f"summary-{number}"
        output.write_text("")
        summary.write_text("")
        assert "${{" not in step["run"], "inputs reach bash by env only"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env={
                "PATH": os.environ["PATH"], "HOME": str(temp), "PYTHONPATH": str(CHECKOUT),
                "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_ACTOR": "octocat", "GITHUB_WORKSPACE": str(workspace),
                "GITHUB_EVENT_NAME": event_name, "GITHUB_EVENT_PATH": str(event), "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(CHECKOUT),
                **env,
                **{name: context.fill(str(value)) for name, value in step.get("env", {}).items()},
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        result.ran.append(step["name"])
        result.log += done.stdout + done.stderr
        result.summary += summary.read_text()
        context.steps[step.get("id", "")] = read_outputs(output.read_text())
        context.outcomes[step.get("id", "")] = "failure" if done.returncode else "success"
        if done.returncode and not result.failed:
            result.failed = step["name"]
    result.outputs = {name: context.fill(spec["value"]) for name, spec in ACTION["outputs"].items()}
    return result


def read_outputs(text: str) -> dict[str, str]:
    """Read a GITHUB_OUTPUT file, both of its forms."""
    outputs = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, has_block, delimiter = line.partition("<<")
        if has_block and "=" not in name:
            block = []
            while (inner := next(lines)) != delimiter:
                block.append(inner)
            outputs[name] = "\n".join(block)
        else:
            name, _, value = line.partition("=")
            outputs[name] = value
    return outputs
