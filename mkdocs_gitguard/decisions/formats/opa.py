"""OPA decision logs: one event a query, as a JSON array, as JSON lines or gzip of either; also OPA's console log.

Source: `v1/plugins/logs/plugin.go` (EventV1) of https://github.com/open-policy-agent/opa and
https://www.openpolicyagent.org/docs/management-decision-logs. `erased` and `masked` list JSON pointers into the event
that OPA's own mask policy took away or changed; we name them and guess nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.formats.opa_result import is_verdict, judge, judge_nothing, keys_of, reasons
from mkdocs_gitguard.decisions.redaction import Mark
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Outcome, rego_segments

_REF: Final = late_pattern(r'\bdata(?:\.[A-Za-z_][A-Za-z0-9_]*|\["(?:[^"\\]|\\.)*"\])+')
_MOST_MARKS: Final = 200
"""Values that OPA took away and that are marked in an input, of which some dozens are shown."""
_MOST_BUNDLES: Final = 20
"""Revisions of one event that are looked for."""


def _claims(document: Any) -> bool:
    if not isinstance(document, Mapping):
        return False
    if isinstance(document.get("decision_id"), str):
        return True
    names_query = isinstance(document.get("path"), str) or isinstance(document.get("query"), str)
    return names_query and "timestamp" in document and ("result" in document or "input" in document)


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    segments = _segments(document)
    result = document.get("result")
    if not segments and document.get("query"):
        result = _binding(result)
    outcome, message = _judgement(segments, document, result)
    bundles = mapping(document.get("bundles"))
    revisions = [text(mapping(bundle).get("revision")) for bundle in bundles.values()]
    yield ReportedDecision(
        format="opa",
        outcome=outcome,
        claims=tuple(_reasons(segments, document, result)),
        name=".".join(segments[1:]) or text(document.get("query")),
        message=message,
        at=parse_time(document.get("timestamp")) or parse_time(document.get("time")),
        report_id=text(document.get("decision_id")),
        # Two bundles with two revisions do not tell which one the package came from.
        revision=(revisions[0] if len(set(revisions)) == 1 else "") or text(document.get("revision")),
        revisions=tuple(sorted(set(revisions) - {""}))[:_MOST_BUNDLES],
        subject=_subject(mapping(document.get("input"))),
        input=_shown(document),
    )


def _segments(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the reference that was asked for, `data` first; empty for a query that is more than one."""
    path = text(document.get("path")).strip("/")
    if path:
        parts = tuple(part for part in path.split("/") if part)
        return parts if parts[:1] == ("data",) else ("data", *parts)
    references = {match.group() for match in _REF.finditer(text(document.get("query")))}
    return rego_segments(references.pop()) if len(references) == 1 else ()


def _binding(result: Any) -> Any:
    """Return the one value that an ad-hoc query bound, else what there is."""
    rows = mappings(result)
    values = list(mapping(rows[0].get("bindings")).values()) if len(rows) == 1 else []
    return values[0] if len(values) == 1 else result


def _judgement(segments: tuple[str, ...], document: Mapping[str, Any], result: Any) -> tuple[Outcome, str]:
    if error := document.get("error"):
        return "error", text(error) or text(mapping(error).get("message"))
    if _is_result_masked(document, segments, result):
        return "skip", "OPA's own mask took the result out of its log."
    name = segments[-1] if segments else ""
    return judge(name, result) if "result" in document else judge_nothing(name)


def _reasons(segments: tuple[str, ...], document: Mapping[str, Any], result: Any) -> Iterator[ReportedReason]:
    keys = keys_of(segments)
    if not keys or document.get("error"):
        if keys:
            yield ReportedReason(keys=keys, is_unknown=True)
        return
    if _is_result_masked(document, segments, result):
        yield ReportedReason(keys=keys, is_unknown=True)
    elif "result" not in document:
        is_objection = judge_nothing(segments[-1])[0] == "allow"
        # Undefined counts as false: no rule of the name held.
        yield ReportedReason(keys=keys, verdict=None if is_objection else False, is_undefined=True)
    else:
        yield from reasons(segments, result)


def _is_result_masked(document: Mapping[str, Any], segments: tuple[str, ...], result: Any) -> bool:
    """Tell whether OPA's mask took away or changed the result, or a part of it that decides.

    It lists JSON pointers, each segment escaped as in a URL (`v1/plugins/logs/mask.go`).
    """
    is_rule = bool(segments) and is_verdict(segments[-1])
    for name in ("erased", "masked"):
        for pointer in items(document.get(name)):
            parts = [unquote(part) for part in text(pointer).split("/")[1:]]
            if parts[:1] == ["result"] and (
                len(parts) == 1 or is_rule or is_verdict(parts[1]) or not isinstance(result, Mapping)
            ):
                return True
    return False


def _subject(given: Mapping[str, Any]) -> ReportedSubject:
    """Return the subject that an input names in the fields of forges and of Kubernetes' admission reviews."""
    repository = given.get("repository", given.get("repo"))
    pull_request = given.get("pull_request", given.get("pr"))
    head = mapping(mapping(pull_request).get("head"))
    request = mapping(given.get("request"))
    kind = text(mapping(request.get("kind")).get("kind"))
    name = "/".join(part for part in (text(request.get("namespace")), text(request.get("name"))) if part)
    fields = mapping(repository)
    return ReportedSubject(
        repository=text(repository) or text(fields.get("full_name")) or text(fields.get("name")),
        name=f"{kind} {name}".strip(),
        commit=text(given.get("commit")) or text(given.get("sha")) or text(head.get("sha")),
        pull_request=whole(pull_request) or whole(mapping(pull_request).get("number")),
        path=text(given.get("file")) or text(given.get("filename")),
    )


def _shown(document: Mapping[str, Any]) -> Any:
    """Return what may be looked at of the input, with OPA's own redaction named. It is raw still."""
    shown: dict[str, Any] = {"input": document["input"]} if "input" in document else {}
    for name in ("erased", "masked"):
        pointers = [text(pointer) for pointer in items(document.get(name))[:_MOST_MARKS] if text(pointer)]
        for pointer in pointers:
            _mark(shown, pointer, name)
    if cache := mapping(document.get("nd_builtin_cache")):
        # Which non-deterministic builtins answered, and how often: what they answered may hold anything.
        shown["nd_builtin_cache"] = {builtin: len(mapping(calls)) for builtin, calls in cache.items()}
    return shown or None


def _mark(shown: dict[str, Any], pointer: str, name: str) -> None:
    """Put a mark where a JSON pointer (RFC 6901) leads, without touching the report's own objects."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if parts[:1] != ["input"]:
        return
    at: dict[str, Any] = shown
    for part in parts[:-1]:
        below = at.get(part)
        if below is not None and not isinstance(below, Mapping):
            return
        at[part] = dict(below or {})
        at = at[part]
    at[parts[-1]] = Mark(f"({name} by OPA)")


FORMAT: Final = DecisionFormat(name="opa", title="OPA decision log", claims=_claims, read=_read)
