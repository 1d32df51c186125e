"""Path patterns of GitHub and GitLab, as rows of segments."""

from enum import IntEnum
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.segment import Segment, compile_segment

RUBY_SPACE: Final = " \t\n\v\f\r"
"""What `\\s`, `strip` and `split` take for white space in Ruby: no other blank of Unicode."""
DEEP: Final = None
"""Stands in a row of segments for `**`: any number of folders, none included."""


class Reach(IntEnum):
    """What a pattern holds for, once its segments are used up."""

    WHOLE = 0
    """The path and everything under it."""
    HERE = 1
    """The path itself only."""
    BELOW = 2
    """Everything under the path, not the path itself."""


class PathPattern(NamedTuple):
    """A compiled pattern. Equal patterns match the same paths."""

    segments: tuple[Segment | None, ...]
    reach: Reach


class PatternError(ValueError):
    """The forge does not take the pattern. `str(error)` says why; `column` counts from 1 within the pattern."""

    def __init__(self, message: str, column: int = 1) -> None:
        """Keep why and where."""
        self.column = column
        super().__init__(message)


def compile_github(text: str) -> PathPattern:
    """Compile a pattern as GitHub reads it.

    It is gitignore's language without `!`, without `[ ]` and without an escaped `#`
    (https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-syntax);
    where that is silent, as github.com/hmarr/codeowners has measured it.

    Raises:
        PatternError: GitHub would not take it.
    """
    if text.startswith("!"):
        raise PatternError("`!` does not negate a pattern in a CODEOWNERS file")
    triple = text.find("***")
    if triple >= 0:
        raise PatternError("three stars in a row; did you mean `**`?", triple + 1)
    if _ends_in_backslash(text):
        raise PatternError("the backslash at its end escapes nothing (a `#` cannot be escaped)", len(text))
    parts = text.split("/")
    if parts[0] == "":
        parts = parts[1:]
    elif len(parts) == 1 or (len(parts) == 2 and parts[1] == ""):  # noqa: PLR2004 - a name, or a name and a slash
        parts = ["**", *parts]
    reach = Reach.WHOLE
    if parts[-1] == "*":
        reach = Reach.HERE
    elif parts[-1] in {"**", ""}:
        reach = Reach.BELOW
        parts = parts[:-1]
        if text == "/":
            raise PatternError("a slash alone matches nothing; did you mean `*`?")
    return _join(parts, reach, classes=False)


def compile_gitlab(text: str) -> PathPattern:
    """Compile a pattern as GitLab reads it: Ruby's `File.fnmatch` with FNM_PATHNAME and FNM_DOTMATCH.

    https://docs.gitlab.com/user/project/codeowners/advanced/#pattern-matching. A pattern without a leading slash
    may stand at any depth; one that ends in a slash holds for everything below.

    Raises:
        PatternError: it can match no path (an unterminated class).
    """
    column = 2 if text.startswith("/") else 1 - len("**/")
    text = normalise_gitlab(text)
    *folders, name = text[1:].split("/")
    # `**` at the end is not a globstar to fnmatch: without a slash behind it, it is a plain star.
    return _join([*folders, "*" if name == "**" else name], Reach.HERE, classes=True, column=column)


def normalise_gitlab(text: str) -> str:
    """Return a pattern as GitLab matches it, and as it tells entries apart (file.rb, normalize_pattern)."""
    if text == "*":
        return "/**/*"
    if text.startswith("\\#"):
        text = text[1:]
    text = _unescape_spaces(text)
    if not text.startswith("/"):
        text = f"/**/{text}"
    return f"{text}**/*" if text.endswith("/") else text


def _join(parts: list[str], reach: Reach, *, classes: bool, column: int = 1) -> PathPattern:
    segments: list[Segment | None] = []
    for part in parts:
        if part == "**":
            if segments[-1:] != [DEEP]:
                segments.append(DEEP)
        else:
            segment = compile_segment(part, classes=classes)
            if segment is None:
                raise PatternError("a `[` that opens no class matches nothing; escape it as `\\[`", column)
            segments.append(segment)
        column += len(part) + 1
    if reach is Reach.BELOW and segments[-1:] == [DEEP]:
        segments.pop()  # `a/**/**` is `a/**`
    if reach is Reach.HERE and len(segments) > 1 and segments[-2] is DEEP and segments[-1] and segments[-1].is_star:
        return PathPattern(tuple(segments[:-2]), Reach.BELOW)  # `a/**/*` is `a/**`
    return PathPattern(tuple(segments), reach)


def _ends_in_backslash(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _unescape_spaces(text: str) -> str:
    """Turn a backslash and the white space behind it into one space, as GitLab does before it matches."""
    if "\\" not in text:
        return text
    parts = text.split("\\")
    return parts[0] + "".join(
        f" {part.lstrip(RUBY_SPACE)}" if part and part[0] in RUBY_SPACE else f"\\{part}" for part in parts[1:]
    )
