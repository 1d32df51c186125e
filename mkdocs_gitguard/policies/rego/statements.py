"""Reads Rego's statements, exactly as OPA's parser does, and returns what is wrong with them.

https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

from bisect import bisect_left
from typing import Final, NamedTuple

from mkdocs_gitguard.policies.rego.expressions import ExpressionReader
from mkdocs_gitguard.policies.rego.terms import INFIX, Broken, ReadTerm, TooDeep
from mkdocs_gitguard.policies.rego.tokens import (
    ALWAYS_KEYWORDS,
    BUILT_IN,
    IMPORTABLE_KEYWORDS,
    NEWER_KEYWORDS,
    Token,
)

_ROOTS: Final = ("data", "input", "future", "rego")

_RULE_KINDS: Final = frozenset({"name", "ref", "call", "infix", "member"})
"""Kinds of terms that OPA takes for a rule's head."""


class Mistake(NamedTuple):
    """What is wrong, and where, in characters of the text."""

    at: int
    message: str
    statement: int
    """Where the statement begins in which it was met."""


class _Head(NamedTuple):
    """What is known of a rule's head."""

    after: int
    parts: int
    """Names and brackets of its reference: 2 in `p[x]`."""
    has_arguments: bool
    is_ground: bool
    value: int
    """Where its value begins, after all of it where it has none."""
    has_contains: bool

    @property
    def is_set(self) -> bool:
        """Whether it is `p[x]`, which makes a set of `x` where nothing else is said."""
        return self.parts == 2 and not (self.has_arguments or self.value < self.after or self.has_contains)  # noqa: PLR2004


def mistakes(tokens: list[Token], starts: list[int], *, is_v1: bool, most: int) -> list[Mistake] | None:
    """Return the first few mistakes of a text, read as v0 or v1, or None where it is nested too deep to say.

    `starts` are where its statements begin, rising, in characters: after a mistake, reading goes on at the next.
    """
    reader = _StatementReader(tokens, is_v1=is_v1)
    positions = [token.start for token in tokens]
    seen: list[Mistake] = []
    at = 0
    while tokens[at].kind != "end" and len(seen) < most:
        try:
            at = reader.statement(at)
        except Broken as problem:
            seen.append(Mistake(positions[problem.at], problem.message, positions[at]))
            following = bisect_left(starts, max(positions[at] + 1, positions[problem.at]))
            at = bisect_left(positions, starts[following]) if following < len(starts) else len(tokens) - 1
        except TooDeep:
            return None
    return seen


def _imports_v1(tokens: list[Token]) -> bool:
    """Tell whether a text asks for v1's rules in all of it: `import rego.v1`."""
    words = [token.text for token in tokens]
    return any(words[at : at + 4] == ["import", "rego", ".", "v1"] for at, word in enumerate(words) if word == "import")


