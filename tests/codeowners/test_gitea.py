import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import parse
from mkdocs_gitguard.codeowners.go_regexp import Regexp, RegexpError

EXAMPLE = r"""
.*\\.go @user1 @user2 # This is comment

frontend/src/.*\\.js @org1/team1 @org1/team2 @user3
!frontend/src/.* @org1/team3 @user5
docs/(aws|google|azure)/[^/]*\\.(md|txt) @user8 @org1/team4
!/assets/.*\\.(bin|exe|msi) @user9
dir/with\#hashtag @user1
path\ with\ space @user2
path/with\\\\backslash @user3
"""


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("main.go", [2, 5, 7]),
        ("frontend/src/a.js", [4, 7]),
        ("docs/aws/x.md", [5, 6, 7]),
        ("docs/aws/deep/x.md", [5, 7]),
        ("dir/with#hashtag", [5, 7, 8]),
        ("path with space", [5, 7, 9]),
        ("path/with\\backslash", [5, 7, 10]),
    ],
)
def test_documented_example(path, lines):
    """https://docs.gitea.com/usage/code-owners; a path that a negative rule does not match is the rule's."""
    ruleset = parse(EXAMPLE, "gitea")
    assert ruleset.invalid == ()
    assert [entry.line for entry in ruleset.match(path).entries] == lines


def test_all_matching_lines_count():
    match = parse(".* @all\nsrc/.* @src @all\n", "gitea").match("src/x")
    assert match.owners == ("@all", "@src")


def test_alternation_on_the_outermost_level_is_anchored_on_one_side_only():
    ruleset = parse("src|docs @a", "gitea")
    assert [bool(ruleset.match(path).owners) for path in ("src/x", "x/docs", "x/src", "docs/x")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("line", "kind", "column"),
    [
        ("(*.js) @a", "invalid-pattern", 2),
        ("a** @a", "invalid-pattern", 3),
        ("(a @a", "invalid-pattern", 1),
        ("a) @a", "invalid-pattern", 2),
        ("[a @a", "invalid-pattern", 1),
        ("a{1001} @a", "invalid-pattern", 2),
        ("a{2}{3} @a", "invalid-pattern", 8),
        ("(?=a) @a", "invalid-pattern", 3),
        (r"a\\q @a", "invalid-pattern", 3),
        (r"\\pL @a", "unsupported", 2),
        ("(?i)a @a", "unsupported", 3),
        ("a", "missing-owner", 1),
        ("a @x/y/z", "invalid-owner", 3),
    ],
)
def test_faults(line, kind, column):
    ruleset = parse(line, "gitea")
    assert [(fault.kind, fault.column, fault.is_skipped) for fault in ruleset.invalid] == [(kind, column, True)]
    assert ruleset.rules == ()


def test_a_leading_star_repeats_the_anchor():
    """Go takes `^*`, so a glob out of habit is a valid expression with another meaning."""
    ruleset = parse("*.js @a", "gitea")
    assert [bool(ruleset.match(path).owners) for path in ("src/x.js", "xjs", "x.ts")] == [True, True, False]


def test_other_owners_of_a_line_stay():
    ruleset = parse("a @x/y/z @b c\n", "gitea")
    assert ruleset.match("a").owners == ("@b", "@c")
    assert [(fault.column, fault.is_skipped) for fault in ruleset.invalid] == [(3, False)]


expressions = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "^", "$", "[[:alpha:]]", r"\x61", r"[\w-]", "a-"]),
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("(?:{})*".format, inner),
        st.builds("(?:{})+?".format, inner),
        st.builds("(?:{})?".format, inner),
        st.builds("(?:{}){{1,3}}".format, inner),
        st.builds("(?:{}){{2}}".format, inner),
        st.builds("{}|{}".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=8,
)


@given(expressions, st.text("ab.1-\n", max_size=8))
def test_expressions_agree_with_python(source, text):
    """Where both languages mean the same: Python's `$` also matches before a last line end, so `\\Z` stands for it."""
    assume(source.count("{") <= 6)  # seven of them in each other are more repetitions than Go allows
    equivalent = source.replace("$", r"\Z").replace("[[:alpha:]]", "[A-Za-z]")
    assert Regexp(source).search(text) is bool(re.search(equivalent, text, re.ASCII))


@given(st.text(r"ab()[]{}|*+?\.^$-,1:=!<>PdQE ", max_size=12))
def test_no_expression_escapes_the_error(source):
    column = 1
    try:
        Regexp(source).search("ab1")
    except RegexpError as error:
        column = error.column
    assert 1 <= column <= len(source) + 1


def test_hostile_expressions_are_answered():
    """Backtracking would try some 2**100,000 ways."""
    expression = Regexp("^(a+)+(a|a)*(a*)*b$")
    assert not expression.search("a" * 100_000)
    assert expression.search("a" * 100_000 + "b")


@pytest.mark.parametrize(
    "source",
    ["((a{1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(" * 200 + "a" + ")" * 200, "(a|bc){1000}" * 30],
)
def test_huge_expressions_are_refused(source):
    with pytest.raises(RegexpError):
        Regexp(source)
