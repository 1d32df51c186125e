"""`gitguard scorecard` on real repositories."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make.git import make_repository

from mkdocs_gitguard.cli import cli


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {"README.md": "# Billing\n", "CODEOWNERS": "/src/ @mira\n", "src/a.py": "", "b.py": ""}
    return make_repository(tmp_path / "billing", files, remote="https://github.com/acme/billing.git")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["scorecard", *arguments])


def test_check_names_what_is_lacking_and_the_fact_that_tells_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    result = run("check", "-r", str(repository))
    assert result.exit_code == 0
    assert "warning: Licence: failed. There is no licence. Add a LICENSE file. [licence]" in result.stdout
    assert "CODEOWNERS: info: Every path has an owner: failed. 1 of 4 files have an owner." in result.stdout
    assert run("check", "-r", str(repository), "--strict").exit_code == 1
    document = json.loads(run("check", "-r", str(repository), "--format", "json").stdout)
    results = {check["check"]: check for check in document["repositories"][0]["checks"]}
    assert (results["readme"]["state"], results["readme"]["facts"][0]["path"]) == ("passed", "README.md")
    assert results["policies-tested"]["state"] == "not applicable"
    log = json.loads(run("check", "-r", str(repository), "--format", "sarif").stdout)
    assert {one["ruleId"] for one in log["runs"][0]["results"]} >= {"licence", "owned"}


def test_a_broken_check_is_told_with_its_line_and_facts_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A\nplugins: [gitguard]\n")
    folder = tmp_path / "config" / "scorecards"
    folder.mkdir(parents=True)
    (folder / "own.yml").write_text("title: Own\ncheck: readme()\n")
    monkeypatch.chdir(tmp_path)
    result = run("list")
    assert result.exit_code != 0
    assert "config/scorecards/own.yml:2: `check`" in result.stderr
    (folder / "own.yml").write_text("title: Own\ncheck: readme\nlevel: gold\n")
    assert "gold    own: readme  (config/scorecards/own.yml)" in run("list").stdout
    assert "owned_share (number): per cent of files that have a code owner" in run("facts").stdout


def test_a_repository_that_cannot_be_read_does_not_pass(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.parent)
    result = run("check", "-r", "billing", "-r", "nowhere")
    assert result.exit_code == 1
    assert "local/nowhere: error: The folder of local/nowhere does not exist." in result.stdout
    assert result.stdout.splitlines()[-1] == "local/nowhere: not read; 1 error, 0 warnings"
    assert "acme/billing: no level: " in result.stdout
    document = json.loads(run("check", "-r", "billing", "-r", "nowhere", "--format", "json").stdout)
    assert [(one["repository"], one["errors"]) for one in document["repositories"]] == [
        ("acme/billing", 0),
        ("local/nowhere", 1),
    ]
    assert "x/* matches no repository" in run("check", "-r", "x/*").stderr


@pytest.mark.parametrize(
    "command", [("owners", "suggest"), ("scorecard", "check"), ("search", "x"), ("people", "suggest")], ids=" ".join
)
def test_where_nothing_could_be_read_no_command_answers(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, [*command, "-r", "nowhere"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The folder of local/nowhere does not exist. Check the path" in str(result.exception) + result.stderr


def test_a_question_needs_no_quotes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    words = CliRunner().invoke(cli, ["search", "acme", "billing"])
    assert words.exit_code == 0, words.stderr
    assert words.stdout == CliRunner().invoke(cli, ["search", "acme billing"]).stdout
    assert "acme/billing (repository)" in words.stdout
