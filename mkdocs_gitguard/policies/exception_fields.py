"""What exceptions of all formats have in common: days, reasons, and what they hold for, as their sources write them."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.policies.description import on_one_line, urls
from mkdocs_gitguard.policies.format import PolicySource
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, pairs

MOST_EXCEPTIONS: Final = 2_000
"""Of one file."""
_MOST_NAMES: Final = 12
"""In the words for what an exception holds for."""
_LONGEST: Final = 400
"""Characters of a reason, and of what an exception holds for."""
_MOMENT: Final = late_pattern(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}):?(\d{2}):?(\d{2})(?:\.\d+)?(?:([Zz])|([+-]\d{2}):?(\d{2})))?",
    re.ASCII,
)
_REASONS: Final = frozenset(
    {"reason", "justification", "rationale", "comment", "description", "exception-reason", "exceptionreason"}
)
"""Last segments of annotations in which people say why."""
_TICKETS: Final = frozenset({"reference", "ticket", "issue", "jira", "url", "link"})


def moment_of(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC; None where it is none.

    RFC 3339, as Conforma wants it; a day alone, which begins at midnight UTC; and `2023-07-19T120000Z`, as a
    Kubernetes label has to write it (https://kyverno.io/docs/policy-types/cleanup-policy/#cleanup-label).
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    day, hour, minute, second, _, offset_hours, offset_minutes = match.groups()
    time = f"T{hour}:{minute}:{'59' if second == '60' else second}" if hour else "T00:00:00"
    try:
        offset = f"{offset_hours}:{offset_minutes}" if offset_hours else "+00:00"
        return datetime.fromisoformat(f"{day}{time}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def date_in(
    node: Node | None, source: PolicySource, document: YamlDocument, findings: list[Finding], what: str
) -> datetime | None:
    """Return the moment that a scalar names; where it is none, None and a finding."""
    if not isinstance(node, ScalarNode) or not str(node.value).strip():
        return None
    moment = moment_of(str(node.value))
    if moment is None:
        findings.append(broken_date(source, document.first(node), what, str(node.value)))
    return moment


def broken_date(source: PolicySource, line: int, what: str, text: str) -> Finding:
    """Return the finding for a date that nobody can read."""
    return source.finding(
        "exception-date",
        "warning",
        f"{what} {on_one_line(text)[:60]!r} is not a date.",
        line,
        "Write it as 2026-12-31T00:00:00Z: until then the exception counts as one without end.",
    )


def reason_in(root: MappingNode | None) -> str:
    """Return why, as the annotations of a Kubernetes object say it; `""` where none does."""
    return next(_annotations(root, _REASONS), "")


def reference_in(root: MappingNode | None) -> str:
    """Return the http(s) URL that an annotation of a Kubernetes object gives, `""` where none does."""
    return next((url for text in _annotations(root, _TICKETS) for url in urls(text)), "")


def _annotations(root: MappingNode | None, names: frozenset[str]) -> Iterator[str]:
    for key, value in pairs(child(root, "metadata", "annotations")):
        name = str(key.value).rpartition("/")[2].lower()
        if name in names and isinstance(value, ScalarNode) and (text := cut(str(value.value))):
            yield text


def scalars(node: Node | None) -> list[str]:
    """Return the texts of a list of scalars, or of one scalar."""
    nodes = [node] if isinstance(node, ScalarNode) else children(node)
    return [text for item in nodes if isinstance(item, ScalarNode) and (text := on_one_line(str(item.value)))]


def scope_of(parts: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Return in words what an exception holds for: `kinds Pod; namespaces kube-system, istio-system`."""
    phrases = []
    for name, values in parts:
        texts = list(dict.fromkeys(values))
        if texts:
            more = f" and {len(texts) - _MOST_NAMES:,} more" if len(texts) > _MOST_NAMES else ""
            phrases.append(f"{name} {', '.join(texts[:_MOST_NAMES])}{more}")
    return cut("; ".join(phrases))


def cut(text: str) -> str:
    """Return a text on one line and no longer than people read in a table."""
    text = on_one_line(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
