"""Which mkdocs.yml a command works on."""

import subprocess
from pathlib import Path

import pytest
import yaml

from mkdocs_gitguard.cli.site_file import locate_site, repositories_at
from mkdocs_gitguard.errors import SettingError


def make_repository(path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(path)], check=True)
    return path


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins: [search, gitguard]",
        "plugins:\n  - gitguard:\n      repositories: [.]",
        "plugins:\n  search: {}\n  gitguard: {}",
        "plugins: [gitguard]\nx: !!python/name:os.system",
    ],
)
def test_the_folders_own_site_is_used_if_it_lists_the_plugin(tmp_path: Path, plugins: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(f"site_name: x\n{plugins}\n")
    assert locate_site(tmp_path) == tmp_path / "mkdocs.yml"


@pytest.mark.parametrize("text", ["site_name: x\n", "site_name: x\nplugins: [search]\n", "site_name: [", "- a", ""])
def test_another_site_is_left_alone(tmp_path: Path, text: str) -> None:
    make_repository(tmp_path)
    (tmp_path / "mkdocs.yml").write_text(text)
    made = locate_site(tmp_path)
    assert made == tmp_path / ".gitguard/preview/mkdocs.yml"
    assert (tmp_path / "mkdocs.yml").read_text() == text
    status = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain"], check=True, capture_output=True, text=True
    )
    assert status.stdout == "?? mkdocs.yml\n"


def test_a_site_is_made_for_a_repository(tmp_path: Path) -> None:
    config = yaml.safe_load(locate_site(make_repository(tmp_path / "billing")).read_text())
    assert config["site_name"] == "billing"
    assert config["plugins"][1]["gitguard"]["repositories"] == [str(tmp_path / "billing")]
    assert Path(config["docs_dir"]).is_dir()


def test_a_folder_of_repositories_shows_them_all(tmp_path: Path) -> None:
    make_repository(tmp_path / "b")
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "a.git")], check=True)
    (tmp_path / "not-one").mkdir()
    assert repositories_at(tmp_path) == [str(tmp_path / "a.git"), str(tmp_path / "b")]


def test_below_a_repository_it_is_the_one_stood_in(tmp_path: Path) -> None:
    inner = make_repository(tmp_path) / "src" / "deep"
    inner.mkdir(parents=True)
    assert repositories_at(inner) == [str(tmp_path)]


def test_a_folder_without_repositories_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="gitguard init"):
        locate_site(tmp_path)
    with pytest.raises(SettingError, match="not a folder"):
        locate_site(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="not a file"):
        locate_site(tmp_path, tmp_path / "nowhere.yml")
