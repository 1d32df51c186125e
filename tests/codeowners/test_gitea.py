import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import parse
from tests.codeowners import naive

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
        ("a{2}{3} @a", "invalid-pattern", 5),
        ("  a{2,1} @a", "invalid-pattern", 4),
        (r"a\\q @a", "invalid-pattern", 3),
        ("a", "missing-owner", 1),
        ("a @x/y/z", "invalid-owner", 3),
        ("a a@b.example", "invalid-owner", 3),
    ],
)
@pytest.mark.parametrize("dialect", ["gitea", "forgejo"])
def test_faults(line, kind, column, dialect):
    ruleset = parse(line, dialect)
    assert [(fault.kind, fault.column, fault.is_skipped) for fault in ruleset.invalid] == [(kind, column, True)]
    assert ruleset.rules == ()


@pytest.mark.parametrize(
    ("line", "dialect", "kind", "column"),
    [
        ("a{1001} @a", "forgejo", "invalid-pattern", 2),
        ("(?=a) @a", "forgejo", "invalid-pattern", 3),
        ("(?<!a)b @a", "forgejo", "invalid-pattern", 3),
        ("(?<n>a) @a", "forgejo", "", 0),
        (r"\\Qa.b\\E @a", "forgejo", "", 0),
        (r"\\Qa.b\\E @a", "gitea", "invalid-pattern", 2),
        (r"\\p{Greek} @a", "forgejo", "unsupported", 2),
        (r"(a)\\1 @a", "gitea", "unsupported", 5),
        (r"(a)\\1 @a", "forgejo", "invalid-pattern", 5),
        ("(?>a)b @a", "gitea", "unsupported", 1),
        ("(?x)a @a", "gitea", "unsupported", 4),
        ("(?i)a{1001} @a", "gitea", "", 0),
        ("/(a @a", "gitea", "invalid-pattern", 2),
        ("!/(a @a", "gitea", "invalid-pattern", 3),
    ],
)
def test_the_two_languages_differ(line, dialect, kind, column):
    faults = [(fault.kind, fault.column) for fault in parse(line, dialect).invalid]
    assert faults == ([(kind, column)] if kind else [])


@pytest.mark.parametrize(
    ("line", "path", "in_gitea", "in_forgejo"),
    [
        ("core/(?!webapi/).* @a", "core/a.go", True, False),
        ("core/(?!webapi/).* @a", "core/webapi/b.go", False, False),
        (r".*(?<!_test)\\.go @a", "x/a.go", True, False),
        (r".*(?<!_test)\\.go @a", "x/a_test.go", False, False),
        ("/docs/.* @a", "docs/x.md", True, False),
        ("//docs/.* @a", "docs/x.md", False, False),
        ("!/docs/.* @a", "docs/x.md", False, True),
        (r"\\w+ @a", "é", True, False),
        (r"[[:alpha:]] @a", "a", False, True),
        (r"[[:alpha:]] @a", "[", True, False),
        ("[a-z-[aeiou]] @a", "e", False, False),
        (r"(?i)MAKEFILE @a", "Makefile", True, True),
        (r"\\p{Lu}.* @a", "Äb", True, True),
        (r".*\\bgo\\b.* @a", "x/go.mod", True, True),
        (r".*\\bgo\\b.* @a", "x/gone", False, False),
        ("a @a", "a\n", True, False),
    ],
)
def test_what_each_forge_matches(line, path, in_gitea, in_forgejo):
    is_owned = [bool(parse(line, dialect).match(path).owners) for dialect in ("gitea", "forgejo")]
    assert is_owned == [in_gitea, in_forgejo]


def test_a_leading_star_repeats_the_anchor():
    """Go takes `^*`, so a glob out of habit is a valid expression with another meaning."""
    ruleset = parse("*.js @a", "gitea")
    assert [bool(ruleset.match(path).owners) for path in ("src/x.js", "xjs", "x.ts")] == [True, True, False]


def test_other_owners_of_a_line_stay():
    ruleset = parse("a @x/y/z @b c\n", "gitea")
    assert ruleset.match("a").owners == ("@b", "@c")
    assert [(fault.column, fault.is_skipped) for fault in ruleset.invalid] == [(3, False)]


names = st.text("ab.", min_size=1, max_size=4).filter(lambda name: name.strip("."))
lines = st.builds(
    "{}{}".format,
    st.sampled_from(["", "!", "/"]),
    st.sampled_from(["a", ".*", "a/.*", r"(a|b)/.*\\.b", "b|a/", "a.*b", ".*a", "[ab]/a/", "a$|b"]),
)


@settings(deadline=None)
@given(
    st.lists(lines, min_size=1, max_size=8), st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), max_size=6)
)
def test_the_index_agrees_with_trying_every_line(patterns, paths):
    text = "".join(f"{pattern} @o{number}\n" for number, pattern in enumerate(patterns))
    ruleset = parse(text, "gitea")
    for path in paths:
        expected = [
            number
            for number, pattern in enumerate(patterns)
            if bool(re.search(naive.gitea(pattern), path)) != pattern.startswith("!")
        ]
        assert [entry.line - 1 for entry in ruleset.match(path).entries] == expected


def test_many_lines_cost_little():
    """5,000 lines by 900 paths took 54 seconds when every line was tried on every path."""
    text = "".join(f"src/mod{number}/.* @a\n.*\\\\.ext{number} @b\n" for number in range(2_500))
    paths = [f"src/mod{number}/deep/file{number}.ext{number}" for number in range(900)]
    ruleset = parse(text, "gitea")
    started = time.process_time()
    assert all(match.owners == ("@a", "@b") for match in ruleset.match_many(paths))
    assert time.process_time() - started < 10


def test_a_file_of_too_many_expressions_is_cut_off_and_told():
    ruleset = parse("".join(f"(a|b){{900}}{number} @a\n" for number in range(100)), "gitea")
    assert 0 < len(ruleset.rules) < 100
    assert [fault.kind for fault in ruleset.invalid] == ["unsupported"]
