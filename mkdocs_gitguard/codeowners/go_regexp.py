r"""Go's regular expressions, as Gitea uses them, matched in time linear in the text.

The language is RE2's (https://github.com/google/re2/wiki/Syntax). Supported: literals and escapes, `.`, classes with
ranges, Perl's `\d \w \s` and ASCII's `[:alpha:]`, groups, alternation, `* + ? {n,m}` greedy and lazy, `^ $ \A \z`.
Not supported, and said so rather than guessed: Unicode classes `\p{…}`, word boundaries `\b`, flags `(?i)`.

Thompson's construction, with the sets of states kept once they are known (https://swtch.com/~rsc/regexp/regexp1.html).
"""

import string
from typing import Final, NamedTuple

Ranges = tuple[tuple[str, str], ...]

_LAST: Final = "\U0010ffff"
_MOST_REPEATS: Final = 1000
"""RE2's own limit on `{n,m}`."""
_MOST_INSTRUCTIONS: Final = 20_000
_MOST_STATES: Final = 2_000
_DEEPEST: Final = 100

_PERL: Final[dict[str, Ranges]] = {
    "d": (("0", "9"),),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
}
_POSIX: Final[dict[str, Ranges]] = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "ascii": (("\0", "\x7f"),),
    "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\0", "\x1f"), ("\x7f", "\x7f")),
    "digit": (("0", "9"),),
    "graph": (("!", "~"),),
    "lower": (("a", "z"),),
    "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")),
    "space": (("\t", "\r"), (" ", " ")),
    "upper": (("A", "Z"),),
    "word": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
    "xdigit": (("0", "9"), ("A", "F"), ("a", "f")),
}
_CONTROL: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class RegexpError(ValueError):
    """The expression is not Go's, or not supported. `str(error)` says why; `column` counts from 1."""

    def __init__(self, message: str, column: int, *, is_supported: bool = True) -> None:
        """Keep why and where, and whether Go would have taken it (`is_supported=False`)."""
        self.column = column
        self.is_supported = is_supported
        super().__init__(message)


class _Set(NamedTuple):
    ranges: Ranges


class _Repeat(NamedTuple):
    node: "_Tree"
    least: int
    most: int | None


class _Row(NamedTuple):
    nodes: tuple["_Tree", ...]


class _Either(NamedTuple):
    nodes: tuple["_Tree", ...]


class _Begin(NamedTuple):
    pass


class _End(NamedTuple):
    pass


_Tree = _Set | _Repeat | _Row | _Either | _Begin | _End


class _Instruction(NamedTuple):
    """`set`: take one character of `ranges`; `split`: go on at each of `targets`; the rest say what must hold."""

    code: str
    ranges: Ranges = ()
    targets: tuple[int, ...] = ()


class Regexp:
    """A compiled expression."""

    def __init__(self, source: str) -> None:
        """Compile it.

        Raises:
            RegexpError: Go would not take it, or it needs what is not supported.
        """
        tree = _Parser(source).parse()
        self.prefix = _prefix(tree)
        """What every match must begin with; `""` if nothing is known."""
        self._program: list[_Instruction] = []
        self._emit(tree)
        self._program.append(_Instruction("match"))
        self._known: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._first = self._closure({0}, at_start=True, at_end=False)
        self._again = self._closure({0}, at_start=False, at_end=False)

    def search(self, text: str) -> bool:
        """Tell whether the expression matches anywhere in `text`, as Go's `MatchString`."""
        accept = len(self._program) - 1
        state = self._first
        for character in text:
            if accept in state:
                return True
            key = (state, character)
            known = self._known.get(key)
            if known is None:
                if len(self._known) > _MOST_STATES:
                    self._known.clear()
                known = self._known[key] = self._step(state, character)
            state = known
        return accept in self._closure(set(state), at_start=not text, at_end=True)

    def _step(self, state: frozenset[int], character: str) -> frozenset[int]:
        following = {
            place + 1
            for place in state
            if self._program[place].code == "set"
            and any(low <= character <= high for low, high in self._program[place].ranges)
        }
        return self._closure(following, at_start=False, at_end=False) | self._again

    def _closure(self, places: set[int], *, at_start: bool, at_end: bool) -> frozenset[int]:
        seen: set[int] = set()
        pending = list(places)
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            instruction = self._program[place]
            if instruction.code == "split":
                pending.extend(instruction.targets)
            elif (instruction.code == "begin" and at_start) or (instruction.code == "end" and at_end):
                pending.append(place + 1)
        return frozenset(seen)

    def _emit(self, tree: _Tree) -> None:
        if len(self._program) > _MOST_INSTRUCTIONS:
            raise RegexpError("the expression is too large once its repetitions are written out", 1)
        match tree:
            case _Set(ranges):
                self._program.append(_Instruction("set", ranges))
            case _Begin():
                self._program.append(_Instruction("begin"))
            case _End():
                self._program.append(_Instruction("end"))
            case _Row(nodes):
                for node in nodes:
                    self._emit(node)
            case _Either(nodes):
                self._emit_either(nodes)
            case _Repeat(node, least, most):
                self._emit_repeat(node, least, most)

    def _emit_either(self, nodes: tuple[_Tree, ...]) -> None:
        split = self._hold()
        starts, jumps = [], []
        for node in nodes:
            starts.append(len(self._program))
            self._emit(node)
            jumps.append(self._hold())
        self._program[split] = _Instruction("split", targets=tuple(starts))
        for jump in jumps:
            self._program[jump] = _Instruction("split", targets=(len(self._program),))

    def _emit_repeat(self, node: _Tree, least: int, most: int | None) -> None:
        for _ in range(least):
            self._emit(node)
        if most is None:
            split = self._hold()
            self._emit(node)
            self._program.append(_Instruction("split", targets=(split,)))
            self._program[split] = _Instruction("split", targets=(split + 1, len(self._program)))
            return
        splits = []
        for _ in range(most - least):
            splits.append(self._hold())
            self._emit(node)
        for split in splits:
            self._program[split] = _Instruction("split", targets=(split + 1, len(self._program)))

    def _hold(self) -> int:
        """Keep a place for an instruction whose targets are not known yet; return it."""
        self._program.append(_Instruction("split"))
        return len(self._program) - 1


