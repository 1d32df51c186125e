"""An export leaves unchanged files untouched and removes only what it wrote."""

import json
import os
from pathlib import Path

import pytest

from mkdocs_gitguard.cli.folder import LIST_NAME, sync_folder
from mkdocs_gitguard.errors import SettingError


def test_writes_only_what_changed(tmp_path: Path) -> None:
    assert sync_folder(tmp_path, [("a.md", b"1"), ("b/c.md", b"2")]) == (2, 0, 0)
    os.utime(tmp_path / "a.md", (1, 1))
    assert sync_folder(tmp_path, [("a.md", b"1"), ("b/c.md", b"3")]) == (1, 1, 0)
    assert (tmp_path / "a.md").stat().st_mtime == 1
    assert (tmp_path / "b/c.md").read_bytes() == b"3"


def test_removes_what_is_gone_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine")
    sync_folder(tmp_path, [("a.md", b"1"), ("b.md", b"2")])
    assert sync_folder(tmp_path, [("a.md", b"1")]) == (0, 1, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"a.md", "mine.md", LIST_NAME}


def test_a_file_of_the_users_own_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("mine")
    with pytest.raises(SettingError, match=r"index\.md"):
        sync_folder(tmp_path, [("index.md", b"ours")])
    assert (tmp_path / "index.md").read_text() == "mine"


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a/../../b"])
def test_nothing_is_written_or_removed_outside(tmp_path: Path, path: str) -> None:
    with pytest.raises(SettingError, match="leads out"):
        sync_folder(tmp_path / "in", [(path, b"")])
    (tmp_path / "in").mkdir(exist_ok=True)
    (tmp_path / "in" / LIST_NAME).write_text(json.dumps([path]))
    with pytest.raises(SettingError, match="leads out"):
        sync_folder(tmp_path / "in", [])


def test_a_broken_list_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / LIST_NAME).write_text("{")
    with pytest.raises(SettingError, match="Delete it"):
        sync_folder(tmp_path, [])


def test_folders_go_with_the_last_file_in_them_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    sync_folder(folder, [("a/secret/x/index.md", b"1"), ("a/shown/index.md", b"1"), ("linked/y/index.md", b"1")])
    (folder / "a/secret/mine").mkdir()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "y").mkdir(parents=True)
    (folder / "linked/y/index.md").unlink()
    (folder / "linked/y").rmdir()
    (folder / "linked").rmdir()
    (folder / "linked").symlink_to(elsewhere)
    with pytest.raises(SettingError, match="symbolic link"):
        sync_folder(folder, [("a/shown/index.md", b"1")])
    (folder / "linked").unlink()
    sync_folder(folder, [("a/shown/index.md", b"1")])
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()) == [
        "a", "a/secret", "a/secret/mine", "a/shown",
    ]  # fmt: skip
    assert (elsewhere / "y").is_dir()
    (folder / "a/secret/mine").rmdir()
    sync_folder(folder, [("a/secret/index.md", b"1")])
    sync_folder(folder, [("b.md", b"1")])
    assert not (folder / "a").exists()


@pytest.mark.parametrize("link", ["linked", "linked/deep", "index.md", LIST_NAME])
def test_nothing_is_written_or_removed_through_a_link(tmp_path: Path, link: str) -> None:
    home, folder = tmp_path / "home", tmp_path / "clone"
    for path in (home / "deep", (folder / link).parent):
        path.mkdir(parents=True)
    (home / "index.md").write_text("precious")
    (folder / link).symlink_to(home / "index.md" if link in {"index.md", LIST_NAME} else home)
    if link != LIST_NAME:
        (folder / LIST_NAME).write_text(json.dumps(["index.md", "linked/index.md", "linked/deep/index.md"]))
    with pytest.raises(SettingError, match="symbolic link"):
        sync_folder(folder, [("a.md" if link == LIST_NAME else "linked/deep/index.md", b"1"), ("index.md", b"2")])
    assert (home / "index.md").read_text() == "precious"
    assert [path.name for path in (home / "deep").iterdir()] == []
