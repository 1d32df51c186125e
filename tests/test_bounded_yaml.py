"""YAML that would exhaust its reader is refused at once; all other is read as PyYAML reads it."""

import time
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard import bounded_yaml
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


@pytest.mark.parametrize(
    "text", ["2026-02-30", "0000-01-01", "2026-01-01T25:00:00Z", "2001-12-14t21:59:43.10-99:99", "0b_", "[2026-13-01]"]
)
def test_dates_and_numbers_that_there_are_not(text: str) -> None:
    with pytest.raises(yaml.YAMLError) as raised:
        list(load_documents(f"a: 1\nb: {text}\n"))
    assert raised.value.problem_mark.line == 1


@pytest.mark.parametrize(
    "text", ["9" * 5_000, "0x" + "f" * 100_000, "-" + "9" * 41, "1" + ":59" * 20_000, "1." + "0" * 99]
)
def test_a_number_that_takes_long_to_compute_is_text(text: str) -> None:
    assert list(load_documents(f"a: {text}")) == [{"a": text}]
    assert list(load_documents(f"? {text}\n: 1")) == [{text: 1}]


def test_bytes_of_any_encoding_of_yaml() -> None:
    for data in (
        "a: ü".encode(),
        "\ufeffa: ü".encode(),
        "\ufeffa: ü".encode("utf-16-le"),
        "\ufeffa: ü".encode("utf-16-be"),
    ):
        assert list(load_documents(data)) == [{"a": "ü"}]
    for broken in (b"a: \xff", b"a: \0", b"\xff\xfe\x00\xd8"):
        with pytest.raises(yaml.YAMLError):
            list(load_documents(broken))


def test_a_text_of_many_values_is_read_where_it_refers_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_yaml, "MOST_VALUES", 10_000)
    many = "- {a: 1, b: 2, c: 3}\n" * 1_500
    assert len(next(load_documents(many))) == 1_500
    with pytest.raises(BoundsError):
        list(load_documents(f"x: &x [{'1,' * 2_000}]\ny: [{'*x,' * 1_000}]\n"))
