"""What the result of a query to OPA says: the outcome, the texts for people, and what each of its rules gave.

OPA has no word for an outcome, so the names of rules tell: those that Conftest, Gatekeeper, Envoy's filter and
Kubernetes' admission ask for. Only what such a rule says, and members that are texts by name, becomes a message:
anything else in a result is data.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from mkdocs_gitguard.decisions.report import MESSAGE_MEMBERS, ReportedReason
from mkdocs_gitguard.decisions.untyped import items, mapping, text
from mkdocs_gitguard.model import Outcome, rego_package_key, rego_ref

_MOST_REASONS: Final = 200
"""Voices of one decision that are followed up."""
_MOST_MESSAGES: Final = 200
_DEEPEST: Final = 20
"""Levels of a result that are searched for messages."""
_FORBIDS: Final = ("deny", "denied", "violation", "violations", "fail", "block", "reject")
_WARNS: Final = ("warn", "warning", "warnings")
_ALLOWS: Final = ("allow", "allowed", "authorized", "permit", "pass", "ok")
NO_VERDICT: Final = "The result is not a verdict."


def is_verdict(name: str) -> bool:
    """Tell whether a rule of this name is one whose value decides."""
    return _is_one_of(name, (*_FORBIDS, *_WARNS, *_ALLOWS))


def judge(name: str, result: Any) -> tuple[Outcome, str]:
    """Return the outcome of a result and what it tells people.

    Args:
        name: the last segment of what was asked for.
        result: its value, decoded JSON.
    """
    if isinstance(result, Mapping):
        fields = _review(mapping(result))
        if any(is_verdict(key) for key in fields):
            return _of_members(fields)
    message = "; ".join(messages(result))
    if _is_one_of(name, _WARNS):
        return ("warn" if _is_something(result) else "allow"), message
    if _is_one_of(name, _FORBIDS):
        return ("deny" if _is_something(result) else "allow"), message
    if isinstance(result, bool):
        return ("allow" if result else "deny"), ""
    return "skip", NO_VERDICT


def judge_nothing(name: str) -> tuple[Outcome, str]:
    """Return the outcome of a query that had no result."""
    if _is_one_of(name, (*_WARNS, *_FORBIDS)):
        return "allow", ""
    if _is_one_of(name, _ALLOWS):
        return "deny", "The rule is undefined for this input."
    return "skip", "The query is undefined for this input."


def _review(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer inside of an admission review of Kubernetes, else the object itself."""
    response = mapping(fields.get("response"))
    if not isinstance(response.get("allowed"), bool):
        return fields
    return {"allowed": response["allowed"], "message": text(mapping(response.get("status")).get("message"))}


def _of_members(result: Mapping[str, Any]) -> tuple[Outcome, str]:
    """Judge an object by its members: one that forbids, then one that allows, then one that warns."""
    for key, value in result.items():
        if _is_one_of(key, _FORBIDS) and _is_something(value):
            return "deny", "; ".join(messages(value) or _own_messages(result))
    for key, value in result.items():
        if isinstance(value, bool) and _is_one_of(key, _ALLOWS):
            return ("allow" if value else "deny"), "; ".join(_own_messages(result))
    for key, value in result.items():
        if _is_one_of(key, _WARNS) and _is_something(value):
            return "warn", "; ".join(messages(value))
    return ("allow", "") if any(_is_one_of(key, (*_FORBIDS, *_WARNS)) for key in result) else ("skip", NO_VERDICT)


def _is_something(value: Any, depth: int = _DEEPEST) -> bool:
    """Tell whether a rule that objects gave anything: `deny.low contains …` leaves an empty set where it gave none."""
    if isinstance(value, Mapping) and value and depth:
        return any(
            not isinstance(member, Mapping | list) or _is_something(member, depth - 1) for member in value.values()
        )
    return bool(value)


