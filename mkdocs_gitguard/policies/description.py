"""Cleans what policies say of themselves: one spelling for severities, http(s) URLs only, text of a sane length."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final, Literal

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model.policy import POLICY_SEVERITIES, PolicySeverity
from mkdocs_gitguard.policies.file_scan import Description

_LONGEST: Final = 4_000
_URL: Final = late_pattern(r"https?://[^\s<>\"'`)\]]+")
_SEVERITY_OF: Final[dict[str, PolicySeverity | Literal[""]]] = {
    **{severity: severity for severity in POLICY_SEVERITIES},
    "blocker": "critical",
    "major": "high",
    "error": "high",
    "failure": "high",
    "moderate": "medium",
    "warning": "medium",
    "warn": "medium",
    "minor": "low",
    "informational": "info",
    "information": "info",
    "inventory": "info",
    "experiment": "info",
    "none": "info",
    "unknown": "",
}
"""The word that readers see, by those that tools use."""
_SAYS_NOTHING: Final = frozenset(["config", "index", "main", "policies", "policy", "rule", "rules", "semgrep"])
"""Names that every second file of policies has."""


def name_of_file(path: str) -> str:
    """Return what people call a file of policies that gives itself no name: its own without the ending.

    One that says nothing stands after its folder's: `payments/rules`.
    """
    stem = PurePosixPath(path).with_suffix("")
    folder = stem.parent.name if stem.name.lower().lstrip(".") in _SAYS_NOTHING else ""
    return f"{folder}/{stem.name}" if folder else stem.name


def description_of(
    *, title: object = "", description: object = "", severity: object = "", category: object = "", related: object = ()
) -> Description:
    """Return a `Description` from values of unknown types; what has the wrong type is left out."""
    return Description(
        title=on_one_line(title),
        description=paragraphs(description),
        severity=severity_of(severity),
        category=on_one_line(category),
        related=urls(related),
    )


def on_one_line(value: object) -> str:
    """Return a scalar, or a list of scalars joined by commas, on one line."""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(on_one_line, value)))[:_LONGEST]
    if value is None or isinstance(value, dict | bool):
        return ""
    return " ".join(str(value).split())[:_LONGEST]


def paragraphs(value: object) -> str:
    """Return text with its line breaks, without blanks around it."""
    if not isinstance(value, str):
        return on_one_line(value)
    lines = [line.rstrip() for line in value.strip().splitlines()]
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"


def severity_of(value: object) -> str:
    """Return `critical`, `high`, `medium`, `low` or `info` for the words that tools use, else the word, else `""`."""
    word = on_one_line(value).lower()
    return _SEVERITY_OF.get(word, word if re.fullmatch(r"[\w-]{1,20}", word) else "")


def urls(value: object) -> tuple[str, ...]:
    """Return the http(s) URLs in strings, lists and mappings (`ref`, `url`), each once, in order."""
    return tuple(dict.fromkeys(_urls(value)))


def _urls(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield from (match.group().rstrip(".,;") for match in _URL.finditer(value))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _urls(item)
    elif isinstance(value, dict):
        for key in ("ref", "url", "href"):
            yield from _urls(value.get(key))
