"""Parses what a Rego definition says, as far as its own text tells: its head, its `else` branches, what it assigns.

This is not a parser of all of Rego: what cannot be known without running it becomes `UNKNOWN`, and a text that is not
Rego gives no definition at all. Every character is looked at once.

https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

import json
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.decisions.rego_tokens import Token, TokenReader, Unreadable, unescaped

RuleKind = Literal["complete", "set", "object", "function"]

_DEEPEST: Final = 40
_LONGEST_NUMBER: Final = 17
"""Digits of a number that is compared: what 64 bits hold exactly."""
_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")
_AFTER_VALUE: Final = frozenset({"if", "else", "with", "contains", "in", "some", "every", "not", "default", "as"})


class Expression(NamedTuple):
    """A term: `kind` is text, scalar, template, name, call, item, member, array, set, object or unknown.

    An `item` is one of a collection's values, a `member` what a set is asked for: `reasons[reason]`.
    """

    kind: str
    value: object = None
    """Of text and scalar the value, of name, call and item the name."""
    parts: "tuple[Expression, ...]" = ()
    """Items, arguments, pieces of a template; of an object keys and values in turn."""


UNKNOWN: Final = Expression("unknown")
_COMPREHENSION: Final = Expression("unknown", value="|")
_TRUE: Final = Expression("scalar", value=True)


class RegoDefinition(NamedTuple):
    """One definition of a rule, with what its branches can be."""

    name: str
    kind: RuleKind
    is_default: bool
    heads: tuple[Expression, ...]
    """Values of the head and of each `else`; elements of a set; values of an object's entries."""
    keys: tuple[Expression, ...]
    """Of an object rule: the key."""
    parameters: frozenset[str]
    """Of a function: every name that its arguments bind."""
    assigned: dict[str, tuple[Expression, ...]]
    """By variable, all that its bodies assign to it; `item` where it goes through a collection."""


def parse_definition(text: str) -> RegoDefinition | None:
    """Return the definition that a text holds, None where it holds none that can be read."""
    try:
        tokens = TokenReader(text).until("")
        return _Parser(tokens).definition()
    except (Unreadable, IndexError):
        return None


