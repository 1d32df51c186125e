"""Finds where Rego does not parse, in whichever version of the language it is written."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from mkdocs_gitguard.policies.rego.statements import Mistake, mistakes
from mkdocs_gitguard.policies.rego.tokens import tokens

MOST: Final = 5
"""Problems that are told of one text: what follows from the first ones helps nobody."""


class RegoProblem(NamedTuple):
    """What could not be read."""

    message: str
    line: int


class LooseBracket(NamedTuple):
    """A bracket or template string without its pair."""

    at: int
    """Where it stands, in characters."""
    text: str
    closes: bool


def check_rego(text: str, starts: list[int], brackets: list[LooseBracket]) -> list[RegoProblem]:
    """Return what OPA would refuse in a text, the first few places in source order.

    A text is fine if it is fine as v0 or as v1. If it is neither, it is told of as the version that it is closer to.
    `starts` are where its statements begin, rising, in characters; `brackets` are those that were found without pairs.
    The rules are those of OPA 1.20's parser (`v1/ast/parser.go`); what only its compiler finds, such as an unsafe
    variable, is not looked for.
    """
    # Its expressions take as long to compile as a hundred modules to import, and most commands never read a policy.
    from mkdocs_gitguard.policies.rego.quick_check import parses_surely  # noqa: PLC0415

    if not brackets and parses_surely(text):
        return []
    problems = _places(_mistakes(text, starts), brackets, [*starts, len(text)])
    return [RegoProblem(message, text.count("\n", 0, at) + 1) for at, message in sorted(problems)[:MOST]]


def _mistakes(text: str, starts: list[int]) -> list[Mistake]:
    all_tokens = tokens(text)
    is_v1 = any(token.text == "if" for token in all_tokens)
    first = mistakes(all_tokens, starts, is_v1=is_v1, most=MOST)
    second = mistakes(all_tokens, starts, is_v1=not is_v1, most=MOST) if first else None
    if not first or not second:
        return []
    return min(first, second, key=lambda seen: (len(seen), -seen[0].at))


def _places(all_mistakes: list[Mistake], brackets: list[LooseBracket], starts: list[int]) -> Iterator[tuple[int, str]]:
    """Yield each place once.

    A bracket that is never closed is met far from where it was forgotten, in the next rule or at the file's end; so it
    is told of where it opens, unless something in its own statement shows where it should have been closed.
    """
    shown: set[int] = set()  # statements in which something is told
    closing = {bracket.at for bracket in brackets if bracket.closes}
    opening = {bisect_right(starts, bracket.at) for bracket in brackets if not bracket.closes}
    for mistake in all_mistakes:
        statement = bisect_right(starts, mistake.statement)
        is_beyond = statement < len(starts) and mistake.at >= starts[statement]
        if mistake.at not in closing and not (is_beyond and statement in opening):
            shown.add(statement)
            yield mistake.at, mistake.message
    for at, text, closes in brackets:
        if closes:
            yield at, f"The {text!r} here closes nothing."
        elif bisect_right(starts, at) not in shown:
            yield at, f"The {text!r} here is never closed."
