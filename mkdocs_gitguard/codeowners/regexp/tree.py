"""What an expression says, as a tree, whatever language it was written in."""

from typing import Literal, NamedTuple

from mkdocs_gitguard.codeowners.regexp.charset import NO_LINE_END, Charset

Place = Literal[
    "begin", "end", "end-z", "line-begin", "line-end", "word-edge", "no-word-edge", "wide-edge", "no-wide-edge"
]
"""What an assertion asks of a place in the text. `end-z`: the end, or before a last line end; `word` counts ASCII,
`wide` all of Unicode."""


class RegexpError(ValueError):
    """The expression is not one, or not supported. `str(error)` says why; `column` counts from 1."""

    def __init__(self, message: str, column: int, *, is_supported: bool = True) -> None:
        """Keep why and where, and whether the forge would have taken it (`is_supported=False`)."""
        self.column = column
        self.is_supported = is_supported
        super().__init__(message)


class OneOf(NamedTuple):
    """One character of a set."""

    charset: Charset


class Repeat(NamedTuple):
    """The same again and again; `most` None: without end."""

    node: "Tree"
    least: int
    most: int | None


class Row(NamedTuple):
    """One after the other."""

    nodes: tuple["Tree", ...]


class Either(NamedTuple):
    """One of them."""

    nodes: tuple["Tree", ...]


class At(NamedTuple):
    """A place that must be what is said; takes no character."""

    place: Place


class Look(NamedTuple):
    """What must (`is_negated`: must not) stand ahead, or behind; takes no character."""

    node: "Tree"
    is_ahead: bool
    is_negated: bool


Tree = OneOf | Repeat | Row | Either | At | Look


def mirrored(tree: Tree) -> Tree:
    """Return the tree that matches the same text read backwards."""
    match tree:
        case Row(nodes):
            return Row(tuple(mirrored(node) for node in reversed(nodes)))
        case Either(nodes):
            return Either(tuple(mirrored(node) for node in nodes))
        case Repeat(node, least, most):
            return Repeat(mirrored(node), least, most)
        case _:
            return tree


def prefix_of(tree: Tree) -> str:
    """Return the literal text right behind a leading `^`: every match begins with it. `""` if nothing is known."""
    leaves = _flat(tree)
    return "".join(_literal(leaves[1:])) if leaves and leaves[0] == At("begin") else ""


def suffix_of(tree: Tree) -> str:
    """Return the literal text right before a trailing `$`: every match of a text of one line ends in it."""
    leaves = _flat(tree)
    return "".join(_literal(leaves[-2::-1]))[::-1] if leaves and leaves[-1] in (At("end"), At("end-z")) else ""


def wildcard_of(tree: Tree) -> tuple[str, str] | None:
    """Return what stands before and behind the one `.*` of an expression that says nothing else, else None."""
    leaves = _flat(tree)
    if len(leaves) < len("^.*$") - 1 or leaves[0] != At("begin") or leaves[-1] not in (At("end"), At("end-z")):
        return None
    before, after = prefix_of(tree), suffix_of(tree)
    middle = leaves[1 + len(before) : len(leaves) - 1 - len(after)]
    return (before, after) if middle == [Repeat(OneOf(NO_LINE_END), 0, None)] else None


def _literal(leaves: list[Tree]) -> list[str]:
    characters: list[str] = []
    for leaf in leaves:
        if not isinstance(leaf, OneOf) or (character := leaf.charset.single) is None:
            break
        characters.append(character)
    return characters


def _flat(tree: Tree) -> list[Tree]:
    return [leaf for node in tree.nodes for leaf in _flat(node)] if isinstance(tree, Row) else [tree]