class _Parser:
    """Reads one definition from its tokens."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        end = Token("end", "", is_on_new_line=True)
        self._tokens = (*tokens, end, end, end, end)
        self._at = 0
        self._depth = 0

    def _text(self) -> str:
        token = self._tokens[self._at]
        return token.text if token.kind in ("word", "sign") else ""

    def _take(self, *texts: str) -> bool:
        is_there = self._text() in texts
        self._at += is_there
        return is_there

    def definition(self) -> RegoDefinition:
        is_default = self._take("default")
        if self._tokens[self._at].kind != "word":
            raise Unreadable
        name = self._tokens[self._at].text
        self._at += 1
        kind: RuleKind = "complete"
        keys: list[Expression] = []
        parameters: frozenset[str] = frozenset()
        while self._text() in (".", "[", "("):
            if self._take("."):
                segment = self._tokens[self._at].text
                if keys:
                    keys.append(Expression("text", segment))
                else:
                    name += f".{segment}"
                self._at += 1
            elif self._take("["):
                keys.append(self._in_brackets())
                self._close("]")
            else:
                start = self._at
                self._skip_brackets()
                inside = self._tokens[start : self._at]
                parameters = frozenset(token.text for token in inside if token.kind == "word")
                kind = "function"
        heads: list[Expression] = []
        if self._take("contains"):
            kind = "object" if keys else "set"
            heads.append(UNKNOWN if keys else self._value())
        elif self._take(":=", "="):
            kind = "object" if keys else kind
            heads.append(self._value())
        elif keys:
            # `p[x] { … }` of older Rego is a set; `p[x] if …` is an object of keys that are true.
            kind = "object" if self._text() == "if" or len(keys) > 1 else "set"
            heads.append(_TRUE if kind == "object" else keys[0])
        else:
            heads.append(_TRUE)
        assigned = self._body(heads)
        return RegoDefinition(
            name=name,
            kind=kind,
            is_default=is_default,
            heads=tuple(heads if len(keys) <= 1 else [UNKNOWN]),
            keys=tuple(keys[:1]) if kind == "object" else (),
            parameters=parameters,
            assigned={name: tuple(values) for name, values in assigned.items()},
        )

    def _body(self, heads: list[Expression]) -> dict[str, list[Expression]]:
        """Read the rest: what the bodies assign, and the values of `else` branches, which join the heads."""
        assigned: dict[str, list[Expression]] = {}
        while self._tokens[self._at].kind != "end":
            if self._take("else"):
                heads.append(self._value() if self._take(":=", "=") else _TRUE)
                continue
            if self._take("some"):
                self._some(assigned)
                continue
            token, sign = self._tokens[self._at], self._tokens[self._at + 1]
            if token.kind == "word" and sign.kind == "sign" and sign.text in (":=", "="):
                is_part = self._at > 0 and self._tokens[self._at - 1].text == "."
                self._at += 2
                start = self._at
                value = UNKNOWN if is_part else self._value()
                assigned.setdefault(token.text, []).append(value)
                if value == UNKNOWN:
                    self._at = start  # what stands there may assign, too
                continue
            if token.kind == "word" and sign.text == "[" and self._tokens[self._at + 3].text == "]":
                self._member(assigned)
            elif token.text == "=" and token.kind == "sign" and sign.kind == "word":
                assigned.setdefault(sign.text, []).append(UNKNOWN)
            elif token.kind == "sign" and token.text in (":=", "="):
                self._destructured(assigned)
            self._at += 1
        return assigned

    def _member(self, assigned: dict[str, list[Expression]]) -> None:
        """Read `reasons[reason]`, which binds a variable to each of a set."""
        variable = self._tokens[self._at + 2]
        is_part = self._at > 0 and self._tokens[self._at - 1].text == "."
        if variable.kind == "word":
            owner = UNKNOWN if is_part else Expression("name", self._tokens[self._at].text)
            assigned.setdefault(variable.text, []).append(Expression("member", None, (owner,)))

    def _destructured(self, assigned: dict[str, list[Expression]]) -> None:
        """Take every name of `[a, b] := …` for something unknown."""
        at = self._at - 1
        if self._tokens[at].text not in ("]", "}"):
            return
        depth = 0
        for token in reversed(self._tokens[max(0, at - 60) : at + 1]):
            depth += (token.text in ("]", "}")) - (token.text in ("[", "{"))
            if token.kind == "word":
                assigned.setdefault(token.text, []).append(UNKNOWN)
            if not depth:
                return

    def _some(self, assigned: dict[str, list[Expression]]) -> None:
        """Read `some x in xs` and `some k, x in xs`; `some x` alone binds nothing."""
        start = self._at
        names: list[str] = []
        while self._tokens[self._at].kind == "word" and self._text() not in _AFTER_VALUE:
            names.append(self._text())
            self._at += 1
            if not self._take(","):
                break
        if not names or not self._take("in"):
            self._at = start
            return
        collection = self._value()
        is_named = collection.kind in ("name", "array", "set")
        element = Expression("item", None, (collection,)) if is_named else UNKNOWN
        assigned.setdefault(names[-1], []).append(element)
        for name in names[:-1]:
            assigned.setdefault(name, []).append(UNKNOWN)

    def _value(self) -> Expression:
        """Read an expression outside of brackets, which ends with its line at the latest."""
        value = self._term()
        token = self._tokens[self._at]
        ends = token.kind == "end" or token.is_on_new_line or token.text in ("{", "}", ";", ",", ")", "]")
        if ends or (token.kind == "word" and token.text in _AFTER_VALUE):
            return value
        return UNKNOWN

    def _in_brackets(self) -> Expression:
        """Read an expression inside brackets, up to a comma, a colon or the closing bracket, which stays."""
        value = self._term()
        if self._is_at_end_of_item():
            return value
        is_comprehension = False
        while not self._is_at_end_of_item():
            is_comprehension |= self._text() == "|"
            if self._text() in _OPENERS:
                self._skip_brackets()
            else:
                self._at += 1
        return _COMPREHENSION if is_comprehension else UNKNOWN

    def _is_at_end_of_item(self) -> bool:
        token = self._tokens[self._at]
        if token.kind == "end":
            raise Unreadable
        return token.kind == "sign" and token.text in (",", ":", ")", "]", "}")

    def _close(self, closer: str) -> None:
        if not self._take(closer):
            raise Unreadable

    def _skip_brackets(self, depth: int = 0) -> None:
        """Go on after the bracket that closes the one at hand, or all the `depth` that are open."""
        while True:
            token = self._tokens[self._at]
            if token.kind == "end":
                raise Unreadable
            if token.kind == "sign":
                depth += (token.text in _OPENERS) - (token.text in _CLOSERS)
            self._at += 1
            if not depth:
                return

    def _term(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable
        value = self._plain_term()
        self._depth -= 1
        return value

    def _plain_term(self) -> Expression:
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case "text":
                content = token.text[1:-1]
                return Expression("text", content if token.text[0] == "`" else unescaped(content))
            case "template":
                return Expression("template", None, tuple(_pieces(token)))
            case "number":
                return Expression("scalar", json.loads(token.text)) if len(token.text) <= _LONGEST_NUMBER else UNKNOWN
            case "word":
                return self._word(token.text)
        return self._bracketed(token)

    def _bracketed(self, token: Token) -> Expression:
        match token.text:
            case "[":
                return self._collection("array", "]")
            case "{":
                return self._set_or_object()
            case "(":
                value = self._in_brackets()
                return value if self._take(")") else self._skipped()
            case "-" if self._tokens[self._at].kind == "number":
                value = self._plain_term()
                return Expression("scalar", -value.value) if isinstance(value.value, int | float) else UNKNOWN
        self._at -= token.kind == "end" or token.text in _CLOSERS
        return UNKNOWN

    def _word(self, word: str) -> Expression:
        if word in ("true", "false", "null"):
            return Expression("scalar", {"true": True, "false": False, "null": None}[word])
        name, kind = word, "name"
        arguments: tuple[Expression, ...] = ()
        while self._text() in (".", "[", "(") and not self._tokens[self._at].is_on_new_line:
            if self._take("."):
                name += f".{self._tokens[self._at].text}"
                self._at += 1
                kind = "name" if kind == "name" else "unknown"
            elif self._text() == "[":
                self._skip_brackets()
                kind = "item" if kind == "name" else "unknown"
            else:
                self._at += 1
                arguments = self._collection("array", ")").parts
                kind = "call" if kind == "name" else "unknown"
        if kind == "item":
            return Expression("item", None, (Expression("name", name),))
        return UNKNOWN if kind == "unknown" else Expression(kind, name, arguments)

    def _collection(self, kind: str, closer: str) -> Expression:
        items: list[Expression] = []
        while not self._take(closer):
            items.append(self._in_brackets())
            if items[-1] == _COMPREHENSION or (not self._take(",") and self._text() != closer):
                return self._skipped()
        return Expression(kind, None, tuple(items))

    def _set_or_object(self) -> Expression:
        if self._take("}"):
            return Expression("object")
        first = self._in_brackets()
        if not self._take(":"):
            if first == _COMPREHENSION or not (self._text() == "}" or self._take(",")):
                return self._skipped()
            rest = self._collection("set", "}")
            return Expression("set", None, (first, *rest.parts)) if rest.kind == "set" else UNKNOWN
        members = [first, self._in_brackets()]
        if _COMPREHENSION in members:
            return self._skipped()
        while self._take(","):
            if self._text() == "}":
                break
            members.append(self._in_brackets())
            if not self._take(":"):
                return self._skipped()
            members.append(self._in_brackets())
        return Expression("object", None, tuple(members)) if self._take("}") else self._skipped()

    def _skipped(self) -> Expression:
        """Go on after the bracket that closes what is not understood."""
        self._skip_brackets(depth=1)
        return UNKNOWN


def _pieces(token: Token) -> Iterator[Expression]:
    for piece in token.pieces:
        if isinstance(piece, str):
            yield Expression("text", piece)
        else:
            try:
                parser = _Parser(piece)
                value = parser._term()  # noqa: SLF001 - a parser of the same text
                yield value if parser._tokens[parser._at].kind == "end" else UNKNOWN  # noqa: SLF001 - as above
            except (Unreadable, IndexError):
                yield UNKNOWN
