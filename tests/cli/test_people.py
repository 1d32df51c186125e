"""`gitguard people suggest` on real repositories."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make.git import Scratch

from mkdocs_gitguard.assembly.people_file import parse_people
from mkdocs_gitguard.cli import cli

CODEOWNERS = "* @OttoWinter\n/docs/ @mhansen\n/src/ @unheard\n/tools/ @onord\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", author="Otto Winter <otto@acme.example>", CODEOWNERS=CODEOWNERS, src__a_py="1\n")
    scratch.commit("Write", author="Mira Hansen <mira@acme.example>", docs__a_md="1\n")
    scratch.commit("Help", author="Ola Nord <ola@acme.example>", src__b_py="1\n")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Acme\nplugins:\n  - gitguard:\n      repositories: [billing]\n      people: people.yml\n"
    )
    (tmp_path / "people.yml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suggest() -> Result:
    return CliRunner().invoke(cli, ["people", "suggest", "--config-file", "mkdocs.yml"])


def test_a_draft_is_a_people_file_with_evidence(site: Path) -> None:
    result = suggest()
    assert result.exit_code == 0, result.output
    text = result.stdout
    people = parse_people(text, "people.yml")
    assert [(person.login, person.name, person.emails) for person in people] == [
        ("OttoWinter", "Otto Winter", ("otto@acme.example",)),
        ("mhansen", "Mira Hansen", ("mira@acme.example",)),
    ]
    assert "# Probably: a name of theirs is 'Otto Winter'." in text
    assert "# The login is made of the name: Mira Hansen." in text
    assert "# Wrote 1 of the 1 commits to what they alone own." in text
    # One reason alone: a comment. None: told, with what they own.
    assert '  # - login: "onord"' in text
    assert "#   @unheard: 2 files in local/billing" in text


def test_where_there_is_a_people_file_only_the_rest_is_printed(site: Path) -> None:
    (site / "people.yml").write_text(suggest().stdout)
    again = suggest().stdout
    assert "people:" not in again
    assert "OttoWinter" not in again
    assert "mhansen" not in again
    assert '  # - login: "onord"' in again
