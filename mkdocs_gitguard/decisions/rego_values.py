"""What a Rego definition can give, told from its source without running it."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Final

from mkdocs_gitguard.decisions.messages import ANY_TEXT, Pattern, joined, sprintf_pieces
from mkdocs_gitguard.decisions.rego_expressions import Expression, RegoDefinition, parse_definition
from mkdocs_gitguard.decisions.rule_values import (
    ANYTHING,
    UNKNOWN_DEFINITION,
    Definition,
    Fields,
    Items,
    Scalar,
    Text,
    Value,
    parts_below,
)
from mkdocs_gitguard.late_pattern import late_pattern

_MOST_VALUES: Final = 64
"""Alternatives of one expression; beyond them it can be anything."""
_MOST_STEPS: Final = 4_000
"""Expressions that are followed for one definition."""
_DEEPEST: Final = 12
"""Definitions that lead to one another."""
_HEAD: Final = late_pattern(r"(?:default\s+)?([A-Za-z_]\w*)")


@lru_cache(maxsize=20_000)
def definition_in(source: str, first_line: int, last_line: int) -> Definition:
    """Return what the definition on these lines can give; lines count from 1, both ends included."""
    own = "\n".join(text_lines(source)[first_line - 1 : last_line])
    parsed = parse_definition(own)
    if parsed is None:
        return UNKNOWN_DEFINITION
    evaluation = _Evaluation(_definitions(source, len(own) - len(own.lstrip())))
    values = tuple(value for head in parsed.heads for value in evaluation.values(head, parsed))
    keys = tuple(value for key in parsed.keys for value in evaluation.values(key, parsed))
    values, keys = tuple(dict.fromkeys(values)), tuple(dict.fromkeys(keys))
    texts = tuple(value.pattern for value in values if isinstance(value, Text))
    is_plain = parsed.kind == "set" and len(texts) == len(values)
    return Definition(parsed.kind, parsed.is_default, values, keys, texts if is_plain else None)


@lru_cache(maxsize=64)
def text_lines(source: str) -> Sequence[str]:
    """Return a file's lines, split once for all that ask."""
    return source.split("\n")


@lru_cache(maxsize=64)
def _definitions(source: str, indent: int) -> Mapping[str, Sequence[RegoDefinition | None]]:
    """Return what is defined at one indentation of a file, by the first name; None for what cannot be read."""
    chunks: list[tuple[str, list[str]]] = []
    for line in text_lines(source):
        if line[indent : indent + 1].strip() and not line[:indent].strip():
            match = _HEAD.match(line, indent)
            # `}`, `else := …`, comments and closing brackets belong to what stands above.
            if match and match[1] != "else":
                chunks.append((match[1], []))
        if chunks:
            chunks[-1][1].append(line)
    definitions: defaultdict[str, list[RegoDefinition | None]] = defaultdict(list)
    for name, lines in chunks:
        if name == "import":
            alias = re.split(r"[.\s]+", lines[0].partition("#")[0].strip())[-1]
            definitions[alias].append(None)
        elif name != "package":
            definitions[name].append(parse_definition("\n".join(lines)))
    return definitions


