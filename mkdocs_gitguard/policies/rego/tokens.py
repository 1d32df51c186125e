"""Cuts Rego into tokens as OPA's scanner does, with what stands before each: a gap, a new line.

https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

import re
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern

ALWAYS_KEYWORDS: Final = frozenset(
    {"package", "import", "as", "default", "else", "not", "some", "with", "null", "true", "false"}
)
NEWER_KEYWORDS: Final = frozenset({"in", "if", "contains", "every"})
"""Keywords in v1, and in v0 where they are imported."""
NEWEST_KEYWORDS: Final = frozenset({"and", "or"})
"""Keywords only where they are imported (OPA 1.18 and later)."""
IMPORTABLE_KEYWORDS: Final = NEWER_KEYWORDS | NEWEST_KEYWORDS | {"not"}
"""What `import future.keywords` may name."""
_FUNCTIONS: Final = """
abs all and any assign ceil concat contains count div endswith eq equal floor format_int gt gte indexof indexof_n
intersection is_array is_boolean is_null is_number is_object is_set is_string lower lt lte max min minus mul neq or plus
print product re_match rem replace round sort split sprintf startswith substring sum to_number trace trim trim_left
trim_prefix trim_right trim_space trim_suffix type_name union upper walk
"""
BUILT_IN: Final = frozenset(_FUNCTIONS.split())
"""Functions that Rego has, of those without a dot in their name."""

STRING: Final = r'"(?>(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*)"'
RAW_STRING: Final = "`[^`]*+`"
NUMBER: Final = r"(?:0|[1-9][0-9]*+)(?>(?:\.[0-9]++)?)(?>(?:[eE][+-]?+[0-9]++)?)(?![A-Za-z0-9_.])"
_TOKEN: Final = late_pattern(
    rf"""(?P<gap>(?>(?:[ \t\r\n]++|\#[^\n]*+)*))
    (?:(?P<word>[A-Za-z_][A-Za-z0-9_]*+)
    |(?P<string>{STRING}|{RAW_STRING})
    |(?P<template>\$["`])
    |(?P<number>{NUMBER})
    |(?P<sign>:=|==|!=|<=|>=|[\[\](){{}}.,:;=<>+\-*/%&|])
    |(?P<end>\Z)
    |(?P<illegal>[0-9][0-9A-Za-z_.]*+|["`][^\n]*+|.))""",
    re.VERBOSE,
)
_ESCAPES: Final = r'\\(?:["\\/bfnrt{]|u[0-9A-Fa-f]{4})'
_TEMPLATE_PART: Final = {
    '"': late_pattern(rf'(?>(?:[^"\\\n{{]|{_ESCAPES})*)(["{{])'),
    "`": late_pattern(r"(?>(?:[^`\\{]|\\\{?+)*)([`{])"),
}
_CONTROL: Final = late_pattern(r"[\x00-\x1f]")


class Token(NamedTuple):
    """One token: `kind` is its sign or keyword, or `name`, `number`, `string`, `template...`, `illegal`, `end`."""

    kind: str
    text: str
    start: int
    """Where it begins, in characters."""
    has_gap: bool
    """Whether blanks or a comment stand before it."""
    has_newline: bool
    """Whether a line ends before it."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, the last of which is the `end`. Words are names here; see `ALWAYS_KEYWORDS`.

    A template string with expressions in it is `template-start`, the tokens of the expression, `template-middle`
    between two expressions and `template-end`.
    """
    all_tokens: list[Token] = []
    position = 1 if text.startswith("\ufeff") else 0
    open_brackets: list[str] = []
    while match := _TOKEN.match(text, position):
        kind, gap = match.lastgroup or "", match["gap"]
        start, position = match.start(kind), match.end()
        shown = match[kind]
        if kind == "template":
            kind, position = _template_part(text, position, shown[1], open_brackets, "start")
        elif kind == "sign":
            kind = shown
            if shown in "[({":
                open_brackets.append(shown)
            elif shown == "}" and open_brackets and open_brackets[-1] in '"`':
                kind, position = _template_part(text, position, open_brackets.pop(), open_brackets, "middle")
            elif shown in "])}" and open_brackets and open_brackets[-1] not in '"`':
                open_brackets.pop()
        elif kind == "word":
            kind = shown if shown in ALWAYS_KEYWORDS else "name"
        elif kind == "string" and shown[0] == '"' and "\\" in shown and _CONTROL.search(shown):
            kind = "illegal"
        all_tokens.append(Token(kind, text[start:position], start, bool(gap), "\n" in gap))
        if kind == "end":
            break
    return all_tokens


def _template_part(text: str, position: int, quote: str, open_brackets: list[str], place: str) -> tuple[str, int]:
    """Return the kind of a template string's part whose text begins at `position`, and where it ends."""
    match = _TEMPLATE_PART[quote].match(text, position)
    if match is None:
        line_end = text.find("\n", position)
        return "illegal", line_end if line_end >= 0 else len(text)
    if match[1] == "{":
        open_brackets.append(quote)
        return f"template-{place}", match.end()
    return "string" if place == "start" else "template-end", match.end()
