"""SARIF 2.1 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): results of static analysers.

A result names a rule of a tool, never the file that the rule stands in: its locations are those of what was checked.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.formats.sarif_run import SarifRun
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.model import Outcome, policy_key, rego_package_key, rego_ref, rego_segments

_OUTCOMES_OF_LEVEL: Final[Mapping[str, Outcome]] = {"error": "deny", "warning": "warn", "note": "warn", "none": "skip"}
_OUTCOMES_OF_KIND: Final[Mapping[str, Outcome]] = {
    "pass": "allow",
    "notApplicable": "skip",
    "informational": "skip",
    "open": "error",
    "review": "warn",
}
_MOST_FOLDERS: Final = 40
"""Folders of a Semgrep rule that its id is looked up with."""
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
    for number, run in enumerate(items(document["runs"]), 1):
        if isinstance(run, Mapping):
            yield from _run(mapping(run))
        else:
            yield ReportProblem(message=f"Run {number} is not an object.", hint="Write SARIF 2.1.0.")
    # 3.15.2: what a log carries for runs of other logs.
    inline = sum(len(items(one.get("results"))) for one in mappings(document.get("inlineExternalProperties")))
    if inline:
        yield ReportProblem(
            message=f"{inline} result{'s' * (inline > 1)} outside of the runs cannot be read.",
            hint="Write them into `runs[].results`.",
        )


def _run(fields: Mapping[str, Any]) -> Iterator[ReportedDecision | ReportProblem]:
    run = SarifRun(fields)
    if not run.name:
        yield ReportProblem(message="A SARIF run names no tool.", hint="Write `runs[].tool.driver.name`.")
        return
    origin = next(iter(mappings(fields.get("versionControlProvenance"))), {})
    end = next((parse_time(call.get("endTimeUtc")) for call in mappings(fields.get("invocations"))), None)
    for number, result in enumerate(items(fields.get("results")), 1):
        if not isinstance(result, Mapping):
            yield ReportProblem(message=f"Result {number} of {run.name} is not an object.")
            continue
        rule_id, rule = run.rule(mapping(result))
        if not rule_id:
            yield ReportProblem(
                message=f"Result {number} of {run.name} names no rule.", hint="Write `ruleId` or `ruleIndex`."
            )
            continue
        yield _result(run, mapping(result), (rule_id, rule), origin, end)
    yield from _passed_over(run.name, fields)


def _passed_over(tool: str, fields: Mapping[str, Any]) -> Iterator[ReportProblem]:
    """Yield what a run says that it leaves out."""
    if elsewhere := items(mapping(fields.get("externalPropertyFileReferences")).get("results")):
        yield ReportProblem(
            message=f"{len(elsewhere)} files with more results of {tool} are named and were not read.",
            hint="Write all results into one file.",
        )
    elif not isinstance(fields.get("results"), list):
        yield ReportProblem(
            message=f"The run of {tool} holds no results, so the tool did not look for any.",
            hint="Run the tool again, and see what it prints.",
        )
    failed = sum(call.get("executionSuccessful") is False for call in mappings(fields.get("invocations")))
    if failed:
        yield ReportProblem(
            message=f"{tool} says of {failed} of its runs that it failed, so results may be missing.",
            hint="See what the tool prints.",
        )
    faults = sum(
        notification.get("level") == "error"
        for call in mappings(fields.get("invocations"))
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for notification in mappings(call.get(kind))
    )
    if faults:
        # 3.58.6: at this level the tool could not do a part of its work.
        yield ReportProblem(
            message=f"{tool} tells of {faults} error{'s' * (faults > 1)} of its own, so results may be missing.",
            hint="See `toolExecutionNotifications` and `toolConfigurationNotifications`, and what the tool prints.",
        )


def _result(
    run: SarifRun,
    result: Mapping[str, Any],
    named: tuple[str, Mapping[str, Any]],
    origin: Mapping[str, Any],
    end: datetime | None,
) -> ReportedDecision:
    rule_id, rule = named
    message = run.message(result, rule)
    path, line, name = run.location(result)
    detected = parse_time(mapping(result.get("provenance")).get("lastDetectionTimeUtc"))
    package, names = _conftest_family(run.name, rule_id)
    return ReportedDecision(
        format="sarif",
        outcome=_conftest_outcome(run.name, rule_id) or _outcome(result, run.level(result, rule_id, rule)),
        claims=(
            ReportedReason(
                keys=_keys(run.name, rule_id),
                message="" if package and not names else message,
                family=package,
                family_names=names,
                is_silent=bool(package) and not names,
            ),
        ),
        name=f"{run.name}: {rule_id}",
        message=message,
        at=detected or parse_time(run.invocation(result).get("endTimeUtc")) or end,
        report_id=text(result.get("guid")),
        subject=ReportedSubject(
            repository=text(origin.get("repositoryUri")),
            commit=text(origin.get("revisionId")),
            name=name,
            path=path,
            line=whole(line),
        ),
    )


def _conftest_family(tool: str, rule_id: str) -> tuple[str, tuple[str, ...]]:
    """Return the package that Conftest's rule id names, and how the rules there begin that it stands for.

    Whatever a rule's own name is, the id ends with `deny` or `warn` (its `output/sarif.go`); `success` and `skip`
    stand for all rules of the package.
    """
    namespace, _, kind = rule_id.rpartition("/")
    package = rego_segments(namespace)
    if tool.lower() != "conftest" or not package or kind == "allow":
        return "", ()
    return rego_package_key(package), _CONFTEST_RULES.get(kind, ())


def _keys(tool: str, rule_id: str) -> tuple[str, ...]:
    """Return the keys that a tool's rule id stands for, the most telling first."""
    last = (policy_key("sarif", tool, rule_id),)
    match tool.lower().split():
        case ["semgrep" | "opengrep", *_]:
            # Semgrep puts the folders of the rule file before the rule's id, as the command line gave them.
            parts = rule_id.split(".")
            starts = range(max(0, len(parts) - _MOST_FOLDERS), len(parts))
            return (*(policy_key("semgrep", ".".join(parts[start:])) for start in starts), *last)
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
            rego_keys = [f"rego:{rego_ref(('data', *package, name))}" for name in names] if package else []
            return (*rego_keys, *last)
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


def _outcome(result: Mapping[str, Any], level: str) -> Outcome:
    if result.get("baselineState") == "absent":
        # It stood in the baseline, and this run did not find it any more (3.27.24).
        return "skip"
    if suppressions := mappings(result.get("suppressions")):
        states = {text(suppression.get("status")) or "accepted" for suppression in suppressions}
        if states == {"accepted"}:
            return "skip"
    kind = text(result.get("kind")) or "fail"
    return _OUTCOMES_OF_KIND.get(kind) or _OUTCOMES_OF_LEVEL.get(level, "warn")


FORMAT: Final = DecisionFormat(name="sarif", title="SARIF", claims=_claims, read=_read)