class _Evaluation:
    """Follows expressions from one definition through those of its file."""

    def __init__(self, definitions: Mapping[str, Sequence[RegoDefinition | None]]) -> None:
        self._definitions = definitions
        self._steps = _MOST_STEPS
        self._inside: list[tuple[int, str]] = []

    def values(self, expression: Expression, scope: RegoDefinition) -> tuple[Value, ...]:
        """Return what an expression of a definition can be."""
        self._steps -= 1
        if self._steps < 0:
            return (ANYTHING,)
        values = self._values(expression, scope)
        return values if len(values) <= _MOST_VALUES else (ANYTHING,)

    def _values(self, expression: Expression, scope: RegoDefinition) -> tuple[Value, ...]:
        parts = expression.parts
        match expression.kind:
            case "text":
                return (Text((str(expression.value),)),)
            case "scalar" if isinstance(expression.value, bool | int | float | None):
                return (Scalar(expression.value, is_bool=isinstance(expression.value, bool)),)
            case "template":
                return tuple(Text(joined(map(_written, held))) for held in self._products(parts, scope))
            case "array" | "set":
                is_set = expression.kind == "set"
                return tuple(Items(held, is_set=is_set) for held in self._products(parts, scope))
            case "object":
                return tuple(map(_fields, self._products(parts, scope)))
        return self._followed(expression, scope)

    def _followed(self, expression: Expression, scope: RegoDefinition) -> tuple[Value, ...]:
        """Return what stands where an expression leads."""
        match expression.kind:
            case "name":
                return self._named(str(expression.value), scope)
            case "item" | "member":
                return self._elements(expression.parts[0], scope, is_member=expression.kind == "member")
            case "call":
                return self._call(str(expression.value), expression.parts, scope)
        return (ANYTHING,)

    def _products(self, parts: tuple[Expression, ...], scope: RegoDefinition) -> Sequence[tuple[Value, ...]]:
        """Return what several expressions can be together; where that is too much, those with alternatives are open."""
        alternatives = [self.values(part, scope) for part in parts]
        if prod(map(len, alternatives)) > _MOST_VALUES:
            alternatives = [values if len(values) == 1 else (ANYTHING,) for values in alternatives]
        return list(product(*alternatives))

    def _named(self, name: str, scope: RegoDefinition) -> tuple[Value, ...]:
        first, *way = name.split(".")
        if way:
            owners = self._named(first, scope)
            return tuple(dict.fromkeys(part for owner in owners for part in parts_below(owner, way)))
        if name in scope.assigned:
            return self._in_turn(name, scope.assigned[name], scope)
        definitions = self._file(name, scope)
        if definitions is None or any(one is None or one.kind == "function" for one in definitions):
            return (ANYTHING,)
        values: list[Value] = []
        for one in definitions:
            # The collection that partial definitions add up to is not one of their elements.
            values += self._heads(one) if one is not None and one.kind == "complete" else (ANYTHING,)
        return tuple(dict.fromkeys(values))

    def _file(self, name: str, scope: RegoDefinition) -> Sequence[RegoDefinition | None] | None:
        """Return the file's definitions of a name, None where it means something else or something within them."""
        if name in scope.parameters or name in scope.assigned:
            return None
        definitions = self._definitions.get(name)
        # `cfg.a := 1` is a part of `cfg` only.
        return (None,) if any(one is not None and one.name != name for one in definitions or ()) else definitions

    def _heads(self, definition: RegoDefinition) -> tuple[Value, ...]:
        return self._guarded(id(definition), "", lambda: self._all(definition.heads, definition))

    def _in_turn(self, name: str, expressions: tuple[Expression, ...], scope: RegoDefinition) -> tuple[Value, ...]:
        return self._guarded(id(scope), name, lambda: self._all(expressions, scope))

    def _all(self, expressions: tuple[Expression, ...], scope: RegoDefinition) -> tuple[Value, ...]:
        return tuple(dict.fromkeys(value for one in expressions for value in self.values(one, scope)))

    def _guarded(self, definition: int, name: str, follow: Callable[[], tuple[Value, ...]]) -> tuple[Value, ...]:
        """Follow a name, unless it leads back to itself or too far."""
        here = (definition, name)
        if here in self._inside or len(self._inside) >= _DEEPEST:
            return (ANYTHING,)
        self._inside.append(here)
        try:
            return follow()
        finally:
            self._inside.pop()

    def _elements(self, collection: Expression, scope: RegoDefinition, *, is_member: bool) -> tuple[Value, ...]:
        """Return what stands in a collection: in a set or array of constants, in a partial rule of the file."""
        if collection.kind == "name":
            definitions = self._file(str(collection.value), scope)
            kinds = {one.kind if one else "" for one in definitions or ()}
            if kinds == {"set"} or (kinds == {"object"} and not is_member):
                return tuple(value for one in definitions or () if one for value in self._heads(one))
        if is_member:
            return (ANYTHING,)
        elements: list[Value] = []
        for value in self.values(collection, scope):
            if isinstance(value, Items):
                elements += value.items
            elif isinstance(value, Fields):
                elements += [member for _, member in value.members]
            else:
                elements.append(ANYTHING)
        return tuple(dict.fromkeys(elements))

    def _call(self, name: str, arguments: tuple[Expression, ...], scope: RegoDefinition) -> tuple[Value, ...]:
        definitions = self._file(name, scope)
        if definitions and all(one is not None and one.kind == "function" for one in definitions):
            return tuple(dict.fromkeys(value for one in definitions if one for value in self._heads(one)))
        if definitions is not None:
            return (ANYTHING,)
        if name in _WRITERS and len(arguments) == 2:  # noqa: PLR2004 - the form or delimiter, and the values
            return tuple(_WRITERS[name](*held) for held in self._products(arguments, scope))
        return (ANYTHING,)


def _formatted(form: Value, arguments: Value) -> Value:
    """Return what `sprintf` writes."""
    if not isinstance(form, Text) or len(form.pattern) != 1:
        return ANYTHING
    values = arguments.items if isinstance(arguments, Items) and not arguments.is_set else None
    pieces: list[Pattern] = []
    used = 0
    for fixed, verb in sprintf_pieces(form.pattern[0]):
        pieces.append((fixed,))
        if verb and ("[" in verb or "*" in verb):
            values = None  # it says itself which value it takes
        if verb:
            has_value = values is not None and used < len(values)
            pieces.append(_verb_text(verb, values[used]) if values and has_value else ANY_TEXT)
            used += 1
    if values is None or len(values) != used:
        pieces.append(ANY_TEXT)  # Go's fmt tells of each value too many, at the end
    return Text(joined(pieces))


def _concatenated(delimiter: Value, texts: Value) -> Value:
    """Return what `concat` writes."""
    if not isinstance(delimiter, Text) or not isinstance(texts, Items) or texts.is_set:
        return ANYTHING
    pieces: list[Pattern] = []
    for item in texts.items:
        pieces += [delimiter.pattern, _written(item)] if pieces else [_written(item)]
    return Text(joined(pieces or [("",)]))


_WRITERS: Final[Mapping[str, Callable[[Value, Value], Value]]] = {"sprintf": _formatted, "concat": _concatenated}


def _fields(held: tuple[Value, ...]) -> Fields:
    """Return an object of keys and values in turn."""
    members: list[tuple[str | None, Value]] = []
    for key, value in zip(held[::2], held[1::2], strict=True):
        fixed = key.pattern[0] if isinstance(key, Text) and len(key.pattern) == 1 else None
        members.append((fixed, value))
    return Fields(tuple(members))


def _written(value: Value) -> Pattern:
    """Return what a value adds to a text that it is written into."""
    return value.pattern if isinstance(value, Text) else ANY_TEXT


def _verb_text(verb: str, value: Value) -> Pattern:
    if isinstance(value, Text) and verb in ("%s", "%v"):
        return value.pattern
    if isinstance(value, Scalar) and isinstance(value.value, int) and verb in ("%v", "%t" if value.is_bool else "%d"):
        return (str(value.value).lower(),)
    return ANY_TEXT
