"""One table says what is to be known of every kind of node; nothing else lists the kinds."""

import ast
import re
from itertools import chain
from pathlib import Path
from typing import get_args

from make.snapshot import every_kind, likely

import mkdocs_gitguard
from mkdocs_gitguard.model import KIND_OF_RECORD, NODE_KINDS, Node, Snapshot, kind_of, label_of
from mkdocs_gitguard.model.ids import Kind

NAMES = {kind.name for kind in NODE_KINDS}
SOURCES = Path(mkdocs_gitguard.__file__).parent
OWN = {SOURCES / "model/ids.py", SOURCES / "model/kinds.py"}


def test_every_row_is_whole() -> None:
    for kind in NODE_KINDS:
        assert kind.name in get_args(Kind)
        assert kind.field in Snapshot.__struct_fields__
        assert set(kind.columns) <= set(kind.record.__struct_fields__), kind.name
        assert all((kind.singular, kind.plural, *kind.shape)), kind.name
        assert re.fullmatch(r"[a-z ]+", kind.plural), "it names a table of SQLite"
        assert re.fullmatch(r"#[0-9a-f]{6}", kind.colour)
    for place in ("name", "record", "plural", "field", "colour"):
        assert len({getattr(kind, place) for kind in NODE_KINDS}) == len(NODE_KINDS), place


def test_there_is_a_row_for_every_record_that_is_a_node() -> None:
    assert {kind.record for kind in NODE_KINDS} == set(get_args(Node))
    nodes = list(chain.from_iterable(snapshot.nodes() for snapshot in (every_kind(), likely())))
    assert {KIND_OF_RECORD[type(node)].name for node in nodes} == NAMES
    for node in nodes:
        assert kind_of(node.id) == KIND_OF_RECORD[type(node)].name
        assert label_of(node)


def listed_kinds(tree: ast.AST) -> set[str]:
    """Return the largest number of kinds that one list, set, dict or Literal of a module names."""
    lists = [
        {inner.value for inner in elements if isinstance(inner, ast.Constant)} & NAMES
        for outer in ast.walk(tree)
        if (
            elements := outer.keys
            if isinstance(outer, ast.Dict)
            else outer.elts
            if isinstance(outer, ast.Tuple | ast.List | ast.Set)
            else []
        )
    ]
    return max(lists, key=len, default=set())


def test_no_other_list_of_kinds_is_left() -> None:
    for path in SOURCES.rglob("*.py"):
        if path not in OWN:
            assert len(listed_kinds(ast.parse(path.read_text(encoding="utf-8")))) <= len(NAMES) // 2, path
    assert listed_kinds(ast.parse("X = {'owner': 1, 'policy': 2, 'rule': 3, 'decision': 4}")) == {
        "owner",
        "policy",
        "rule",
        "decision",
    }
