"""The state folder is of our own making."""

from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.tracked import tracked_names
from mkdocs_gitguard.site_build.state_folder import state_folder_of, unwatched_folder


def test_one_that_is_not_there_or_ours_is_taken(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "clone", {"README.md": "x"})
    assert state_folder_of(folder, ".gitguard") == folder / ".gitguard"
    (folder / ".gitguard/mirrors").mkdir(parents=True)
    (folder / ".gitguard/current").symlink_to("mirrors")
    assert state_folder_of(folder, ".gitguard") == folder / ".gitguard"
    assert state_folder_of(folder, str(tmp_path / "elsewhere")) == tmp_path / "elsewhere"


@pytest.mark.parametrize("name", [".gitguard", ".GitGuard"])
@pytest.mark.parametrize("where", ["", "portal/"])
def test_one_that_git_tracks_is_refused(tmp_path: Path, name: str, where: str) -> None:
    folder = make_repository(tmp_path / "clone", {f"{where}{name}/mirrors/x/config": "x", "a.gitguard/x": "y"})
    (folder / where / ".gitguard").mkdir(exist_ok=True)
    with pytest.raises(SettingError, match="tracked by git"):
        state_folder_of(folder / where, ".gitguard")


def test_a_submodule_in_its_place_is_refused(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "clone", {"README.md": "x"})
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},.gitguard")
    (folder / ".gitguard").mkdir()
    with pytest.raises(SettingError, match="tracked by git"):
        state_folder_of(folder, ".gitguard")


@pytest.mark.parametrize("place", [".gitguard", ".gitguard/site", ".gitguard/a/b/c", "cache"])
def test_links_are_refused(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "site"
    (folder / place).parent.mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (folder / place).symlink_to(tmp_path / "home")
    with pytest.raises(SettingError, match="symbolic link"):
        state_folder_of(folder, "cache/state" if place == "cache" else ".gitguard")


@pytest.mark.parametrize("state_dir", [".", "..", "a/.."])
def test_one_that_holds_the_site_is_refused(tmp_path: Path, state_dir: str) -> None:
    with pytest.raises(SettingError, match="holds the site itself"):
        state_folder_of(tmp_path / "site", state_dir)


def test_what_is_tracked_is_told_by_name(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "clone", {"a/b/c.txt": "x", "[a]*": "y"})
    assert tracked_names(folder, ("a", "b", "[a]*", "README.md")) == {"a", "[a]*"}
    assert tracked_names(folder / "a", ("b", "c.txt")) == {"b"}
    assert tracked_names(tmp_path, ("clone",)) == frozenset()


def test_the_state_is_kept_below_nothing_that_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    state = site / ".gitguard"
    assert unwatched_folder(state, [str(site / "docs")]) == state
    elsewhere = unwatched_folder(state, [str(site)])
    assert not elsewhere.is_relative_to(site)
    assert unwatched_folder(state, [str(site)]) == elsewhere
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    temporary = unwatched_folder(state, [str(tmp_path)])
    assert not temporary.is_relative_to(tmp_path)