class _StatementReader:
    """Reads the packages, imports and rules of one text."""

    def __init__(self, tokens: list[Token], *, is_v1: bool) -> None:
        self._tokens = tokens
        self._is_v1 = is_v1 or _imports_v1(tokens)
        self._terms = ExpressionReader(tokens, NEWER_KEYWORDS if is_v1 else frozenset())

    def _kind(self, at: int) -> str:
        return self._terms.kind(at)

    def statement(self, at: int) -> int:
        """Read one statement, and return the index after it."""
        kind = self._kind(at)
        if kind == "package" and not self._is_reference(at + 1):
            return self._package(at)
        if kind == "import" and not self._is_reference(at + 1):
            return self._import(at)
        self._terms.as_name_in_reference(at)
        is_default = self._kind(at) == "default"
        first = at + is_default
        if is_default:
            self._terms.as_name_in_reference(first)
        if self._kind(first) != "name":
            if is_default:
                raise self._terms.expected("a rule's name after `default`", first)
            return self._bodiless(first)
        return self._rule(first, is_default=is_default)

    def _is_reference(self, at: int) -> bool:
        return self._kind(at) in (".", "[") and not self._tokens[at].has_gap

    def _package(self, at: int) -> int:
        return self._path(at + 1)[1]

    def _path(self, at: int) -> tuple[tuple[str, ...], int]:
        """Read a path of names and texts, `a.b["c"]`, and return its segments and the index after it."""
        if not self._is_word(at):
            raise self._terms.expected("a path", at)
        segments = [self._tokens[at].text]
        at += 1
        while not self._tokens[at].has_gap and self._kind(at) in (".", "["):
            if self._kind(at) == "[":
                if self._kind(at + 1) != "string" or self._kind(at + 2) != "]":
                    raise self._terms.expected("a text in brackets", at + 1)
                segments.append(self._tokens[at + 1].text)
                at += 3
            else:
                if self._tokens[at + 1].has_gap:
                    raise Broken(at, "A name is missing after the dot.")
                if not self._is_word(at + 1):
                    raise self._terms.expected("a name after the dot", at + 1)
                segments.append(self._tokens[at + 1].text)
                at += 2
        return tuple(segments), at

    def _is_word(self, at: int) -> bool:
        return self._tokens[at].kind == "name" or self._tokens[at].kind in ALWAYS_KEYWORDS

    def _import(self, at: int) -> int:
        path, after = self._path(at + 1)
        if path[0] not in _ROOTS:
            raise Broken(at + 1, f"An import begins with one of {', '.join(_ROOTS)}, not with `{path[0]}`.")
        if path[0] == "rego" and path[1:] != ("v1",):
            raise Broken(at + 1, "Of `rego`, only `rego.v1` can be imported.")
        if path[0] == "future":
            self._import_keywords(path, at + 1, after)
        if path == ("rego", "v1"):
            self._terms.import_keywords(NEWER_KEYWORDS, after)
        if self._kind(after) == "as":
            if self._kind(after + 1) != "name" or path[0] == "future":
                raise self._terms.expected("a name after `as`", after + 1)
            return after + 2
        keywords = ALWAYS_KEYWORDS | NEWER_KEYWORDS if self._is_v1 else ALWAYS_KEYWORDS
        if path[0] != "future" and path[-1] in keywords:
            raise Broken(at + 1, f"An import cannot end with the keyword `{path[-1]}`: give it a name with `as`.")
        return after

    def _import_keywords(self, path: tuple[str, ...], at: int, after: int) -> None:
        words = frozenset(path[2:3]) or IMPORTABLE_KEYWORDS
        if path[1:2] != ("keywords",) or len(path) > 3 or not words <= IMPORTABLE_KEYWORDS:  # noqa: PLR2004 - future.keywords.x
            raise Broken(at, f"There are no keywords `{'.'.join(path)}` to import.")
        self._terms.import_keywords(words | {"in"} if "every" in words else words, after)

    def _rule(self, first: int, *, is_default: bool) -> int:
        head = self._head(first)
        after = head.after
        if is_default:
            return self._default(first, head)
        has_if = self._kind(after) == "if"
        if has_if:
            after = self._if(after)
        elif self._kind(after) == "{":
            if self._is_v1:
                raise Broken(first, "Rego v1 asks for `if` before a rule's body.")
            after = self._terms.body(after + 1, "}") + 1
        elif head.has_contains:
            return after
        else:
            return self._bodiless(first)
        if self._is_v1 and not has_if and head.is_set:
            raise Broken(first, "Rego v1 asks for `contains` in a rule that makes a set.")
        return self._branches(after, head)

    def _branches(self, after: int, head: _Head) -> int:
        """Read the `else` branches or the further bodies of a rule."""
        has_else = self._kind(after) == "else" and not self._terms.as_name_in_reference(after)
        if has_else:
            if head.has_contains or (head.parts > 1 and not head.is_ground):
                raise Broken(after, "`else` cannot follow a rule that gives many values.")
            after = self._else(after)
        while self._kind(after) == "{":
            if has_else:
                raise self._terms.expected("`else` before one more body", after)
            after = self._terms.body(after + 1, "}") + 1
        return after

    def _if(self, at: int) -> int:
        """Read what follows an `if`: one expression, or a body in braces."""
        is_brace = self._kind(at + 1) == "{"
        try:
            read = self._terms.literal(at + 1)
        except Broken:
            if not is_brace:
                raise
        else:
            if not is_brace or read.kind != "set":
                return read.after
        return self._terms.body(at + 2, "}") + 1

    def _else(self, at: int) -> int:
        while True:
            branch = at
            at += 1
            has_value = self._kind(at) in (":=", "=")
            if has_value:
                at = self._terms.infix(at + 1).after
            elif self._kind(at) not in ("{", "if"):
                raise self._terms.expected("a value or a body after `else`", at)
            has_if = self._kind(at) == "if"
            if not has_if and self._kind(at) != "{":
                return at
            if self._is_v1 and not has_if:
                raise Broken(branch, "Rego v1 asks for `if` before a rule's body.")
            at += has_if
            at = self._terms.body(at + 1, "}") + 1 if self._kind(at) == "{" else self._terms.literal(at).after
            if self._kind(at) != "else":
                return at

    def _head(self, first: int) -> _Head:
        after = first + 1
        kind = self._kind(after)
        if kind in INFIX and not self._tokens[after].has_gap:
            raise self._terms.expected("a rule's value or body", after)
        read = ReadTerm("name", after)
        if kind in ("(", ".", "["):
            read = self._terms.parts(read, first)
        parts, is_ground = self._reference(first, read.after)
        after = read.after
        has_arguments = read.kind == "call"
        if self._kind(after) == "contains":
            if has_arguments:
                raise Broken(after, "A function cannot have `contains`.")
            after = self._terms.infix(after + 1).after
            return _Head(after, parts, has_arguments, is_ground, value=after, has_contains=True)
        value = after
        if self._kind(after) in (":=", "="):
            value = after + 1
            after = self._terms.infix(value).after
        return _Head(after, parts, has_arguments, is_ground, value=value, has_contains=False)

    def _reference(self, first: int, after: int) -> tuple[int, bool]:
        """Return how many parts a head's reference has, and whether no variable stands in its brackets."""
        parts, depth, is_ground = 1, 0, True
        for at in range(first + 1, after):
            kind = self._kind(at)
            if kind == "(" and not depth:
                break
            if kind in ("[", "{", "("):
                parts += not depth
                depth += 1
            elif kind in ("]", "}", ")"):
                depth -= 1
            elif kind == ".":
                parts += not depth
            elif kind == "name" and depth and self._kind(at - 1) != ".":
                is_ground = False
        return parts, is_ground

    def _default(self, first: int, head: _Head) -> int:
        if head.is_set:
            raise Broken(first, "A default rule needs a value.")
        at = head.value
        while at < head.after:
            kind = self._kind(at)
            if kind == "name" and self._kind(at + 1) != "(":
                raise Broken(first, "A default rule's value cannot hold a variable or a reference.")
            if kind in INFIX and kind != "-":
                raise Broken(first, "A default rule's value cannot hold a calculation.")
            # In a comprehension anything can stand.
            at = self._terms.comprehensions.get(at, at + 1)
        return head.after

    def _bodiless(self, first: int) -> int:
        """Read a rule without a body as what it is to OPA: an expression that is fit to be a rule."""
        read = self._terms.infix(first)
        after = read.after
        has_value = self._kind(after) in (":=", "=")
        if has_value:
            after = self._terms.infix(after + 1).after
        if self._kind(after) == "with":
            raise Broken(after, "`with` cannot stand in a rule's head.")
        if self._kind(after) == ";":
            raise Broken(after, "Only one expression can make a rule.")
        if has_value:
            is_rule = read.kind in _RULE_KINDS
        elif read.kind == "call":
            is_rule = self._tokens[first].text not in BUILT_IN or self._kind(first + 1) != "("
        else:
            is_rule = read.kind == "ref" and not self._is_v1
        if not is_rule:
            raise Broken(first, f"{self._terms.shown(first)} is not a rule: it has neither a value nor a body.")
        if not has_value and self._kind(read.after - 2) == "(":
            raise Broken(first, "A function without arguments needs a value.")
        return after
