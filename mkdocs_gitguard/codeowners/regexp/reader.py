"""Reads the parts that both languages of expressions have: rows, alternatives, repetitions, classes."""

import re
import string
from abc import ABC, abstractmethod
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.regexp.charset import ANY, LAST, NO_LINE_END, Charset, category
from mkdocs_gitguard.codeowners.regexp.tree import At, Either, OneOf, Place, RegexpError, Repeat, Row, Tree

_COUNT: Final = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_LARGEST_COUNT: Final = 2**31 - 1
_COUNT_DIGITS: Final = 10
_CONTROL: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class RepeatCounts(NamedTuple):
    """How often a repetition repeats, and where its sign ends."""

    least: int
    most: int | None
    end: int


class Reader(ABC):
    """Reads one expression. Each language fills in what `atom` leaves to it."""

    flags_known: str = ""
    end: Place = "end"
    """What `$` asks without the flag `m`."""
    most_repeats: int = _LARGEST_COUNT
    deepest: int = 100
    category_name: re.Pattern[str]
    """A category's name in braces, behind `\\p`; it may begin with `^` where the language negates so."""
    longer_category: str = ""
    """What a name of more than two letters stands for, where it is one thing only."""

    def __init__(self, source: str) -> None:
        """Begin at the beginning."""
        self.source = source
        self.at = 0
        self.flags: frozenset[str] = frozenset()
        self._depth = 0

    def parse(self) -> Tree:
        """Return the tree.

        Raises:
            RegexpError: the language does not have it so.
        """
        tree = self.alternatives()
        if self.at < len(self.source):
            raise self.error("unexpected `)`")
        return tree

    def error(self, message: str, *, is_supported: bool = True) -> RegexpError:
        """Return an error about the place that is read now."""
        return RegexpError(message, min(self.at, len(self.source)) + 1, is_supported=is_supported)

    def peek(self, length: int = 1) -> str:
        """Return what comes next."""
        return self.source[self.at : self.at + length]

    def take(self, text: str) -> bool:
        """Read `text` if it comes next."""
        if not self.source.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def alternatives(self) -> Tree:
        """Read up to the end of the group. Flags that are set inside end with it."""
        self._depth += 1
        if self._depth > self.deepest:
            raise self.error("groups are nested too deeply", is_supported=False)
        flags = self.flags
        rows = [self._row()]
        while self.take("|"):
            rows.append(self._row())
        self.flags = flags
        self._depth -= 1
        return rows[0] if len(rows) == 1 else Either(tuple(rows))

    def _row(self) -> Tree:
        nodes: list[Tree] = []
        while self.peek() not in ("", "|", ")"):
            node = self._repeated()
            if node is not None:
                nodes.append(node)
        return Row(tuple(nodes))

    def _repeated(self) -> Tree | None:
        if self._counts() is not None:
            raise self.error(f"`{self.peek()}` has nothing to repeat (patterns are regular expressions, not globs)")
        node = self.atom()
        counts = self._counts() if node is not None else None
        if node is None or counts is None:
            return node
        if counts.least > self.most_repeats or (
            counts.most is not None and (counts.most > self.most_repeats or counts.most < counts.least)
        ):
            raise self.error(f"the repeat count {self.source[self.at : counts.end]} is not possible")
        self.at = counts.end
        self.take("?")  # lazy or greedy finds the same texts
        if self._counts() is not None:
            raise self.error(f"`{self.peek()}` repeats a repetition (patterns are regular expressions, not globs)")
        repeat = Repeat(node, counts.least, counts.most)
        if not _fits(repeat, self.most_repeats):
            raise self.error(f"repetitions in each other come to more than {self.most_repeats}")
        return repeat

    def _counts(self) -> RepeatCounts | None:
        """Return the repetition that comes next, None if none does; a brace that counts nothing is a character."""
        sign = self.peek()
        if sign in ("*", "+", "?"):
            return RepeatCounts(int(sign == "+"), 1 if sign == "?" else None, self.at + 1)
        braces = _COUNT.match(self.source, self.at) if sign == "{" else None
        if braces is None:
            return None
        least = _number(braces[1])
        most = _number(braces[3]) if braces[3] else (None if braces[2] else least)
        return RepeatCounts(least, most, braces.end())

    def atom(self) -> Tree | None:
        """Read one thing that can be repeated; None for what only sets flags or is a comment."""
        character = self.peek()
        if character == "(":
            return self.group()
        if character == "[":
            return OneOf(self.char_class())  # folded already, before it was negated
        self.at += 1
        if character == "\\":
            return self.escape()
        if character == ".":
            return OneOf(ANY if "s" in self.flags else NO_LINE_END)
        if character in ("^", "$"):
            return self.end_sign(character)
        return self.one_of(Charset([(character, character)]))

    def one_of(self, characters: Charset) -> Tree:
        """Return the set as a node, of either case where that is asked for."""
        return OneOf(characters.folded() if "i" in self.flags else characters)

    def inside(self, start: int) -> Tree:
        """Read what a group holds, and the bracket that closes it."""
        node = self.alternatives()
        if not self.take(")"):
            self.at = start
            raise self.error("the `(` is never closed")
        return node

    def flag_group(self, start: int) -> Tree | None:
        """Read `i-s)` or `i:…)` behind `(?`; flags without a group hold up to the end of the group around."""
        flags, adding = set(self.flags), True
        while (letter := self.peek()) not in ("", ")", ":"):
            if letter == "-":
                adding = False
            elif letter in self.flags_known:
                (flags.add if adding else flags.discard)(letter)
            else:
                self.at = start
                raise self.error("the group behind `(?` is not known")
            self.at += 1
        meant = self.meant_flags(frozenset(flags))
        if self.take(")"):
            self.flags = meant
            return None
        if not self.take(":"):
            self.at = start
            raise self.error("the `(` is never closed")
        outer, self.flags = self.flags, meant
        node = self.inside(start)
        self.flags = outer
        return node

    def meant_flags(self, flags: frozenset[str]) -> frozenset[str]:
        """Return the flags that the written ones stand for; raise a RegexpError for one that is not supported."""
        return flags

    @abstractmethod
    def group(self) -> Tree | None:
        """Read a group at its bracket."""

    @abstractmethod
    def char_class(self) -> Charset:
        """Read a class at its bracket."""

    @abstractmethod
    def escape(self) -> Tree:
        """Read what stands behind a backslash."""

    def end_sign(self, sign: str) -> Tree:
        """Return what `^` or `$` asks."""
        if "m" in self.flags:
            return At("line-begin" if sign == "^" else "line-end")
        return At("begin" if sign == "^" else self.end)

    def control(self, letter: str) -> str | None:
        """Return the control character that both languages write as backslash and `letter`."""
        return _CONTROL.get(letter)

    def category(self, *, is_negated: bool) -> Charset:
        """Read `p` or `P`, and the category of Unicode that it names, in braces or by one letter."""
        start = self.at
        self.at += 1
        braces = self.category_name.match(self.source, self.at)
        name = braces[1] if braces else self.peek()
        self.at = braces.end() if braces else self.at + 1
        is_negated ^= name.startswith("^")
        name = name.removeprefix("^")
        known = category(name)
        if known is None:
            self.at = start
            if len(name) > len("Lu"):
                raise self.error(f"{self.longer_category}`\\p{{{name}}}` is not supported here", is_supported=False)
            raise self.error("`\\p` names no class")
        return known.complement() if is_negated else known

    def hexadecimal(self, digits: int) -> str:
        """Read the digits of a character's number: so many, or any in braces."""
        braced = self.take("{")
        end = self.source.find("}", self.at, self.at + _COUNT_DIGITS) if braced else self.at + digits
        text = self.source[self.at : end] if end >= 0 else ""
        is_whole = bool(text) and (braced or len(text) == digits) and not set(text) - set(string.hexdigits)
        if not is_whole or int(text, 16) > ord(LAST):
            raise self.error(f"a character's number has {digits} hexadecimal digits, or some in braces")
        self.at = end + braced
        return chr(int(text, 16))


def _number(digits: str) -> int:
    return int(digits) if len(digits) < _COUNT_DIGITS else _LARGEST_COUNT + 1


def _fits(tree: Tree, most: int) -> bool:
    """Tell whether nested repeat counts multiply to at most `most`, Go's own limit."""
    match tree:
        case Repeat(node, least, upper):
            times = least if upper is None else upper
            return times <= most and _fits(node, most // times if times else most)
        case Row(nodes) | Either(nodes):
            return all(_fits(node, most) for node in nodes)
        case _:
            return True
