"""Lines of a CODEOWNERS file, read as each forge reads them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.go_regexp import Regexp, RegexpError
from mkdocs_gitguard.codeowners.pattern import PathPattern, PatternError, compile_github, compile_gitlab
from mkdocs_gitguard.codeowners.records import InvalidLine, OwnerRule, Section

_MOST_DIGITS: Final = 9
"""Of a number of approvals; nobody has a thousand million code owners."""
_EMAIL: Final = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
_GITHUB_OWNER: Final = re.compile(rf"@[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?|{_EMAIL}")
_GITLAB_OWNER: Final = re.compile(
    rf"@[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*|@@(developer|maintainer|owner)s?|{_EMAIL}",
    re.IGNORECASE,
)
_GITEA_OWNER: Final = re.compile(rf"@?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?|{_EMAIL}")
_GITLAB_HEADING: Final = re.compile(
    r"(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<approvals>\d*)\])?(?P<owners>\s.*)?$"
)
_GITLAB_BROKEN_HEADING: Final = re.compile(r"\^?\[[^\]]+$")
_WORD: Final = re.compile(r"[^ \t]+")


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


def parse_github(text: str) -> Parsed:
    """Read the file as GitHub does: a line with any fault is skipped whole."""
    parsed = Parsed([], [], [], [])
    known: set[str] = set()
    for number, line, content, comment in _lines(text, parsed.invalid, inline_comments=True):
        pattern, words = _split_pattern(content)
        start = line.index(pattern) + 1
        try:
            compiled = compile_github(pattern)
        except PatternError as error:
            message = f"Invalid pattern: {error}."
            column = start + error.column - 1
            parsed.invalid.append(InvalidLine(line=number, column=column, kind="invalid-pattern", message=message))
            continue
        strange = next((word for word in words if word not in known and not _GITHUB_OWNER.fullmatch(word)), None)
        if strange is not None:
            message = f"Invalid owner {strange}: neither `@user`, `@organization/team` nor an e-mail address."
            column = _column(line, strange, start + len(pattern))
            parsed.invalid.append(InvalidLine(line=number, column=column, kind="invalid-owner", message=message))
            continue
        known.update(words)
        rule = OwnerRule(pattern=pattern, owners=tuple(words), line=number, comment=comment)
        parsed.rules.append(ParsedRule(rule, compiled))
    return parsed


def parse_gitlab(text: str) -> Parsed:
    """Read the file as GitLab does: sections with defaults, owners at fault left out, duplicates merged.

    https://docs.gitlab.com/user/project/codeowners/reference/ and, where that is silent, the order in which
    GitLab's own reader stores entries: a pattern said twice in a section stands at its first place with its last
    owners.
    """
    parsed = Parsed([], [], [], [])
    if "\0" in text[:8000]:
        message = "The file holds NUL bytes: GitLab takes it for binary and reads nothing of it."
        parsed.invalid.append(InvalidLine(line=0, column=1, kind="unreadable", message=message))
        return parsed
    sections: dict[str, Section] = {}
    places: dict[tuple[str, PathPattern], int] = {}
    section: str = ""
    defaults: tuple[str, ...] = ()
    for number, line, content, _ in _lines(text, parsed.invalid, inline_comments=False):
        heading = _GITLAB_HEADING.match(content)
        if heading:
            section, defaults = _open_section(heading, number, sections, parsed.invalid)
            continue
        if _GITLAB_BROKEN_HEADING.match(content):
            message = "The section heading has no closing `]`: GitLab reads the line as a path and its owners."
            column = line.index("[") + 1
            parsed.invalid.append(
                InvalidLine(line=number, column=column, kind="invalid-section", message=message, is_skipped=False)
            )
        entry = _gitlab_entry(number, line, content, (section, defaults), parsed.invalid)
        if entry is None:
            continue
        place = places.setdefault((section, entry[1]), len(parsed.rules))
        parsed.replaced.extend(Replaced(earlier.rule, number) for earlier in parsed.rules[place : place + 1])
        parsed.rules[place : place + 1] = [ParsedRule(*entry)]
    parsed.sections.extend(sections.values())
    return parsed


def parse_gitea(text: str) -> Parsed:
    """Read the file as Gitea does: Go's regular expressions, every matching line counts.

    https://docs.gitea.com/usage/code-owners; the expression is put between `^` and `$` as it stands, so that with
    an alternation on its outermost level each of them binds one alternative only.
    """
    parsed = Parsed([], [], [], [])
    for number, line in _plain_lines(text, parsed.invalid):
        words, comment = _gitea_words(line)
        if not words:
            continue
        if len(words) == 1:
            message = "The line has no owner: Gitea skips it."
            parsed.invalid.append(InvalidLine(line=number, column=1, kind="missing-owner", message=message))
            continue
        pattern = words[0].removeprefix("!")
        try:
            compiled = Regexp(f"^{pattern}$")
        except RegexpError as error:
            kind = "invalid-pattern" if error.is_supported else "unsupported"
            message = f"Invalid regular expression: {error}."
            parsed.invalid.append(
                InvalidLine(
                    line=number,
                    column=max(1, error.column - 1 + (len(words[0]) - len(pattern))),
                    kind="unsupported" if kind == "unsupported" else "invalid-pattern",
                    message=message,
                )
            )
            continue
        owners = []
        for word in words[1:]:
            if _GITEA_OWNER.fullmatch(word):
                owners.append(word if "@" in word else f"@{word}")
            else:
                message = f"Invalid owner {word}: neither `@user` nor `@organization/team`."
                parsed.invalid.append(
                    InvalidLine(
                        line=number,
                        column=_column(line, word, 0),
                        kind="invalid-owner",
                        message=message,
                        is_skipped=len(words) == 2,  # noqa: PLR2004 - the pattern and this one
                    )
                )
        if owners:
            rule = OwnerRule(
                pattern=pattern,
                owners=tuple(owners),
                line=number,
                is_negated=words[0].startswith("!"),
                comment=comment,
            )
            parsed.rules.append(ParsedRule(rule, compiled))
    return parsed


def _plain_lines(text: str, invalid: list[InvalidLine]) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line that can be read at all."""
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


