"""YAML that would exhaust its reader is refused at once; all other is read as PyYAML reads it."""

import time
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.bounded_yaml import BoundsError, compose_documents, load_documents

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(VALUES, max_size=3))
def test_what_is_written_is_read(values: list[object]) -> None:
    text = yaml.safe_dump_all(values)
    assert list(load_documents(text)) == list(yaml.safe_load_all(text))


@given(st.text(alphabet="a:-[]{}&*<>!|? \n'\"#,1", max_size=60))
def test_any_text_is_read_as_pyyaml_reads_it_or_refused(text: str) -> None:
    def values(loaded: object) -> object:
        # A document that holds nothing is left out.
        try:
            return [value for value in loaded if value is not None]  # type: ignore[attr-defined]
        except BoundsError:
            return "over a limit"
        except (yaml.YAMLError, ValueError):
            return "broken"

    read = values(load_documents(text))
    assert read in (values(yaml.load_all(text, Loader=yaml.CSafeLoader)), "over a limit")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "? " * 100_000, "[" * 101 + "]" * 101]
)
def test_depth(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(yaml.YAMLError):
        list(load_documents(text))
    assert time.monotonic() - begun < 20


def laughs(begin: str, line: str, levels: int) -> str:
    return begin + "".join(line.format(n, ",".join([f"*a{n - 1}"] * 10)) for n in range(1, levels))


@pytest.mark.parametrize(
    "text",
    [
        laughs("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", "a{0}: &a{0} [{1}]\n", 9),
        laughs("a0: &a0 {x: 1}\n", "a{0}: &a{0} {{<<: [{1}]}}\n", 12),
        "&a [*a]",
        "&a {b: [*a]}",
        "&a {<<: *a}",
    ],
)
def test_aliases_that_stand_for_too_much(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(yaml.YAMLError):
        list(load_documents(text))
    assert time.monotonic() - begun < 20


def test_aliases_and_merge_keys_of_the_usual_kind() -> None:
    text = "a: &a {x: 1, d: 2026-01-02}\nb: {<<: *a, y: 2}\nc: *a\n---\n- 1\n"
    day = date(2026, 1, 2)
    first = {"a": {"x": 1, "d": day}, "b": {"x": 1, "d": day, "y": 2}, "c": {"x": 1, "d": day}}
    assert list(load_documents(text)) == [first, [1]]
    assert len(list(compose_documents("# nothing\n"))) == 0
