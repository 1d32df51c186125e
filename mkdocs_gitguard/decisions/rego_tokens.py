"""Cuts the text of a Rego definition into tokens, template strings with the tokens of their expressions.

Every character is looked at once; what is not Rego, or is nested too deeply, has no tokens.
"""

import re
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern

_TOKEN: Final = late_pattern(
    r"""(?P<blank>(?>(?:[ \t\r]|\#[^\n]*+)+))|(?P<line>\n)
    |(?P<text>"(?>(?:[^"\\\n]|\\.)*)"|`[^`]*+`)|(?P<template>\$["`])
    |(?P<number>(?:0|[1-9][0-9]*+)(?>(?:\.[0-9]++)?)(?>(?:[eE][+-]?+[0-9]++)?))|(?P<word>[A-Za-z_][A-Za-z0-9_]*+)
    |(?P<sign>:=|==|!=|<=|>=|[\[\](){}.,:;=<>+\-*/%&|])|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_FIXED: Final = {'"': late_pattern(r'(?>(?:[^"\\\n{]|\\.)*)'), "`": late_pattern(r"(?>(?:[^`\\{]|\\\{?+)*)")}
"""The text of a template string up to its next expression or its end."""
_ESCAPE: Final = late_pattern(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_DEEPEST: Final = 40
"""Template strings inside template strings."""


class Token(NamedTuple):
    """One token: its `kind` is text, template, number, word, sign, other or end."""

    kind: str
    text: str
    is_on_new_line: bool
    pieces: "tuple[str | tuple[Token, ...], ...]" = ()
    """Of a template string: its fixed texts and its expressions."""


class Unreadable(Exception):  # noqa: N818 - whoever reads a definition catches it
    """The text is not Rego, or is nested too deeply."""


def unescaped(text: str) -> str:
    """Return the text between double quotes with its escapes replaced."""
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)


class TokenReader:
    """Cuts a text into tokens from left to right; template strings hold the tokens of their expressions."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._depth = 0

    def until(self, closer: str) -> tuple[Token, ...]:
        """Return the tokens up to the bracket that closes a template's expression, or up to the end."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable
        tokens: list[Token] = []
        nested = 0
        is_on_new_line = False
        while self._position < len(self._text):
            match = _TOKEN.match(self._text, self._position)
            if match is None:
                raise Unreadable
            kind, text = match.lastgroup or "", match.group()
            self._position = match.end()
            if kind in ("blank", "line"):
                is_on_new_line |= kind == "line"
                continue
            if closer and text == closer and not nested:
                self._depth -= 1
                return tuple(tokens)
            nested += (text == "{") - (text == "}")
            pieces = self._template(text[1]) if kind == "template" else ()
            tokens.append(Token(kind, text, is_on_new_line, pieces))
            is_on_new_line = False
        if closer:
            raise Unreadable
        self._depth -= 1
        return tuple(tokens)

    def _template(self, quote: str) -> tuple[str | tuple[Token, ...], ...]:
        pieces: list[str | tuple[Token, ...]] = []
        while True:
            match = _FIXED[quote].match(self._text, self._position)
            fixed = match.group() if match else ""
            self._position += len(fixed) + 1
            pieces.append(unescaped(fixed) if quote == '"' else fixed.replace("\\{", "{"))
            sign = self._text[self._position - 1 : self._position]
            if sign == quote:
                return tuple(pieces)
            if sign != "{":
                raise Unreadable
            pieces.append(self.until("}"))
