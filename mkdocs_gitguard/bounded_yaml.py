"""YAML of strangers, read so that no text can exhaust the reader: neither by its depth nor by what it refers to.

A few bytes of anchors, aliases and merge keys can stand for any number of values ("billion laughs"), and a value that
holds itself has no end. Both are refused before anything is made of them.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml

DEEPEST: Final = 100
"""Collections within each other. Hand-written files have ten."""
MOST_VALUES: Final = 1_000_000
"""Values of one document, those that are referred to counted each time."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BoundsError(yaml.YAMLError):
    """A text is nested too deeply, or stands for too many values."""


def compose_documents(text: str) -> Iterator[yaml.Node]:
    """Yield the node at the top of each document that holds something.

    Raises:
        yaml.YAMLError: the text is not YAML; `BoundsError` where it is, and is over a limit.
    """
    depth = 0
    # Events are made one by one; nodes by a call within a call for each level.
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise BoundsError(f"it is nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    for node in yaml.compose_all(text, Loader=_LOADER):
        if node is not None:
            _count(node)
            yield node


def load_documents(text: str) -> Iterator[Any]:
    """Yield the value of each document that holds something, as `yaml.safe_load_all` does.

    Raises:
        yaml.YAMLError: as `compose_documents`.
        ValueError: a number or date cannot be.
    """
    for node in compose_documents(text):
        loader = _LOADER("")
        try:
            yield loader.construct_document(node)
        finally:
            loader.dispose()


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
            if counts[id(node)] > MOST_VALUES:
                raise BoundsError(f"it stands for more than {MOST_VALUES:,} values")
        elif id(node) in unfinished:
            raise BoundsError("a value holds itself")
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
