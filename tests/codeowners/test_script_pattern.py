"""What a browser tries on a path is what the matcher says, for every dialect."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import Dialect, OwnerRule, parse
from mkdocs_gitguard.codeowners.from_rules import ruleset_from
from mkdocs_gitguard.codeowners.script_pattern import script_pattern

PART = st.text(st.sampled_from("ab.-é"), min_size=1, max_size=3).filter(lambda part: part not in (".", ".."))
PATH = st.lists(PART, min_size=1, max_size=4).map("/".join)
PATTERN = st.text(st.sampled_from("ab.-é/*?[]\\^!"), min_size=1, max_size=8)
EXPRESSION = st.text(st.sampled_from("ab.-/*+?()|[]^\\"), min_size=1, max_size=8)


def tried(dialect: Dialect, rule: OwnerRule, path: str) -> bool | None:
    source = script_pattern(dialect, rule)
    return None if source is None else re.search(source, path, re.DOTALL) is not None


@settings(max_examples=400)
@pytest.mark.parametrize("dialect", ["github", "gitlab"])
@given(pattern=PATTERN, path=PATH)
def test_a_pattern_is_an_expression_that_matches_the_same_paths(dialect: Dialect, pattern: str, path: str) -> None:
    ruleset = parse(f"{pattern} @a\n", dialect)
    for rule in ruleset.rules:
        assert tried(dialect, rule, path) == bool(ruleset.matching(path)), script_pattern(dialect, rule)


@settings(max_examples=400)
@pytest.mark.parametrize("dialect", ["gitea", "forgejo"])
@given(pattern=EXPRESSION, path=PATH)
def test_an_expression_is_tried_only_where_it_means_the_same(dialect: Dialect, pattern: str, path: str) -> None:
    ruleset = parse(f"{pattern.replace(chr(92), chr(92) * 2)} @a\n", dialect)
    for rule in ruleset.rules:
        answer = tried(dialect, rule, path)
        negated = rule.is_negated
        assert answer is None or (answer != negated) == bool(ruleset.matching(path)), script_pattern(dialect, rule)


@pytest.mark.parametrize("pattern", [r"(?i)a", r"\w+", "[[:alpha:]]", "a{2}", "a*?", r"\p{Greek}"])
def test_what_means_something_else_in_a_browser_is_not_tried(pattern: str) -> None:
    assert script_pattern("gitea", OwnerRule(pattern=pattern, owners=("@a",), line=1)) is None


@settings(max_examples=300)
@pytest.mark.parametrize("dialect", ["github", "gitlab", "gitea", "forgejo"])
@given(
    lines=st.lists(
        st.sampled_from(["* @a", "/a @b", "a/ @c", "[x]", "!a/b", "/a @d", "**/b @e", ".*b @f", "a/* "]), max_size=8
    ),
    path=PATH,
)
def test_rules_that_were_read_make_the_same_ruleset(dialect: Dialect, lines: list[str], path: str) -> None:
    ruleset = parse("\n".join(lines), dialect)
    rules = sorted([*ruleset.rules, *(one.rule for one in ruleset.replaced)], key=lambda rule: rule.line)
    assert ruleset_from(dialect, rules).match(path) == ruleset.match(path)
