"""Reading, redacting and resolving a decision log, against the plain decoding of the same lines by `json`.

Run: python -m benchmarks.decisions [EVENTS]
"""

import json
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from mkdocs_gitguard.decisions.link import DecisionContext, add_decisions
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.model import Repository, coverage
from mkdocs_gitguard.policies import PolicyFile, scan

_Value = TypeVar("_Value")
_RULES = 200
_CHUNK = 1 << 18


def _policies() -> bytes:
    rules = [
        f'deny contains msg if {{\n\tinput.n == {n}\n\tmsg := sprintf("Rule {n} says no to %q", [input.name])\n}}\n'
        for n in range(_RULES)
    ]
    return ("package repo.guard\n\n" + "\n".join(rules)).encode()


def _log(events: int) -> bytes:
    lines = (
        json.dumps(
            {
                "decision_id": f"d-{number}",
                "labels": {"app": "guard", "id": "1780d507", "version": "1.0.0"},
                "path": "repo/guard/deny",
                "input": {
                    "repository": "acme/billing",
                    "name": f"file-{number}",
                    "token": "hunter2",
                    "labels": {"team": "payments", "tier": "gold"},
                    "spec": {"containers": [{"image": "nginx:1.2", "env": [{"name": "A", "value": "b"}]}]},
                },
                "result": [f'Rule {number % _RULES} says no to "file-{number}"'],
                "timestamp": "2026-11-20T08:00:00Z",
                "metrics": {"timer_server_handler_ns": 123456},
            }
        )
        for number in range(events)
    )
    return "\n".join(lines).encode()


def _timed(name: str, run: Callable[[], _Value], peer: float = 0.0) -> tuple[_Value, float]:
    start = time.process_time()
    value = run()
    took = time.process_time() - start
    print(f"{name:48} {took:7.2f} s" + (f"   {took / peer:5.1f} x the peer" if peer else ""))
    return value, took


def main() -> None:
    """Print what each step costs."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    data = _log(events)
    print(f"{events:,} events, {len(data) / 2**20:.1f} MiB, {_RULES} rules of one name")
    _, peer = _timed("peer: json.loads of each line", lambda: [json.loads(line) for line in data.split(b"\n")])
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    source = DecisionSource(path="log", policies="acme/guardrails")
    reading, _ = _timed("read and redact", lambda: read(chunks, source, "log", Redaction()), peer)
    guardrails = Repository(id="repository:acme/guardrails", namespace="acme", name="guardrails", head="a" * 40)
    billing = Repository(id="repository:acme/billing", namespace="acme", name="billing")
    policies = scan([PolicyFile("guard.rego", "b" * 40, _policies())], guardrails.id, guardrails.head)
    parts, _ = _timed(
        "resolve and assemble",
        lambda: add_decisions(
            reading.decisions,
            DecisionContext(
                repositories=[guardrails, billing],
                policies=policies.policies,
                rules=policies.rules,
                sources=policies.sources,
            ),
        ),
        peer,
    )
    print(coverage(parts.decisions))


if __name__ == "__main__":
    main()
