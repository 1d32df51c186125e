"""Gatekeeper's audit: the `status.violations[]` of Constraints, as `kubectl get constraints -o json` gives them.

Source: `website/docs/audit.md` of https://github.com/open-policy-agent/gatekeeper.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.formats.policy_report import object_name
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, parse_time, text, whole
from mkdocs_gitguard.model import Outcome, policy_key


def _claims(document: Any) -> bool:
    return isinstance(document, Mapping) and text(document.get("apiVersion")).startswith("constraints.gatekeeper.sh/")


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    kind, name = text(document.get("kind")), text(mapping(document.get("metadata")).get("name"))
    status = mapping(document.get("status"))
    if not kind:
        yield ReportProblem(message="A Constraint has no kind.", hint="Give it as Kubernetes does.")
        return
    if not status:
        yield ReportProblem(
            message=f"{kind} {name} has no status, so it was not audited.",
            hint="Give it as `kubectl get constraints -o json` does, once Gatekeeper has audited.",
        )
    at = parse_time(status.get("auditTimestamp"))
    default = text(mapping(document.get("spec")).get("enforcementAction"))
    constraint = policy_key("gatekeeper-constraint", kind, name)
    violations = items(status.get("violations"))
    for number, violation in enumerate(violations, 1):
        fields = mapping(violation)
        message = text(fields.get("message"))
        if not fields:
            yield ReportProblem(message=f"Violation {number} of {kind} {name} is not an object.")
            continue
        yield ReportedDecision(
            format="gatekeeper",
            outcome=_outcome(fields, default),
            claims=(ReportedReason(keys=(policy_key("gatekeeper", kind), constraint), message=message),),
            name=f"{kind} {name}".strip(),
            message=message,
            at=at,
            subject=ReportedSubject(name=object_name(fields)),
        )
    total = whole(status.get("totalViolations"))
    if total > len(violations):
        yield ReportProblem(
            message=f"{kind} {name} counts {total} violations and lists {len(violations)}.",
            hint="Raise Gatekeeper's --constraint-violations-limit to see them all.",
        )


def _outcome(violation: Mapping[str, Any], default: str) -> Outcome:
    """Return the strongest of a violation's actions; an action that Gatekeeper does not know blocks nothing.

    `scoped` has them in a list of its own (`pkg/audit/manager.go`, `StatusViolation`).
    """
    actions = {text(violation.get("enforcementAction")) or default or "deny"}
    if actions == {"scoped"}:
        actions = {text(action) for action in items(violation.get("enforcementActions"))} or {"deny"}
    return "deny" if "deny" in actions else "warn"


FORMAT: Final = DecisionFormat(name="gatekeeper", title="Gatekeeper audit", claims=_claims, read=_read)
