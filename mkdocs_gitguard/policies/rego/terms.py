"""Reads Rego's terms, exactly as OPA's parser does, and tells where one cannot go on.

No tree is built: a reader takes the index of a token and returns what kind of term stood there and the index after it.
https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from mkdocs_gitguard.policies.rego.tokens import NEWEST_KEYWORDS, Token

DEEPEST: Final = 60
"""Brackets inside brackets that are read; what is nested deeper is given up."""

INFIX: Final = frozenset({"==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&", "|"})
_SCALARS: Final = {"null": "null", "true": "boolean", "false": "boolean", "number": "number", "string": "string"}
_WITH_PARTS: Final = frozenset({"name", "array", "object", "set", "comprehension", "call"})
"""Kinds of terms that can be looked into: `x.y`, `x[y]`, `x(y)`."""
CALLS: Final = frozenset({"call", "infix", "member"})


class ReadTerm(NamedTuple):
    """What was read: the kind of the term, and the index of the token after it."""

    kind: str
    """`name`, `ref`, `call`, `infix`, `member` (with `in`), `string`, `set`, ..."""
    after: int


class Broken(Exception):  # noqa: N818 - a signal inside the parser, which never leaves it
    """What cannot be read, and at which token."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class TooDeep(Exception):  # noqa: N818 - a signal inside the parser, which never leaves it
    """Brackets are nested too deep to go on."""


