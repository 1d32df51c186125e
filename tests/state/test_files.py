"""A file is whole or as it was before, whatever happens while it is written."""

import os
import threading
from pathlib import Path

import pytest
from make.written import last_written

from mkdocs_gitguard.state.files import replace_file, write_whole, written_beside
from mkdocs_gitguard.state.folder_cache import FolderCache
from mkdocs_gitguard.state.tree import OwnFolders


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_its_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    replace_file(tmp_path / "made", b"")
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_bytes_are_synced_before_the_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, rename = os.fsync, Path.replace

    def spy_sync(descriptor: int) -> None:
        events.append("folder" if Path(f"/dev/fd/{descriptor}").resolve().is_dir() else "bytes")
        sync(descriptor)

    def spy_rename(self: Path, target: Path) -> Path:
        events.append("name")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", spy_sync)
    monkeypatch.setattr(Path, "replace", spy_rename)
    replace_file(tmp_path / "a", b"x")
    assert events == ["bytes", "name", "folder"]


def test_what_was_there_stays_if_the_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a"
    replace_file(path, b"old")
    with pytest.raises(RuntimeError, match="boom"), written_beside(path) as part:  # noqa: PT012
        part.write_bytes(b"ha")
        raise RuntimeError("boom")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_whole_file_is_written_where_no_folder_is_yet_and_left_alone_where_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.html"
    write_whole(path, b"x" * 300_000)
    before = last_written(path)
    write_whole(path, b"x" * 300_000)
    assert last_written(path) == before
    write_whole(path, b"other")
    assert path.read_bytes() == b"other"
    assert [path.name for path in path.parent.iterdir()] == ["c.html"]


@pytest.mark.parametrize("there", [b"", None])
def test_a_whole_file_is_not_written_through_a_link(tmp_path: Path, there: bytes | None) -> None:
    outside, path = tmp_path / "outside", tmp_path / "a.html"
    if there is not None:
        outside.write_bytes(there)
    path.symlink_to(outside)
    write_whole(path, b"new")
    assert (path.is_symlink(), path.read_bytes()) == (False, b"new")
    assert (outside.read_bytes() if outside.exists() else None) == there


def test_writers_at_once_never_mix(tmp_path: Path) -> None:
    path, contents = tmp_path / "a", [bytes([number]) * 100_000 for number in range(6)]
    threads = [threading.Thread(target=replace_file, args=(path, data)) for data in contents for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_cache_does_not_show_what_is_being_written(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "state" / "diagrams")
    cache["digest"] = "<svg/>"
    (tmp_path / "state" / "diagrams" / ".other.0.part").write_text("<sv")
    assert dict(cache) == {"digest": "<svg/>"}


def test_a_file_behind_a_link_stands_in_no_folder_of_its_own(tmp_path: Path) -> None:
    for name in ("site/a/b", "elsewhere/b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "site/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "site/a/x").symlink_to(tmp_path / "elsewhere")
    own = OwnFolders(str(tmp_path / "site"))
    assert [own.hold(path) for path in ("x", "a/x", "a/b/x", "link/b/x", "link/x", "gone/x")] == [
        True, True, True, False, False, True,
    ]  # fmt: skip
