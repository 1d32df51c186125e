"""Sets of characters, as sorted ranges."""

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

Ranges = tuple[tuple[str, str], ...]

LAST: Final = "\U0010ffff"
_MOST_FOLDED: Final = 2_000
"""Characters of a range beyond ASCII whose other case is looked up."""


class Charset:
    """A set of characters. Equal sets have equal `ranges`."""

    __slots__ = ("_ends", "_starts", "ranges")

    def __init__(self, ranges: Iterable[tuple[str, str]]) -> None:
        """Sort and join the ranges, both ends included."""
        joined: list[tuple[str, str]] = []
        for first, last in sorted(ranges):
            if joined and ord(first) <= ord(joined[-1][1]) + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        self.ranges: Ranges = tuple(joined)
        self._starts = [first for first, _ in joined]
        self._ends = [last for _, last in joined]

    def __contains__(self, character: str) -> bool:
        place = bisect_right(self._starts, character) - 1
        return place >= 0 and character <= self._ends[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Charset) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    @property
    def single(self) -> str | None:
        """The one character that it holds, None if it holds another number of them."""
        return self.ranges[0][0] if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1] else None

    def complement(self) -> "Charset":
        """Return all other characters."""
        gaps: list[tuple[str, str]] = []
        low = 0
        for first, last in self.ranges:
            if ord(first) > low:
                gaps.append((chr(low), chr(ord(first) - 1)))
            low = ord(last) + 1
        if low <= ord(LAST):
            gaps.append((chr(low), LAST))
        return Charset(gaps)

    def without(self, other: "Charset") -> "Charset":
        """Return what is not in the other one too."""
        return Charset((*self.complement().ranges, *other.ranges)).complement()

    def folded(self) -> "Charset":
        """Return it with the other case of each letter."""
        return Charset((*self.ranges, *((other, other) for part in self.ranges for other in _other_cases(*part))))


def _other_cases(first: str, last: str) -> Iterator[str]:
    start, end = ord(first), min(ord(last), ord(first) + _MOST_FOLDED)
    for code in range(start, end + 1):
        character = chr(code)
        for other in {character.lower(), character.upper()} - {character}:
            if len(other) == 1:
                yield other
        if character in "kK":
            yield "\N{KELVIN SIGN}"


def charset(*parts: str) -> Charset:
    """Return the set of some characters (`x`) and ranges (`a-z`)."""
    return Charset((part[0], part[-1]) for part in parts)


ANY: Final = Charset([("\0", LAST)])
NO_LINE_END: Final = charset("\n").complement()
ASCII_CLASSES: Final = {
    "d": charset("0-9"),
    "s": charset("\t", "\n", "\f", "\r", " "),
    "w": charset("0-9", "A-Z", "_", "a-z"),
}
POSIX_CLASSES: Final = {
    "alnum": charset("0-9", "A-Z", "a-z"),
    "alpha": charset("A-Z", "a-z"),
    "ascii": charset("\0-\x7f"),
    "blank": charset("\t", " "),
    "cntrl": charset("\0-\x1f", "\x7f"),
    "digit": charset("0-9"),
    "graph": charset("!-~"),
    "lower": charset("a-z"),
    "print": charset(" -~"),
    "punct": charset("!-/", ":-@", "[-`", "{-~"),
    "space": charset("\t-\r", " "),
    "upper": charset("A-Z"),
    "word": charset("0-9", "A-Z", "_", "a-z"),
    "xdigit": charset("0-9", "A-F", "a-f"),
}


@lru_cache(1)
def _by_category() -> dict[str, list[tuple[str, str]]]:
    ranges: dict[str, list[tuple[str, str]]] = {}
    start, category = 0, unicodedata.category("\0")
    for code in range(1, sys.maxunicode + 2):
        following = unicodedata.category(chr(code)) if code <= sys.maxunicode else ""
        if following != category:
            ranges.setdefault(category, []).append((chr(start), chr(code - 1)))
            start, category = code, following
    return ranges


@lru_cache(64)
def category(name: str) -> Charset | None:
    """Return the characters of a Unicode general category (`Lu`, `L`), None for what is not the name of one."""
    if not name or len(name) > len("Lu"):
        return None
    ranges = [part for known, parts in _by_category().items() if known.startswith(name) for part in parts]
    return Charset(ranges) if ranges else None


@lru_cache(1)
def wide_classes() -> dict[str, Charset]:
    r"""Return the classes `\d`, `\s` and `\w` as .NET has them, over all of Unicode."""
    word = [part for name in ("L", "Mn", "Nd", "Pc") for part in (category(name) or ANY).ranges]
    space = [*charset("\t-\r", "\x85").ranges, *(category("Z") or ANY).ranges]
    return {"d": category("Nd") or ANY, "s": Charset(space), "w": Charset(word)}
