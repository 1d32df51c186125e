"""docs/architecture.md draws the house as it is."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from docs.rooms import PACKAGE, arrows, imports, modules, picture

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_the_picture_is_drawn_from_the_imports() -> None:
    (drawn,) = re.findall(r"<!-- rooms -->\n```mermaid\n(.*?)```\n<!-- /rooms -->", PAGE.read_text(), re.DOTALL)
    assert drawn.strip() == picture(), "run: python -m tests.docs.rooms, and put it into docs/architecture.md"


def test_every_room_is_told_of_and_has_an_owner() -> None:
    text, owners = PAGE.read_text(encoding="utf-8"), (PACKAGE.parent / "CODEOWNERS").read_text(encoding="utf-8")
    rooms = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())
    assert [room for room in rooms if f"`{room}/`" not in text] == []
    assert [room for room in rooms if f"/{PACKAGE.name}/{room}/ " not in owners] == []


@pytest.mark.parametrize("known_to", [arrows, imports], ids=["rooms", "files"])
def test_there_is_no_circle(known_to: Callable[[], dict[str, set[str]]]) -> None:
    known = known_to()
    done: set[str] = set()
    while waiting := known.keys() - done:
        free = {module for module in waiting if known[module] & known.keys() <= done}
        assert free, f"a circle among {sorted(waiting)}"
        done |= free


def test_only_the_room_of_git_runs_git() -> None:
    assert [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if not path.startswith("git/")
        for node in ast.walk(tree)
        if isinstance(node, ast.List | ast.Tuple)
        and node.elts
        and isinstance(node.elts[0], ast.Constant)
        and node.elts[0].value == "git"
    ] == []


def test_no_room_holds_more_than_a_fifth_of_all_lines_and_no_file_more_than_400() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    rooms: dict[str, int] = {}
    for path, count in lines.items():
        room = path.relative_to(PACKAGE).parts[0]
        rooms[room] = rooms.get(room, 0) + count
    assert {room: count for room, count in rooms.items() if count > sum(lines.values()) / 5} == {}
    assert {str(path): count for path, count in lines.items() if count > 400} == {}


def test_a_file_is_written_beside_its_place_in_one_way() -> None:
    # Elsewhere folders and links are moved; the Graph API's writer says why it does not sync each file.
    moves = {"state/files.py", "graph_api/writer.py", "publish/directory.py", "site_build/kept_site.py"}
    assert {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "replace"
        and not node.keywords
        and (len(node.args) == 1 or (isinstance(node.func.value, ast.Name) and node.func.value.id == "os"))
    } == moves
