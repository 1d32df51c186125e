"""A folder of kept texts has a limit, and keeps what is used."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.state.folder_cache import FolderCache

TEXT = "x" * 100


def age(folder: Path, *names: str) -> None:
    """Let files be used last in this order, long ago."""
    for place, name in enumerate(names):
        os.utime(folder / name, (1_000_000 + place, 1_000_000 + place))


def test_what_has_not_been_used_for_longest_goes(tmp_path: Path) -> None:
    folder = tmp_path / "state/kept"
    before = FolderCache(folder, most_bytes=1_000)
    for name in "abcdefghi":
        before[name] = TEXT
    age(folder, *"abcdefghi")
    now = FolderCache(folder, most_bytes=1_000)
    assert now["a"] == TEXT
    now["j"] = TEXT
    assert len(now) == 10
    now["k"] = TEXT
    # 750 bytes are left: what this build has used, and the youngest of the others.
    assert sorted(now) == ["a", "f", "g", "h", "i", "j", "k"]


def test_what_one_build_uses_stays_for_the_next_however_much_it_is(tmp_path: Path) -> None:
    names = [f"{number:03}" for number in range(50)]
    for _ in range(3):
        cache = FolderCache(tmp_path / "kept", most_bytes=1_000)
        misses = [name for name in names if name not in cache]
        for name in names:
            if name in cache:
                assert cache[name] == TEXT
            else:
                cache[name] = TEXT
        assert len(cache) == 50
    assert misses == []


def test_what_a_killed_writer_left_goes_too(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "kept", most_bytes=300)
    cache["a"] = TEXT
    part = tmp_path / "kept/.b.0123.part"
    part.write_text(TEXT * 9)
    age(tmp_path / "kept", part.name)
    cache = FolderCache(tmp_path / "kept", most_bytes=300)
    cache["c"] = TEXT
    assert not part.exists()
    assert sorted(cache) == ["a", "c"]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 60)), max_size=30), st.integers(1, 5))
def test_it_is_bounded_by_its_limit_or_by_what_is_used(tmp_path_factory, uses, builds) -> None:  # type: ignore[no-untyped-def] # what hypothesis gives
    folder = tmp_path_factory.mktemp("cache") / "kept"
    for _ in range(builds):
        cache = FolderCache(folder, most_bytes=100)
        known: dict[str, str] = {}
        for name, size in uses:
            cache[name] = known[name] = "x" * size
            used = sum(map(len, known.values()))
            # To read a text would be to use it.
            assert sum(size for _, size, _ in cache._files()) <= max(100, used) + 60
        assert {name: cache[name] for name in known} == known


def test_a_text_that_a_loss_of_power_has_torn_is_not_there(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "kept")
    cache["a"], cache["b"] = TEXT, TEXT
    whole = (tmp_path / "kept/a").read_bytes()
    (tmp_path / "kept/a").write_bytes(whole[:-1])
    (tmp_path / "kept/b").write_bytes(bytes(len(whole)))
    assert "a" not in cache
    assert "b" not in cache
    (tmp_path / "kept/b").write_bytes(whole)
    assert "b" not in cache
