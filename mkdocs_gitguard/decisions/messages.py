"""Which rule can have said a message: told by the texts in the rule's source.

Rules of one name (`deny` in a Rego package) share their key; engines report the message only. A rule writes its
message with a literal, with `sprintf` or with a template string, so the literal's fixed parts stand in the message
in their order. The literal may stand in another definition of the file that the rule uses.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_LITERAL: Final = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<template>\$)?(?:"(?P<text>(?:[^"\\\n]|\\.)*)"|`(?P<raw>[^`]*)`)"""
)
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_VERB: Final = re.compile(r"%(?P<percent>%)|%[-+# 0]*[0-9*]*(?:\.[0-9*]*)?(?:\[[0-9]+\])?[a-zA-Z]")
_PLACE: Final = re.compile(r"\{[^{}]*\}")
_DEFINED: Final = re.compile(r"\s*(?:default\s+)?([A-Za-z_]\w*)")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_LEAST_FIXED: Final = 6
"""Fixed letters that a literal needs to tell anything: `%s` alone fits every message."""

Pattern = tuple[str, ...]
"""The fixed parts of a literal, in order; anything may stand between them."""


@lru_cache(maxsize=20_000)
def rule_text(source: str, first_line: int, last_line: int) -> str:
    """Return the lines of a rule; lines count from 1, both ends included."""
    return "\n".join(source.split("\n")[first_line - 1 : last_line])


@lru_cache(maxsize=20_000)
def reached_text(source: str, first_line: int, last_line: int) -> str:
    """Return a rule's lines and those of all definitions of its file that it uses, directly or through others."""
    own = rule_text(source, first_line, last_line)
    definitions = _definitions(source, len(own) - len(own.lstrip()))
    name = _DEFINED.match(own)
    found, waiting, seen = [own], [own], {name.group(1) if name else ""}
    while waiting:
        for name in dict.fromkeys(_NAME.findall(waiting.pop())):
            if name in definitions and name not in seen:
                seen.add(name)
                found.append(definitions[name])
                waiting.append(definitions[name])
    return "\n".join(found)


@lru_cache(maxsize=256)
def _definitions(source: str, indent: int) -> Mapping[str, str]:
    """Return what stands at one indentation, by name: each definition reaches to the next. Written for Rego."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    name = ""
    for line in source.split("\n"):
        if line[indent : indent + 1].strip() and not line[:indent].strip():
            match = _DEFINED.match(line[indent:])
            # `}`, `else := …`, comments and closing brackets belong to what stands above.
            if match and match.group(1) != "else":
                name = match.group(1)
        if name:
            found[name].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


@lru_cache(maxsize=20_000)
def patterns(source: str) -> tuple[Pattern, ...]:
    """Return the forms of messages that a rule's source text can write."""
    found = []
    for match in _LITERAL.finditer(source):
        if match["comment"] is not None:
            continue
        text = match["raw"] if match["raw"] is not None else _ESCAPE.sub(_unescaped, match["text"])
        gaps = _PLACE if match["template"] else _VERB
        parts = [part.replace("%%", "%") for part in _split(gaps, text)]
        if sum(map(len, (part.strip() for part in parts))) >= _LEAST_FIXED:
            found.append(tuple(parts))
    return tuple(found)


def _split(gaps: re.Pattern[str], text: str) -> list[str]:
    parts, start = [], 0
    for gap in gaps.finditer(text):
        if "percent" in gap.groupdict() and gap["percent"]:
            continue
        parts.append(text[start : gap.start()])
        start = gap.end()
    return [*parts, text[start:]]


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)


def fits(pattern: Pattern, message: str) -> bool:
    """Tell whether the fixed parts fill the message, anything between them. Linear: no expression that backtracks."""
    first, last = pattern[0], pattern[-1]
    if len(pattern) == 1:
        return message == first
    if not message.startswith(first) or not message.endswith(last) or len(message) < len(first) + len(last):
        return False
    position, end = len(first), len(message) - len(last)
    for part in pattern[1:-1]:
        found = message.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
