"""A pattern that is compiled late is what it would be at once, and each of ours can be compiled."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import mkdocs_gitguard
from mkdocs_gitguard.late_pattern import LatePattern, late_pattern

PACKAGE = Path(mkdocs_gitguard.__file__).parent


def test_it_does_what_a_compiled_one_does() -> None:
    late = late_pattern(r"(?P<word>[a-z]+)!", re.IGNORECASE)
    assert late.findall("Oh! no") == ["Oh"]
    assert late.pattern == r"(?P<word>[a-z]+)!"
    assert late.flags == re.compile(late.pattern, re.IGNORECASE).flags
    assert late.groupindex == {"word": 1}
    assert late_pattern(rb"a+").sub(b"b", b"caat") == b"cbt"


def test_it_is_compiled_once_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_at_once = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: compiled.append(given) or compile_at_once(*given))
    late = late_pattern("a")
    assert compiled == []
    assert [bool(late.match(text)) for text in ("a", "b", "a")] == [True, False, True]
    assert compiled == [("a", 0)]


def test_a_wrong_one_says_so_when_it_is_used() -> None:
    with pytest.raises(re.error, match="unterminated"):
        late_pattern("(").match("")
    assert not hasattr(late_pattern("a"), "unheard_of")


def test_each_of_ours_can_be_compiled() -> None:
    names = (module.name for module in pkgutil.walk_packages([str(PACKAGE)], "mkdocs_gitguard."))
    modules = [import_module(name) for name in names if not name.endswith("__main__")]
    ours = {id(late): late for module in modules for value in vars(module).values() for late in _late_ones(value)}
    assert len(ours) > 250
    for late in ours.values():
        re.compile(*late._late)


def _late_ones(value: object) -> Iterator[LatePattern]:
    if isinstance(value, LatePattern):
        yield value
    elif isinstance(value, dict | tuple | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _late_ones(item)


def test_constants_are_compiled_late() -> None:
    # What reads CODEOWNERS alone loads no module for it; these two stand below it.
    at_once = {"model/forge.py", "model/policy_keys.py", "model/printable.py", "log_text.py"}
    places = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and "re.compile(" in ast.unparse(statement):
                places.add(name)
    assert {place for place in places if not place.startswith("codeowners/")} == at_once
