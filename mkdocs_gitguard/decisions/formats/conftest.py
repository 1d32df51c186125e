"""Conftest's JSON output (`conftest test --output json`).

Source: `output/result.go` and `policy/engine.go` of https://github.com/open-policy-agent/conftest. A result's
`metadata.query` names the rule (`data.main.deny_root`); versions before 0.50 have none, and there the namespace and
the list that the result stands in are all there is. `_loc` is the place in the checked file, never in the policy.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import mapping, mappings, text, whole
from mkdocs_gitguard.model import Outcome, rego_package_key, rego_ref, rego_segments

_LISTS: Final[Mapping[str, tuple[Outcome, tuple[str, ...]]]] = {
    "failures": ("deny", ("deny", "violation")),
    "warnings": ("warn", ("warn",)),
    "exceptions": ("skip", ("exception",)),
    "skipped": ("skip", ()),
}


def _claims(document: Any) -> bool:
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("filename"), str)
        and isinstance(document.get("namespace"), str)
        and any(name in document for name in ("successes", *_LISTS))
    )


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    namespace = rego_segments(text(document.get("namespace")))
    path = text(document.get("filename"))
    judged = False
    for name, (outcome, rules) in _LISTS.items():
        for result in mappings(document.get(name)):
            judged = True
            yield _result(result, outcome, namespace, rules, path)
    successes = whole(document.get("successes"))
    if successes and not judged:
        # The report counts what held and names none of it: one decision by the package stands for all.
        yield ReportedDecision(
            format="conftest",
            outcome="allow",
            claims=(ReportedReason(keys=(rego_package_key(namespace),), is_silent=True),) if namespace else (),
            name=".".join(namespace),
            message=f"{successes} checks passed." if successes > 1 else "1 check passed.",
            subject=ReportedSubject(path=path),
        )


def _result(
    result: Mapping[str, Any], outcome: Outcome, namespace: tuple[str, ...], rules: tuple[str, ...], path: str
) -> ReportedDecision:
    metadata = mapping(result.get("metadata"))
    message = text(result.get("msg"))
    query = rego_segments(text(metadata.get("query")))
    code = text(metadata.get("code")) or text(mapping(metadata.get("details")).get("code"))
    keys = [f"rego-code:{code}"] if code else []
    is_named = query[:1] == ("data",)
    if is_named:
        keys.append(f"rego:{rego_ref(query)}")
    else:
        keys += [f"rego:{rego_ref(('data', *namespace, rule))}" for rule in rules if namespace]
    # Without a query the list that a result stands in stands for `deny_root`, too.
    has_family = bool(namespace) and not is_named and not code
    place = mapping(result.get("loc"))
    return ReportedDecision(
        format="conftest",
        outcome=outcome,
        claims=(
            ReportedReason(
                keys=tuple(keys),
                message=message,
                family=rego_package_key(namespace) if has_family and keys else "",
                family_names=rules if has_family else (),
            ),
        ),
        name=rego_ref(query) if query else code or ".".join(namespace),
        message=message,
        subject=ReportedSubject(path=text(place.get("file")) or path, line=whole(place.get("line"))),
        input=dict(metadata) or None,
    )


FORMAT: Final = DecisionFormat(name="conftest", title="Conftest report", claims=_claims, read=_read)
