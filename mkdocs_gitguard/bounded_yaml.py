"""YAML of strangers, read so that no text can exhaust the reader: neither by its depth nor by what it refers to.

A few bytes of anchors, aliases and merge keys can stand for any number of values ("billion laughs"), and a value that
holds itself has no end. Both are refused before anything is made of them. A number that takes long to
compute is the text that stands there.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml

DEEPEST: Final = 100
"""Collections within each other. Hand-written files have ten."""
MOST_VALUES: Final = 1_000_000
"""Values of one document that refers to some, those counted each time."""

_LONGEST_NUMBER: Final = 40
"""Characters; the time to compute a number grows with the square of its length."""
_LIBYAMLS_OWN_LIMIT: Final = "nesting depth"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BoundsError(yaml.YAMLError):
    """A text is nested too deeply, or stands for too many values."""

    def __init__(self, message: str, *, is_of_aliases: bool) -> None:
        """Keep the message, and whether it is what the text refers to that goes too far, or its depth."""
        self.is_of_aliases = is_of_aliases
        super().__init__(message)


class _Loader(_LOADER):  # type: ignore[misc, valid-type] # which of the two is known when it is there
    """Makes values of nodes as the safe loader does, but for numbers and dates that cannot be."""

    def construct_number(self, node: yaml.Node) -> Any:
        """Return a number; a text where it is too long."""
        if len(node.value) > _LONGEST_NUMBER:
            return node.value
        return self._made(self.construct_yaml_int if node.tag.endswith(":int") else self.construct_yaml_float, node)

    def construct_moment(self, node: yaml.Node) -> Any:
        """Return a date or time."""
        return self._made(self.construct_yaml_timestamp, node)

    def _made(self, make: Callable[[yaml.Node], Any], node: yaml.Node) -> Any:
        try:
            return make(node)
        except (ValueError, OverflowError) as error:
            problem = f"{node.value!r} is not a valid {node.tag.rpartition(':')[2]}: {error}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_number)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_moment)


def compose_documents(text: str | bytes) -> Iterator[yaml.Node]:
    """Yield the node at the top of each document that holds something.

    Args:
        text: bytes are UTF-8, or UTF-16 with a byte order mark.

    Raises:
        yaml.YAMLError: the text is not YAML; `BoundsError` where it is, and is over a limit.
    """
    if _is_too_deep(text):
        raise BoundsError(f"it is nested more than {DEEPEST} levels deep", is_of_aliases=False)
    for node in yaml.compose_all(text, Loader=_LOADER):
        if node is not None:
            _count(node)
            yield node


def load_documents(text: str | bytes) -> Iterator[Any]:
    """Yield the value of each document that holds something, as `yaml.safe_load_all` does.

    Raises:
        yaml.YAMLError: as `compose_documents`.
    """
    yield from map(value_of, compose_documents(text))


def value_of(top: yaml.Node) -> Any:
    """Return the value of a document.

    Args:
        top: from `compose_documents`.

    Raises:
        yaml.YAMLError: there is no value, as of a key that is a mapping.
    """
    loader = _Loader("")
    try:
        return loader.construct_document(top)
    finally:
        loader.dispose()


def _is_too_deep(text: str | bytes) -> bool:
    depth = 0
    try:
        # Events are made one by one; nodes by a call within a call for each level.
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    return True
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        # libyaml looks ahead, and has a limit of its own.
        if _LIBYAMLS_OWN_LIMIT in (getattr(error, "problem", None) or ""):
            return True
        raise
    return False


def _count(top: yaml.Node) -> None:
    """Count the values that a document stands for, without going over any of them twice."""
    counts: dict[int, int] = {}
    unfinished: set[int] = set()
    waiting: list[tuple[yaml.Node, bool]] = [(top, False)]
    while waiting:
        node, is_counted = waiting.pop()
        if is_counted:
            unfinished.discard(id(node))
            counts[id(node)] = 1 + sum(counts[id(part)] for part in _parts(node))
            # Without references there are as many values as nodes, which the text's own size limits.
            if counts[id(node)] > max(MOST_VALUES, len(counts)):
                raise BoundsError(f"it stands for more than {MOST_VALUES:,} values", is_of_aliases=True)
        elif id(node) in unfinished:
            raise BoundsError("a value holds itself", is_of_aliases=True)
        elif id(node) not in counts:
            unfinished.add(id(node))
            waiting.append((node, True))
            waiting.extend((part, False) for part in _parts(node))


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
