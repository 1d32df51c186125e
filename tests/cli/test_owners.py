"""`gitguard owners` on real repositories."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make.git import make_repository

from mkdocs_gitguard.cli import cli

CODEOWNERS = "* @acme/all\n/docs/ @mira\n*.md @prose\n/lost/ @mira\n/x/ nobody\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(
        tmp_path / "billing",
        {"CODEOWNERS": CODEOWNERS, "docs/a.txt": "", "docs/b.md": "", "src/deep/c.py": ""},
        remote="https://github.com/acme/billing.git",
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["owners", *arguments])


def test_of_names_owners_and_line(repository: Path) -> None:
    result = run("of", "docs/a.txt", "new/file.md", "src", "-r", str(repository))
    assert result.output.splitlines() == [
        "docs/a.txt  @mira  (CODEOWNERS:2 /docs/)",
        "new/file.md  @prose  (CODEOWNERS:3 *.md)",
        "src/  1 file",
        "       1  @acme/all",
    ]
    assert result.exit_code == 0


def test_of_counts_from_where_one_stands(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "src" / "deep")
    output = run("of", "c.py", "../../docs/a.txt", "/docs/a.txt", "--format", "json").output
    assert [answer["path"] for answer in json.loads(output)] == ["src/deep/c.py", "docs/a.txt", "docs/a.txt"]
    outside = run("of", "../../../x")
    assert (outside.exit_code, "leads out of" in outside.output) == (1, True)


def test_explain_says_which_line_won_and_which_lost(repository: Path) -> None:
    assert run("explain", "docs/b.md", "-r", str(repository)).output.splitlines() == [
        "docs/b.md: @prose",
        "  loses  CODEOWNERS:1  *       @acme/all  (line 3 comes later)",
        "  loses  CODEOWNERS:2  /docs/  @mira  (line 3 comes later)",
        "  wins   CODEOWNERS:3  *.md    @prose  (last match)",
    ]
    as_json = json.loads(run("explain", "docs/b.md", "--format", "json", "-r", str(repository)).output)
    assert [line["wins"] for line in as_json["lines"]] == [False, False, True]


def test_check_as_text(repository: Path) -> None:
    result = run("check", str(repository))
    assert result.output.splitlines() == [
        "CODEOWNERS:4:1: warning: `/lost/` matches no file. [dead-rule]",
        "CODEOWNERS:5:5: error: Invalid owner nobody: neither `@user`, `@organization/team` nor an e-mail address. [invalid-owner]",
        "CODEOWNERS: 1 error, 1 warning; 4 of 4 files have an owner.",
    ]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("* @a\n", (), 0),
        ("* @a\n/lost/ @a\n", (), 0),
        ("* @a\n/lost/ @a\n", ("--strict",), 1),
        ("* @a\nx y\n", (), 1),
        (None, (), 0),
        ("* @a\n", ("--ref", "nowhere"), 2),
    ],
)
def test_exit_codes(tmp_path: Path, text: str | None, options: tuple[str, ...], code: int) -> None:
    files = {"a": ""} if text is None else {"CODEOWNERS": text}
    assert run("check", str(make_repository(tmp_path, files)), *options).exit_code == code


def test_what_is_no_repository_could_not_be_checked(tmp_path: Path) -> None:
    result = run("check", str(tmp_path))
    assert result.exit_code == 2
    assert "is not in a git repository" in result.output


def test_check_as_sarif(repository: Path) -> None:
    log = json.loads(run("check", "--format", "sarif", str(repository)).output)
    [one] = log["runs"]
    assert log["version"] == "2.1.0"
    known = {rule["id"] for rule in one["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in one["results"]} == {"dead-rule", "invalid-owner"} <= known
    assert [(result["level"], result["locations"][0]["physicalLocation"]) for result in one["results"]] == [
        (
            "warning",
            {
                "artifactLocation": {"uri": "CODEOWNERS", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4, "startColumn": 1},
            },
        ),
        (
            "error",
            {
                "artifactLocation": {"uri": "CODEOWNERS", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 5, "startColumn": 5},
            },
        ),
    ]


def test_check_as_github_commands_cannot_be_broken_out_of(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"CODEOWNERS": "* @a\n/a%0A::error::x/ @a\n"})
    assert run("check", "--format", "github", str(repository)).output.splitlines() == [
        "::warning file=CODEOWNERS,line=2,col=1,title=dead-rule::`/a%250A::error::x/` matches no file.",
    ]


def test_check_as_json_of_two_repositories(repository: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {".github/CODEOWNERS": "* @a\n", "CODEOWNERS": "* @b\n"})
    repositories = json.loads(run("check", "--format", "json", str(repository), str(other)).output)["repositories"]
    assert [(one["repository"], one["path"], one["errors"], one["warnings"]) for one in repositories] == [
        ("acme/billing", "CODEOWNERS", 1, 1),
        ("local/other", ".github/CODEOWNERS", 0, 1),
    ]
    assert repositories[1]["problems"][0]["kind"] == "codeowners-file"


def test_check_defaults_to_the_repositories_of_the_site(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path / "other", {"CODEOWNERS": "* @b\n"})
    site = tmp_path / "site"
    site.mkdir()
    (site / "mkdocs.yml").write_text(
        "site_name: Acme\nplugins:\n  - gitguard:\n      repositories: [../billing, ../other]\n"
    )
    (site / "docs").mkdir()
    monkeypatch.chdir(site)
    repositories = json.loads(run("check", "--format", "json").output)["repositories"]
    assert [one["repository"] for one in repositories] == ["acme/billing", "local/other"]
    monkeypatch.chdir(repository / "docs")
    repositories = json.loads(run("check", "--format", "json").output)["repositories"]
    assert [one["repository"] for one in repositories] == ["acme/billing"]


def test_a_file_that_is_not_committed_can_be_checked(repository: Path) -> None:
    draft = repository / "draft"
    draft.write_text("* @a\n/src/ @b\n/none/ @c\n")
    result = run("check", str(repository), "--file", str(draft))
    assert result.output.splitlines()[0] == "draft:3:1: warning: `/none/` matches no file. [dead-rule]"


def test_the_forge_picks_the_dialect(tmp_path: Path) -> None:
    files = {"CODEOWNERS": "[Docs] @docs\ndocs/\n", "docs/a": ""}
    repository = make_repository(tmp_path, files, remote="git@gitlab.com:acme/billing.git")
    assert run("of", "docs/a", "-r", str(repository)).output == "docs/a  @docs  (CODEOWNERS:2 docs/)\n"
    github = run("of", "docs/a", "-r", str(repository), "--dialect", "github").output
    assert github == "docs/a  no owner  (CODEOWNERS:2 docs/)\n"
