"""Regular expressions of the package: what the first versions of Python 3.11 get wrong stands in none."""

import ast
import re
from pathlib import Path

import mkdocs_gitguard

POSSESSIVE_GROUP = re.compile(r"(?:^|[^(\\])\)(?:[*+?]|\{+\d*,?\d*\}+)\+")
"""Up to 3.11.4 such a group matches too little (https://github.com/python/cpython/issues/106052), and Debian 12 has
3.11.2. An atomic group, `(?>(?:…)*)`, means the same and is right in all."""


def test_no_group_is_possessive() -> None:
    package = Path(mkdocs_gitguard.__file__).parent
    places = [
        f"{path.relative_to(package)}:{part.lineno}"
        for path in sorted(package.rglob("*.py"))
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str | bytes)
        and POSSESSIVE_GROUP.search(part.value if isinstance(part.value, str) else part.value.decode("latin-1"))
    ]
    assert places == []


def test_the_search_finds_one() -> None:
    assert all(POSSESSIVE_GROUP.search(text) for text in ("(?:a|ab)*+b", ")*+", "(a){1,3}+", "(?:a|b)++"))
    assert not any(POSSESSIVE_GROUP.search(text) for text in ("[)]*+", "'()*+,", "(?>(?:a|ab)*)b", r"\)?+"))
