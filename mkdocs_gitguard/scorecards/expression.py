"""Conditions over named facts: a language of comparisons, `and`, `or`, `not` and parentheses, and nothing else.

    readme and owned_share >= 90
    licence in ("Apache-2.0", "MIT") or not findings > 0

It has no calls, no attributes, no loops: a condition takes as many steps as it has words. Its types are checked when
it is read. A fact that is not known is neither true nor false, and so is what depends on it (Kleene's three values:
`unknown or true` is true).
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value: TypeAlias = bool | float | str | None
"""None: not known."""
ValueType = Literal["yes/no", "number", "text"]

_LONGEST: Final = 500
_DEEPEST: Final = 20
_WORD: Final = late_pattern(
    r"\s*(?:(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?)(?![\w.])|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\"(?P<text>[^\"\n]*)\""
    r"|(?P<sign><=|>=|==|!=|<|>|\(|\)|,))"
)
_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUAL: Final[Mapping[str, Callable[[object, object], bool]]] = {"==": operator.eq, "!=": operator.ne}
_WORDS: Final = frozenset({"and", "or", "not", "in", "true", "false"})


class ExpressionError(Exception):
    """A condition is not one."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep what is wrong, and what to do."""
        super().__init__(message)
        self.hint = hint


class Condition(NamedTuple):
    """A condition that was read."""

    text: str
    names: tuple[str, ...]
    """The facts that it asks for, in their order."""
    holds: Callable[[Mapping[str, Value]], bool | None]
    """Tells whether it holds of some facts; None: not known."""


class _Part(NamedTuple):
    """A part of a condition: its type, and what gives its value."""

    type: ValueType
    value: Callable[[Mapping[str, Value]], Value]


def read_condition(text: str, types: Mapping[str, ValueType]) -> Condition:
    """Return a condition.

    Args:
        text: as it was written.
        types: of the facts that there are, by name.

    Raises:
        ExpressionError: it is not a condition over these facts.
    """
    if len(text) > _LONGEST:
        raise ExpressionError(f"The condition has more than {_LONGEST} characters.", "Write several checks.")
    reader = _Reader(text, types)
    part = reader.either(0)
    if reader.word:
        raise ExpressionError(f"{reader.word!r} is not expected there.", "Write `and` or `or` between two conditions.")
    _expect(part, "yes/no", "The condition")
    return Condition(text, tuple(dict.fromkeys(reader.names)), lambda facts: _truth(part.value(facts)))


