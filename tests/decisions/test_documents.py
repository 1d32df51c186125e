"""Reports come in every layout, and what is broken costs only itself."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard import bounded_yaml
from mkdocs_gitguard.decisions.documents import Document, documents
from mkdocs_gitguard.decisions.report import ReportProblem

FIRST, SECOND = {"n": 1, "text": 'a } " [ b'}, {"n": 2, "deep": {"list": [{}, []]}}


def read(data, *, limit=1 << 20, size=7):
    parts = list(documents((data[start : start + size] for start in range(0, len(data), size)), limit))
    return [part.value for part in parts if isinstance(part, Document)], [
        p for p in parts if isinstance(p, ReportProblem)
    ]


def lines(*values):
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


LAYOUTS = {
    "lines": lines(FIRST, SECOND),
    "lines without the last end": lines(FIRST, SECOND).rstrip(),
    "lines with gaps": b"\n" + lines(FIRST) + b"\r\n\n" + lines(SECOND),
    "array": json.dumps([FIRST, SECOND]).encode(),
    "array over lines": json.dumps([FIRST, SECOND], indent=2).encode(),
    "array a line": lines([FIRST], [SECOND]),
    "one after the other": (json.dumps(FIRST, indent=1) + "\n" + json.dumps(SECOND, indent=1)).encode(),
    "byte order mark": b"\xef\xbb\xbf" + lines(FIRST, SECOND),
    "yaml": b"n: 1\ntext: 'a } \" [ b'\n---\nn: 2\ndeep: {list: [{}, []]}\n",
    "yaml with markers": b"---\nn: 1\ntext: 'a } \" [ b'\n--- \n# nothing\n---\nn: 2\ndeep: {list: [{}, []]}\n...\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_every_layout_gives_the_same_documents(layout, is_zipped):
    data = gzip.compress(LAYOUTS[layout]) if is_zipped else LAYOUTS[layout]
    assert read(data) == ([FIRST, SECOND], [])


def test_several_gzip_members_are_one_report():
    assert read(gzip.compress(lines(FIRST)) + gzip.compress(lines(SECOND)) + b"\0" * 100) == ([FIRST, SECOND], [])


def test_a_line_that_is_cut_off_costs_only_itself():
    values, problems = read(lines(FIRST) + b'{"n": 3, "te\n' + lines(SECOND) + b'{"n": 4')
    assert values == [FIRST, SECOND]
    assert [problem.line for problem in problems] == [2, 4]


def test_an_array_that_is_cut_off_gives_what_stands_before():
    values, problems = read(json.dumps([FIRST, SECOND], indent=2).encode()[:-20])
    assert values == [FIRST]
    assert problems
    assert problems[0].line == 6


def test_a_broken_element_of_an_array_costs_only_itself():
    values, problems = read(b'[\n  {"n": 1},\n  {"n": oops},\n  {"n": 2}\n]')
    assert values == [{"n": 1}, {"n": 2}]
    assert [problem.line for problem in problems] == [3]


def test_a_gzip_file_that_is_cut_off_gives_what_stands_before():
    data = gzip.compress(b"".join(lines({"n": number, "text": str(number**5)}) for number in range(20_000)))
    values, problems = read(data[: len(data) // 2], limit=1 << 30, size=5_000)
    assert len(values) > 5_000
    assert any("cut off" in problem.message for problem in problems)


def test_a_small_file_that_unpacks_to_nothing_but_blanks_says_nothing():
    values, [problem] = read(gzip.compress(b"\n" * (1 << 26)), limit=1 << 25, size=1 << 16)
    assert values == []
    assert "larger than 33,554,432 bytes" in problem.message


def test_documents_after_blanks_keep_their_lines():
    data = b"\xef\xbb\xbf" + b"\n" * 1_000 + lines(FIRST)
    parts = list(documents((data[start : start + 3] for start in range(0, len(data), 3)), 1 << 20))
    assert parts == [Document(FIRST, 1_001)]


def test_gzip_that_is_no_gzip_is_a_problem():
    assert read(b"\x1f\x8b" + b"nonsense" * 10)[1]


def test_a_small_file_that_unpacks_to_a_huge_one_is_read_up_to_the_limit():
    bomb = gzip.compress(b'{"n": 1}\n' * 3_000_000)
    values, problems = read(bomb, limit=900, size=1 << 16)
    assert len(values) == 100
    assert "larger than 900 bytes" in problems[-1].message


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 100_000, b"a: " * 3_000, b"[1, 2", b"- [" * 50_000, b"{", b"[", b"{{ helm }}"]
)
def test_hostile_nesting_ends_in_a_problem(data):
    assert read(data, size=1 << 16)[1]


def test_a_yaml_bomb_is_refused():
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n---\nn: 1\n"
    values, problems = read(bomb)
    assert values == [{"n": 1}]
    assert "aliases" in problems[0].message


def test_a_broken_yaml_document_costs_only_itself():
    values, problems = read(b"n: 1\n---\nname: {{ .Values.x }}\n---\na:\n\t- tab\n---\nt: 2026-13-45\n---\nn: 2\n")
    assert values == [{"n": 1}, {"n": 2}]
    assert [problem.line for problem in problems] == [3, 6, 8]


def test_a_date_that_there_is_not_is_named():
    _, [problem] = read(b"t: 1\nu: 2026-02-30\n")
    assert problem.line == 2
    assert "'2026-02-30' is not a valid timestamp" in problem.message


def test_yaml_of_many_values_without_aliases_is_read(monkeypatch):
    monkeypatch.setattr(bounded_yaml, "MOST_VALUES", 10_000)
    values, problems = read(b"results:\n" + b"- {a: 1, b: 2, c: 3, d: 4, e: 5}\n" * 1_500, limit=1 << 23, size=1 << 12)
    assert (len(values[0]["results"]), problems) == (1_500, [])


def test_nothing_is_nothing():
    assert read(b"") == ([], [])
    assert read(b" \n\n") == ([], [])


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.integers(1, 50), st.integers(0, 400))
def test_any_bytes_end_in_documents_and_problems(data, size, limit):
    read(data, limit=limit, size=size)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=1, max_size=6), st.data())
def test_however_a_report_is_cut_off_what_stands_before_is_read(values, data):
    whole = lines(*values)
    cut = data.draw(st.integers(0, len(whole)))
    reading, _ = read(whole[:cut], size=64)
    complete = whole[:cut].count(b"\n")
    assert reading[:complete] == values[:complete]


def found_in(data, **limits):
    values, problems = [], []
    for one in documents([data], **limits):
        (values if isinstance(one, Document) else problems).append(one)
    return [(one.value, one.line) for one in values], [(one.message, one.line) for one in problems]


def test_arrays_that_were_appended_to_one_file_are_all_read():
    values, problems = found_in(b'[\n\t{"a": 1}\n]\n[]\n[\n\t{"b": 2},\n\t{"c": 3}\n]\n{"d": 4}\n[{"e": 5}\n]')
    assert (values, problems) == ([({"a": 1}, 2), ({"b": 2}, 6), ({"c": 3}, 7), ({"d": 4}, 9), ({"e": 5}, 10)], [])


def test_arrays_of_one_line_before_those_of_several():
    values, problems = found_in(b'[]\n[{"a": 1}]\n[\n  {"b": 2}\n]\n')
    assert (values, problems) == ([({"a": 1}, 2), ({"b": 2}, 4)], [])


def test_uploads_in_members_of_their_own_may_break_lines_anywhere():
    members = [b'[{"n": 1}\n,{"n": 2}\n]', b'[{"n": 3}\n]', b'[{"n": 4}]']
    values, problems = found_in(b"".join(map(gzip.compress, members)))
    assert ([value for value, _ in values], problems) == ([{"n": number} for number in (1, 2, 3, 4)], [])


@pytest.mark.parametrize(
    "data",
    [
        b'INFO[0000] starting\n{"a": 1}\n[info] more\n\ntime="x" level=info\n{"b": 2}\n',
        b'Run conftest\n[\n  {"a": 1}\n]\nexit 1\n[error] no\n[\n  {"b": 2}\n]\n',
    ],
)
def test_what_a_program_prints_between_is_passed_over_and_told_with_a_count(data):
    values, problems = found_in(data)
    assert [value for value, _ in values] == [{"a": 1}, {"b": 2}]
    assert problems == [("3 lines that are not JSON were passed over.", 1)]


def test_an_array_that_is_cut_off_costs_not_the_next():
    values, problems = found_in(b'[\n\t{"a": 1},\n\t{"b": \n[\n\t{"c": 3}\n]\n')
    assert [value for value, _ in values] == [{"a": 1}, {"c": 3}]
    assert [message for message, _ in problems] == ["It is not JSON, or is cut off."]


def test_yaml_with_json_after_a_marker_stays_yaml():
    assert found_in(b'---\na: 1\n---\n{"b": 2}\n') == ([({"a": 1}, 1), ({"b": 2}, 3)], [])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"apiVersion: 0x" + b"f" * 4_000, "0x" + "f" * 4_000),
        (b"apiVersion: " + b"9" * 5_000, "9" * 5_000),
        (b"apiVersion: 1" + b":10" * 100_000, "1" + ":10" * 100_000),
        (b"apiVersion: 0x1f", 31),
    ],
)
def test_a_huge_number_of_yaml_is_text(data, value):
    assert found_in(data) == ([({"apiVersion": value}, 1)], [])


@pytest.mark.parametrize(
    "data", [b"a: " + b"[" * 5_000, b"- " * 5_000 + b"x", b"k: " + b"{a: " * 300 + b"1" + b"}" * 300]
)
def test_deep_yaml_is_told(data):
    assert found_in(data)[1] == [("The YAML is nested more than 100 levels deep.", 1)]


def test_a_flood_of_broken_json_ends_and_is_told():
    _, problems = found_in(b'{"a":[\n' * 50_000 + b'{"z": 1}\n')
    assert len(problems) < 1_000
    assert problems[-1][0] == "Too much of it is not JSON; the rest was not read."
