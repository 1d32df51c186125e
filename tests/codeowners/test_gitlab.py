import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners import parse
from tests.codeowners import naive


def owners(text, path):
    return parse(text, "gitlab").match(path).owners


README = "* @admin\n\n[README Owners]\nREADME.md @user1 @user2\ninternal/README.md @user4\n\n[README other owners]\nREADME.md @user3\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", ("@admin", "@user1", "@user2", "@user3")),
        ("internal/README.md", ("@admin", "@user4", "@user3")),
        ("other", ("@admin",)),
    ],
)
def test_each_section_is_evaluated_by_itself(path, expected):
    """https://docs.gitlab.com/user/project/codeowners/reference/#sections."""
    assert owners(README, path) == expected


def test_match_names_every_entry_and_section():
    match = parse(README, "gitlab").match("README.md")
    assert [(entry.section, entry.line) for entry in match.entries] == [
        ("", 1),
        ("README Owners", 4),
        ("README other owners", 8),
    ]
    assert (match.section, match.line) == ("README other owners", 8)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*", ".hidden/deep/x", True),
        ("/README.md", "README.md", True),
        ("/README.md", "docs/README.md", False),
        ("README.md", "app/lib/README.md", True),
        ("internal/README.md", "docs/internal/README.md", True),
        ("docs", "docs/x", False),
        ("/docs/", "docs/a/b", True),
        ("/docs/", "x/docs/a", False),
        ("lib/", "x/lib/a/b", True),
        ("/docs/*", "docs/a", True),
        ("/docs/*", "docs/a/b", False),
        ("/docs/**", "docs/a/b", False),
        ("/docs/**/*", "docs/a/b", True),
        ("/docs/**/index.md", "docs/index.md", True),
        ("/docs/**/index.md", "docs/api/graphql/index.md", True),
        ("/docs/*spec*", "docs/runtime.spec", True),
        ("/docs/index.*", "docs/index.html", True),
        ("/docs/*/README.md", "docs/api/README.md", True),
        ("/docs/*/README.md", "docs/README.md", False),
        ("\\#file.rb", "#file.rb", True),
        ("path\\ with\\ spaces/", "path with spaces/x", True),
        ("/[a-c]*.rb", "b1.rb", True),
        ("/[!a-c]*.rb", "b1.rb", False),
        ("/[^a-c]?.rb", "x1.rb", True),
        ("/[\\]]", "]", True),
        ("***", "a", True),
        ("/***", "a", True),
        ("/***", "a/b", False),
        ("a/****", "x/a/b", True),
        ("\\**", "*a", True),
        ("\\**", "a", False),
        ("**/\\**", "x/*", True),
    ],
)
def test_patterns(pattern, path, expected):
    """Examples of GitLab's reference, and of Ruby's File.fnmatch with FNM_PATHNAME | FNM_DOTMATCH."""
    assert bool(owners(f"{pattern} @a", path)) is expected


def test_defaults_optional_approvals():
    ruleset = parse(
        "[Documentation][2] @docs-team\ndocs/\nREADME.md\n\n^[Database] @database-team @agarcia\n"
        "model/db/\nconfig/db/setup.md @docs-team\n[None][0]\nx @a",
        "gitlab",
    )
    assert [
        (section.name, section.is_optional, section.approvals, section.default_owners) for section in ruleset.sections
    ] == [
        ("Documentation", False, 2, ("@docs-team",)),
        ("Database", True, 1, ("@database-team", "@agarcia")),
        ("None", False, 1, ()),
    ]
    assert ruleset.match("docs/z").owners == ("@docs-team",)
    assert ruleset.match("model/db/z").owners == ("@database-team", "@agarcia")
    assert ruleset.match("config/db/setup.md").owners == ("@docs-team",)


def test_sections_of_one_name_are_merged():
    ruleset = parse(
        "[Documentation]\nee/docs/ @docs\ndocs/ @docs\n\n[Database]\nREADME.md @database\nmodel/db/ @database\n\n"
        "[DOCUMENTATION]\nREADME.md @docs\n",
        "gitlab",
    )
    assert [(section.name, section.line) for section in ruleset.sections] == [("Documentation", 1), ("Database", 5)]
    assert [rule.section for rule in ruleset.rules].count("Documentation") == 3
    assert ruleset.match("README.md").owners == ("@database", "@docs")


def test_a_section_is_optional_only_if_all_its_headings_are():
    def optional(text):
        return parse(text, "gitlab").sections[0].is_optional

    assert not optional("^[A]\nx @a\n[a]\ny @a")
    assert not optional("[A]\nx @a\n^[A]\ny @a")
    assert optional("^[A]\nx @a\n^[a]\ny @a")


def test_a_repeated_pattern_keeps_its_first_place_and_last_owners():
    ruleset = parse("*.md @first\nREADME.md @readme\n*.md @last\n", "gitlab")
    assert ruleset.match("README.md").owners == ("@readme",)
    assert ruleset.match("x.md").owners == ("@last",)
    assert [rule.line for rule in ruleset.rules] == [3, 2]
    assert [(replaced.rule.line, replaced.by) for replaced in ruleset.replaced] == [(1, 3)]