class _Reader:
    """Reads one condition by recursive descent, word by word."""

    def __init__(self, text: str, types: Mapping[str, ValueType]) -> None:
        self.names: list[str] = []
        self._types = types
        self._words: list[tuple[str, str]] = []
        at = 0
        stripped = text.rstrip()
        while at < len(stripped):
            match = _WORD.match(stripped, at)
            if match is None or match.lastgroup is None:
                rest = stripped[at:].split()[0]
                raise ExpressionError(f"{rest!r} is not a word of a condition.", 'Write texts in quotes: "MIT".')
            self._words.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._words.append(("", ""))
        self._at = 0

    @property
    def word(self) -> str:
        """The next word, `""` at the end; a text in its quotes."""
        kind, text = self._words[self._at]
        return f'"{text}"' if kind == "text" else text

    def take(self, *words: str) -> str:
        """Return the next word and go on if it is one of these, else `""`."""
        word = self.word
        if word in words:
            self._at += 1
            return word
        return ""

    def either(self, depth: int) -> _Part:
        """Read what `or` joins."""
        if depth > _DEEPEST:
            raise ExpressionError(f"The condition is nested more than {_DEEPEST} deep.", "Write several checks.")
        part = self._both(depth)
        while self.take("or"):
            part = _joined("or", part, self._both(depth))
        return part

    def _both(self, depth: int) -> _Part:
        part = self._opposite(depth)
        while self.take("and"):
            part = _joined("and", part, self._opposite(depth))
        return part

    def _opposite(self, depth: int) -> _Part:
        is_opposite = False
        while self.take("not"):
            is_opposite = not is_opposite
        part = self._comparison(depth)
        if not is_opposite:
            return part
        _expect(part, "yes/no", "What stands behind `not`")
        return _Part("yes/no", lambda facts: None if (truth := _truth(part.value(facts))) is None else not truth)

    def _comparison(self, depth: int) -> _Part:
        left = self._operand(depth)
        if self.take("in"):
            return _one_of(left, self._list())
        sign = self.take(*_ORDER, *_EQUAL)
        if not sign:
            return left
        right = self._operand(depth)
        if left.type != right.type:
            raise ExpressionError(
                f"`{sign}` stands between {_named(left.type)} and {_named(right.type)}.", "Write two of one kind."
            )
        if sign in _EQUAL:
            return _compared(left, right, _EQUAL[sign])
        _expect(left, "number", f"What stands before `{sign}`")
        return _compared(left, right, _ORDER[sign])

    def _operand(self, depth: int) -> _Part:
        if self.take("("):
            part = self.either(depth + 1)
            if not self.take(")"):
                raise ExpressionError("A parenthesis is not closed.", "Write `)`.")
            return part
        kind, text = self._words[self._at]
        if kind == "name" and text not in _WORDS:
            self._at += 1
            if text not in self._types:
                hint = did_you_mean(text, self._types) or "Choose one that `gitguard scorecard facts` shows."
                raise ExpressionError(f"{text!r} is not a fact.", hint)
            self.names.append(text)
            return _Part(self._types[text], lambda facts: facts.get(text))
        return self._literal()

    def _literal(self) -> _Part:
        kind, text = self._words[self._at]
        self._at += 1
        if kind == "number":
            number = float(text)
            return _Part("number", lambda _: number)
        if kind == "text":
            return _Part("text", lambda _: text)
        if text in ("true", "false"):
            truth = text == "true"
            return _Part("yes/no", lambda _: truth)
        shown = f"before {text!r}" if text else "at the end"
        raise ExpressionError(f"A value is missing {shown}.", "Write a fact, a number or a text in quotes.")

    def _list(self) -> list[_Part]:
        if not self.take("("):
            raise ExpressionError("`in` is not followed by a list.", 'Write one: ("MIT", "Apache-2.0").')
        values = [self._literal()]
        while self.take(","):
            values.append(self._literal())
        if not self.take(")"):
            raise ExpressionError("A list is not closed.", "Write `)`.")
        return values


def _joined(word: str, left: _Part, right: _Part) -> _Part:
    for part in (left, right):
        _expect(part, "yes/no", f"What stands beside `{word}`")
    # Of `and` false settles it, of `or` true, whatever is not known.
    settling = word == "or"

    def value(facts: Mapping[str, Value]) -> bool | None:
        truths = _truth(left.value(facts)), _truth(right.value(facts))
        return settling if settling in truths else None if None in truths else not settling

    return _Part("yes/no", value)


def _compared(left: _Part, right: _Part, compare: Callable[..., bool]) -> _Part:
    def value(facts: Mapping[str, Value]) -> bool | None:
        one, other = left.value(facts), right.value(facts)
        return None if one is None or other is None else compare(one, other)

    return _Part("yes/no", value)


def _one_of(left: _Part, values: list[_Part]) -> _Part:
    for part in values:
        _expect(part, left.type, "What stands in the list")
    known = [part.value({}) for part in values]
    return _Part("yes/no", lambda facts: None if (one := left.value(facts)) is None else one in known)


def _truth(value: Value) -> bool | None:
    return None if value is None else bool(value)


def _named(value_type: ValueType) -> str:
    return {"yes/no": "a yes or no", "number": "a number", "text": "a text"}[value_type]


def _expect(part: _Part, value_type: ValueType, what: str) -> None:
    if part.type != value_type:
        hint = (
            'Write a comparison: `licence != ""`, `warnings == 0`.'
            if value_type == "yes/no"
            else "Write another value."
        )
        raise ExpressionError(f"{what} is {_named(part.type)}, not {_named(value_type)}.", hint)
