"""Reads Rego's terms and expressions, exactly as OPA's parser does, and tells where one cannot go on.

No tree is built: a reader takes the index of a token and returns what kind of term stood there and the index after it.
https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.policies.rego_tokens import NEWER_KEYWORDS, NEWEST_KEYWORDS, Token

DEEPEST: Final = 60
"""Brackets inside brackets that are read; what is nested deeper is given up."""

_INFIX: Final = frozenset({"==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&", "|"})
_SCALARS: Final = {"null": "null", "true": "boolean", "false": "boolean", "number": "number", "string": "string"}
_WITH_PARTS: Final = frozenset({"name", "array", "object", "set", "comprehension", "call"})
"""Kinds of terms that can be looked into: `x.y`, `x[y]`, `x(y)`."""
_CALLS: Final = frozenset({"call", "infix", "member"})


class Read(NamedTuple):
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


class TermReader:
    """Reads the terms, expressions and bodies of one text."""

    def __init__(self, tokens: list[Token], keywords: frozenset[str]) -> None:
        """Take the tokens of a text, and the newer words that are keywords from its start."""
        self._tokens = tokens
        self._kinds = [token.text if token.text in keywords else token.kind for token in tokens]
        self._terms: dict[int, Read | Broken] = {}  # by first token: brackets are tried in more than one way
        self._depth = 0
        self._has_logic = False
        self._has_not_bodies = False
        self._member: tuple[str, ...] = ()  # the kinds before the last `in`

    def import_keywords(self, words: frozenset[str], after: int) -> None:
        """Make words keywords from a token on, as `import future.keywords.x` does."""
        for index in range(after, len(self._tokens)):
            token = self._tokens[index]
            if token.kind == "name" and token.text in words:
                self._kinds[index] = token.text
        self._has_logic = self._has_logic or not words.isdisjoint(NEWEST_KEYWORDS)
        self._has_not_bodies = self._has_not_bodies or "not" in words

    def kind(self, at: int) -> str:
        """Return what a token is where it stands: a newer keyword is a name before its import."""
        return self._kinds[at]

    def expected(self, what: str, at: int) -> Broken:
        """Return the problem that something else stands at a token."""
        return Broken(at, f"Expected {what}, found {self.shown(at)}.")

    def shown(self, at: int) -> str:
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

    def term(self, at: int) -> Read:
        """Read one term without infix operators."""
        known = self._terms.get(at)
        if known is None:
            try:
                with self._deeper():
                    known = self._term(at)
            except Broken as problem:
                known = problem
            self._terms[at] = known
        if isinstance(known, Broken):
            raise known
        return known

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        if self._depth >= DEEPEST:
            raise TooDeep
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _term(self, at: int) -> Read:
        kind = self._kinds[at]
        if kind in ("name", "contains"):
            read = Read("name", at + 1)
        elif kind in _SCALARS:
            read = Read(_SCALARS[kind], at + 1)
        elif kind == "[":
            read = self._array(at)
        elif kind == "{":
            read = self._set_or_object(at)
        elif kind == "(":
            inner = self.infix(at + 1)
            if self._kinds[inner.after] != ")":
                raise self.expected("an operator or `)`", inner.after)
            read = Read(inner.kind, inner.after + 1)
        elif kind == "template-start":
            read = self._template(at)
        elif kind in ("-", "."):
            return self._signed(at)
        elif kind in NEWEST_KEYWORDS and self._kinds[at + 1] == "(" and not self._tokens[at + 1].has_gap:
            read = Read("name", at + 1)
        elif kind == "illegal":
            raise Broken(at, self._illegal(at))
        else:
            raise self.expected("a value", at)
        return self.parts(read, at) if self._is_part(read.after) else read

    def _illegal(self, at: int) -> str:
        text = self._tokens[at].text
        if text[0] in '"`$}':
            return f"The text {self.shown(at)} does not end on its line, or has an escape that Rego does not know."
        if text[0].isdigit():
            return f"{self.shown(at)} is no number."
        return f"Rego has no {self.shown(at)}."

    def _signed(self, at: int) -> Read:
        after = at
        if self._kinds[after] == "-":
            after += 1
            if self._kinds[after] in ("name", "contains"):
                read = Read("name", after + 1)
                return Read("call", self.parts(read, after).after if self._is_part(read.after) else read.after)
        if self._kinds[after] == ".":
            after += 1
        if self._kinds[after] != "number":
            raise self.expected("a number", after)
        read = Read("number", after + 1)
        return self.parts(read, at) if self._is_part(read.after) else read

    def parts(self, head: Read, at: int) -> Read:
        """Read what hangs on a term: `.name`, `[index]`, `(arguments)`."""
        if head.kind not in _WITH_PARTS and head.kind not in _CALLS:
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
        return Read(kind, after)

    def infix(self, at: int, *, has_key: bool = True) -> Read:
        """Read terms with operators between them; `key, value in x` too, where it is no list."""
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
                read = Read("member", self._operands(value.after + 1).after)
            elif self._kinds[read.after] == "in" and not self.as_name_in_reference(read.after):
                kinds = (read.kind,)
                read = Read("member", self._operands(read.after + 1).after)
            else:
                return read
            self._member = kinds

    def _operands(self, at: int) -> Read:
        read = self.term(at)
        while self._kinds[read.after] in _INFIX:
            read = Read("infix", self.term(read.after + 1).after)
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

    def _comprehension(self, bar: int, end: str, otherwise: int) -> Read:
        """Read a comprehension's body; where that fails, the `|` may be an operator in a list."""
        try:
            return Read("comprehension", self.body(bar + 1, end) + 1)
        except Broken as problem:
            if self._kinds[problem.at] != ",":
                raise
            try:
                return Read("set" if end == "}" else "array", self._list(otherwise, end) + 1)
            except Broken as other:
                raise max(problem, other, key=lambda one: one.at) from None

    def _array(self, at: int) -> Read:
        at += 1
        if self._kinds[at] == "]":
            return Read("array", at + 1)
        has_comma = self._kinds[at] == ","
        first = at + has_comma
        head = self.term(first)
        if self._kinds[head.after] == "|" and not has_comma:
            return self._comprehension(head.after, "]", first)
        return Read("array", self._list(first, "]") + 1)

    def _set_or_object(self, at: int) -> Read:
        at += 1
        if self._kinds[at] == "}":
            return Read("object", at + 1)
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
        return Read("set", self._list(first, "}") + 1)

    def _object(self, at: int, *, is_maybe_comprehension: bool) -> Read:
        """Read an object from the token after its first colon on."""
        value = self.term(at)
        if self._kinds[value.after] == "|" and is_maybe_comprehension:
            try:
                return Read("comprehension", self.body(value.after + 1, "}") + 1)
            except Broken as problem:
                try:
                    return Read("object", self._pairs(at))
                except Broken as other:
                    raise max(problem, other, key=lambda one: one.at) from None
        return Read("object", self._pairs(at))

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

    def _template(self, at: int) -> Read:
        while self._kinds[at] != "template-end":
            read = self.literal(at + 1)
            if read.kind in ("assignment", "some", "every", "not"):
                raise Broken(at + 1, "Only a value can stand in a template string's braces.")
            at = read.after
            if self._kinds[at] not in ("template-middle", "template-end"):
                raise self.expected("`}` after the template string's expression", at)
        return Read("template", at + 1)

    def body(self, at: int, end: str) -> int:
        """Read expressions up to the closing bracket, and return its index."""
        if self._kinds[at] == end:
            raise Broken(at, "The body is empty.")
        while True:
            with self._deeper():
                at = self.literal(at).after
            if self._kinds[at] == ";":
                at += 1
            elif self._kinds[at] == end:
                return at
            elif not self._tokens[at].has_newline:
                raise self.expected(f"a new line, `;` or `{end}`", at)

    def literal(self, at: int) -> Read:
        """Read one expression of a body, with its `not` and `with`."""
        if self._has_logic:
            return self._logic(at)
        return self._with(self._operand(at))

    def _logic(self, at: int) -> Read:
        """Read expressions with `and` and `or` between them."""
        read = self._logic_operand(at, is_first=True)
        while self._kinds[read.after] in NEWEST_KEYWORDS:
            read = Read("logic", self._logic_operand(read.after + 1, is_first=False).after)
        return self._with(read)

    def _logic_operand(self, at: int, *, is_first: bool) -> Read:
        """Read one side of an `and` or `or`, which can be a body in braces or expressions in brackets."""
        is_negated = self._kinds[at] == "not"
        start = at + is_negated
        if self._kinds[start] == "{" and (is_negated or not is_first):
            with self._deeper():
                return Read("logic", self.body(start + 1, "}") + 1)
        if self._kinds[start] in ("{", "("):
            end = "}" if self._kinds[start] == "{" else ")"
            try:
                with self._deeper():
                    after = (self.body(start + 1, end) if end == "}" else self._logic(start + 1).after) + 1
            except Broken:
                return self._operand(at)
            if self._kinds[after - 1] == end and (
                is_negated or not is_first or end == ")" or self._kinds[after] in NEWEST_KEYWORDS
            ):
                return Read("logic", after) if not self._goes_on(after) else self._operand(at)
        return self._operand(at)

    def _goes_on(self, at: int) -> bool:
        """Tell whether brackets that ended before a token were only the first term of an expression."""
        return self._kinds[at] in _INFIX or self._kinds[at] in (":=", "=", "in", ",") or self._is_part(at)

    def _operand(self, at: int) -> Read:
        if self.as_name_in_reference(at):
            return self.expression(at)
        kind = self._kinds[at]
        if kind == "not":
            if self._kinds[at + 1] in ("some", "every") and not self.as_name_in_reference(at + 1):
                raise Broken(at + 1, f"`not` cannot stand before `{self._kinds[at + 1]}`.")
            if self._has_not_bodies and self._kinds[at + 1] == "{":
                return Read("not", self.body(at + 2, "}") + 1)
            return Read("not", self.expression(at + 1).after)
        if kind == "some":
            return self._some(at)
        if kind == "every":
            return self._every(at)
        return self.expression(at)

    def expression(self, at: int) -> Read:
        """Read terms with operators, and what they are assigned to."""
        read = self.infix(at)
        if self._kinds[read.after] in (":=", "="):
            return Read("assignment", self.infix(read.after + 1).after)
        return read

    def _with(self, read: Read) -> Read:
        if self._kinds[read.after] != "with" or read.kind == "names":
            return read
        at = read.after
        while self._kinds[at] == "with":
            if self._kinds[at + 1] != "name":
                raise self.expected("what `with` replaces", at + 1)
            target = self.term(at + 1)
            if target.kind not in ("name", "ref"):
                raise Broken(at + 1, "`with` can only replace a reference.")
            if self._kinds[target.after] != "as":
                raise self.expected("`as`", target.after)
            at = self.infix(target.after + 1).after
        return Read("with", at)

    def _some(self, at: int) -> Read:
        try:
            read = self.infix(at + 1)
        except Broken as problem:
            if problem.at > at + 1:
                # Names before it could still be declared: `some x` and a broken next line.
                return self._names(at, problem)
            raise self.expected("a variable after `some`", at + 1) from None
        if read.kind == "member":
            return Read("some", read.after)
        if read.kind in _CALLS:
            raise self.expected("`in` and what to search", read.after)
        return self._names(at, None)

    def _names(self, at: int, problem: Broken | None) -> Read:
        after = at
        while True:
            after += 1
            if self._kinds[after] != "name":
                raise problem or self.expected("a variable after `some`", after)
            after += 1
            if self._kinds[after] != ",":
                return Read("names", after)

    def _every(self, at: int) -> Read:
        read = self.infix(at + 1)
        if read.kind != "member":
            raise self.expected("`in` and what to go through", read.after)
        if set(self._member) != {"name"}:
            raise Broken(at + 1, "Only variables can stand between `every` and `in`.")
        if self._kinds[read.after] != "{":
            raise self.expected("an operator or the body of `every`", read.after)
        return Read("every", self.body(read.after + 1, "}") + 1)

