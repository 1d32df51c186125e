"""Reads Rego's expressions and bodies, exactly as OPA's parser does.

https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

from mkdocs_gitguard.policies.rego.terms import CALLS, INFIX, Broken, ReadTerm, TermReader
from mkdocs_gitguard.policies.rego.tokens import NEWEST_KEYWORDS, Token


class ExpressionReader(TermReader):
    """Reads the terms, expressions and bodies of one text."""

    def __init__(self, tokens: list[Token], keywords: frozenset[str]) -> None:
        """Take the tokens of a text, and the newer words that are keywords from its start."""
        super().__init__(tokens, keywords)
        self._imported: set[str] = set()

    def import_keywords(self, words: frozenset[str], after: int) -> None:
        """Make words keywords from a token on, as `import future.keywords.x` does."""
        added = words - self._imported
        if not added:
            return
        self._imported |= added
        for index in range(after, len(self._tokens)):
            token = self._tokens[index]
            if token.kind == "name" and token.text in added:
                self._kinds[index] = token.text

    def body(self, at: int, end: str) -> int:
        """Read expressions up to the closing bracket, and return its index."""
        if self._kinds[at] == end:
            raise Broken(at, "The body is empty.")
        while True:
            with self.deeper():
                at = self.literal(at).after
            if self._kinds[at] == ";":
                at += 1
            elif self._kinds[at] == end:
                return at
            elif not self._tokens[at].has_newline:
                raise self.expected(f"a new line, `;` or `{end}`", at)

    def literal(self, at: int) -> ReadTerm:
        """Read one expression of a body, with its `not` and `with`."""
        if not self._imported.isdisjoint(NEWEST_KEYWORDS):
            return self._logic(at)
        return self._with(self._operand(at))

    def _logic(self, at: int) -> ReadTerm:
        """Read expressions with `and` and `or` between them."""
        read = self._logic_operand(at, is_first=True)
        while self._kinds[read.after] in NEWEST_KEYWORDS:
            read = ReadTerm("logic", self._logic_operand(read.after + 1, is_first=False).after)
        return self._with(read)

    def _logic_operand(self, at: int, *, is_first: bool) -> ReadTerm:
        """Read one side of an `and` or `or`, which can be a body in braces or expressions in brackets."""
        is_negated = self._kinds[at] == "not"
        start = at + is_negated
        if self._kinds[start] == "{" and (is_negated or not is_first):
            with self.deeper():
                return ReadTerm("logic", self.body(start + 1, "}") + 1)
        if self._kinds[start] in ("{", "("):
            end = "}" if self._kinds[start] == "{" else ")"
            try:
                with self.deeper():
                    after = (self.body(start + 1, end) if end == "}" else self._logic(start + 1).after) + 1
            except Broken:
                return self._operand(at)
            if self._kinds[after - 1] == end and (
                is_negated or not is_first or end == ")" or self._kinds[after] in NEWEST_KEYWORDS
            ):
                return ReadTerm("logic", after) if not self._goes_on(after) else self._operand(at)
        return self._operand(at)

    def _goes_on(self, at: int) -> bool:
        """Tell whether brackets that ended before a token were only the first term of an expression."""
        return self._kinds[at] in INFIX or self._kinds[at] in (":=", "=", "in", ",") or self._is_part(at)

    def _operand(self, at: int) -> ReadTerm:
        if self.as_name_in_reference(at):
            return self.expression(at)
        kind = self._kinds[at]
        if kind == "not":
            if self._kinds[at + 1] in ("some", "every") and not self.as_name_in_reference(at + 1):
                raise Broken(at + 1, f"`not` cannot stand before `{self._kinds[at + 1]}`.")
            if "not" in self._imported and self._kinds[at + 1] == "{":
                return ReadTerm("not", self.body(at + 2, "}") + 1)
            return ReadTerm("not", self.expression(at + 1).after)
        if kind == "some":
            return self._some(at)
        if kind == "every":
            return self._every(at)
        return self.expression(at)

    def expression(self, at: int) -> ReadTerm:
        """Read terms with operators, and what they are assigned to."""
        read = self.infix(at)
        if self._kinds[read.after] in (":=", "="):
            return ReadTerm("assignment", self.infix(read.after + 1).after)
        return read

    def _with(self, read: ReadTerm) -> ReadTerm:
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
        return ReadTerm("with", at)

    def _some(self, at: int) -> ReadTerm:
        try:
            read = self.infix(at + 1)
        except Broken as problem:
            if problem.at > at + 1:
                # Names before it could still be declared: `some x` and a broken next line.
                return self._names(at, problem)
            raise self.expected("a variable after `some`", at + 1) from None
        if read.kind == "member":
            return ReadTerm("some", read.after)
        if read.kind in CALLS:
            raise self.expected("`in` and what to search", read.after)
        return self._names(at, None)

    def _names(self, at: int, problem: Broken | None) -> ReadTerm:
        after = at
        while True:
            after += 1
            if self._kinds[after] != "name":
                raise problem or self.expected("a variable after `some`", after)
            after += 1
            if self._kinds[after] == "in" and problem:
                raise problem
            if self._kinds[after] != ",":
                return ReadTerm("names", after)

    def _every(self, at: int) -> ReadTerm:
        read = self.infix(at + 1)
        if read.kind != "member":
            raise self.expected("`in` and what to go through", read.after)
        if set(self._member) != {"name"}:
            raise Broken(at + 1, "Only variables can stand between `every` and `in`.")
        if self._kinds[read.after] != "{":
            raise self.expected("an operator or the body of `every`", read.after)
        return ReadTerm("every", self.body(read.after + 1, "}") + 1)
