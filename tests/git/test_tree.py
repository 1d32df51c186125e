"""Paths of a tree as text."""

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.git.tree import path_text, path_texts

PIECES = st.sampled_from([b"a", b"/", b"\xc3\xa9", b"\xff", b"\\", b"\n", b"\xe2\x80\xae", b" "])
PATHS = st.lists(st.lists(PIECES, min_size=1, max_size=4).map(b"".join), max_size=4)


@given(PATHS)
def test_many_paths_are_shown_as_each_is(paths: list[bytes]) -> None:
    assert path_texts(b"\0".join(paths)) == [path_text(path) for path in paths]
