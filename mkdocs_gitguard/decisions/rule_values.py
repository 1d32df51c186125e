"""What the values of a rule can be, and whether one of them is what a report shows.

A value is known as far as its source tells: a constant, the fixed parts of a text, an object's members. What only an
input tells is `ANYTHING`, so that a rule is never thought unable to give what it can give; and that is what makes it
sure that no other rule can have made a decision.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.decisions.messages import Pattern, fits
from mkdocs_gitguard.decisions.rego_expressions import RuleKind
from mkdocs_gitguard.decisions.report import MESSAGE_MEMBERS


class Text(NamedTuple):
    """A text with fixed parts."""

    pattern: Pattern


class Scalar(NamedTuple):
    """A number, a truth value or null."""

    value: bool | int | float | None
    is_bool: bool
    """Python takes `True` for 1."""


class Items(NamedTuple):
    """An array, or a set, which JSON writes as a sorted array."""

    items: "tuple[Value, ...]"
    is_set: bool


class Fields(NamedTuple):
    """An object; a member whose key is not fixed stands under None."""

    members: "tuple[tuple[str | None, Value], ...]"


class Anything(NamedTuple):
    """What only an input tells."""


Value = Text | Scalar | Items | Fields | Anything
ANYTHING: Final = Anything()


class Definition(NamedTuple):
    """What one definition of a rule can give."""

    kind: RuleKind
    is_default: bool
    values: tuple[Value, ...]
    """Of a set its elements, of an object the values of its entries."""
    keys: tuple[Value, ...] = ()
    """Of an object rule."""
    texts: tuple[Pattern, ...] | None = None
    """Of a set of nothing but texts: what they are, for most rules are such and are compared most often."""

    @property
    def is_partial(self) -> bool:
        """Whether it adds to a set or object that is there without it, too."""
        return self.kind in ("set", "object")


UNKNOWN_DEFINITION: Final = Definition("complete", False, (ANYTHING,))


def can_say(definition: Definition, message: str) -> bool:
    """Tell whether a definition can have written a message whole."""
    values = definition.values
    if definition.kind == "object" and any(can_be(value, given=True) for value in values):
        # `deny[message] if …`: the keys of an object are what is said.
        values = (*values, *definition.keys)
    return any(_speaks(value, message) for value in values)


def _speaks(value: Value, message: str) -> bool:
    match value:
        case Text():
            return fits(value.pattern, message)
        case Items():
            return any(_speaks(item, message) for item in value.items)
        case Fields():
            named = [member for key, member in value.members if key is None or key in MESSAGE_MEMBERS]
            return any(_speaks(member, message) for member in named or [member for _, member in value.members])
        case Scalar():
            return False
    return True


def can_give(definition: Definition, given: Any, entry: str | None = None, rest: Sequence[str] = ()) -> bool:
    """Tell whether a definition can have given what a report shows of its rule.

    Args:
        definition: the definition.
        given: the rule's value, an element of its set or array, or the value of an entry of its object.
        entry: the entry's key, where it is one.
        rest: where the report shows only what stands below the rule's value, the way there.
    """
    if definition.texts is not None and not rest:
        return isinstance(given, str) and any(fits(pattern, given) for pattern in definition.texts)
    steps = (*rest, *(() if entry is None else (entry,)))
    if definition.kind == "object":
        if not steps:
            return isinstance(given, Mapping)
        if not any(can_be(key, steps[0]) for key in definition.keys or (ANYTHING,)):
            return False
        steps = steps[1:]
    elif definition.kind == "set":
        return bool(rest) or any(can_be(value, given) for value in definition.values)
    below = [part for value in definition.values for part in parts_below(value, steps)]
    return any(can_be(part, given) or (isinstance(part, Items) and _holds(part, given)) for part in below)


def _holds(collection: Items, given: Any) -> bool:
    return any(can_be(item, given) for item in collection.items)


def parts_below(value: Value, steps: Sequence[str]) -> Sequence[Value]:
    """Return what can stand in a value at the end of a way of keys."""
    reached: list[Value] = [value]
    for step in steps:
        deeper: list[Value] = []
        for one in reached:
            if isinstance(one, Fields):
                deeper += [member for key, member in one.members if key is None or key == step]
            elif isinstance(one, Items | Anything):
                deeper.append(ANYTHING)
        reached = deeper
    return reached


def can_be(value: Value, given: Any) -> bool:
    """Tell whether a value can be what a report shows, JSON decoded."""
    match value:
        case Text():
            return isinstance(given, str) and fits(value.pattern, given)
        case Scalar():
            return isinstance(given, bool) == value.is_bool and bool(given == value.value)
        case Items():
            return isinstance(given, list | tuple) and _can_be_items(value, given)
        case Fields():
            return isinstance(given, Mapping) and _can_be_fields(value, given)
    return True


def _can_be_items(value: Items, given: Sequence[Any]) -> bool:
    if not value.is_set:
        return len(given) == len(value.items) and all(map(can_be, value.items, given))
    return len(given) <= len(value.items) and all(_holds(value, item) for item in given)


def _can_be_fields(value: Fields, given: Mapping[Any, Any]) -> bool:
    fixed = {key: member for key, member in value.members if key is not None}
    is_open = len(fixed) < len(value.members)
    if not is_open and set(given) != set(fixed):
        return False
    return all(key in given and can_be(member, given[key]) for key, member in fixed.items())