def _lines(text: str, invalid: list[InvalidLine], *, inline_comments: bool) -> Iterator[tuple[int, str, str, str]]:
    """Yield number, text, content and comment of each line that has content."""
    for number, line in _plain_lines(text, invalid):
        content, comment = line.strip(" \t\r"), ""
        if inline_comments and "#" in content:
            content, _, comment = content.partition("#")
            content = content.rstrip(" \t")
        if content and content[0] != "#":
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
    for found in _WORD.finditer(line, start):
        if found.group().startswith(word):
            return found.start() + 1
    return start + 1


def _open_section(
    heading: re.Match[str], number: int, sections: dict[str, Section], invalid: list[InvalidLine]
) -> tuple[str, tuple[str, ...]]:
    """Note a heading; return the section's name, in the case of its first heading, and the heading's own owners."""
    if not heading["name"].strip():
        message = "The section heading has no name."
        invalid.append(InvalidLine(line=number, column=1, kind="invalid-section", message=message, is_skipped=False))
    key = heading["name"].casefold()
    earlier = sections.get(key)
    is_optional = bool(heading["optional"]) and (earlier is None or earlier.is_optional)
    words = (heading["owners"] or "").split()
    owners = tuple(word for word in words if _GITLAB_OWNER.fullmatch(word))
    if words and not owners:
        message = "None of the section's default owners is `@user`, `@group`, `@@role` or an e-mail address."
        column = heading.start("owners") + 2
        invalid.append(
            InvalidLine(line=number, column=column, kind="invalid-section", message=message, is_skipped=False)
        )
    if heading["optional"] and (heading["approvals"] or "").lstrip("0"):
        message = "An optional section asks for approvals: GitLab leaves the number out."
        invalid.append(InvalidLine(line=number, column=1, kind="invalid-section", message=message, is_skipped=False))
    section = Section(
        name=earlier.name if earlier else heading["name"],
        line=earlier.line if earlier else number,
        is_optional=is_optional,
        approvals=_approvals(heading["approvals"] or ""),
        default_owners=owners,
    )
    sections[key] = section
    return section.name, owners


def _approvals(digits: str) -> int:
    """Return a section's number of approvals, at least 1. Python refuses to read numbers of thousands of digits."""
    digits = digits.lstrip("0") or "1"
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS - 1


def _gitlab_entry(
    number: int, line: str, content: str, section: tuple[str, tuple[str, ...]], invalid: list[InvalidLine]
) -> tuple[OwnerRule, PathPattern] | None:
    name, defaults = section
    written, words = _split_pattern(content)
    is_exclusion = written.startswith("!")
    pattern = written[1:] if is_exclusion else written
    try:
        compiled = compile_gitlab(pattern)
    except PatternError as error:
        message = f"Invalid pattern: {error}."
        column = line.index(written) + 1
        invalid.append(InvalidLine(line=number, column=column, kind="invalid-pattern", message=message))
        return None
    owners: tuple[str, ...] = ()
    if not is_exclusion:
        owners = tuple(word for word in words if _GITLAB_OWNER.fullmatch(word))
        for word in words:
            if word not in owners:
                message = f"Malformed owner {word}: GitLab leaves it out."
                column = _column(line, word, line.index(written) + len(written))
                invalid.append(
                    InvalidLine(line=number, column=column, kind="invalid-owner", message=message, is_skipped=False)
                )
        if not words:
            owners = defaults
        if not owners:
            message = "The entry has no owner: GitLab takes it as approved."
            invalid.append(InvalidLine(line=number, column=1, kind="missing-owner", message=message, is_skipped=False))
    rule = OwnerRule(pattern=pattern, owners=owners, line=number, section=name, is_exclusion=is_exclusion)
    return rule, compiled


def _gitea_words(line: str) -> tuple[list[str], str]:
    """Split a line at white space; a backslash keeps the character behind it and goes away (Gitea's tokenizer)."""
    words: list[str] = []
    word, escaped = "", False
    for place, character in enumerate(line.strip().replace("\t", " ")):
        if escaped:
            word += character
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "#":
            words += [word] if word else []
            return words, line.strip()[place + 1 :].strip()
        elif character == " ":
            words += [word] if word else []
            word = ""
        else:
            word += character
    words += [word] if word else []
    return words, ""