def _complement(ranges: Ranges) -> Ranges:
    result: list[tuple[str, str]] = []
    low = 0
    for first, last in sorted(ranges):
        if ord(first) > low:
            result.append((chr(low), chr(ord(first) - 1)))
        low = max(low, ord(last) + 1)
    if low <= ord(_LAST):
        result.append((chr(low), _LAST))
    return tuple(result)


_SIGNS: Final[dict[str, _Tree]] = {".": _Set(_complement((("\n", "\n"),))), "^": _Begin(), "$": _End()}


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0

    def parse(self) -> _Tree:
        tree = self._either()
        if self._at < len(self._source):
            raise self._error("unexpected `)`")
        return tree

    def _error(self, message: str, *, is_supported: bool = True) -> RegexpError:
        return RegexpError(message, self._at + 1, is_supported=is_supported)

    def _peek(self, length: int = 1) -> str:
        return self._source[self._at : self._at + length]

    def _take(self, text: str) -> bool:
        if not self._source.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _either(self) -> _Tree:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("groups are nested too deeply")
        nodes = [self._row()]
        while self._take("|"):
            nodes.append(self._row())
        self._depth -= 1
        return nodes[0] if len(nodes) == 1 else _Either(tuple(nodes))

    def _row(self) -> _Tree:
        nodes: list[_Tree] = []
        while self._peek() not in ("", "|", ")"):
            nodes.append(self._repeated())
        return _Row(tuple(nodes))

    def _repeated(self) -> _Tree:
        if self._peek() in ("*", "+", "?"):
            raise self._error(f"`{self._peek()}` has nothing to repeat (patterns are regular expressions, not globs)")
        node = self._atom()
        counts = self._counts()
        if counts is None:
            return node
        self._take("?")  # lazy or greedy finds the same texts
        if self._peek() in ("*", "+", "?") or (self._peek() == "{" and self._counts() is not None):
            raise self._error(f"`{self._peek()}` repeats a repetition (patterns are regular expressions, not globs)")
        repeat = _Repeat(node, *counts)
        if not _fits(repeat, _MOST_REPEATS):
            raise self._error(f"repetitions in each other come to more than {_MOST_REPEATS}")
        return repeat

    def _counts(self) -> tuple[int, int | None] | None:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if self._peek() != "{":
            return None
        inside, closing, _ = self._source[self._at + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        if not (closing and _is_number(least) and (most == "" or _is_number(most))):
            return None  # a brace that counts nothing is a plain character
        low = int(least)
        high = int(most) if most else (None if comma else low)
        if low > _MOST_REPEATS or (high is not None and (high > _MOST_REPEATS or high < low)):
            raise self._error(f"the repeat count {{{inside}}} is not possible")
        self._at += len(inside) + 2
        return low, high

    def _atom(self) -> _Tree:
        character = self._peek()
        if character == "(":
            return self._group()
        if character == "[":
            return _Set(self._class())
        if character == "\\":
            return self._escape()
        self._at += 1
        if character in _SIGNS:
            return _SIGNS[character]
        return _Set(((character, character),))

    def _group(self) -> _Tree:
        start = self._at
        self._at += 1
        if self._take("?"):
            if self._take("P<") or self._take("<"):
                name, closing, _ = self._source[self._at :].partition(">")
                if not closing or not name.replace("_", "a").isalnum():
                    raise self._error("a group's name does not end")
                self._at += len(name) + 1
            elif not self._take(":"):
                if self._peek() in ("=", "!"):
                    raise self._error("Go has no lookahead or lookbehind")
                raise self._error("flags are not supported here", is_supported=False)
        node = self._either()
        if not self._take(")"):
            self._at = start
            raise self._error("the `(` is never closed")
        return node

    def _escape(self) -> _Tree:
        self._at += 1
        letter = self._peek()
        if letter == "A":
            self._at += 1
            return _Begin()
        if letter == "z":
            self._at += 1
            return _End()
        if letter == "Q":
            quoted, _, _ = self._source[self._at + 1 :].partition("\\E")
            self._at = min(self._at + 1 + len(quoted) + 2, len(self._source))
            return _Row(tuple(_Set(((character, character),)) for character in quoted))
        return _Set(self._escaped_set())

    def _escaped_set(self) -> Ranges:
        """Read what stands behind a backslash, in a class or out of one."""
        letter = self._peek()
        if letter.lower() in _PERL:
            self._at += 1
            ranges = _PERL[letter.lower()]
            return _complement(ranges) if letter.isupper() else ranges
        if letter in ("b", "B", "p", "P", "C"):
            raise self._error(f"`\\{letter}` is not supported here", is_supported=False)
        character = self._escaped_character()
        return ((character, character),)

    def _escaped_character(self) -> str:
        letter = self._peek()
        if not letter:
            raise self._error("the backslash at its end escapes nothing")
        self._at += 1
        if letter in _CONTROL:
            return _CONTROL[letter]
        if letter == "x":
            return self._hexadecimal()
        if letter in string.punctuation:
            return letter
        self._at -= 1
        raise self._error(f"`\\{letter}` means nothing to Go")

    def _hexadecimal(self) -> str:
        if self._take("{"):
            digits, closing, _ = self._source[self._at :].partition("}")
            taken = len(digits) + 1
        else:
            digits, closing, taken = self._peek(2), "}", 2
        if not closing or not digits or set(digits) - set(string.hexdigits) or int(digits, 16) > ord(_LAST):
            raise self._error("`\\x` wants two hexadecimal digits, or some in braces")
        self._at += taken
        return chr(int(digits, 16))

    def _class(self) -> Ranges:
        start = self._at
        self._at += 1
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            if not self._peek():
                self._at = start
                raise self._error("the `[` is never closed")
            ranges += self._class_item()
        self._at += 1
        return _complement(tuple(ranges)) if negated else tuple(ranges)

    def _class_item(self) -> Ranges:
        if self._peek(2) == "[:":
            name, closing, _ = self._source[self._at + 2 :].partition(":]")
            ranges = _POSIX.get(name.removeprefix("^"))
            if not closing or ranges is None:
                raise self._error("the class between `[:` and `:]` is not known to Go")
            self._at += len(name) + 4
            return _complement(ranges) if name.startswith("^") else ranges
        item = self._class_character()
        if len(item) != 1 or item[0][0] != item[0][1] or self._peek() != "-" or self._peek(2) in ("-", "-]"):
            return item
        self._at += 1
        last = self._class_character()
        if len(last) != 1 or last[0][0] != last[0][1] or last[0][0] < item[0][0]:
            raise self._error("the range of the class runs backwards")
        return ((item[0][0], last[0][0]),)

    def _class_character(self) -> Ranges:
        character = self._peek()
        self._at += 1
        if character == "\\":
            return self._escaped_set()
        return ((character, character),)


def _fits(tree: _Tree, most: int) -> bool:
    """Tell whether nested repeat counts multiply to at most `most`, Go's own limit."""
    match tree:
        case _Repeat(node, least, upper):
            times = least if upper is None else upper
            return times <= most and _fits(node, most // times if times else most)
        case _Row(nodes) | _Either(nodes):
            return all(_fits(node, most) for node in nodes)
        case _:
            return True


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_REPEATS))


def _prefix(tree: _Tree) -> str:
    """Return the literal text right behind a leading `^`."""
    nodes = _flat(tree)
    if not nodes or not isinstance(nodes[0], _Begin):
        return ""
    prefix = ""
    for node in nodes[1:]:
        if not isinstance(node, _Set) or len(node.ranges) != 1 or node.ranges[0][0] != node.ranges[0][1]:
            break
        prefix += node.ranges[0][0]
    return prefix


def _flat(tree: _Tree) -> list[_Tree]:
    if isinstance(tree, _Row):
        return [leaf for node in tree.nodes for leaf in _flat(node)]
    return [tree]
