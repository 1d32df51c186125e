"""`gitguard init` lays down a site that builds, and never overwrites."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mkdocs_gitguard.assembly.people_file import parse_people
from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.cli.init import lay_down
from mkdocs_gitguard.errors import SettingError


def test_lays_down_a_site(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "portal")])
    assert result.exit_code == 0, result.output
    config = yaml.safe_load((tmp_path / "portal/mkdocs.yml").read_text())
    assert {"gitguard": {"repositories": ["."], "people": "people.yml"}} in config["plugins"]
    assert (tmp_path / "portal/docs/about.md").is_file()
    example = (tmp_path / "portal/people.yml").read_text()
    assert parse_people(example, "people.yml") == ()
    entries = "\n".join(line[2:] for line in example.split("\n") if line.startswith(("# people:", "#   ")))
    assert [person.login for person in parse_people(entries, "people.yml")] == ["mira", "ola"]
    assert (tmp_path / "portal/overrides/main.html").is_file()


def test_overwrites_nothing_unless_told(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("mine")
    result = CliRunner().invoke(cli, ["init", str(tmp_path)])
    assert result.exit_code == 1
    assert "mkdocs.yml" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mkdocs.yml"]
    assert CliRunner().invoke(cli, ["init", str(tmp_path), "--force"]).exit_code == 0
    assert (tmp_path / "mkdocs.yml").read_text() != "mine"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written"):
        lay_down(tmp_path / "file" / "below")


def test_nothing_is_written_through_a_link_and_no_templates_are_taken_over(tmp_path: Path) -> None:
    for name in ("docs", "mkdocs.yml"):
        folder = tmp_path / f"with-{name}"
        folder.mkdir()
        (folder / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(SettingError, match="symbolic link"):
            lay_down(folder, force=True)
        assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "clone/overrides/partials").mkdir(parents=True)
    with pytest.raises(SettingError, match="overrides"):
        lay_down(tmp_path / "clone")
