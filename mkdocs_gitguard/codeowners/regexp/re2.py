"""Go's own language of expressions: https://github.com/google/re2/wiki/Syntax, regexp/syntax/parse.go of Go 1.25."""

import re
from typing import Final

from mkdocs_gitguard.codeowners.regexp.charset import ASCII_CLASSES, POSIX_CLASSES, Charset
from mkdocs_gitguard.codeowners.regexp.reader import Reader
from mkdocs_gitguard.codeowners.regexp.tree import At, Row, Tree

_NAME: Final = re.compile(r"P?<(\w+)>")
_POSIX: Final = re.compile(r"\[:(\^?)([a-z]{1,9}):\]")
_OCTAL: Final = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_LAST_ASCII: Final = "\x7f"


class Re2Reader(Reader):
    """Reads an expression as Go's `regexp.Compile` does."""

    flags_known = "imsU"
    most_repeats = 1000
    category_name = re.compile(r"\{(\^?[A-Za-z_]{1,40})\}")
    longer_category = "the script "

    def group(self) -> Tree | None:
        """Capturing, named, not capturing, or flags. There is no lookahead."""
        start = self.at
        self.at += 1
        if not self.take("?"):
            return self.inside(start)
        if self.peek() in ("P", "<"):
            opening = _NAME.match(self.source, self.at)
            if opening is None:
                if self.peek(2) in ("<=", "<!"):
                    raise self.error("Go has no lookahead or lookbehind")
                raise self.error("a group's name does not end")
            self.at = opening.end()
            return self.inside(start)
        if self.peek() in ("=", "!"):
            raise self.error("Go has no lookahead or lookbehind")
        return self.flag_group(start)

    def escape(self) -> Tree:
        """Read an assertion, a quoted text, a class or a character."""
        letter = self.peek()
        places = {"A": At("begin"), "z": At("end"), "b": At("word-edge"), "B": At("no-word-edge")}
        if letter in places:
            self.at += 1
            return places[letter]
        if letter == "Q":
            end = self.source.find("\\E", self.at)
            quoted = self.source[self.at + 1 : end if end >= 0 else len(self.source)]
            self.at = end + 2 if end >= 0 else len(self.source)
            return Row(tuple(self.one_of(Charset([(character, character)])) for character in quoted))
        return self.one_of(self._escaped())

    def _escaped(self) -> Charset:
        """Read what stands behind a backslash, in a class or out of one."""
        letter = self.peek()
        if letter.lower() in ASCII_CLASSES:
            self.at += 1
            known = ASCII_CLASSES[letter.lower()]
            return known.complement() if letter.isupper() else known
        if letter in ("p", "P"):
            return self.category(is_negated=letter == "P")
        character = self._character()
        return Charset([(character, character)])

    def _character(self) -> str:
        letter = self.peek()
        if not letter:
            raise self.error("the backslash at its end escapes nothing")
        if octal := _OCTAL.match(self.source, self.at):
            self.at = octal.end()
            return chr(int(octal[0], 8))
        self.at += 1
        if control := self.control(letter):
            return control
        if letter == "x":
            return self.hexadecimal(2)
        if letter <= _LAST_ASCII and not letter.isalnum():
            return letter
        self.at -= 1
        raise self.error(f"`\\{letter}` means nothing to Go")

    def char_class(self) -> Charset:
        """Read up to the `]` that is not first."""
        start = self.at
        self.at += 1
        is_negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or self.peek() != "]":
            first = False
            if not self.peek():
                self.at = start
                raise self.error("the `[` is never closed")
            ranges += self._item()
        self.at += 1
        members = Charset(ranges)
        if "i" in self.flags:
            members = members.folded()
        return members.complement() if is_negated else members

    def _item(self) -> tuple[tuple[str, str], ...]:
        if self.peek(2) == "[:":
            posix = _POSIX.match(self.source, self.at)
            known = POSIX_CLASSES.get(posix[2]) if posix else None
            if posix is None or known is None:
                raise self.error("the class between `[:` and `:]` is not known to Go")
            self.at = posix.end()
            return (known.complement() if posix[1] else known).ranges
        item = self._one()
        if item.single is None or self.peek() != "-" or self.peek(2) in ("-", "-]"):
            return item.ranges
        self.at += 1
        last = self._one().single
        if last is None or last < item.single:
            raise self.error("the range of the class runs backwards")
        return ((item.single, last),)

    def _one(self) -> Charset:
        character = self.peek()
        if not character:
            raise self.error("the `[` is never closed")
        self.at += 1
        return self._escaped() if character == "\\" else Charset([(character, character)])
