"""What policy engines said of Acme's pull requests and workloads, in the forms in which engines say it."""

import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from mkdocs_gitguard.demo.history import DAY, label
from mkdocs_gitguard.demo.stories import Story

_ASKED: Final = ("payments-api", "checkout-web", "ledger")
"""Repositories whose pipelines ask the policies of `guardrails`."""
_RULES: Final = (
    ("rego:data.acme.merge.deny", "No code owner has approved this pull request."),
    ("rego:data.acme.merge.deny", "A force push would rewrite what others have built on."),
    ("rego:data.acme.images.deny", "The image web:2 is not pinned by its digest."),
)
_DENIED: Final = 0.15


def write(folder: Path, stories: list[Story], *, seed: int, end: int) -> list[str]:
    """Write the reports and return the entries of the option `decisions` that name them.

    Args:
        folder: of the site; the reports are in `reports` below it.
        stories: the repositories that there are.
        seed: the same seed and end give the same reports.
        end: Unix seconds after which nothing was decided.
    """
    names = {story.name: story for story in stories}
    texts: dict[str, str] = {}
    if "guardrails" in names:
        asked = [names[name] for name in _ASKED if name in names]
        texts["merges.jsonl"] = "".join(f"{json.dumps(event)}\n" for event in _merges(asked, seed=seed, end=end))
    if "payments-api" in names:
        texts["semgrep.sarif"] = json.dumps(_SARIF, indent=2) + "\n"
    if "cluster-policies" in names:
        texts["cluster.yaml"] = yaml.safe_dump_all(_cluster(end), sort_keys=False)
    (folder / "reports").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / "reports" / name).write_text(text, encoding="utf-8")
    entries: list[Any] = [f"reports/{name}" for name in texts if name != "semgrep.sarif"]
    if "semgrep.sarif" in texts:
        entries.append(
            {"path": "reports/semgrep.sarif", "repository": "acme/payments-api", "policies": "acme/payments-api"}
        )
    return entries


def _merges(asked: list[Story], *, seed: int, end: int) -> Iterator[Mapping[str, Any]]:
    """Yield our own events (docs/decisions.md), as a pipeline would write them for the newest pull requests."""
    dice = random.Random(f"{seed} reports")
    for story in asked:
        for number in range(max(1, story.pull_requests - 30), story.pull_requests + 1):
            for place, (key, message) in enumerate(_RULES):
                is_denied = dice.random() < _DENIED
                at = datetime.fromtimestamp(end - (story.pull_requests - number) * DAY - dice.randrange(DAY), UTC)
                yield {
                    "event": "policy.decision",
                    "schema_version": "1.0",
                    "id": f"{story.name}-{number}-{place}",
                    "at": at.isoformat().replace("+00:00", "Z"),
                    "outcome": "deny" if is_denied else "allow",
                    "policy": {"key": key, "repository": "acme/guardrails"},
                    "message": message if is_denied else "",
                    "subject": {"repository": label(story), "pull_request": number},
                }


_SARIF: Final = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Semgrep OSS", "rules": [{"id": "semgrep.no-print"}]}},
            "results": [
                {
                    "ruleId": "semgrep.no-print",
                    "level": "warning",
                    "message": {"text": "Use the log, which is kept."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/bank/gateway.py"},
                                "region": {"startLine": 1},
                            }
                        }
                    ],
                }
            ],
        }
    ],
}


def _cluster(end: int) -> Iterator[Mapping[str, Any]]:
    """Yield a PolicyReport, as Kyverno keeps it in the cluster."""
    yield {
        "apiVersion": "wgpolicyk8s.io/v1alpha2",
        "kind": "PolicyReport",
        "metadata": {"name": "billing", "namespace": "billing"},
        "results": [
            {
                "source": "kyverno",
                "policy": policy,
                "rule": rule,
                "result": result,
                "message": message,
                "timestamp": {"seconds": end - 2 * DAY, "nanos": 0},
                "resources": [{"apiVersion": "apps/v1", "kind": kind, "name": name, "namespace": "billing"}],
            }
            for policy, rule, result, message, kind, name in (
                ("require-team-label", "has-team", "pass", "", "Deployment", "payments-api"),
                ("require-team-label", "has-team", "fail", "The label team is required.", "Deployment", "mailer"),
                ("require-team-label", "has-team", "skip", "", "CronJob", "legacy-billing"),
                ("disallow-latest-tag", "tag-is-not-latest", "pass", "", "Pod", "payments-api-7d9"),
            )
        ],
    }