def test_exclusions_hold_for_their_section_and_cannot_be_undone():
    text = "* @default\n!*.rb\n/special/*.rb @ruby\n[Ruby]\n*.rb @ruby-team\n!/config/**/*.rb\n/config/routes.rb @ops\n"
    assert owners(text, "pom.xml") == ("@default",)
    assert owners(text, "special/x.rb") == ("@ruby-team",)
    assert owners(text, "config/routes.rb") == ()
    reasons = [candidate.reason for candidate in parse(text, "gitlab").explain("config/routes.rb")]
    assert reasons == [
        "the section is exempt by line 2",
        "exempts the path from its section",
        "the section is exempt by line 6",
        "exempts the path from its section",
        "the section is exempt by line 6",
    ]


def test_roles_groups_and_addresses_are_owners():
    assert owners("x @@developers @@Owner @group/with-nested/subgroup a@b.co @dotted.name", "x") == (
        "@@developers",
        "@@Owner",
        "@group/with-nested/subgroup",
        "a@b.co",
        "@dotted.name",
    )


def test_malformed_owners_are_left_out_and_named():
    ruleset = parse("/path/* @group user_without_at_symbol @user_with_at_symbol\nx nobody\ny\n", "gitlab")
    assert ruleset.match("path/a").owners == ("@group", "@user_with_at_symbol")
    assert [(fault.line, fault.column, fault.kind, fault.is_skipped) for fault in ruleset.invalid] == [
        (1, 16, "invalid-owner", False),
        (2, 1, "missing-owner", False),
        (2, 3, "invalid-owner", False),
        (3, 1, "missing-owner", False),
    ]


def test_a_heading_that_does_not_close_is_an_entry():
    ruleset = parse("[Docs]\nguide/**/* @group\n\n[Section name\ndocs/ @docs_group\n", "gitlab")
    assert [rule.section for rule in ruleset.rules] == ["Docs", "Docs"]
    assert [(fault.line, fault.kind) for fault in ruleset.invalid] == [
        (4, "invalid-section"),
        (4, "invalid-pattern"),
    ]


@pytest.mark.parametrize(("heading", "column"), [("[] @a", 1), ("^[A][2]", 1), ("[A] nobody", 5)])
def test_headings_with_faults_are_still_headings(heading, column):
    ruleset = parse(f"{heading}\nx @a", "gitlab")
    assert [(fault.line, fault.column, fault.kind) for fault in ruleset.invalid] == [(1, column, "invalid-section")]
    assert len(ruleset.sections) == 1


def test_inline_comments_are_owners_to_gitlab():
    ruleset = parse("x @a # not @me\n", "gitlab")
    assert ruleset.match("x").owners == ("@a", "@me")
    assert [fault.kind for fault in ruleset.invalid] == ["invalid-owner", "invalid-owner"]


def test_binary_files_are_not_read():
    ruleset = parse("* @a\n\0", "gitlab")
    assert ruleset.rules == ()
    assert [(fault.line, fault.kind) for fault in ruleset.invalid] == [(0, "unreadable")]


def test_owners_are_found_wherever_they_stand():
    """reference_extractor.rb: what cannot be part of a name ends it."""
    text = (
        "docs/ @ann, @bob\nsrc/ (@ann) @grp/sub;@eve\nlib/ ann@acme.example, @bob.\nx/ @a.git @@owner, @@maintainers\n"
    )
    assert [owners(text, path) for path in ("docs/a", "src/a", "lib/a", "x/a")] == [
        ("@ann", "@bob"),
        ("@ann", "@grp/sub", "@eve"),
        ("ann@acme.example", "@bob"),
        ("@a.gi", "@@maintainers"),
    ]


@pytest.mark.parametrize(
    ("heading", "name", "expected"),
    [
        ("[Docs] @ann, @bob", "Docs", ("@ann",)),
        ("[Docs] @ann # ask @zed", "Docs", ("@ann",)),
        ("[Docs][x] @ann", "Docs", ()),
        ("[Docs][2] @ann", "Docs", ("@ann",)),
        ("[Docs]@ann", "Docs", ()),
        ("[Docs] ann@acme.example @grp/sub", "Docs", ("ann@acme.example", "@grp/sub")),
        ("[a-c]*.rb @ann", "a-c", ()),
        ("^[!a]/x @ann", "!a", ()),
    ],
)
def test_a_heading_is_read_as_far_as_it_can_be(heading, name, expected):
    ruleset = parse(f"{heading}\nx\n", "gitlab")
    assert [(section.name, section.default_owners) for section in ruleset.sections] == [(name, expected)]
    assert ruleset.match("x").section == name
    assert ruleset.match("x").owners == expected


