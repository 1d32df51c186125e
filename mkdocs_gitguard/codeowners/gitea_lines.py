"""Lines of a CODEOWNERS file, read as Gitea and Forgejo read them: models/issues/pull.go, ParseCodeOwnersLine.

Every matching line counts, and paths are told by regular expressions, put between `^` and `$` as they stand, so that
of an alternation on the outermost level each end binds one alternative only. Where the two differ: Gitea 1.26
compiles with regexp2, and takes one leading slash off (go-gitea/gitea#36921, #37244); Forgejo 13 compiles with Go's
own package.
"""

import re
from typing import Final

from mkdocs_gitguard.codeowners.lines import Parsed, ParsedRule, Word, readable_lines
from mkdocs_gitguard.codeowners.records import InvalidLine, OwnerRule
from mkdocs_gitguard.codeowners.regexp import Language, Regexp, RegexpError

_OWNER: Final = re.compile(r"@?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?")
_MOST_INSTRUCTIONS: Final = 200_000
"""Of all expressions of a file together; some 5,000 lines."""


def parse_gitea(text: str) -> Parsed:
    """Read the file as Gitea does: regexp2's expressions, relative to the root with or without a slash in front."""
    return _parse(text, "Gitea", "regexp2")


def parse_forgejo(text: str) -> Parsed:
    """Read the file as Forgejo does: Go's expressions; one that begins with a slash matches nothing."""
    return _parse(text, "Forgejo", "re2")


def _parse(text: str, forge: str, language: Language) -> Parsed:
    parsed = Parsed([], [], [], [])
    left = _MOST_INSTRUCTIONS
    for number, line in readable_lines(text, parsed.invalid):
        words, comment = _words(line)
        if not words:
            continue
        if len(words) == 1:
            message = f"The line has no owner: {forge} skips it."
            parsed.invalid.append(InvalidLine(line=number, column=1, kind="missing-owner", message=message))
            continue
        pattern = words[0].text.removeprefix("!")
        expression = pattern.removeprefix("/") if language == "regexp2" else pattern
        try:
            compiled = Regexp(f"^{expression}$", language)
        except RegexpError as error:
            offset = words[0].column + len(words[0].text) - len(expression)
            column = max(words[0].column, error.column - 2 + offset)
            parsed.invalid.append(
                InvalidLine(
                    line=number,
                    column=column,
                    kind="invalid-pattern" if error.is_supported else "unsupported",
                    message=f"Invalid regular expression: {error}.",
                )
            )
            continue
        left -= compiled.size
        if left < 0:
            message = f"The expressions up to here are too many to be tried: more than {_MOST_INSTRUCTIONS:,} steps."
            parsed.invalid.append(InvalidLine(line=number, column=1, kind="unsupported", message=message))
            break
        owners = _owners(words[1:], number, parsed.invalid)
        if owners:
            rule = OwnerRule(
                pattern=pattern,
                owners=owners,
                line=number,
                is_negated=words[0].text.startswith("!"),
                comment=comment,
            )
            parsed.rules.append(ParsedRule(rule, compiled))
    return parsed


def _owners(words: list[Word], number: int, invalid: list[InvalidLine]) -> tuple[str, ...]:
    owners = [f"@{word.text.removeprefix('@')}" for word in words if _OWNER.fullmatch(word.text)]
    for word in words:
        if not _OWNER.fullmatch(word.text):
            message = f"Invalid owner {word.text}: neither `@user` nor `@organization/team`."
            invalid.append(
                InvalidLine(
                    line=number,
                    column=word.column,
                    kind="invalid-owner",
                    message=message,
                    is_skipped=not owners,
                )
            )
    return tuple(owners)


def _words(line: str) -> tuple[list[Word], str]:
    """Split a line at white space; a backslash keeps the character behind it and goes away (TokenizeCodeOwnersLine)."""
    words: list[Word] = []
    characters: list[str] = []
    start = 0
    is_escaped = False
    content = line.strip()
    indent = len(line) - len(line.lstrip())

    def end() -> None:
        if characters:
            words.append(Word("".join(characters), indent + start + 1))
            characters.clear()

    for place, character in enumerate(content):
        if not characters and not is_escaped:
            start = place
        if is_escaped:
            characters.append(character)
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == "#":
            end()
            return words, content[place + 1 :].strip()
        elif character in " \t":
            end()
        else:
            characters.append(character)
    end()
    return words, ""
