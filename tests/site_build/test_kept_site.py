"""The site's folder over a build: what holds is not touched, what is gone goes."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mkdocs.utils import clean_directory

from mkdocs_gitguard.site_build.kept_site import FileCounts, KeptSite


@pytest.fixture(autouse=True, scope="module", params=["one file system", "the state on another", "a lower layer"])
def file_systems(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the state folder be on another file system, or the site's folder in a lower layer of an overlay, too.

    What is moved to the state folder would have to be copied, and a folder of a lower layer cannot be moved at all.
    """
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        is_elsewhere = "state" in target.parts and "state" not in path.parts
        is_lower = request.param == "a lower layer" and path.name in {"site", "one", "two"}
        if is_elsewhere or is_lower:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(path))
        return rename(path, target)

    with pytest.MonkeyPatch.context() as patch:
        if request.param != "one file system":
            patch.setattr(Path, "rename", refuse)
        yield


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text() if not path.is_symlink() else f"-> {path.readlink()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() or path.is_symlink()
    }


def put(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def build(site: Path, state: Path, files: dict[str, str], held: set[str] = frozenset(), folders=()) -> FileCounts:  # type: ignore[assignment]
    kept = KeptSite(site, state)
    kept.set_aside()
    site.mkdir(parents=True, exist_ok=True)
    clean_directory(str(site))
    put(site, files)
    return kept.settle(held.__contains__, folders=folders)


def test_the_site_is_what_was_built_and_what_was_held(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "gone/x/y.html": "x", "api/v1/n.json": "n"})
    before = {path: (site / path).stat() for path in ("index.html", "a/index.html")}
    done = build(site, state, {"index.html": "1", "new/index.html": "2"}, {"a/index.html"}, ["api/v1"])
    assert tree(site) == {"index.html": "1", "a/index.html": "a", "new/index.html": "2", "api/v1/n.json": "n"}
    assert done == FileCounts(written=1, unchanged=1, deleted=2)
    for path, status in before.items():
        assert (site / path).stat().st_ino == status.st_ino
        assert (site / path).stat().st_mtime_ns == status.st_mtime_ns
    assert not (site / "gone").exists(), "an empty folder is an entry too"
    assert tree(state) == {".gitignore": "*\n"}


def test_hidden_entries_at_the_top_stay_as_with_mkdocs(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {".git/HEAD": "ref", ".nojekyll": "", "x/.hidden": "goes"})
    build(site, state, {"index.html": "1"})
    assert tree(site) == {".git/HEAD": "ref", ".nojekyll": "", "index.html": "1"}


def test_a_failed_build_gives_the_old_site_back(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {"index.html": "1"})
    kept = KeptSite(site, state)
    kept.set_aside()
    put(site, {"index.html": "half"})
    kept.give_back()
    assert tree(site) == {"index.html": "1"}


def test_a_killed_build_loses_nothing(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {"index.html": "1", "a.html": "a"})
    killed = KeptSite(site, state)
    killed.set_aside()
    put(site, {"index.html": "half"})
    done = build(site, state, {"index.html": "2"}, {"a.html"})
    assert tree(site) == {"index.html": "2", "a.html": "a"}
    assert done.written == 1


def test_what_waits_of_another_site_is_not_taken(tmp_path: Path) -> None:
    state = tmp_path / "state"
    put(tmp_path / "one", {"secret.html": "one"})
    KeptSite(tmp_path / "one", state).set_aside()
    put(tmp_path / "two", {"index.html": "2"})
    build(tmp_path / "two", state, {"index.html": "3"}, {"secret.html", "index.html"})
    assert tree(tmp_path / "two") == {"index.html": "3"}


def test_links_in_the_site_are_not_followed(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(tmp_path / "home", {"thesis.txt": "mine", "index.html": "mine"})
    put(site, {"b.html": "b"})
    (site / "a").symlink_to(tmp_path / "home")
    (site / "c.html").symlink_to(tmp_path / "home" / "thesis.txt")
    build(site, state, {"a/index.html": "ours", "c.html": "ours"})
    assert tree(tmp_path / "home") == {"thesis.txt": "mine", "index.html": "mine"}
    assert tree(site) == {"a/index.html": "ours", "c.html": "ours"}


def test_a_site_that_is_a_link_or_holds_the_state_is_left_to_mkdocs(tmp_path: Path) -> None:
    put(tmp_path / "real", {"index.html": "1"})
    (tmp_path / "site").symlink_to(tmp_path / "real")
    KeptSite(tmp_path / "site", tmp_path / "state").set_aside()
    assert (tmp_path / "site").is_symlink()
    KeptSite(tmp_path, tmp_path / "state").set_aside()
    assert tree(tmp_path / "real") == {"index.html": "1"}


def test_a_folder_where_a_file_is_to_stand_and_the_other_way_round(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {"x/y/z.html": "1", "f": "file"})
    build(site, state, {"x/y": "now a file", "f/g.html": "now a folder"})
    assert tree(site) == {"x/y": "now a file", "f/g.html": "now a folder"}


def test_a_link_where_the_site_would_wait_is_not_written_through(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(tmp_path / "home", {"thesis.txt": "mine"})
    put(site, {"index.html": "1"})
    (tmp_path / ".site.site-of-last-build").symlink_to(tmp_path / "home")
    build(site, state, {"index.html": "2"})
    assert tree(site) == {"index.html": "2"}
    assert tree(tmp_path / "home") == {"thesis.txt": "mine"}


def test_nothing_is_left_beside_the_site(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state"
    put(site, {"index.html": "1"})
    build(site, state, {"index.html": "2"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "state"]


def test_a_site_that_cannot_be_moved_is_left_to_mkdocs(tmp_path: Path) -> None:
    put(tmp_path, {"site/index.html": "1", "file": "no folder"})
    kept = KeptSite(tmp_path / "site", tmp_path / "file" / "state")
    kept.set_aside()
    assert not kept.is_aside
    assert tree(tmp_path / "site") == {"index.html": "1"}


_NAMES = st.sampled_from(["a", "b", "a/b", "a/b/c", "d/e", "api/v1/x", "index.html"])
_TREES = st.dictionaries(_NAMES, st.sampled_from("xyz"), max_size=6).filter(
    lambda files: not any(other.startswith(f"{path}/") for path in files for other in files)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_TREES, st.sets(_NAMES), st.booleans()), min_size=1, max_size=4))
def test_any_sequence_gives_what_a_model_says(steps: list[tuple[dict[str, str], set[str], bool]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        site, state = Path(folder, "site"), Path(folder, "state")
        model: dict[str, str] = {}
        for files, held, is_killed in steps:
            if is_killed and site.exists():
                kept = KeptSite(site, state)
                kept.set_aside()
                site.mkdir(exist_ok=True)
                clean_directory(str(site))
                put(site, dict(list(files.items())[:1]))
                continue
            build(site, state, files, held)
            kept_before = {
                path: text
                for path, text in model.items()
                if path in held
                and not any(path == new or path.startswith(f"{new}/") or new.startswith(f"{path}/") for new in files)
            }
            model = {**kept_before, **files}
            assert tree(site) == model
