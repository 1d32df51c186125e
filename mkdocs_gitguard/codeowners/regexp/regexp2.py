"""The language of expressions of .NET, as github.com/dlclark/regexp2 v2.5 reads it (syntax/parser.go, no options).

What a text can be told of without capturing is supported: also lookahead and lookbehind. References to what a group
captured, atomic groups and conditions are not.
"""

import re
from typing import Final

from mkdocs_gitguard.codeowners.regexp.charset import Charset, wide_classes
from mkdocs_gitguard.codeowners.regexp.reader import Reader
from mkdocs_gitguard.codeowners.regexp.tree import At, Look, Place, RegexpError, Tree

_NAME: Final = re.compile(r"(?P<open>[<'])(?P<name>\w*)(?P<minus>-\w*)?(?P<close>[>'])")
_POSIX: Final = re.compile(r":\^?\w{0,40}:\]")
_OCTAL: Final = re.compile(r"[0-7]{1,3}")
_PLACES: Final[dict[str, Place]] = {
    "A": "begin",
    "G": "begin",
    "Z": "end-z",
    "z": "end",
    "b": "wide-edge",
    "B": "no-wide-edge",
}
_LOOKS: Final = ("=", "!", "<=", "<!")
_CONTROLS: Final = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"


class Regexp2Reader(Reader):
    """Reads an expression as regexp2's `Compile(expression, regexp2.None)` does."""

    flags_known = "imnsxuIMNSXU"
    end: Place = "end-z"
    category_name = re.compile(r"\{([\w=-]{1,60})\}")

    def __init__(self, source: str) -> None:
        """Begin at the beginning."""
        super().__init__(source)
        self._class_depth = 0

    def meant_flags(self, flags: frozenset[str]) -> frozenset[str]:
        """Take capitals for small letters; refuse the flag that makes white space mean nothing."""
        meant = flags | {flag.lower() for flag in flags}
        if "x" in meant:
            raise self.error("the flag `x` is not supported here", is_supported=False)
        return meant

    def group(self) -> Tree | None:
        """Capturing, named, not capturing, lookaround, flags or a comment."""
        start = self.at
        self.at += 1
        if not self.take("?"):
            return self.inside(start)
        if self.take("#"):
            end = self.source.find(")", self.at)
            if end < 0:
                self.at = start
                raise self.error("the comment does not end")
            self.at = end + 1
            return None
        for sign in _LOOKS:
            if self.take(sign):
                return Look(self.inside(start), is_ahead="<" not in sign, is_negated="!" in sign)
        if self.peek() in (">", "("):
            self.at = start
            raise self.error("atomic groups and conditions are not supported here", is_supported=False)
        if self.peek() in ("<", "'"):
            return self._named(start)
        return self.flag_group(start)

    def _named(self, start: int) -> Tree:
        opening = _NAME.match(self.source, self.at)
        if opening is None or (opening["open"] == "<") != (opening["close"] == ">"):
            self.at = start
            raise self.error("a group's name does not end")
        if opening["minus"]:
            self.at = start
            raise self.error("groups that take another back are not supported here", is_supported=False)
        if not opening["name"].strip("0"):
            self.at = start
            raise self.error("a group has no name")
        self.at = opening.end()
        return self.inside(start)

    def escape(self) -> Tree:
        """Read an assertion, a class or a character."""
        letter = self.peek()
        if letter in _PLACES:
            self.at += 1
            return At(_PLACES[letter])
        if letter and (letter in "k<'" or letter in "123456789"):
            raise self.error("references to what a group captured are not supported here", is_supported=False)
        return self.one_of(self._escaped(in_class=False))

    def _escaped(self, *, in_class: bool) -> Charset:
        letter = self.peek()
        if letter and letter in "dDsSwW":
            self.at += 1
            known = wide_classes()[letter.lower()]
            return known.complement() if letter.isupper() else known
        if letter in ("p", "P"):
            return self.category(is_negated=letter == "P")
        character = self._character(in_class=in_class)
        return Charset([(character, character)])

    def _character(self, *, in_class: bool) -> str:
        letter = self.peek()
        if not letter:
            raise self.error("the backslash at its end escapes nothing")
        if octal := _OCTAL.match(self.source, self.at):
            self.at = octal.end()
            return chr(int(octal[0], 8) & 0xFF)
        self.at += 1
        control = {"b": "\b" if in_class else None, "e": "\x1b"}.get(letter) or self.control(letter)
        if control is not None:
            return control
        if letter in ("x", "u"):
            return self.hexadecimal(2 if letter == "x" else 4)
        if letter == "c":
            place = _CONTROLS.find(self.peek().upper()) if self.peek() else -1
            if place < 0:
                raise self.error("`\\c` names no control character")
            self.at += 1
            return chr(place)
        if letter not in wide_classes()["w"]:
            return letter
        self.at -= 1
        raise self.error(f"`\\{letter}` means nothing to Gitea")

    def char_class(self) -> Charset:
        """Read up to the `]` that is not first; `-[…]` last takes another class away."""
        start = self.at
        self.at += 1
        is_negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        taken: Charset | None = None
        is_first = True
        while is_first or self.peek() != "]":
            if not self.peek():
                raise self._unclosed(start)
            if not is_first and self.peek(2) == "-[":
                self.at += 1
                taken = self._subtraction()
                break
            item = self._one()
            is_first = False
            if item.single is not None and self.peek() == "-" and self.peek(2) not in ("-", "-]"):
                self.at += 1
                if self.peek() == "[":
                    ranges += item.ranges
                    taken = self._subtraction()
                    break
                last = self._one().single
                if last is None or last < item.single:
                    raise self.error("the range of the class runs backwards, or ends in a class")
                item = Charset([(item.single, last)])
            ranges += item.ranges
        if not self.take("]"):
            raise self._unclosed(start)
        members = Charset(ranges)
        if "i" in self.flags:
            members = members.folded()
        if is_negated:
            members = members.complement()
        return members if taken is None else members.without(taken)

    def _unclosed(self, start: int) -> RegexpError:
        self.at = start
        return self.error("the `[` is never closed")

    def _subtraction(self) -> Charset:
        self._class_depth += 1
        if self._class_depth > self.deepest:
            raise self.error("classes are nested too deeply", is_supported=False)
        taken = self.char_class()
        self._class_depth -= 1
        if self.peek() not in ("]", ""):
            raise self.error("what is taken away from a class must stand last")
        return taken

    def _one(self) -> Charset:
        character = self.peek()
        if not character:
            raise self.error("the `[` is never closed")
        self.at += 1
        if character == "\\":
            return self._escaped(in_class=True)
        if character == "[" and (posix := _POSIX.match(self.source, self.at)):
            self.at = posix.end()  # regexp2 passes over the name, and takes the bracket
        return Charset([(character, character)])
