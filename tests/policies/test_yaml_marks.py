"""YAML of strangers: exact lines, and nothing that a document holds costs more than that document."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.policies.yaml.documents import (
    DEEPEST,
    YamlDocument,
    child,
    children,
    key_node,
    marked_documents,
    pairs,
    plain,
    string,
)


def only(text: str) -> YamlDocument:
    (document,) = marked_documents(text.encode())
    return document


def test_lines_count_from_the_start_of_the_file() -> None:
    text = "# c\n---\na:\n  - b: 1\n\n# c\n---\nd: |\n  x\n\n  y\n\n\ne: 2\n...\n---\nf: >-\n  g\n"
    first, second, third = marked_documents(text.encode())
    assert first.first(child(first.root, "a")) == 4
    assert first.last(child(first.root, "a")) == 4
    assert (second.first(child(second.root, "d")), second.last(child(second.root, "d"))) == (8, 11)
    assert second.scalar_line(child(second.root, "d"), 2) == 11
    assert third.last(third.root) == 18


def test_a_mapping_ends_with_its_last_scalar() -> None:
    document = only("a:\n  b: 1\n  c:\n    - x\n    - {y: 1,\n       z: 2}\n\n# after\nd: 1\n")
    assert document.last(child(document.root, "a")) == 6
    assert document.first(key_node(document.root, "d")) == 9


def test_an_alias_ends_where_it_stands_not_where_it_points() -> None:
    document = only("a: &x\n  b: 1\nc:\n  d: 2\n  e: *x\n")
    assert document.last(child(document.root, "c")) == 5


@pytest.mark.parametrize("opener", ["[", "{a: ", "- ", "? "])
def test_nesting_that_would_overflow_the_stack_is_refused(opener: str) -> None:
    document = only(opener * 100_000)
    assert document.root is None
    assert document.problem is not None
    assert document.problem.code == "yaml-too-deep"


def test_block_nesting_by_indentation_is_refused_too() -> None:
    document = only("\n".join(" " * level + "a:" for level in range(1_000)))
    assert document.problem is not None
    assert document.problem.code == "yaml-too-deep"
    assert document.problem.line == DEEPEST + 1


def test_a_bomb_is_composed_but_not_expanded() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    document = only("\n".join(lines))
    assert document.root is not None
    assert not list(document.duplicate_keys())
    with pytest.raises(ValueError, match="expands"):
        plain(document.root)


def test_an_alias_to_its_own_parent_does_not_loop() -> None:
    document = only("a: &a\n  b: *a\n")
    assert document.last(document.root) == 2
    with pytest.raises(ValueError, match="itself"):
        plain(document.root)


def test_duplicate_keys_are_told_with_their_line_and_the_last_counts() -> None:
    document = only("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert sorted(problem.line for problem in document.duplicate_keys()) == [4, 5]
    assert string(document.root, "a") == "3"


def test_a_broken_document_costs_only_itself() -> None:
    good, broken, other = marked_documents(b"a: 1\n---\nb: [\n---\nc: 1\n")
    assert good.root is not None
    assert other.root is not None
    assert broken.problem is not None
    assert broken.problem.code == "yaml-broken"
    assert 2 <= broken.problem.line <= 4


def test_tabs_are_a_problem_with_a_line() -> None:
    document = only("a:\n\tb: 1\n")
    assert document.problem is not None
    assert (document.problem.code, document.problem.line) == ("yaml-broken", 2)


@pytest.mark.parametrize(
    "line", ["{{- if .Values.x }}", '{{ include "a" . | indent 2 }}', "{{- range $x := .Values.y }}"]
)
def test_a_template_is_told_as_one(line: str) -> None:
    problem = only(f"kind: A\nmetadata:\n{line}\n  name: x\n{{{{- end }}}}\n").problem
    assert problem is not None
    assert problem.code == "yaml-templated"


def test_a_name_that_a_chart_fills_in_is_told_though_it_is_yaml() -> None:
    problem = only('kind: A\nmetadata:\n  name: "{{ .Values.name }}"\n').problem
    assert problem is not None
    assert (problem.code, problem.line) == ("yaml-templated", 3)


def test_what_looks_like_a_template_but_is_yaml_is_read() -> None:
    assert string(only('message: "{{ request.object.metadata.name }}"\n').root, "message").startswith("{{")


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_only_line_feeds_count_as_lines(separator: str) -> None:
    document = only(f"a: x{separator}y\nb: 1\n")
    assert document.first(key_node(document.root, "b")) == 2


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    (document,) = marked_documents(b"a: \xff\x00\nb: 1\n")
    assert string(document.root, "b") == "1"


VALUES = st.recursive(
    st.one_of(st.text("ab #:'\"-\n", max_size=12), st.integers(-5, 5), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    value=st.dictionaries(st.text("abcd", min_size=1), VALUES, min_size=1, max_size=4),
    flow=st.sampled_from([True, False]),
)
def test_values_and_ends_hold_for_any_document(value: dict[str, object], *, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, sort_keys=False)
    document = only("# c\n\n" + text + "\n# after\n")
    assert plain(document.root) == value
    lines = text.rstrip("\n").split("\n")
    last = document.last(document.root)
    assert document.first(document.root) == 3
    assert last <= 2 + len(lines)
    keys = [document.first(key) for key, _ in pairs(document.root)]
    assert keys == sorted(keys)
    ends = [document.last(node) for _, node in pairs(document.root)]
    assert all(end < start or flow for end, start in zip(ends, keys[1:], strict=False))


@given(st.text("a:-?[]{}&*!|>'\"%@ \n\t#,", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for document in marked_documents(text.encode()):
        if document.root is not None:
            assert document.first(document.root) <= document.last(document.root) <= text.count("\n") + 1
            list(document.duplicate_keys())
        elif document.problem is not None:
            assert 1 <= document.problem.line <= text.count("\n") + 1
        list(children(document.top))
