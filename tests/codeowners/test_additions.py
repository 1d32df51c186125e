"""Lines for what nobody owns: the patch applies, each place is owned by exactly whom it names, all else stays."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.git import Scratch

from mkdocs_gitguard.codeowners import LOCATIONS, Dialect, parse
from mkdocs_gitguard.codeowners.additions import (
    Addition,
    additions_to,
    comment_line,
    is_name,
    patch,
    pattern_for,
    put_in,
    ruleset_with,
)
from mkdocs_gitguard.model.printable import original, printable

NAMES = [
    "a",
    "b.py",
    "docs",
    "x y",
    "we[i]rd",
    "st*r",
    "q?",
    "back\\slash",
    "#hash",
    "!bang",
    "ü",
    "p+(1)",
    "$^",
    "t\tb",
    "{b}",
]
SEGMENT = st.sampled_from(NAMES)
PATHS = st.lists(st.lists(SEGMENT, min_size=1, max_size=3).map("/".join), min_size=1, max_size=9, unique=True).map(
    # A file is no folder.
    lambda paths: sorted(path for path in paths if not any(other.startswith(f"{path}/") for other in paths))
)
DIALECTS: dict[Dialect, list[str]] = {
    "github": ["* @all", "/docs/ @d", "*.py @p @q", "/a @a", "docs/", "/x\\ y/ @x", "**/b.py @b", "/a/* @star", "! @n"],
    "bitbucket": ["* all@acme.example", "/docs/ @d", "*.py @ws/p:random(2)", "/a @a", "docs/", "! @n", "/x @no,one"],
    "gitlab": ["* @all", "[Docs] @d", "/docs/", "*.py @p", "^[Opt][2] @o", "/a", "!a", "/a @a", "[docs]", "/x\\ y/ @x"],
    "gitea": ["a/.* @a", ".*[.]py @p", "!docs/.* @n", "docs @d", "( @broken", "x\\ y/.* @x"],
    "forgejo": ["a/.* @a", ".*[.]py @p", "!docs/.* @n", "docs @d", "( @broken", "/x @x"],
}
OTHER = ["", "# A comment", "  # another", "  "]


@st.composite
def files(draw) -> tuple[Dialect, str, list[str], list[Addition]]:
    dialect = draw(st.sampled_from(list(DIALECTS)))
    lines = draw(st.lists(st.sampled_from([*DIALECTS[dialect], *OTHER]), max_size=8))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = draw(st.sampled_from(["", "", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end, end + end]))
    paths = [printable(path) for path in draw(PATHS)]
    before = parse(text, dialect)
    bare = [path for path in paths if not before.matching(original(path))]
    folders = sorted({path.rpartition("/")[0] for path in bare} - {""})
    whole = [one for one in folders if all(path in bare for path in paths if path.startswith(f"{one}/"))]
    places = draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    places = [one for one in places if not any(one.startswith(f"{other}/") for other in places)]
    rest = [path for path in bare if not any(path.startswith(f"{place}/") for place in places)]
    singles = draw(st.lists(st.sampled_from(rest), unique=True)) if rest else []
    names = [one for one in ("@mira", "@ola.n", "@acme/team", "ola@acme.example") if is_name(one, dialect)]
    owners = st.lists(st.sampled_from(names), max_size=2, unique=True).map(tuple)
    additions = [
        Addition(path, path in places, draw(owners), ("12 commits\nby\x1b x",)) for path in [*places, *singles]
    ]
    return dialect, text, paths, additions


def owners_of(text: str, dialect: Dialect, paths: list[str]) -> dict[str, tuple[str, ...]]:
    ruleset = parse(text, dialect)
    return {path: ruleset.match(original(path)).owners for path in paths}


@settings(max_examples=120)
@given(files(), PATHS)
def test_each_place_is_owned_by_whom_it_names_and_all_else_as_before(given_files, to_come: list[str]) -> None:
    dialect, text, paths, additions = given_files
    added = additions_to(additions, dialect, paths, before=parse(text, dialect), with_lines=ruleset_with(text, dialect))
    after = put_in(text, added.lines)
    expected = owners_of(text, dialect, paths)
    for one in additions:
        if one.owners and one not in added.left_out:
            expected |= {
                path: one.owners
                for path in paths
                if path == one.path or (one.is_folder and path.startswith(f"{one.path}/"))
            }
    assert owners_of(after, dialect, paths) == expected
    assert len(parse(after, dialect).invalid) == len(parse(text, dialect).invalid)
    if dialect in ("github", "bitbucket"):
        decided = [path for path in to_come if parse(text, dialect).matching(path)]
        assert owners_of(after, dialect, decided) == owners_of(text, dialect, decided)
    kept = [line for line in text.removeprefix("\ufeff").split("\n") if line.strip()]
    others = [
        line
        for line in after.removeprefix("\ufeff").split("\n")
        if line.strip() and line.rstrip("\r") not in added.lines
    ]
    assert others == [line for line in kept if line.rstrip("\r") not in added.lines]


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_plain_name_is_never_left_out(dialect: Dialect) -> None:
    paths = ["docs/deep/a.md", "LICENSE", "src/x y.py", "src/a+b(1).py", "t[1]/x"]
    additions = [Addition("docs", True, ("@mira",)), *(Addition(path, False, ("@ola",)) for path in paths[1:])]
    added = additions_to(additions, dialect, paths, before=parse("", dialect), with_lines=ruleset_with("", dialect))
    assert added.left_out == ()


def test_a_name_that_a_forge_cannot_write_is_left_out_and_the_others_stay() -> None:
    additions = [
        Addition("a#b", False, ("@mira",)),
        Addition("c", False, ("@mira",)),
        Addition("d", False, ("@no one",)),
    ]
    paths = ["a#b", "c", "d"]
    added = additions_to(additions, "github", paths, before=parse("", "github"), with_lines=ruleset_with("", "github"))
    assert [one.path for one in added.left_out] == ["a#b", "d"]
    assert added.lines == ("/c @mira",)


APPLIED = {
    "new": None,
    "empty": b"",
    "licence": b"# Licence\n\n# Docs\n/docs/ @d\n",
    "crlf": b"# Docs\r\n/docs/ @d\r\n\r\n*.py @p\r\n",
    "no end": b"/docs/ @d\n*.py @p",
    "bytes": b"# \xff\xfe latin\n/docs/ @d \n/x \xe9 @x\n",
    "comments": b"# only a comment",
    "mark": b"\xef\xbb\xbf/docs/ @d\n",
    "form feed": b"# a\x0cb\x85\n/docs/ @d\n# \xe2\x80\xa8\n",
}


@pytest.mark.parametrize("name", list(APPLIED))
def test_git_applies_the_patch_and_gives_those_very_bytes(tmp_path: Path, name: str) -> None:
    data = APPLIED[name]
    path = LOCATIONS["github"][0]
    scratch = Scratch(tmp_path / "repository")
    scratch.write("Begin", {"src/a.c": "1\n"})
    file = tmp_path / "repository" / path
    if data is not None:
        file.parent.mkdir()
        file.write_bytes(data)
    text = (data or b"").decode("utf-8", "surrogateescape")
    after = put_in(text, ["# 3 commits", "/src/ @mira"])
    change = patch(path, text, after, is_new=data is None).encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "--whitespace=nowarn"], input=change, cwd=tmp_path / "repository", check=True)
    assert file.read_bytes() == after.encode("utf-8", "surrogateescape")
    assert parse(after, "github").match("src/a.c").owners == ("@mira",)
    assert parse(after, "github").match("docs/x").owners == parse(text, "github").match("docs/x").owners


def test_lines_stand_before_the_first_that_counts_and_below_what_stands_on_top() -> None:
    assert put_in("# Licence\n\n# Docs\n/docs/ @d\n", ["/a @a"]) == "# Licence\n\n/a @a\n\n# Docs\n/docs/ @d\n"
    assert put_in("", ["/a @a"]) == "/a @a\n"
    assert put_in("# Only\n", ["/a @a"]) == "# Only\n\n/a @a\n"
    assert put_in("[Docs]\n* @d\n", ["/a @a"]) == "/a @a\n\n[Docs]\n* @d\n"
    assert put_in("x", []) == "x"
    assert patch("CODEOWNERS", "x", "x", is_new=False) == ""


def test_comments_and_patterns_are_one_line_of_text() -> None:
    assert comment_line("a\n* @evil\x1b[31m") == r"# a\x0a* @evil\x1b[31m"
    assert len(comment_line("x" * 500)) < 210
    assert pattern_for("a b*/[c]", "github", is_folder=True) == r"/a\ b\*/[c]/"
    assert pattern_for("a.b", "gitea", is_folder=True) == "a[.]b/.*"


@pytest.mark.parametrize(
    ("name", "dialects"),
    [
        ("@mira", ["github", "gitlab", "bitbucket", "gitea", "forgejo"]),
        ("@ola.nord", ["gitlab", "bitbucket", "gitea", "forgejo"]),
        ("ola@acme.example", ["github", "gitlab", "bitbucket"]),
        ("ola@localhost", ["gitlab"]),
        ("ola nord", []),
        ("@", []),
        ("", []),
        ("#ola", []),
        ("@ola\n* @evil", []),
    ],
)
def test_a_name_is_one_that_the_forge_reads_back(name: str, dialects: list[str]) -> None:
    assert [dialect for dialect in LOCATIONS if is_name(name, dialect)] == dialects
