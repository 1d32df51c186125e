"""The names of variables say what they hold, in the package, its tests and its benchmarks."""

import ast
from collections.abc import Iterator

from docs.rooms import PACKAGE

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
    project = PACKAGE.parent
    vague = [
        f"{path.relative_to(project)}:{line}: {name}"
        for folder in (PACKAGE, project / "tests", project / "benchmarks")
        for path in sorted(folder.rglob("*.py"))
        for line, name in _names(ast.parse(path.read_text(encoding="utf-8")))
        if name.lstrip("_") in VAGUE
    ]
    assert vague == []
