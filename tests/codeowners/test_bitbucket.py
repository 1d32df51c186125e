"""CODEOWNERS as Bitbucket reads it: GitHub's patterns, its own names."""

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import parse


def test_names_of_people_groups_and_teams() -> None:
    ruleset = parse(
        "* a@acme.example @ann.b @acme/devs:random(2) @teams/web:least_busy(1) @acme/all:all\n", "bitbucket"
    )
    assert ruleset.invalid == ()
    assert ruleset.match("x/y").owners == ("a@acme.example", "@ann.b", "@acme/devs", "@teams/web", "@acme/all")


def test_the_last_line_that_matches_counts() -> None:
    ruleset = parse("* @all # everything\n/docs/ @ann\n*.md @bob\n", "bitbucket")
    paths = ["x", "docs/x", "docs/x.md"]
    assert [ruleset.match(path).owners for path in paths] == [("@all",), ("@ann",), ("@bob",)]
    assert [match.owners for match in ruleset.match_many(paths)] == [("@all",), ("@ann",), ("@bob",)]


def test_a_line_with_a_fault_is_told() -> None:
    ruleset = parse("!docs/ @a\n/x @a,\n/y @@group\n/z @ws/devs:random(\n/ok @a\n", "bitbucket")
    assert [(fault.line, fault.kind) for fault in ruleset.invalid] == [
        (1, "invalid-pattern"),
        (2, "invalid-owner"),
        (3, "invalid-owner"),
        (4, "invalid-owner"),
    ]
    assert ruleset.match("ok").owners == ("@a",)
    assert "`@workspace/group`" in ruleset.invalid[1].message


@given(st.text(alphabet="@ab./:()#! \\\t\n*", max_size=60))
def test_any_text_is_read_and_patterns_are_githubs(text: str) -> None:
    ruleset = parse(text, "bitbucket")
    assert all(owner.partition("@")[1] and ":" not in owner for rule in ruleset.rules for owner in rule.owners)
    plain = parse("\n".join(f"{rule.pattern} @x" for rule in ruleset.rules), "github")
    for path in ("a", "b/a", "a.b", "a/b/a"):
        ours, theirs = ruleset.match(path).rule, plain.match(path).rule
        assert (ours and ours.pattern) == (theirs and theirs.pattern)
