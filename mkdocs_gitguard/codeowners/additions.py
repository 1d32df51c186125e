"""Lines put into a CODEOWNERS file for what none of its lines is about, so that all else stays as it is.

They come before the lines that are there: on GitHub and in a section of GitLab's, later lines win, so that no file that
a line is about gets another owner. What comes out is looked at file by file, and a line that does not do exactly what
it is for is left out.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.records import Dialect
from mkdocs_gitguard.codeowners.ruleset import Ruleset, parse
from mkdocs_gitguard.model.printable import original, printable

_SPECIAL: Final = {
    "github": re.compile(r"[\\*? \t]"),
    "bitbucket": re.compile(r"[\\*? \t]"),
    "gitlab": re.compile(r"[\\*?\[\] ]"),
    "gitea": re.compile(r"[.+*?()|{}$\[\]]"),
    "forgejo": re.compile(r"[.+*?()|{}$\[\]]"),
}
_BLANK: Final = re.compile(r"(?<!\\)([ #!])")
_LONGEST_COMMENT: Final = 200


class Addition(NamedTuple):
    """One place, who is to own it, and why."""

    path: str
    """As `printable` shows it."""
    is_folder: bool
    owners: tuple[str, ...]
    """As the file is to name them, see `is_name`; none: it is not known how, and the place stands as a comment."""
    why: tuple[str, ...] = ()
    """Comments, a line each."""


class Added(NamedTuple):
    """What came out."""

    lines: tuple[str, ...]
    """To be put in; comments among them."""
    left_out: tuple[Addition, ...]
    """No line can be written that does exactly what they are for."""


def is_name(name: str, dialect: Dialect) -> bool:
    """Tell whether a file names an owner so: `@mira`, and `mira@acme.example` where the forge takes addresses."""
    ruleset = parse(f"x {name}", dialect)
    return not ruleset.invalid and [rule.owners for rule in ruleset.rules] == [(name,)]


def pattern_for(path: str, dialect: Dialect, *, is_folder: bool) -> str:
    """Return the pattern of one file, or of all files below a folder.

    Args:
        path: as git has it.
        dialect: whose patterns.
        is_folder: whether it is a folder.
    """
    if dialect in ("gitea", "forgejo"):
        expression = _SPECIAL[dialect].sub(lambda special: f"[{special[0]}]", path)
        return _BLANK.sub(r"\\\1", f"{expression}/.*" if is_folder else expression)
    escaped = _SPECIAL[dialect].sub(lambda special: f"\\{special[0]}", path)
    return f"/{escaped}/" if is_folder else f"/{escaped}"


def additions_to(
    additions: Sequence[Addition],
    dialect: Dialect,
    paths: Sequence[str],
    *,
    before: Ruleset,
    with_lines: Callable[[Sequence[str]], Ruleset],
) -> Added:
    """Return the lines of additions that do what they are for, each with its comments.

    Args:
        additions: of places that no line is about.
        dialect: of the file.
        paths: all files of the head, as `printable` shows them.
        before: the rules as they are.
        with_lines: gives the rules of the file with some lines put in.
    """
    spelled = [original(path) for path in paths]
    owners_before = [match.owners for match in before.match_many(spelled)]
    faults = len(before.invalid)

    def holds(chosen: Sequence[Addition]) -> bool:
        after = with_lines([line for one in chosen for line in _lines_of(one, dialect)])
        expected = [_expected(path, owners, chosen) for path, owners in zip(paths, owners_before, strict=True)]
        owners_after = [match.owners for match in after.match_many(spelled)]
        return len(after.invalid) == faults and owners_after == expected

    named = [one for one in additions if one.owners]
    kept = [one for one in named if _can_be_written(one, dialect)]
    if not holds(kept):
        kept = [one for one in kept if holds([one])]
    left_out = [one for one in named if one not in kept]
    wanted = [one for one in additions if one in kept or not one.owners]
    return Added(tuple(line for one in wanted for line in _lines_of(one, dialect)), tuple(left_out))


def _can_be_written(one: Addition, dialect: Dialect) -> bool:
    """Tell whether a line says what it is to say, looked at by itself, which is much quicker than over all files."""
    ruleset = parse("\n".join(_lines_of(one, dialect)), dialect)
    inside = f"{original(one.path)}/x" if one.is_folder else original(one.path)
    return not ruleset.invalid and len(ruleset.rules) == 1 and ruleset.match(inside).owners == one.owners


def _expected(path: str, owners: tuple[str, ...], additions: Iterable[Addition]) -> tuple[str, ...]:
    for one in additions:
        if path == one.path or (one.is_folder and path.startswith(f"{one.path}/")):
            return one.owners
    return owners


def _lines_of(one: Addition, dialect: Dialect) -> list[str]:
    pattern = pattern_for(original(one.path), dialect, is_folder=one.is_folder)
    comments = [comment_line(line) for line in one.why]
    if one.owners:
        return [*comments, f"{pattern} {' '.join(one.owners)}"]
    return [comment_line(f"{one.path}{'/' if one.is_folder else ''} has no owner yet:"), *comments]


def comment_line(text: str) -> str:
    """Return a text as one line of comment, of whatever it was."""
    shown = printable(text)
    return f"# {shown[:_LONGEST_COMMENT]}{'…' if len(shown) > _LONGEST_COMMENT else ''}"


def put_in(text: str, lines: Sequence[str]) -> str:
    """Return the text of a CODEOWNERS file with lines put in before all that counts.

    They stand in front of the first line that counts and of the comments right above it; what stands further above,
    such as a licence, stays on top.
    """
    if not lines:
        return text
    mark_of_order = "\ufeff" if text.startswith("\ufeff") else ""
    own = text.removeprefix(mark_of_order).split("\n")
    place = next((number for number, line in enumerate(own) if _counts(line)), None)
    if place is None:
        place = len(own) - 1 if not own[-1] else len(own)
    else:
        while place and own[place - 1].lstrip().startswith("#"):
            place -= 1
    end = "\r" if own[0].endswith("\r") else ""
    added = [f"{line}{end}" for line in lines]
    rest = own[place:] if any(own[place:]) else []
    if rest:
        added.append(end)
    whole = [*own[:place], *added, *(rest or [""])]
    if not rest and place and own[place - 1].strip("\r"):
        whole.insert(place, end)
    return mark_of_order + "\n".join(whole)


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def ruleset_with(text: str, dialect: Dialect) -> Callable[[Sequence[str]], Ruleset]:
    """Return what gives the rules of a file with some lines put in."""
    return lambda lines: parse(put_in(text, lines), dialect)


def patch(path: str, before: str, after: str, *, is_new: bool) -> str:
    """Return the change of a file as `git apply` takes it, `""` for none; bytes that are not UTF-8 as surrogates.

    https://git-scm.com/docs/diff-format
    """
    if before == after:
        return ""
    old, new = (_with_ends(text) for text in (before, after))
    head = [f"diff --git a/{path} b/{path}\n", *(["new file mode 100644\n"] if is_new else [])]
    changes = difflib.unified_diff(old, new, "/dev/null" if is_new else f"a/{path}", f"b/{path}")
    lines = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in changes)
    return "".join([*head, *lines])


def _with_ends(text: str) -> list[str]:
    """Return the lines with their line feeds: only these end a line to git."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]
