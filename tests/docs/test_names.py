"""The names of the package's variables say what they hold."""

import ast
from collections.abc import Iterator

from docs.rooms import modules

# Each of them fits whatever a variable holds.
VAGUE = {"found", "told", "said", "mine", "each", "mark", "house", "houses"}


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every variable, parameter and field that a module binds."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name


def test_a_variable_says_what_it_holds() -> None:
    vague = [
        f"{path}:{line}: {name}"
        for path, tree in modules().items()
        for line, name in _names(tree)
        if name.lstrip("_") in VAGUE
    ]
    assert vague == []
