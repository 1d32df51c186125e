"""What is told quickly of YAML is what its nodes tell: tags, problems, and what a document cannot hold."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from make.git import Scratch
from make.policy_files import KYVERNO, KYVERNO_TEST
from policies.shapes import OURS, broken
from yaml.nodes import MappingNode, Node, SequenceNode

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.contents.policy_files import read_policy_files
from mkdocs_gitguard.policies import FileScan, PolicyFile, policy_formats, read_file
from mkdocs_gitguard.policies import read as policy_reading
from mkdocs_gitguard.policies.yaml import documents as yaml_documents
from mkdocs_gitguard.policies.yaml.compose import compose
from mkdocs_gitguard.policies.yaml.documents import DEEPEST, YamlDocument, marked_documents, string
from mkdocs_gitguard.policies.yaml.quick_check import is_surely_fine


def shown(node: Node | None, seen: tuple[Node, ...] = ()) -> object:
    """Return all that a node holds; one that holds itself is told by how far up it stands."""
    if node is None or node in seen:
        return None if node is None else seen.index(node)
    marks = [(place.index, place.line, place.column) for place in (node.start_mark, node.end_mark)]
    inside: object = node.value
    if isinstance(node, SequenceNode):
        inside = [node.flow_style, *(shown(item, (node, *seen)) for item in node.value)]
    elif isinstance(node, MappingNode):
        inside = [node.flow_style, *((shown(k, (node, *seen)), shown(v, (node, *seen))) for k, v in node.value)]
    else:
        marks.append((node.style,))
    return type(node), node.tag, marks, inside


def answer(read: Callable[[str], Node | None], text: str) -> object:
    try:
        return shown(read(text))
    except yaml.YAMLError as error:
        return type(error), str(error)


def as_pyyaml_does(text: str) -> Node | None:
    node: Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    return node


PLAIN = st.text("~nulyestrufaoNULYESTRFAO0123456789.-+:_eExXbinfT Z<=", max_size=12)


@given(st.one_of(broken(), PLAIN, PLAIN.map(lambda text: f'! "{text}\\n"')))
def test_nodes_are_those_of_pyyaml(text: str) -> None:
    assert answer(compose, text) == answer(as_pyyaml_does, text)


@pytest.mark.parametrize("end", ["", "\\n", " ", "x"])
@pytest.mark.parametrize(
    "word",
    [
        *("", "~", "null", "Null", "NULL", "nULL", "yes", "Yes", "YES", "no", "true", "True", "TRUE", "tRUE", "false"),
        *(
            "on",
            "On",
            "ON",
            "off",
            "OFF",
            "y",
            "n",
            "<<",
            "=",
            "0",
            "-1",
            "+1",
            "0x1F",
            "0b1",
            "1_0",
            "1:30",
            "1.5",
            ".5",
        ),
        *("-.inf", ".NaN", "1e3", "1.0e+3", "2001-01-01", "2001-01-01T00:00:00Z", "a", "0a", "-", "!", "&", "*"),
    ],
)
def test_a_scalar_is_taken_for_what_pyyaml_takes_it(word: str, end: str) -> None:
    for text in (word + end, f"! '{word}{end}'", f'! "{word}{end}"', f'"{word}{end}"', f"- {word}\n- !!str {word}"):
        assert answer(compose, text) == answer(as_pyyaml_does, text)


@given(broken())
@example("a: 1\n<<: 1\n<<: 1\n")
def test_what_is_surely_fine_is_fine(text: str) -> None:
    for document in marked_documents(text.encode("utf-8", "surrogatepass")):
        if is_surely_fine(document.text, DEEPEST):
            assert document.problem is None
            assert not list(document.duplicate_keys())


@pytest.mark.parametrize(
    "text",
    [
        *("a: 1\nb: {a: 2, c: [{a: 3}, {a: 4}]}\nc:\n- a: 1\n  b: 2\n- a: 1\n", "- a\n- a\n", "a", "", "a:\nb:\n"),
        *(
            "metadata:\n  labels: {name: a}\n  title: '{{ x }}'\n",
            "[" * DEEPEST + "]" * DEEPEST,
            "a: |\n  a: 1\n  a: 2\n",
        ),
    ],
)
def test_most_needs_no_nodes(text: str) -> None:
    assert is_surely_fine(text, DEEPEST)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: 1\na: 2\n",
            "- {a: 1, 'a': 2}\n",
            "a: [\n",
            "a: *b\n",
            "a: &b 1\n",
            "a: &b [1]\n",
            "[a]: 1\n",
            "{a: 1}: 1\n",
        ),
        *("metadata:\n  name: '{{ x }}'\n", "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "a: 1\n--- b\n", "a: !x!y 1\n"),
    ],
)
def test_the_rest_is_left_to_nodes(text: str) -> None:
    assert not is_surely_fine(text, DEEPEST)


QUOTED = st.sampled_from(
    ["{}", "'{}'", '"{}"', "&a {}", "! {}", "!!str '{}'", "\n  {}", ">-\n  {}", "|\n  {}\n", "# x\n  {}"]
)
HIDDEN = st.sampled_from(["{}", '"\\x{:02x}"', '"\\u{:04x}"', '"\\U{:08x}"'])


@given(QUOTED, st.integers(0, 11), HIDDEN, st.sampled_from(["kyverno.io/v1", "id"]), st.sampled_from(["{}", "{{{}}}"]))
def test_what_a_scalar_holds_is_not_missed(quoted: str, place: int, escape: str, value: str, around: str) -> None:
    written = value
    if escape.startswith('"') and place < len(value):
        written = value[:place] + escape.strip('"').format(ord(value[place])) + value[place + 1 :]
    text = around.format(f"apiVersion: {quoted.format(written)}")
    (document,) = marked_documents(text.encode())
    if string(document.root, "apiVersion").startswith(value):
        assert document.may_hold(b"kyverno.io/", b"id")


@pytest.mark.parametrize(
    "text", ['a: "kyverno.io\\/v1"', 'a: "kyverno.\\\n  io/v1"', "[kyverno.io/v1]", "{a: kyverno.io/v1}"]
)
def test_a_scalar_is_seen_wherever_it_begins(text: str) -> None:
    assert YamlDocument(text.encode(), 1).may_hold(b"kyverno.io/")


@pytest.mark.parametrize(
    "text", ["a: kyverno.io", "a: x.kyverno.io/v1", "a: https://kyverno.io/docs", "a: kyverno-io/v1"]
)
def test_what_begins_otherwise_is_not_taken_for_it(text: str) -> None:
    assert not YamlDocument(text.encode(), 1).may_hold(b"kyverno.io/", b"id")


def read_slowly(file: PolicyFile) -> FileScan:
    """Return the scan of a file, where nothing is told without nodes and no format is left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(YamlDocument, "may_hold", lambda *_: True)
        patch.setattr(YamlDocument, "is_surely_fine", False)
        patch.setattr(
            policy_reading,
            "policy_formats",
            lambda: tuple(known._replace(skips_test_folders=False) for known in policy_formats()),
        )
        return read_file(file)


