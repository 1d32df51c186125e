"""`gitguard init` lays down a site that builds, and never overwrites."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mkdocs_gitguard.assembly.people_file import parse_people
from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.cli.init import lay_down
from mkdocs_gitguard.errors import SettingError


def test_lays_down_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "portal")])
    assert result.exit_code == 0, result.output
    assert "There is no git repository here, so it shows nothing yet." in result.output
    config = yaml.safe_load((tmp_path / "portal/mkdocs.yml").read_text())
    assert {"gitguard": {"repositories": [], "people": "people.yml"}} in config["plugins"]
    for commented in ("decisions:", "governs:", "- https://github.com/acme/billing"):
        assert f"# {commented}" in (tmp_path / "portal/mkdocs.yml").read_text()
    assert (tmp_path / "portal/docs/about.md").is_file()
    example = (tmp_path / "portal/people.yml").read_text()
    assert parse_people(example, "people.yml") == ()
    entries = "\n".join(line[2:] for line in example.split("\n") if line.startswith(("# people:", "#   ")))
    assert [person.login for person in parse_people(entries, "people.yml")] == ["mira", "ola"]
    assert (tmp_path / "portal/overrides/main.html").is_file()


@pytest.mark.parametrize(
    ("repositories", "places", "wanted"),
    [
        ([""], ("", "."), ["."]),
        ([""], ("", "portal"), [".."]),
        ([""], ("docs", "../portal"), [".."]),
        (["portal"], ("", "portal"), ["."]),
        (["billing", "ledger"], ("", "portal"), ["../billing", "../ledger"]),
        (["billing", "ledger"], ("", "."), ["billing", "ledger"]),
        ([f"r{number}" for number in range(21)], ("", "portal"), ["../*"]),
    ],
)
def test_it_shows_the_repositories_at_hand(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repositories: list[str],
    places: tuple[str, str],
    wanted: list[str],
) -> None:
    here, folder = places
    for name in repositories:
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / here).mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / here)
    result = CliRunner().invoke(cli, ["init", folder])
    assert result.exit_code == 0, result.output
    assert f"It shows {', '.join(wanted)}" in result.output
    config = yaml.safe_load((tmp_path / here / folder / "mkdocs.yml").read_text())
    assert {"gitguard": {"repositories": wanted, "people": "people.yml"}} in config["plugins"]


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
