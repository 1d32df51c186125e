import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import parse
from tests.codeowners import naive
from tests.codeowners.observed import OBSERVED

CHECKS = [
    (pattern, path, expected)
    for pattern, columns in OBSERVED.items()
    for expected, paths in zip((True, False), columns, strict=True)
    for path in paths.split()
]

EXAMPLE = """\
# The default owners, unless a later match takes precedence.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
/apps/github/* @doctocat
"""
"""GitHub's own example, condensed, with the rules behind it in the order of its documentation:
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""


def test_the_table_is_whole():
    assert (len(OBSERVED), len(CHECKS)) == (30, 153)


@pytest.mark.parametrize(("pattern", "path", "expected"), CHECKS)
def test_observed_patterns(pattern, path, expected):
    assert bool(parse(f"{pattern} @octocat").match(path).owners) is expected


@pytest.mark.parametrize(
    ("path", "owners", "line"),
    [
        ("README.md", ("@global-owner1", "@global-owner2"), 2),
        ("src/app.js", ("@js-owner",), 3),
        ("src/app.JS", ("@global-owner1", "@global-owner2"), 2),
        ("main.go", ("docs@example.com",), 4),
        ("notes.txt", ("@octo-org/octocats",), 5),
        ("build/logs/a/b.js", ("@octocat",), 11),
        ("docs/getting-started.md", ("@doctocat",), 9),
        ("x/docs/getting-started.md", ("@global-owner1", "@global-owner2"), 2),
        ("x/apps/deep/er/file", ("@octocat",), 8),
        ("scripts/run.sh", ("@doctocat", "@octocat"), 10),
        ("deeply/nested/logs/one", ("@octocat",), 11),
        ("apps/main.c", ("@octocat",), 12),
        ("apps/github", (), 13),
        ("apps/github/deep/file", (), 13),
        ("apps/github/file", ("@doctocat",), 14),
    ],
)
def test_documented_example(path, owners, line):
    match = parse(EXAMPLE).match(path)
    assert (match.owners, match.line) == (owners, line)


def test_match_says_which_rule_won():
    match = parse("* @a\n/docs/ @b # prose\n").match("docs/x.md")
    assert match.rule is not None
    assert (match.rule.pattern, match.rule.comment, match.section) == ("/docs/", "prose", "")
    assert parse("/docs/ @b").match("src/x").rule is None


def test_paths_may_lead_with_slash_or_dot():
    ruleset = parse("/.github/ @a\n/src/ @b\n.env @c")
    expected = {"/src/a": "@b", "./src/a": "@b", "src/a": "@b", ".github/x": "@a", "a/.env": "@c", "./.env": "@c"}
    assert {path: ruleset.match(path).owners for path in expected} == {path: (who,) for path, who in expected.items()}
    assert [match.owners for match in ruleset.match_many(expected)] == [(who,) for who in expected.values()]


@pytest.mark.parametrize(
    ("line", "column", "kind"),
    [
        ("***/*.rb @monalisa", 1, "invalid-pattern"),
        ("*.txt docs@", 7, "invalid-owner"),
        ("  *.txt @a docs @b", 12, "invalid-owner"),
        ("!secret @a", 1, "invalid-pattern"),
        ("\\#file @a", 1, "invalid-pattern"),
        ("/ @a", 1, "invalid-pattern"),
        ("file @", 6, "invalid-owner"),
        ("file @a/b/c", 6, "invalid-owner"),
        ("file\u00a0@a @b c", 12, "invalid-owner"),
        ("a\0b @a", 2, "unreadable"),
        ("caf\udce9 @a", 4, "unreadable"),
    ],
)
def test_a_line_with_a_fault_is_skipped_whole(line, column, kind):
    ruleset = parse(f"* @all\n{line}\n/x @x")
    assert [(fault.line, fault.column, fault.kind, fault.is_skipped) for fault in ruleset.invalid] == [
        (2, column, kind, True)
    ]
    assert [rule.line for rule in ruleset.rules] == [1, 3]


def test_comments_may_be_in_any_encoding():
    ruleset = parse("# caf\udce9\n  # \udcff\n* @a\n")
    assert (ruleset.invalid, ruleset.match("x").line) == ((), 3)


def test_brackets_are_plain_characters():
    ruleset = parse("/[abc @a\n/x[0-9]/ @b")
    assert ruleset.invalid == ()
    assert ruleset.match("[abc").owners == ("@a",)
    assert ruleset.match("x[0-9]/y").owners == ("@b",)
    assert ruleset.match("x1/y").owners == ()


def test_line_endings_marks_and_white_space():
    ruleset = parse("\ufeff*.md\t@a  @b\r\n\r\n  \t\r\nwith\\ space/ @c\r\n")
    assert ruleset.match("x.md").owners == ("@a", "@b")
    assert ruleset.match("with space/y").owners == ("@c",)
    assert ruleset.invalid == ()


def test_explain_names_winner_and_losers():
    ruleset = parse("* @a\n/src/ @b\n*.py @c\n/src/ @d\n")
    assert [
        (candidate.rule.line, candidate.is_winner, candidate.reason) for candidate in ruleset.explain("src/x.py")
    ] == [
        (1, False, "line 4 comes later"),
        (2, False, "line 4 comes later"),
        (3, False, "line 4 comes later"),
        (4, True, "last match"),
    ]


segments = st.one_of(
    st.sampled_from(["**", "*", "a", "b", "ab", "*.py", "a*", "*b", "a*b", "*a*", "a?", "?b", "*.a.py", "a**b", "\\*"]),
    st.text("ab*?.", min_size=1, max_size=6).filter(lambda text: "***" not in text),
)
patterns = st.builds(
    lambda lead, parts, tail: lead + "/".join(parts) + tail,
    st.sampled_from(["", "/"]),
    st.lists(segments, min_size=1, max_size=4),
    st.sampled_from(["", "/", ""]),
)
names = st.one_of(
    st.sampled_from(["a", "b", "ab", "x.py", "a.py", "aab", "x.a.py", "*", ".py"]),
    st.text("ab.x", min_size=1, max_size=6).filter(lambda name: name.strip(".")),
)
paths = st.lists(names, min_size=1, max_size=5).map("/".join)


@given(st.lists(patterns, min_size=1, max_size=12), st.lists(paths, min_size=1, max_size=12))
def test_index_agrees_with_naive(rules, files):
    ruleset = parse("\n".join(f"{pattern} @o{number}" for number, pattern in enumerate(rules)))
    assert ruleset.invalid == ()
    expressions = [naive.github(pattern) for pattern in rules]
    answers = dict(zip(files, ruleset.match_many(files), strict=True))
    for path in files:
        matching = [number for number, expression in enumerate(expressions) if expression.fullmatch(path)]
        expected = matching[-1] + 1 if matching else 0
        assert ruleset.match(path).line == answers[path].line == expected
        assert [candidate.rule.line for candidate in ruleset.explain(path)] == [number + 1 for number in matching]


@given(st.text(), st.text())
def test_no_text_raises(text, path):
    for dialect in ("github", "gitlab", "gitea"):
        ruleset = parse(text, dialect)
        ruleset.match(path)
        ruleset.explain(path)


@pytest.mark.parametrize(
    "pattern",
    ["*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/b", "?*?*?*?*?*?b", "/**/*a*/**/*a*/**/b", "**/**/**/a*a*a*b"],
)
def test_hostile_patterns_are_answered(pattern):
    """Backtracking would try some 10**30 ways; that there is an answer at all is the point."""
    ruleset = parse(f"{pattern} @a")
    path = "/".join(["a" * 10_000] * 20 + ["a"] * 10_000)
    assert ruleset.match(path).owners == ()
    assert ruleset.match(f"{path}/aaaaaaaaab/b").owners == ("@a",)


def test_many_segments_of_one_kind_agree_with_naive():
    """Beyond a few, segments that begin and end alike are looked up by what stands between their stars."""
    rules = [f"*{middle}*" for middle in ("a", "b", "ab", "ba", "abc", "cab", "x?y")]
    rules += [f"*{number}*{number % 5}*" for number in range(80)]
    ruleset = parse("\n".join(f"{pattern} @o" for pattern in rules))
    expressions = [naive.github(pattern) for pattern in rules]
    for name in ("abc", "cab7", "1x12", "79-4", "xzy", "zz", "7070", "a/b7", "0", "12345678"):
        matching = [number + 1 for number, expression in enumerate(expressions) if expression.fullmatch(name)]
        assert [candidate.rule.line for candidate in ruleset.explain(name)] == matching
        assert ruleset.match(name).line == (matching[-1] if matching else 0)


@pytest.mark.slow
def test_many_rules():
    text = "".join(f"/folder{number}/sub/ @team{number}\n" for number in range(100_000))
    ruleset = parse(text)
    assert len(ruleset.rules) == 100_000
    assert ruleset.match("folder99999/sub/x").owners == ("@team99999",)
    assert parse("* @a\n" * 10_000).match("x").line == 10_000
