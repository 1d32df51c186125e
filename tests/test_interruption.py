"""The end of a build at BUILD_TIMEOUT passes every guard that keeps trouble to one repository, report or page."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mkdocs_gitguard
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.read import _claimed, _reported
from mkdocs_gitguard.errors import Interruption

PACKAGE = Path(mkdocs_gitguard.__file__).parent


def _guards(tree: ast.AST) -> Iterator[tuple[ast.ExceptHandler, bool]]:
    """Yield each handler of everything, and whether the end of the build gets past it."""
    for attempt in (node for node in ast.walk(tree) if isinstance(node, ast.Try)):
        is_let_past = False
        for handler in attempt.handlers:
            caught = ast.unparse(handler.type) if handler.type else "BaseException"
            is_let_past |= "Interruption" in caught and isinstance(handler.body[0], ast.Raise)
            if caught in {"Exception", "BaseException"}:
                calls = {
                    node.func.id
                    for node in ast.walk(handler)
                    if isinstance(node, ast.Call) and hasattr(node.func, "id")
                }
                is_raised = isinstance(handler.body[-1], ast.Raise) or "failure_of" in calls
                yield handler, is_let_past or is_raised


HANDED_ON = {"harvest/pool.py", "git/process.py", "events/jetstream/link.py"}
"""What they catch in a thread is raised in the one that waits for it."""


def test_no_guard_keeps_the_end_of_a_build() -> None:
    places = {
        f"{path.relative_to(PACKAGE)}:{handler.lineno}": is_let_past
        for path in PACKAGE.rglob("*.py")
        if str(path.relative_to(PACKAGE)) not in HANDED_ON
        for handler, is_let_past in _guards(ast.parse(path.read_text()))
    }
    assert len(places) > 8
    assert [place for place, is_let_past in places.items() if not is_let_past] == []


def _interrupted(_: object) -> Any:
    raise Interruption


def test_the_end_of_a_build_passes_the_formats_of_reports() -> None:
    slow = DecisionFormat(name="slow", title="Slow", claims=_interrupted, read=_interrupted)
    with pytest.raises(Interruption):
        _claimed({}, [slow])
    with pytest.raises(Interruption):
        list(_reported(slow, {}))