def _is_one_of(name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a rule's name is one of `names` or starts with it, as Conftest reads `deny_root`."""
    return name in names or name.startswith(tuple(f"{known}_" for known in names))


def messages(value: Any) -> list[str]:
    """Return what a rule that decides says: texts, what objects hold for people, and keys that are just true."""
    return list(islice(_messages(value, _DEEPEST), _MOST_MESSAGES))


def _messages(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        fields = mapping(value)
        texts = list(_member_messages(fields, depth - 1))
        # `deny[message] if …` of today's Rego is an object of keys that are true.
        yield from texts or [key for key, member in fields.items() if member is True]
    elif depth:
        for item in items(value):
            yield from _messages(item, depth - 1)


def _member_messages(fields: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, member in fields.items():
        if key in MESSAGE_MEMBERS:
            yield from (message for message in _messages(member, depth) if message)


def _own_messages(fields: Mapping[str, Any]) -> list[str]:
    return list(islice(_member_messages(fields, _DEEPEST), _MOST_MESSAGES))


def reasons(segments: tuple[str, ...], result: Any) -> Iterator[ReportedReason]:
    """Yield what each rule of a result gave, for the resolver.

    Args:
        segments: the reference that was asked for, `data` first.
        result: its value, decoded JSON.
    """
    keys = keys_of(segments)
    name = segments[-1]
    if isinstance(result, Mapping):
        fields = mapping(result)
        deciding = [key for key in fields if is_verdict(key)]
        if deciding:
            yield from islice(_of_rules(segments, fields, deciding), _MOST_REASONS)
            return
    if _is_one_of(name, (*_FORBIDS, *_WARNS)):
        yield from islice(_given(keys, result), _MOST_REASONS)
        return
    yield ReportedReason(keys=keys, verdict=result if isinstance(result, bool) else None, value=result)


def keys_of(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that a reference stands for: itself, its package, and what its path may lead into."""
    if len(segments) <= 1:
        return ()
    shorter = (f"rego:{rego_ref(segments[:end])}" for end in range(len(segments) - 1, 2, -1))
    # A path may lead into a rule's value: `authz/allow/reason`.
    return (f"rego:{rego_ref(segments)}", rego_package_key(segments[1:]), *islice(shorter, 20))


def _of_rules(
    segments: tuple[str, ...], fields: Mapping[str, Any], deciding: Sequence[str]
) -> Iterator[ReportedReason]:
    """Yield the members of an object that object; if none does, those that allow, else those that are silent."""
    outer = keys_of(segments)
    objections = [key for key in deciding if not _is_one_of(key, _ALLOWS) and _is_something(fields[key])]
    allowing = [key for key in deciding if _is_one_of(key, _ALLOWS)]
    for key in objections or allowing or deciding:
        keys = (f"rego:{rego_ref((*segments, key))}", *outer)
        if key in allowing:
            value = fields[key]
            verdict = value if isinstance(value, bool) else None
            yield ReportedReason(keys=keys, verdict=verdict, value=value, around=fields)
        else:
            yield from _given(keys, fields[key])


def _given(keys: tuple[str, ...], value: Any) -> Iterator[ReportedReason]:
    """Yield what a rule that objects gave: each element of a set, each entry of an object, or the value."""
    if isinstance(value, bool):
        yield ReportedReason(keys=keys, verdict=value, value=value)
    elif not _is_something(value):
        yield ReportedReason(keys=keys, value=value, is_silent=True)
    elif isinstance(value, list | tuple):
        for item in value:
            code = _code(item)
            yield ReportedReason(
                keys=(*((f"rego-code:{code}",) if code else ()), *keys), value=item, message=_first(messages(item))
            )
    elif isinstance(value, Mapping) and not _own_messages(mapping(value)):
        for entry, member in mapping(value).items():
            if isinstance(member, Mapping | list) and not _is_something(member):
                continue
            yield ReportedReason(keys=keys, value=member, entry=entry, message=_first(messages(member)) or entry)
    else:
        yield ReportedReason(keys=keys, value=value, message=_first(messages(value)))


def _first(texts: Sequence[str]) -> str:
    return texts[0] if texts else ""


def _code(item: Any) -> str:
    """Return the rule's code, `package.short_name`, that Conforma puts into each of its results."""
    fields = mapping(item)
    return text(fields.get("code")) or text(mapping(fields.get("metadata")).get("code"))
