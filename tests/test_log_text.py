"""What others wrote reaches a terminal or a CI job's log as text, and as nothing else."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.hostile_text import commands, controls, hostile_text

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.log_text import log_json, log_line, log_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("src/größe/日本.py\t# 👩‍💻 a b", "src/größe/日本.py\t# 👩‍💻 a b"),
        ("C:\\x1b \\n", "C:\\x1b \\n"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb", "a\\x0db"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("a\x85b\u2028c", "a\\x85b\\u2028c"),
        ("a\u202eb\u2066c\u200b", "a\\u202eb\\u2066c\\u200b"),
        ("a\U000e0041", "a\\U000e0041"),
        ("a\udcffb\ud800", "a\\xffb\\ud800"),
        ("::add-mask::x", "\\x3a:add-mask::x"),
        (" \t\u00a0::add-mask::x", " \t\u00a0\\x3a:add-mask::x"),
        ("a::b", "a::b"),
        ("a ##[add-mask]x", "a \\x23#[add-mask]x"),
        ("a ###[x]##vso[task.setvariable]", "a #\\x23#[x]\\x23#vso[task.setvariable]"),
        ("##teamcity[x]", "\\x23#teamcity[x]"),
        ("## Heading [x]", "## Heading [x]"),
    ],
)
def test_it_is_written_out(text: str, shown: str) -> None:
    assert log_line(text) == shown
    assert log_lines(text) == shown
    assert str(SettingError(text.replace("\udcff", "").replace("\ud800", ""))) == log_lines(
        text.replace("\udcff", "").replace("\ud800", "")
    ).strip(" \t\u00a0")


def test_one_line_is_one_line() -> None:
    assert log_line("a\n::add-mask::b\n") == "a\\x0a::add-mask::b\\x0a"
    assert log_lines("a\n::add-mask::b\n") == "a\n\\x3a:add-mask::b\n"


@settings(deadline=None)
@given(hostile_text())
def test_nothing_but_text_is_left(text: str) -> None:
    for shown in (log_line(text), log_lines(text)):
        assert controls(shown) == []
        assert commands(shown) == []
        shown.encode()
    assert "\n" not in log_line(text)


@settings(deadline=None)
@given(hostile_text())
def test_doing_it_twice_does_no_harm(text: str) -> None:
    assert log_line(log_line(text)) == log_line(text)
    assert log_lines(log_lines(text)) == log_lines(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "M"], exclude_characters="#:\u061c")))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert log_line(text) == text


@settings(deadline=None)
@given(
    st.recursive(
        hostile_text(is_whole=True), lambda inner: st.lists(inner) | st.dictionaries(hostile_text(is_whole=True), inner)
    )
)
def test_json_keeps_its_value(value: object) -> None:
    shown = log_json(json.dumps(value, ensure_ascii=False).encode())
    assert json.loads(shown) == value
    assert controls(shown.decode()) == []
    assert not re.search(r"##\w*\[", shown.decode(), re.ASCII)
