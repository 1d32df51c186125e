"""OPA decision logs: one event a query, as a JSON array, as JSON lines or gzip of either; also OPA's console log.

Source: `v1/plugins/logs/plugin.go` (EventV1) of https://github.com/open-policy-agent/opa and
https://www.openpolicyagent.org/docs/management-decision-logs. `erased` and `masked` list JSON pointers into the event
that OPA's own mask policy took away or changed; we name them and guess nothing.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.redaction import Mark
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject, ReportProblem
from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.model import Outcome, rego_package_key, rego_ref, rego_segments

_REF: Final = re.compile(r'\bdata(?:\.[A-Za-z_][A-Za-z0-9_]*|\["(?:[^"\\]|\\.)*"\])+')
_MOST_CLAIMS: Final = 200
"""Voices of one decision that are followed up."""
_FORBIDS: Final = ("deny", "denied", "violation", "violations", "fail", "block", "reject")
_WARNS: Final = ("warn", "warning", "warnings")
_ALLOWS: Final = ("allow", "allowed", "authorized", "permit", "pass", "ok")


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
        claims=tuple(islice(_claims_of(segments, result, is_known="result" in document), _MOST_CLAIMS)),
        name=".".join(segments[1:]) or text(document.get("query")),
        message=message,
        at=parse_time(document.get("timestamp")) or parse_time(document.get("time")),
        report_id=text(document.get("decision_id")),
        # Two bundles with two revisions do not tell which one the package came from.
        revision=(revisions[0] if len(set(revisions)) == 1 else "") or text(document.get("revision")),
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
    name = segments[-1] if segments else ""
    if isinstance(result, Mapping):
        return _of_members(mapping(result))
    return _of_value(name, result, is_known="result" in document)


def _of_value(name: str, result: Any, *, is_known: bool) -> tuple[Outcome, str]:
    said = "; ".join(_messages(result))
    if _is_one_of(name, _WARNS):
        return ("warn" if result else "allow"), said
    if _is_one_of(name, _FORBIDS):
        return ("deny" if result else "allow"), said
    if isinstance(result, bool):
        return ("allow" if result else "deny"), said
    if not is_known and _is_one_of(name, _ALLOWS):
        return "deny", "The rule is undefined for this input."
    return "skip", "The result is not a verdict." if is_known else "The query is undefined for this input."


def _of_members(result: Mapping[str, Any]) -> tuple[Outcome, str]:
    """Judge an object by its members: one that forbids, then one that allows, then one that warns."""
    for names, outcome in ((_FORBIDS, "deny"), (_ALLOWS, ""), (_WARNS, "warn")):
        for key, value in result.items():
            if not _is_one_of(key, names):
                continue
            if outcome == "deny" and value:
                return "deny", "; ".join(_messages(value))
            if not outcome and isinstance(value, bool):
                reasons = [message for other in result.values() if other is not value for message in _messages(other)]
                return ("allow" if value else "deny"), "; ".join(reasons)
            if outcome == "warn" and value:
                return "warn", "; ".join(_messages(value))
    if any(_is_one_of(key, (*_FORBIDS, *_WARNS)) for key in result):
        return "allow", ""
    return "skip", "The result is not a verdict."


def _is_one_of(name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a rule's name is one of `names` or starts with it, as Conftest reads `deny_root`."""
    return name in names or name.startswith(tuple(f"{known}_" for known in names))


def _messages(value: Any) -> list[str]:
    """Return what a rule said: texts, and the `msg` or `message` of objects."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        fields = mapping(value)
        said = text(fields.get("msg")) or text(fields.get("message"))
        return [said] if said else [key for key, member in fields.items() if member is True]
    return [message for item in items(value) for message in _messages(item)]


def _claims_of(segments: tuple[str, ...], result: Any, *, is_known: bool) -> Iterator[ReportedReason]:
    if len(segments) <= 1:
        return
    keys = [f"rego:{rego_ref(segments)}", rego_package_key(segments[1:])]
    # A path may lead into a rule's value: `authz/allow/reason`.
    keys += [f"rego:{rego_ref(segments[:end])}" for end in range(len(segments) - 1, 2, -1)]
    if isinstance(result, Mapping) and (voices := list(_members(mapping(result)))):
        for member, message, verdict in voices:
            yield ReportedReason(
                keys=(f"rego:{rego_ref((*segments, member))}", *keys), message=message, verdict=verdict
            )
        return
    if isinstance(result, Mapping) and (silent := [key for key in result if _is_one_of(key, (*_FORBIDS, *_WARNS))]):
        for member in silent:
            yield ReportedReason(keys=(f"rego:{rego_ref((*segments, member))}", *keys), is_silent=True)
        return
    messages = _messages(result)
    if messages:
        codes = [_code(item) for item in items(result)] if len(items(result)) == len(messages) else []
        for number, message in enumerate(messages):
            code = codes[number] if codes else ""
            yield ReportedReason(keys=(*((f"rego-code:{code}",) if code else ()), *keys), message=message)
        return
    if is_known and not result and not isinstance(result, bool) and _is_one_of(segments[-1], (*_FORBIDS, *_WARNS)):
        yield ReportedReason(keys=tuple(keys), is_silent=True)
        return
    # Undefined counts as false: no rule of the name held.
    yield ReportedReason(
        keys=tuple(keys), verdict=result if isinstance(result, bool) else (None if is_known else False)
    )


def _members(result: Mapping[str, Any]) -> Iterator[tuple[str, str, bool | None]]:
    """Yield the members of an object that object, each with its message; if none does, those that allow."""
    objections = [key for key, value in result.items() if value and _is_one_of(key, (*_FORBIDS, *_WARNS))]
    for key in objections:
        for message in _messages(result[key]) or [""]:
            yield key, message, None
    if not objections:
        for key, value in result.items():
            if _is_one_of(key, _ALLOWS):
                yield key, "", value if isinstance(value, bool) else None


def _code(item: Any) -> str:
    """Return the rule's code, `package.short_name`, that Conforma puts into each of its results."""
    fields = mapping(item)
    return text(fields.get("code")) or text(mapping(fields.get("metadata")).get("code"))


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
        pointers = [text(pointer) for pointer in items(document.get(name)) if text(pointer)]
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
