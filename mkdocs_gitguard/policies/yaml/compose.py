"""Composes YAML into the nodes that PyYAML's `CSafeLoader` composes, with less Python for each of them."""

import operator
from collections.abc import Callable
from typing import Final

from yaml._yaml import CParser
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.resolver import Resolver

_tag_of: Final[Callable[..., str]] = Resolver().resolve
_TEXT: Final = Resolver.DEFAULT_SCALAR_TAG
_WORDS: Final = ("", "~", "null", "yes", "no", "true", "false", "on", "off")
_NO_TEXT: Final = frozenset(
    f"{form}{end}" for word in _WORDS for form in (word, word.title(), word.upper()) for end in ("", "\n")
)
"""Plain scalars that YAML 1.1 takes for something else than text (https://yaml.org/type/); the resolver's patterns let
a line end follow, which a quoted scalar with the tag `!` can hold."""
_MAY_BE_NO_TEXT: Final = frozenset("-+.0123456789<=!&*")
"""What numbers, moments, merges and the like begin with."""


class NodeParser(CParser):
    """Tags nodes as `CSafeLoader` does.

    libyaml's binding calls these methods for every node. No tag depends on where a node stands, so the two that tell
    of the way to it are built-in functions that do nothing; and only scalars that may be no text are looked up.
    """

    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(tuple)

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        """Return the tag of a node that has none of its own."""
        if kind is ScalarNode:
            if not implicit[0] or (value not in _NO_TEXT and value[0] not in _MAY_BE_NO_TEXT):
                return _TEXT
            return _tag_of(kind, value, implicit)
        return Resolver.DEFAULT_MAPPING_TAG if kind is MappingNode else Resolver.DEFAULT_SEQUENCE_TAG


def compose(text: str) -> Node | None:
    """Return the node at the top of a text that holds one document; None where it holds nothing.

    Raises:
        yaml.YAMLError: the text does not parse, or holds more.
    """
    node: Node | None = NodeParser(text).get_single_node()
    return node
