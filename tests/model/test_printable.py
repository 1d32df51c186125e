"""Text out of repositories is shown for what it is, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model.printable import original, printable


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"docs/caf\xc3\xa9.md", "docs/café.md"),
        (b"a\nb", r"a\x0ab"),
        (b"tab\there", r"tab\x09here"),
        (b"back\\slash", r"back\\slash"),
        (b"\x1b[31mred", r"\x1b[31mred"),
        (b"latin\xe9", r"latin\xe9"),
        ("\u202etxt.exe".encode(), r"\u202etxt.exe"),
        ("no\u00a0break".encode(), r"no\u00a0break"),
        ("tag\U000e0041".encode(), r"tag\U000e0041"),
        ("🦄/<b>.md".encode(), "🦄/<b>.md"),
        (b"../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_what_cannot_be_shown_is_escaped(raw: bytes, shown: str) -> None:
    text = raw.decode("utf-8", "surrogateescape")
    assert printable(text) == shown
    assert original(shown).encode("utf-8", "surrogateescape") == raw


@given(st.binary(max_size=60))
def test_nothing_is_lost_and_nothing_hidden(raw: bytes) -> None:
    text = raw.decode("utf-8", "surrogateescape")
    assert printable(text).isprintable()
    assert original(printable(text)) == text


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_two_paths_never_look_the_same(one: bytes, other: bytes) -> None:
    shown = [printable(raw.decode("utf-8", "surrogateescape")) for raw in (one, other)]
    assert (shown[0] == shown[1]) == (one == other)
