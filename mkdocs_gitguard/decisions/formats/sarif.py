"""SARIF 2.1 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): results of static analysers.

A result names a rule of a tool, never the file that the rule stands in: its locations are those of what was checked.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.model import Outcome, policy_key, rego_ref, rego_segments

_OUTCOMES_OF_LEVEL: Final[Mapping[str, Outcome]] = {"error": "deny", "warning": "warn", "note": "warn", "none": "skip"}
_OUTCOMES_OF_KIND: Final[Mapping[str, Outcome]] = {
    "pass": "allow",
    "notApplicable": "skip",
    "informational": "skip",
    "open": "error",
    "review": "warn",
}
_CONFTEST_OUTCOMES: Final[Mapping[str, Outcome]] = {"success": "allow", "allow": "skip", "skip": "skip"}
"""What the last part of Conftest's rule ids says where its level says nothing (its `output/sarif.go`)."""
_CONFTEST_RULES: Final[Mapping[str, tuple[str, ...]]] = {"deny": ("deny", "violation"), "warn": ("warn",)}


def _claims(document: Any) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("runs"), list)


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    version = text(document.get("version"))
    if not version.startswith("2.1"):
        yield ReportProblem(message=f"The SARIF version is {version or 'missing'}, not 2.1.", hint="Write SARIF 2.1.0.")
        return
    for run in mappings(document["runs"]):
        yield from _run(run)


def _run(run: Mapping[str, Any]) -> Iterator[ReportedDecision | ReportProblem]:
    driver = mapping(mapping(run.get("tool")).get("driver"))
    tool = text(driver.get("name"))
    if not tool:
        yield ReportProblem(message="A SARIF run names no tool.", hint="`runs[].tool.driver.name` is required.")
        return
    rules = mappings(driver.get("rules"))
    by_id = {text(rule.get("id")): rule for rule in reversed(rules)}
    origin = next(iter(mappings(run.get("versionControlProvenance"))), {})
    end = next((parse_time(call.get("endTimeUtc")) for call in mappings(run.get("invocations"))), None)
    for number, result in enumerate(mappings(run.get("results")), 1):
        index = result.get("ruleIndex", mapping(result.get("rule")).get("index"))
        by_index = rules[index] if isinstance(index, int) and 0 <= index < len(rules) else {}
        rule_id = text(result.get("ruleId")) or text(mapping(result.get("rule")).get("id")) or text(by_index.get("id"))
        if not rule_id:
            yield ReportProblem(
                message=f"Result {number} of {tool} names no rule.", hint="`ruleId` or `ruleIndex` is needed."
            )
            continue
        rule = by_id.get(rule_id) or by_index
        message = _message(result, rule)
        yield ReportedDecision(
            format="sarif",
            outcome=_conftest_outcome(tool, rule_id) or _outcome(result, rule),
            claims=(ReportedReason(keys=_keys(tool, rule_id), message=message),),
            name=f"{tool}: {rule_id}",
            message=message,
            at=parse_time(mapping(result.get("provenance")).get("lastDetectionTimeUtc")) or end,
            report_id=text(result.get("guid")),
            subject=_subject(result, origin),
        )


def _keys(tool: str, rule_id: str) -> tuple[str, ...]:
    """Return the keys that a tool's rule id stands for, the most telling first."""
    last = (policy_key("sarif", tool, rule_id),)
    match tool.lower().split():
        case ["semgrep" | "opengrep", *_]:
            # Semgrep puts the folders of the rule file before the rule's id, as the command line gave them.
            parts = rule_id.split(".")
            return (*(policy_key("semgrep", ".".join(parts[start:])) for start in range(len(parts))), *last)
        case ["checkov", *_]:
            return (policy_key("checkov", rule_id), *last)
        case ["trivy" | "tfsec", *_]:
            long = () if rule_id.startswith("AVD-") else (policy_key("rego-id", f"AVD-{rule_id}"),)
            return (policy_key("rego-id", rule_id), *long, *last)
        case ["regal", *_]:
            category, _, title = rule_id.rpartition("/")
            return (*regal_keys(category, title), *last)
        case ["conftest", *_]:
            namespace, _, kind = rule_id.rpartition("/")
            names = _CONFTEST_RULES.get(kind, (kind,))
            package = rego_segments(namespace)
            found = [f"rego:{rego_ref(('data', *package, name))}" for name in names] if package else []
            return (*found, *last)
        case _:
            return (policy_key("rego-id", rule_id), policy_key(tool.lower(), rule_id), *last)


def regal_keys(category: str, title: str) -> tuple[str, ...]:
    """Return the keys of a Regal rule, built in or custom.

    Source: https://github.com/open-policy-agent/regal/blob/main/docs/custom-rules.md (package and `report`).
    """
    if not title:
        return ()
    group = (category,) if category else ()
    packages = (("data", *root, *group, title, "report") for root in (("regal", "rules"), ("custom", "regal", "rules")))
    return tuple(f"rego:{rego_ref(package)}" for package in packages)


def _conftest_outcome(tool: str, rule_id: str) -> Outcome | None:
    return _CONFTEST_OUTCOMES.get(rule_id.rpartition("/")[2]) if tool.lower() == "conftest" else None


def _outcome(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Outcome:
    if suppressions := mappings(result.get("suppressions")):
        states = {text(suppression.get("status")) or "accepted" for suppression in suppressions}
        if states == {"accepted"}:
            return "skip"
    kind = text(result.get("kind")) or "fail"
    if kind in _OUTCOMES_OF_KIND:
        return _OUTCOMES_OF_KIND[kind]
    default = text(mapping(rule.get("defaultConfiguration")).get("level")) or "warning"
    return _OUTCOMES_OF_LEVEL.get(text(result.get("level")) or default, "warn")


def _message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    message = mapping(result.get("message"))
    found = text(message.get("text"))
    if not found:
        texts = mapping(rule.get("messageStrings"))
        found = text(mapping(texts.get(text(message.get("id")))).get("text"))
    for number, argument in enumerate(items(message.get("arguments"))):
        found = found.replace(f"{{{number}}}", text(argument))
    return found or text(mapping(rule.get("shortDescription")).get("text"))


def _subject(result: Mapping[str, Any], origin: Mapping[str, Any]) -> ReportedSubject:
    location = next(iter(mappings(result.get("locations"))), {})
    physical = mapping(location.get("physicalLocation"))
    logical = next(iter(mappings(location.get("logicalLocations"))), {})
    return ReportedSubject(
        repository=text(origin.get("repositoryUri")),
        commit=text(origin.get("revisionId")),
        name=text(logical.get("fullyQualifiedName")) or text(logical.get("name")),
        path=unquote(text(mapping(physical.get("artifactLocation")).get("uri"))),
        line=whole(mapping(physical.get("region")).get("startLine")),
    )


FORMAT: Final = DecisionFormat(name="sarif", title="SARIF", claims=_claims, read=_read)
