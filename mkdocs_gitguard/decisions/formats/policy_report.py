"""Kubernetes policy reports: `wgpolicyk8s.io` up to v1beta1 and `openreports.io` v1alpha1, one by one or in a List.

Sources: https://github.com/kubernetes-sigs/wg-policy-prototypes (policy-report/pkg/api) and
https://github.com/openreports/reports-api (apis/openreports.io/v1alpha1). Kyverno's own reports on single resources
have their results below `spec` (https://github.com/kyverno/kyverno, api/reports/v1 and api/kyverno/v1alpha2).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.model import Outcome, policy_key

_KINDS: Final = frozenset(f"{scope}{kind}" for scope in ("", "Cluster") for kind in ("PolicyReport", "Report"))
_KYVERNO_KINDS: Final = frozenset(
    f"{scope}{kind}Report" for scope in ("", "Cluster") for kind in ("Ephemeral", "BackgroundScan", "Admission")
)
_KYVERNO_GROUPS: Final = ("reports.kyverno.io/", "kyverno.io/")
_GROUPS: Final = ("wgpolicyk8s.io/", "openreports.io/", "reports.kyverno.io/")
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "pass": "allow",
    "fail": "deny",
    "warn": "warn",
    "error": "error",
    "skip": "skip",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AUTOGEN: Final = ("autogen-cronjob-", "autogen-")
"""Kyverno's prefixes for rules it makes for the controllers of pods, the longer first."""


def _claims(document: Any) -> bool:
    if not isinstance(document, Mapping):
        return False
    group, kind = text(document.get("apiVersion")), text(document.get("kind"))
    is_kyvernos = group.startswith(_KYVERNO_GROUPS) and kind in _KYVERNO_KINDS
    return is_kyvernos or (group.startswith(_GROUPS) and (kind in _KINDS or "results" in document))


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    metadata = mapping(document.get("metadata"))
    body = document if "results" in document else mapping(document.get("spec")) or document
    owner = mapping(body.get("owner")) or next(iter(mappings(metadata.get("ownerReferences"))), {})
    # An owner stands in its report's namespace and does not repeat it.
    scope = mapping(document.get("scope")) or (owner and {"namespace": metadata.get("namespace"), **owner})
    results = items(body.get("results"))
    yield from _not_listed(text(metadata.get("name")), mapping(body.get("summary")), len(results))
    for number, result in enumerate(results, 1):
        fields = mapping(result)
        # v1alpha1 has `status: Fail`.
        given = text(fields.get("result")) or text(fields.get("status"))
        policy, outcome = text(fields.get("policy")), _OUTCOMES.get(given.lower())
        if not policy or not outcome:
            yield ReportProblem(
                message=f"Result {number} of report {text(metadata.get('name')) or 'without a name'} has no "
                + ("policy." if not policy else "known `result`."),
                hint="Write both `policy` and `result`, which is one of pass, fail, warn, error, skip.",
            )
            continue
        source = text(fields.get("source")) or text(document.get("source"))
        rule = text(fields.get("rule"))
        message = text(fields.get("message")) or text(fields.get("description"))
        subjects = mappings(fields.get("resources")) or mappings(fields.get("subjects")) or [scope]
        for subject in subjects:
            yield ReportedDecision(
                format="policy-report",
                outcome=outcome,
                claims=(ReportedReason(keys=_keys(source, policy, rule), message=message),),
                name="/".join(part for part in (policy, rule) if part),
                message=message,
                at=_at(fields.get("timestamp")) or parse_time(metadata.get("creationTimestamp")),
                subject=ReportedSubject(name=object_name(subject)),
                input=dict(mapping(fields.get("properties"))) or None,
            )


def _not_listed(name: str, summary: Mapping[str, Any], listed: int) -> Iterator[ReportProblem]:
    counted = sum(whole(summary.get(outcome)) for outcome in _OUTCOMES)
    if counted > listed:
        yield ReportProblem(
            message=f"The report {name or 'without a name'} counts {counted} results and lists {listed}.",
            hint="Give the report whole, or those in which the other results stand.",
        )


def _keys(source: str, policy: str, rule: str) -> tuple[str, ...]:
    engine = source.lower()
    last = policy_key(engine or "policy-report", policy, rule)
    if engine.startswith("kyverno") or not engine:
        # A namespaced Policy stands as `namespace/name`; manifests often leave the namespace out.
        name = policy.rpartition("/")[2]
        for prefix in _AUTOGEN:
            rule = rule.removeprefix(prefix)
        exact = (policy_key("kyverno", name, rule),) if rule else ()
        return (*exact, policy_key("kyverno", name), *(() if engine.startswith("kyverno") else (last,)))
    if engine.startswith("gatekeeper"):
        return (policy_key("gatekeeper", policy), last)
    return (policy_key("rego-id", rule or policy), last)


def _at(value: Any) -> datetime | None:
    """Return the moment that a `metav1.Timestamp` is: seconds and nanoseconds."""
    seconds = whole(mapping(value).get("seconds"))
    try:
        return _EPOCH + timedelta(seconds=seconds) if seconds else parse_time(value)
    except OverflowError:
        return None


def object_name(reference: Mapping[str, Any]) -> str:
    """Return what a Kubernetes object is called: `Deployment default/web`."""
    name = "/".join(part for part in (text(reference.get("namespace")), text(reference.get("name"))) if part)
    return f"{text(reference.get('kind'))} {name}".strip()


FORMAT: Final = DecisionFormat(name="policy-report", title="Policy report", claims=_claims, read=_read)
