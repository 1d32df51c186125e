"""Cedar: a file is a policy, its statements are its rules.

https://docs.cedarpolicy.com/policies/syntax-policy.html
"""

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of, name_of_file
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource

_TOKEN: Final = late_pattern(
    r"""(?P<comment>//[^\n]*+)|(?P<string>"(?>(?:[^"\\]|\\[\s\S])*)")|(?P<annotation>@\s*(?P<name>[A-Za-z_]\w*+)(?:\s*\(\s*(?P<value>"(?>(?:[^"\\]|\\[\s\S])*)")\s*\))?)
    |(?P<effect>\b(?:permit|forbid)\b)|(?P<end>;)|(?P<other>\w++|"[\s\S]*+|[^\s])""",
    re.VERBOSE,
)
"""A text that does not end holds all that follows; else each quote in it would be tried by itself."""


class _Statement(NamedTuple):
    effect: str
    """`permit`, `forbid`, or `""` where something else stands."""
    annotations: dict[str, str]
    first_line: int
    last_line: int
    is_closed: bool


def read_cedar(source: PolicySource) -> Found:
    """Return the statements of a Cedar file."""
    statements = list(_statements(source.text))
    rules = [_rule(statement, number) for number, statement in enumerate(item for item in statements if item.effect)]
    findings = tuple(
        source.finding("cedar-broken", "warning", "The statement that begins here has no `;`.", statement.first_line)
        for statement in statements
        if not statement.is_closed
    )
    if not rules:
        return Found(findings=findings)
    stem = str(PurePosixPath(source.path).with_suffix(""))
    policy = FoundPolicy(
        format="cedar",
        type="policy set",
        name=stem,
        shown_name=name_of_file(source.path),
        first_line=rules[0].first_line,
        last_line=rules[-1].last_line,
        rules=tuple(rules),
    )
    return Found(policies=(policy,), findings=findings)


def _statements(text: str) -> Iterator[_Statement]:
    start = -1
    end = 0
    counted, line = 0, 1  # up to where lines are counted, and the line there
    effect = ""
    annotations: dict[str, str] = {}

    def lines() -> tuple[int, int]:
        nonlocal counted, line
        first = line + text.count("\n", counted, start)
        counted, line = end, first + text.count("\n", start, end)
        return first, line

    for match in _TOKEN.finditer(text):
        if match["comment"] is not None:
            continue
        start, end = (match.start() if start < 0 else start), match.end()
        if match["annotation"] is not None and not effect:
            annotations[match["name"]] = _unquoted(match["value"])
        effect = effect or match["effect"] or ""
        if match["end"] is not None:
            yield _Statement(effect, annotations, *lines(), is_closed=True)
            start, effect, annotations = -1, "", {}
    if start >= 0:
        yield _Statement(effect, annotations, *lines(), is_closed=False)


def _rule(statement: _Statement, number: int) -> FoundRule:
    annotations = statement.annotations
    name = annotations.get("id") or f"policy{number}"
    return FoundRule(
        name=name,
        type=statement.effect,
        about=description_of(
            title=annotations.get("title") or annotations.get("advice"),
            description=annotations.get("description") or annotations.get("comment"),
            severity=annotations.get("severity"),
            category=annotations.get("category"),
            related=list(annotations.values()),
        ),
        first_line=statement.first_line,
        last_line=statement.last_line,
        keys=(policy_key("cedar", name),),
    )


def _unquoted(quoted: str | None) -> str:
    try:
        return str(json.loads(quoted, strict=False)) if quoted else ""
    except ValueError:
        return quoted.strip('"') if quoted else ""


FORMAT: Final = PolicyFormat(
    "cedar", "Cedar", lambda path: path.endswith(".cedar"), (), read_cedar, skips_test_folders=True, is_testable=False
)
