"""Our own event, `policy.decision`: the one form that names policy file, lines and commit together.

docs/decisions.md gives its schema. It may come bare or as the `data` of a CloudEvent
(https://github.com/cloudevents/spec) of that type.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.report import (
    ReportedDecision,
    ReportedReason,
    ReportedSubject,
    ReportPlace,
    ReportProblem,
)
from mkdocs_gitguard.decisions.untyped import mapping, mappings, parse_time, text, whole
from mkdocs_gitguard.model import Outcome

EVENT_TYPE: Final = "policy.decision"
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "allow": "allow",
    "deny": "deny",
    "warn": "warn",
    "error": "error",
    "skip": "skip",
}


def _claims(document: Any) -> bool:
    return isinstance(document, Mapping) and (
        document.get("event") == EVENT_TYPE or (document.get("type") == EVENT_TYPE and "specversion" in document)
    )


def _read(document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    body = document if document.get("event") == EVENT_TYPE else mapping(document.get("data"))
    outcome = _OUTCOMES.get(text(body.get("outcome")))
    if not outcome:
        yield ReportProblem(
            message="A policy.decision has no known `outcome`.",
            hint="Write one of allow, deny, warn, error, skip.",
        )
        return
    rules = mappings(body.get("rules")) or [mapping(body.get("policy"))]
    policy = rules[0]
    subject = mapping(body.get("subject"))
    message = text(body.get("message"))
    yield ReportedDecision(
        format="event",
        outcome=outcome,
        claims=tuple(_claim(rule, message) for rule in rules if rule),
        name=text(policy.get("name")) or text(policy.get("key")) or text(policy.get("path")),
        message=message,
        at=parse_time(body.get("at")) or parse_time(document.get("time")),
        report_id=text(body.get("id")) or text(document.get("id")),
        revision=text(policy.get("commit")),
        policies=text(policy.get("repository")),
        subject=ReportedSubject(
            repository=text(subject.get("repository")),
            name=text(subject.get("name")),
            commit=text(subject.get("commit")),
            pull_request=whole(subject.get("pull_request")),
            path=text(subject.get("path")),
            line=whole(subject.get("line")),
        ),
        input=body.get("input"),
    )


def _claim(rule: Mapping[str, Any], message: str) -> ReportedReason:
    path = text(rule.get("path"))
    place = ReportPlace(
        repository=text(rule.get("repository")),
        commit=text(rule.get("commit")),
        path=path,
        line=whole(rule.get("first_line")),
    )
    key = text(rule.get("key"))
    return ReportedReason(
        keys=(key,) if key else (), message=text(rule.get("message")) or message, place=place if path else None
    )


FORMAT: Final = DecisionFormat(name="event", title="GitGuard event", claims=_claims, read=_read)