PATHS = ["a.yaml", ".github/workflows/a.yml", ".github/settings.yml", "testdata/a.yaml", "test/ruleset/a.yml"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", OURS)
def test_our_own_sources_are_read_alike(text: str, path: str) -> None:
    file = PolicyFile(path, "b" * 40, text.encode())
    assert read_file(file) == read_slowly(file)


@given(
    broken(),
    st.sampled_from(PATHS),
)
def test_what_is_told_quickly_changes_no_scan(text: str, path: str) -> None:
    file = PolicyFile(path, "b" * 40, text.encode("utf-8", "surrogatepass"))
    assert read_file(file) == read_slowly(file)


def first_lines(lines: list[str]) -> list[int]:
    """Return where documents begin, read line by line."""
    parts: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(lines, 1):
        marker = re.match(r"(---|\.\.\.)(?=[ \t]|$)", line)
        if marker is None:
            parts[-1][1].append(line)
        else:
            parts.append((number, [line[3:]] if marker[1] == "---" else []))
    return [first for first, inside in parts if any(text.strip() and text.strip()[0] not in "#%" for text in inside)]


MARKED = st.sampled_from(
    ["---", "...", "--- ", "--- a", "---x", "....", "... a", "a: 1", "# c", "%Y", "", " x", "---\t", " ---", "-"]
)


def test_files_of_one_blob_share_what_is_made_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch(tmp_path)
    paths = ["a.yaml", "b/c.yaml", "test/d.yaml", ".github/workflows/e.yml"]
    scratch.write("Start", dict.fromkeys(paths, f"{KYVERNO}\n---\n{KYVERNO_TEST}"))
    composed: list[str] = []

    def watched(text: str) -> Node | None:
        composed.append(text)
        return compose(text)

    monkeypatch.setattr(yaml_documents, "compose", watched)
    repository = GitRepository.open(tmp_path, label="a")
    scans = read_policy_files(repository, repository.tree(scratch.git("rev-parse", "HEAD")))
    assert len(composed) == len(set(composed)) == 3
    monkeypatch.undo()
    assert scans == tuple(
        read_file(PolicyFile(scan.path, scan.blob, (tmp_path / scan.path).read_bytes())) for scan in scans
    )
    assert {scan.path for scan in scans if scan.policies} == {*paths} - {"test/d.yaml"}
    assert all(scan.tests for scan in scans)


@given(st.lists(MARKED, max_size=9), st.sampled_from(["\n", "\r\n"]))
def test_documents_begin_where_a_line_says_so(lines: list[str], separator: str) -> None:
    assert [document.first_line for document in marked_documents(separator.join(lines).encode())] == first_lines(lines)
