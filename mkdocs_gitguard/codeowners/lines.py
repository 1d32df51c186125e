"""What all readers of CODEOWNERS lines share: the lines, and what becomes of them."""

from collections.abc import Iterator
from typing import NamedTuple

from mkdocs_gitguard.codeowners.pattern import PathPattern
from mkdocs_gitguard.codeowners.records import InvalidLine, OwnerRule, Section
from mkdocs_gitguard.codeowners.regexp import Regexp


class ParsedRule(NamedTuple):
    """A line and its compiled pattern."""

    rule: OwnerRule
    pattern: PathPattern | Regexp


class Replaced(NamedTuple):
    """A line of GitLab's that counts for nothing, because a later one in its section says the same pattern."""

    rule: OwnerRule
    by: int
    """The later line."""


class Parsed(NamedTuple):
    """All lines of a file."""

    rules: list[ParsedRule]
    sections: list[Section]
    invalid: list[InvalidLine]
    replaced: list[Replaced]


class Word(NamedTuple):
    """A word of a line, and where it begins, from 1."""

    text: str
    column: int


def readable_lines(text: str, invalid: list[InvalidLine]) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line that can be read at all; the others go to `invalid`."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.lstrip(" \t").startswith("#"):
            continue
        if "\0" in line:
            message = "The line holds a NUL byte."
            column = line.index("\0") + 1
            invalid.append(InvalidLine(line=number, column=column, kind="unreadable", message=message))
        elif not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
            column = next(place for place, character in enumerate(line, 1) if "\ud800" <= character <= "\udfff")
            message = "The line is not UTF-8."
            invalid.append(InvalidLine(line=number, column=column, kind="unreadable", message=message))
        else:
            yield number, line.removesuffix("\r")