class TermReader(ABC):
    """Reads the terms of one text."""

    def __init__(self, tokens: list[Token], keywords: frozenset[str]) -> None:
        """Take the tokens of a text, and the newer words that are keywords from its start."""
        self._tokens = tokens
        self._kinds = [token.text if token.text in keywords else token.kind for token in tokens]
        self._terms: dict[int, ReadTerm | Broken] = {}  # by first token: brackets are tried in more than one way
        self._depth = 0
        self.comprehensions: dict[int, int] = {}
        """Where each one that was read begins, and the index after it."""
        self._member: tuple[str, ...] = ()  # the kinds before the last `in`

    @abstractmethod
    def body(self, at: int, end: str) -> int:
        """Read expressions up to the closing bracket, and return its index."""

    @abstractmethod
    def literal(self, at: int) -> ReadTerm:
        """Read one expression of a body, with its `not` and `with`."""

    def kind(self, at: int) -> str:
        """Return what a token is where it stands: a newer keyword is a name before its import."""
        return self._kinds[at]

    def expected(self, what: str, at: int) -> Broken:
        """Return the problem that something else stands at a token."""
        return Broken(at, f"Expected {what}, found {self.shown(at)}.")

    def shown(self, at: int) -> str:
        """Return a token as a message shows it."""
        token = self._tokens[at]
        if token.kind == "end":
            return "the end of the file"
        text = token.text.partition("\n")[0]
        return f"`{text if len(text) <= 30 else text[:29] + '…'}`"  # noqa: PLR2004 - fits on a line

    def _is_part(self, at: int) -> bool:
        """Tell whether a token goes on with the term right before it."""
        return self._kinds[at] in ("(", ".", "[") and not self._tokens[at].has_gap

    def as_name_in_reference(self, at: int) -> bool:
        """Take a keyword for a name where a reference begins with it, `not.x`, and tell whether it does."""
        if self._tokens[at].text != self._kinds[at] or not self._tokens[at].text[0].isalpha():
            return False
        if self._kinds[at + 1] in (".", "[") and not self._tokens[at + 1].has_gap:
            self._kinds[at] = "name"
            return True
        return False

    def term(self, at: int) -> ReadTerm:
        """Read one term without infix operators."""
        known = self._terms.get(at)
        if known is None:
            try:
                with self.deeper():
                    known = self._term(at)
            except Broken as problem:
                known = problem
            self._terms[at] = known
        if isinstance(known, Broken):
            raise known
        return known

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count one more bracket around what is read inside.

        Raises:
            TooDeep: at the one after `DEEPEST`.
        """
        if self._depth >= DEEPEST:
            raise TooDeep
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _term(self, at: int) -> ReadTerm:
        if self._kinds[at] in ("-", "."):
            return self._signed(at)
        read = self._opened(at) or self._word(at)
        if read.kind == "comprehension":
            self.comprehensions[at] = read.after
        return self.parts(read, at) if self._is_part(read.after) else read

    def _opened(self, at: int) -> ReadTerm | None:
        """Read a term in brackets, if one begins here."""
        kind = self._kinds[at]
        if kind == "[":
            return self._array(at)
        if kind == "{":
            return self._set_or_object(at)
        if kind == "template-start":
            return self._template(at)
        if kind != "(":
            return None
        inner = self.infix(at + 1)
        if self._kinds[inner.after] != ")":
            raise self.expected("an operator or `)`", inner.after)
        return ReadTerm(inner.kind, inner.after + 1)

    def _word(self, at: int) -> ReadTerm:
        kind = self._kinds[at]
        is_call = self._kinds[at + 1 : at + 2] == ["("] and not self._tokens[at + 1].has_gap
        if kind in ("name", "contains") or (kind in NEWEST_KEYWORDS and is_call):
            return ReadTerm("name", at + 1)
        if kind in _SCALARS:
            return ReadTerm(_SCALARS[kind], at + 1)
        raise Broken(at, self._illegal(at)) if kind == "illegal" else self.expected("a value", at)

    def _illegal(self, at: int) -> str:
        text = self._tokens[at].text
        if text[0] in '"`$}':
            return f"The text {self.shown(at)} does not end on its line, or has an escape that Rego does not know."
        if text[0].isdigit():
            return f"{self.shown(at)} is not a number."
        return f"Rego has no {self.shown(at)}."

    def _signed(self, at: int) -> ReadTerm:
        after = at
        if self._kinds[after] == "-":
            after += 1
            if self._kinds[after] in ("name", "contains"):
                read = ReadTerm("name", after + 1)
                return ReadTerm("call", self.parts(read, after).after if self._is_part(read.after) else read.after)
        if self._kinds[after] == ".":
            after += 1
        if self._kinds[after] != "number":
            raise self.expected("a number", after)
        read = ReadTerm("number", after + 1)
        return self.parts(read, at) if self._is_part(read.after) else read

    def parts(self, head: ReadTerm, at: int) -> ReadTerm:
        """Read what hangs on a term: `.name`, `[index]`, `(arguments)`."""
        if head.kind not in _WITH_PARTS and head.kind not in CALLS:
            raise Broken(at, f"Nothing can be looked up in {self.shown(at)}.")
        kind, after = head.kind, head.after
        is_fresh = True
        while is_fresh or self._is_part(after):
            is_fresh = False  # after a rule's name, a gap may stand before the first part
            sign = self._kinds[after]
            if sign == ".":
                after += 1
                token = self._tokens[after]
                if token.has_gap:
                    raise Broken(after - 1, "A name is missing after the dot.")
                if not token.text[:1].isalpha() and token.text[:1] != "_":
                    raise self.expected("a name after the dot", after)
                kind, after = "ref", after + 1
            elif sign == "[":
                inner = self.infix(after + 1)
                if self._kinds[inner.after] != "]":
                    raise self.expected("an operator or `]`", inner.after)
                kind, after = "ref", inner.after + 1
            elif kind == "call":
                break
            else:
                kind, after = "call", self._list(after + 1, ")") + 1
        return ReadTerm(kind, after)

    def infix(self, at: int, *, has_key: bool = True) -> ReadTerm:
        """Read terms with operators between them; `key, value in x` too, where it is not a list."""
        read = self._operands(at)
        kinds: tuple[str, ...] = (read.kind,)
        while True:
            if has_key and self._kinds[read.after] == ",":
                try:
                    value = self._operands(read.after + 1)
                except Broken:
                    return read
                if self._kinds[value.after] != "in":
                    return read
                kinds = (kinds[-1], value.kind)
                read = ReadTerm("member", self._operands(value.after + 1).after)
            elif self._kinds[read.after] == "in" and not self.as_name_in_reference(read.after):
                kinds = (read.kind,)
                read = ReadTerm("member", self._operands(read.after + 1).after)
            else:
                return read
            self._member = kinds

    def _operands(self, at: int) -> ReadTerm:
        read = self.term(at)
        while self._kinds[read.after] in INFIX:
            read = ReadTerm("infix", self.term(read.after + 1).after)
        return read

    def _list(self, at: int, end: str) -> int:
        """Read terms with commas between them up to the closing bracket, and return its index."""
        while self._kinds[at] != end:
            read = self.infix(at, has_key=False)
            at = read.after
            if self._kinds[at] == ",":
                at += 1
            elif self._kinds[at] != end:
                raise self.expected(f"an operator, `,` or `{end}`", at)
        return at

    def _comprehension(self, bar: int, end: str, otherwise: int) -> ReadTerm:
        """Read a comprehension's body; where that fails, the `|` may be an operator in a list."""
        try:
            return ReadTerm("comprehension", self.body(bar + 1, end) + 1)
        except Broken as problem:
            if self._kinds[problem.at] != ",":
                raise
            try:
                return ReadTerm("set" if end == "}" else "array", self._list(otherwise, end) + 1)
            except Broken as other:
                raise max(problem, other, key=lambda one: one.at) from None

    def _array(self, at: int) -> ReadTerm:
        at += 1
        if self._kinds[at] == "]":
            return ReadTerm("array", at + 1)
        has_comma = self._kinds[at] == ","
        first = at + has_comma
        head = self.term(first)
        if self._kinds[head.after] == "|" and not has_comma:
            return self._comprehension(head.after, "]", first)
        return ReadTerm("array", self._list(first, "]") + 1)

    def _set_or_object(self, at: int) -> ReadTerm:
        at += 1
        if self._kinds[at] == "}":
            return ReadTerm("object", at + 1)
        has_comma = self._kinds[at] == ","
        first = at + has_comma
        head = self.term(first)
        if self._kinds[head.after] == "|" and not has_comma:
            return self._comprehension(head.after, "}", first)
        if self._kinds[head.after] not in ("}", ",", ":"):
            head = self.infix(first, has_key=False)
        if self._kinds[head.after] == ":":
            return self._object(head.after + 1, is_maybe_comprehension=not has_comma)
        if self._kinds[head.after] not in ("}", ","):
            raise self.expected("an operator, `,`, `:` or `}`", head.after)
        return ReadTerm("set", self._list(first, "}") + 1)

    def _object(self, at: int, *, is_maybe_comprehension: bool) -> ReadTerm:
        """Read an object from the token after its first colon on."""
        value = self.term(at)
        if self._kinds[value.after] == "|" and is_maybe_comprehension:
            try:
                return ReadTerm("comprehension", self.body(value.after + 1, "}") + 1)
            except Broken as problem:
                try:
                    return ReadTerm("object", self._pairs(at))
                except Broken as other:
                    raise max(problem, other, key=lambda one: one.at) from None
        return ReadTerm("object", self._pairs(at))

    def _pairs(self, at: int) -> int:
        """Read values and further pairs of an object, and return the index after its closing bracket."""
        while True:
            value = self.infix(at, has_key=False)
            at = value.after
            if self._kinds[at] == ",":
                at += 1
            elif self._kinds[at] != "}":
                raise self.expected("an operator, `,` or `}`", at)
            if self._kinds[at] == "}":
                return at + 1
            key = self.infix(at, has_key=False)
            if self._kinds[key.after] != ":":
                raise self.expected("an operator or `:`", key.after)
            at = key.after + 1

    def _template(self, at: int) -> ReadTerm:
        while self._kinds[at] != "template-end":
            read = self.literal(at + 1)
            if read.kind in ("assignment", "some", "every", "not"):
                raise Broken(at + 1, "Only a value can stand in a template string's braces.")
            at = read.after
            if self._kinds[at] not in ("template-middle", "template-end"):
                raise self.expected("`}` after the template string's expression", at)
        return ReadTerm("template", at + 1)