def test_white_space_is_what_ruby_takes_for_it():
    """`\\s`, `strip` and `split` of Ruby know no blank outside of ASCII."""
    assert owners("a\u00a0b @ann\n", "a\u00a0b") == ("@ann",)
    assert owners("docs/ @ann\u3000@bob\n", "docs/a") == ("@ann", "@bob")
    assert owners("\u00a0[Docs] @ann\ndocs/ @bob\n", "\u00a0D") == ("@ann",)
    assert owners("docs\\\u00a0a @ann", "docs\u00a0a") == ("@ann",)
    assert owners("\x0bdocs/\x0c@ann", "docs/a") == ("@ann",)


def test_a_role_stands_between_blanks():
    assert owners("docs/ (@@owner ,@@maintainer @@developers", "docs/a") == ("@@developers",)


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("[codeowners] @a\nx\n[Codeowners] @b\nx\n", ["", "Codeowners"]),
        ("[CODEOWNERS] @a\nx\n[codeowners] @b\nx\n", ["CODEOWNERS", ""]),
        ("[A] @a\nx\n[a] @b\nx\n[CodeOwners] @c\nx\n", ["A", ""]),
    ],
)
def test_headings_that_differ_in_case_only(text, sections):
    """section_parser.rb, find_section_name: none is looked for before there is one beside the default section."""
    ruleset = parse(text, "gitlab")
    assert list(dict.fromkeys(rule.section for rule in ruleset.rules)) == sections


def test_entries_are_told_apart_by_their_text():
    """file.rb keeps them in a hash by normalised text: `*` and `/**/*` are one, `*` and `**/*` are two."""
    assert owners("* @all\n*.md @md\n**/* @later\n", "README.md") == ("@later",)
    assert owners("* @all\n*.md @md\n/**/* @later\n", "README.md") == ("@md",)
    assert owners("/docs/* @first\n/docs/index.md @index\n/docs/** @last\n", "docs/index.md") == ("@last",)
    assert owners("build/ @one\nx/build/ @two\n**/build/ @three\n", "x/build/a") == ("@three",)


def test_an_exclusion_holds_beside_an_entry_that_means_the_same():
    assert owners("!/docs/*\n/docs/** @last\n", "docs/a") == ()
    assert owners("!/docs/*\n/docs/* @last\n", "docs/a") == ("@last",)


def test_an_optional_section_has_only_optional_entries():
    text = "[A]\n^[a]\nx @a\n"
    assert [section.is_optional for section in parse(text, "gitlab").sections] == [True]


def test_the_default_section_has_a_name():
    text = "* @all\n[Other]\nx @x\n[CodeOwners]\nREADME.md @docs\n"
    assert owners(text, "README.md") == ("@docs",)
    assert owners(text, "other") == ("@all",)


def test_approvals_of_any_length_are_read():
    ruleset = parse(f"[A][{'9' * 5000}]\nx @a\n[B][007]\n[C][0]\n", "gitlab")
    assert [section.approvals for section in ruleset.sections] == [100_000, 7, 1]
    assert [fault.kind for fault in ruleset.invalid] == ["invalid-section"]


@settings(deadline=None)
@given(st.text(st.sampled_from("@ab./-_ \t,;()[]^!#\\*?+é9\n"), max_size=60))
def test_no_text_raises(text):
    for path in ("a/b", "ab"):
        parse(text, "gitlab").explain(path)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["@ann", "@grp/sub", "bob@acme.example", "@@owner"]), max_size=4, unique=True), st.data()
)
def test_separators_do_not_matter(names, data):
    gaps = [data.draw(st.sampled_from([" ", ", ", " \t", " ; "])) for _ in names]
    line = "".join(f"{gap if not name.startswith('@@') else ' '}{name}" for gap, name in zip(gaps, names, strict=True))
    line = line.replace("@@owner,", "@@owner ,").replace("@@owner;", "@@owner ;")
    assert owners(f"x {line}\n".replace("@@owner,", "@@owner"), "x") == tuple(names)


patterns = st.builds(
    lambda lead, parts, tail: lead + "/".join(parts) + tail,
    st.sampled_from(["", "/"]),
    st.lists(
        st.sampled_from(["**", "*", "a", "ab", "*.py", "a*b", "[ab]*", "[!a]?", "a?", "**b"]), min_size=1, max_size=4
    ),
    st.sampled_from(["", "/"]),
).filter(lambda pattern: not pattern.startswith("["))  # which would be a heading
paths = st.lists(st.sampled_from(["a", "b", "ab", "x.py", "aab", "bb", ".a"]), min_size=1, max_size=4).map("/".join)


@settings(deadline=None)
@given(st.lists(patterns, min_size=1, max_size=10, unique=True), st.lists(paths, min_size=1, max_size=10))
def test_index_agrees_with_naive(rules, files):
    text = "\n".join(f"[S{number}]\n{pattern} @o{number}" for number, pattern in enumerate(rules))
    ruleset = parse(text, "gitlab")
    expressions = [naive.gitlab(pattern) for pattern in rules]
    for path in files:
        matching = tuple(f"@o{number}" for number, expression in enumerate(expressions) if expression.fullmatch(path))
        assert ruleset.match(path).owners == matching
