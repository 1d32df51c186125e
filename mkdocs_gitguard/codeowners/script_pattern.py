"""Patterns of CODEOWNERS files as regular expressions of ECMAScript (flag `u`), for a browser to try on a path.

Only what means the same there: of the expressions of Gitea and Forgejo those of plain characters, dots, stars, groups
and plain classes. They are Python's as well, so that tests hold them to the matcher itself.
"""

import re
from typing import Final

from mkdocs_gitguard.codeowners.from_rules import compiled_rule, expression_of
from mkdocs_gitguard.codeowners.pattern import PathPattern, Reach
from mkdocs_gitguard.codeowners.records import Dialect, OwnerRule
from mkdocs_gitguard.codeowners.segment import Piece, Segment

_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
"""What `u` lets a backslash stand before, and what must have one."""
_DEEP: Final = "(?:[^/]+/)*"
_ANY: Final = "[^/]"
_PLAIN_EXPRESSION: Final = re.compile(
    r"(?:[A-Za-z0-9_/ ~@=:;,!%&'\"<>`#-]|\\[./*+?()|\[\]{}^$\\]|\.|(?<=[A-Za-z0-9_/.)\]])[*+?]|\((?!\?)|\)|\||"
    r"\[\^?(?:[A-Za-z0-9_](?:-[A-Za-z0-9_])?|[./])+\])*"
)


def script_pattern(dialect: Dialect, rule: OwnerRule) -> str | None:
    """Return the expression that a rule's pattern is, to be searched in a path; None where a browser cannot tell."""
    compiled = compiled_rule(dialect, rule)
    if compiled is None:
        return None
    if isinstance(compiled, PathPattern):
        return _of_path(compiled)
    expression = expression_of(dialect, rule)
    return f"^{expression}$" if _PLAIN_EXPRESSION.fullmatch(expression) else None


def _of_path(pattern: PathPattern) -> str:
    source = ""
    for place, segment in enumerate(pattern.segments):
        if segment is None:
            source += _DEEP
        else:
            source += _of_segment(segment) + ("/" if place < len(pattern.segments) - 1 else "")
    if pattern.reach is Reach.BELOW:
        return f"^{source}/.+$" if pattern.segments else "^.+$"
    return f"^{source}(?:/.*)?$" if pattern.reach is Reach.WHOLE else f"^{source}$"


def _of_segment(segment: Segment) -> str:
    # A star alone is any name, and no name is empty.
    return f"{_ANY}+" if segment.is_star else f"{_ANY}*".join(map(_of_piece, segment.pieces))


def _of_piece(piece: Piece) -> str:
    if piece.expression is None:
        return "".join(map(_escaped, piece.literal or ""))
    source, parts, position = piece.expression.pattern, [], 0
    while position < len(source):
        if source[position] == "\\":
            parts.append(_escaped(source[position + 1]))
            position += 2
        elif source[position] == ".":
            parts.append(_ANY)
            position += 1
        elif source[position] == "[":
            end = re.compile(r"\[(?:\\.|[^\]\\])*\]", re.DOTALL).match(source, position)
            assert end is not None  # noqa: S101 - `_read_class` closes what it opens
            parts.append(f"(?!/){_of_class(end[0])}")
            position = end.end()
        else:
            parts.append(_escaped(source[position]))
            position += 1
    return "".join(parts)


def _of_class(source: str) -> str:
    """Return a class with the escapes that a class may have."""

    def again(escape: re.Match[str]) -> str:
        return escape[0] if escape[1] in _SYNTAX or escape[1] == "-" else escape[1]

    return re.sub(r"\\(.)", again, source, flags=re.DOTALL)


def _escaped(character: str) -> str:
    return f"\\{character}" if character in _SYNTAX else character
