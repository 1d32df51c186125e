"""The words of the package: hints that say what to do, and plain English."""

import ast
import re
from collections.abc import Iterator

import pytest
from docs.rooms import PACKAGE, modules

IMPERATIVES = {
    "Add", "Ask", "Build", "Check", "Choose", "Clone", "Delete", "Export", "Fetch", "Fix", "Free", "Give", "Harvest",
    "Install", "Keep", "Leave", "Let", "Make", "Move", "Name", "Publish", "Push", "Put", "Raise", "Register", "Remove",
    "Rename", "Repair", "Replace", "Report", "Run", "Save", "See", "Send", "Set", "Split", "Stand", "Start", "Take", "Tell",
    "Try", "Turn", "Uninstall", "Use", "Write",
}  # fmt: skip

_SAYS_NO = re.compile(
    r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b)[\w{]+|\bnone such\b|\bMend\b|\bmend the\b"
)


def _beginnings(node: ast.expr | None) -> Iterator[str]:
    """Yield what a text begins with, for each way that it can come about; nothing where that is not written there."""
    match node:
        case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _beginnings(body)
            yield from _beginnings(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _beginnings(value)
        case ast.Dict(values=values):
            for value in values:
                yield from _beginnings(value)
        case ast.BinOp(left=left):
            yield from _beginnings(left)


def _hints(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="hint", value=value):
                pass
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                if not re.fullmatch(r"_?hint|\w*_HINTS?|_CURES", name):
                    continue
            case _:
                continue
        yield from ((node.lineno, text) for text in _beginnings(value) if text)


def test_a_hint_begins_with_what_to_do() -> None:
    hints = [(path, line, text) for path, tree in modules().items() for line, text in _hints(tree)]
    assert len(hints) > 150
    assert [
        f"{path}:{line}: {text}" for path, line, text in hints if text.split()[0].rstrip(":.,") not in IMPERATIVES
    ] == []


@pytest.mark.parametrize("ending", ["py", "html", "js", "md"])
def test_what_is_not_a_thing_is_said_so_in_plain_english(ending: str) -> None:
    said_oddly = [
        f"{path.relative_to(PACKAGE)}:{number}: {match[0]}"
        for path in sorted(PACKAGE.rglob(f"*.{ending}"))
        if path.stat().st_size < 1_000_000
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in [_SAYS_NO.search(line)]
        if match
    ]
    assert said_oddly == []
