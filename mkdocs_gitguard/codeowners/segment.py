"""One segment of a path pattern, such as `*.py` or `test_?_*`, matched in time linear in the name's length.

A segment is a row of pieces of fixed length with stars between them. Taking each piece at its leftmost place is
always right, so nothing is ever tried twice: there is no backtracking that a pattern could make explode.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

_SPECIAL: Final = re.compile(r"[*?\\]")
_SPECIAL_OR_CLASS: Final = re.compile(r"[*?\\[]")


class Piece(NamedTuple):
    """A run of characters of fixed length, each a literal, any, or one of a class."""

    length: int
    literal: str | None
    expression: re.Pattern[str] | None
    """For a run that is not plain; it has no quantifiers."""

    def stands_at(self, name: str, position: int) -> bool:
        """Tell whether the piece matches `name` at `position`."""
        if self.expression is None:
            return name.startswith(self.literal or "", position)
        return self.expression.match(name, position) is not None

    def find(self, name: str, start: int, end: int) -> int:
        """Return the leftmost place in `name[start:end]`, or -1."""
        if self.expression is None:
            return name.find(self.literal or "", start, end)
        match = self.expression.search(name, start, end)
        return match.start() if match else -1


class Segment(NamedTuple):
    """A compiled segment. Equal segments match the same names."""

    pieces: tuple[Piece, ...]
    """With one star between each two."""

    @property
    def literal(self) -> str | None:
        """The one name it matches, None if it may match several."""
        return self.pieces[0].literal if len(self.pieces) == 1 else None

    @property
    def is_star(self) -> bool:
        """True for `*` alone: any name."""
        return len(self.pieces) > 1 and not any(piece.length for piece in self.pieces)

    def matches(self, name: str) -> bool:
        """Tell whether the whole of `name` matches."""
        first, last = self.pieces[0], self.pieces[-1]
        if len(self.pieces) == 1:
            return len(name) == first.length and first.stands_at(name, 0)
        end = len(name) - last.length
        position = first.length
        if end < position or not first.stands_at(name, 0) or not last.stands_at(name, end):
            return False
        for piece in self.pieces[1:-1]:
            place = piece.find(name, position, end)
            if place < 0:
                return False
            position = place + piece.length
        return True


@lru_cache(maxsize=4096)
def compile_segment(text: str, *, classes: bool) -> Segment | None:
    """Compile one segment.

    Args:
        text: the segment, with `*`, `?` and backslash escapes.
        classes: whether `[a-z]` is a class (Ruby's fnmatch, so GitLab) or plain characters (GitHub).

    Returns:
        The segment, or None for one that can match nothing: an unterminated or empty class.
    """
    if not (_SPECIAL_OR_CLASS if classes else _SPECIAL).search(text):
        return Segment((Piece(len(text), text, None),))
    pieces: list[Piece] = []
    run: list[tuple[str, bool]] = []
    after_star = False
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            if not after_star:
                pieces.append(_piece(run))
                run = []
            after_star = True
            continue
        after_star = False
        if character == "?":
            run.append((".", True))
        elif character == "[" and classes:
            read = _read_class(text, position)
            if read is None:
                return None
            expression, position = read
            run.append((expression, True))
        elif character == "\\" and position < len(text):
            run.append((text[position], False))
            position += 1
        elif character != "\\":
            run.append((character, False))
    pieces.append(_piece(run))
    return Segment(tuple(pieces))


def _piece(run: list[tuple[str, bool]]) -> Piece:
    if not any(is_expression for _, is_expression in run):
        literal = "".join(character for character, _ in run)
        return Piece(len(run), literal, None)
    source = "".join(part if is_expression else re.escape(part) for part, is_expression in run)
    return Piece(len(run), None, re.compile(source, re.DOTALL))


def _read_class(text: str, position: int) -> tuple[str, int] | None:
    """Read a class behind its `[`; return its expression and where it ends, None where it does not end.

    Ruby's rules (dir.c, `bracket`): `!` or `^` first negates, a backslash escapes, `-` between two characters is a
    range, and the first `]` closes.
    """
    negated = text[position : position + 1] in ("!", "^")
    position += negated
    ranges: list[str] = []
    while position < len(text) and text[position] != "]":
        first, position = _class_character(text, position)
        last = first
        if text[position : position + 1] == "-" and text[position + 1 : position + 2] not in ("", "]"):
            last, position = _class_character(text, position + 1)
        if first <= last:
            ranges.append(f"{re.escape(first)}-{re.escape(last)}")
    if position >= len(text):
        return None
    if not ranges:
        return (".", position + 1) if negated else None
    return f"[{'^' if negated else ''}{''.join(ranges)}]", position + 1


def _class_character(text: str, position: int) -> tuple[str, int]:
    if text[position] == "\\" and position + 1 < len(text):
        position += 1
    return text[position], position + 1
