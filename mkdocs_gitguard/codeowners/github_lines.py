"""Lines of a CODEOWNERS file, read as GitHub reads them."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from mkdocs_gitguard.codeowners.lines import Parsed, ParsedRule, readable_lines
from mkdocs_gitguard.codeowners.pattern import PatternError, compile_github
from mkdocs_gitguard.codeowners.records import InvalidLine, OwnerRule

_OWNER: Final = re.compile(r"@[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_WORD: Final = re.compile(r"[^ \t]+")


def parse_github(text: str) -> Parsed:
    """Read the file as GitHub does: a line with any fault is skipped whole."""
    return parse_patterns(text, _owner, "neither `@user`, `@organization/team` nor an e-mail address")


def _owner(word: str) -> str:
    return word if _OWNER.fullmatch(word) else ""


def parse_patterns(text: str, owner_of: Callable[[str], str], otherwise: str) -> Parsed:
    """Read a file with GitHub's patterns, a line with any fault skipped whole.

    Args:
        text: of the file.
        owner_of: gives the owner that a word names, `""` for none.
        otherwise: what is said of a word that names none.
    """
    parsed = Parsed([], [], [], [])
    known: dict[str, str] = {}
    for number, line, content, comment in _lines(text, parsed.invalid):
        pattern, words = _split_pattern(content)
        start = line.index(pattern) + 1
        try:
            compiled = compile_github(pattern)
        except PatternError as error:
            message = f"Invalid pattern: {error}."
            column = start + error.column - 1
            parsed.invalid.append(InvalidLine(line=number, column=column, kind="invalid-pattern", message=message))
            continue
        for word in words:
            if word not in known:
                known[word] = owner_of(word)
        strange = next((word for word in words if not known[word]), None)
        if strange is not None:
            message = f"Invalid owner {strange}: {otherwise}."
            column = _column(line, strange, start + len(pattern))
            parsed.invalid.append(InvalidLine(line=number, column=column, kind="invalid-owner", message=message))
            continue
        rule = OwnerRule(pattern=pattern, owners=tuple(known[word] for word in words), line=number, comment=comment)
        parsed.rules.append(ParsedRule(rule, compiled))
    return parsed


def _lines(text: str, invalid: list[InvalidLine]) -> Iterator[tuple[int, str, str, str]]:
    """Yield number, text, content and comment of each line that has content."""
    for number, line in readable_lines(text, invalid):
        content, comment = line.strip(" \t\r"), ""
        if "#" in content:
            content, _, comment = content.partition("#")
            content = content.rstrip(" \t")
        if content:
            yield number, line, content, comment.strip()


def _split_pattern(content: str) -> tuple[str, list[str]]:
    """Split a line at its first white space that no backslash stands before."""
    if "\\" not in content:
        pattern, *owners = content.replace("\t", " ").split(" ")
        return pattern, [owner for owner in owners if owner]
    position = 0
    while position < len(content) and content[position] not in " \t":
        position += 2 if content[position] == "\\" else 1
    return content[:position], content[position:].replace("\t", " ").split()


def _column(line: str, word: str, start: int) -> int:
    """Return the column of `word` as a word of its own, from 1."""
    for candidate in _WORD.finditer(line, start):
        if candidate.group().startswith(word):
            return candidate.start() + 1
    return start + 1
