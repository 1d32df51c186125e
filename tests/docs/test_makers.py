"""Tests share what stands in `tests/make/`, and nothing else from room to room."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.removeprefix("tests.") for name in names}


def _is_at(name: str, folder: Path) -> bool:
    """Tell whether an imported name is a module of the tests, below a folder."""
    return (folder / Path(*name.split("."))).with_suffix(".py").is_file()


def test_no_test_imports_from_another_rooms_tests() -> None:
    rooms = {path.name for path in TESTS.iterdir() if path.is_dir()} - {"make"}
    assert [
        f"{path.relative_to(TESTS)}: {name}"
        for path in sorted(TESTS.rglob("*.py"))
        for name in sorted(_imported(path))
        if _is_at(name, TESTS)
        and (
            name.rpartition(".")[2].startswith("test_")
            or (name.split(".")[0] in rooms and name.split(".")[0] != path.relative_to(TESTS).parts[0])
        )
    ] == []


def test_only_the_maker_makes_git_repositories() -> None:
    assert [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.List | ast.Tuple)
        and _constants(node)[:1] == ["git"]
        and {"init", "commit"} & {*_constants(node)}
    ] == []


def _constants(node: ast.List | ast.Tuple) -> list[object]:
    return [item.value for item in node.elts if isinstance(item, ast.Constant)]
