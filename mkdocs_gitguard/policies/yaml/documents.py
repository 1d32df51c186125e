"""YAML with line numbers, for files that strangers wrote.

PyYAML's `CSafeLoader` composes nodes that know their lines, at twenty times the speed of a loader in Python. Three
things are cured here: the end of a mapping overshoots to the next token (it ends with its last scalar), the
composer recurses once for each level in C (so the depth is known before), and an alias is a shared node (so what
turns nodes into values counts what it visits).

A file is cut at its document markers before anything is composed, so a broken document costs only itself, and
documents that hold no policy are never composed.
"""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.policies.yaml.compose import compose
from mkdocs_gitguard.policies.yaml.quick_check import is_surely_fine

DEEPEST: Final = 100
"""Levels of nesting; deeper documents are not read."""
_LIBYAMLS_OWN_LIMIT: Final = "nesting depth"
"""In the words of a libyaml that counts levels itself (PyYAML 6.0.4's): its scanner reads ahead of the events, so a
document of nothing but openers meets that limit before ours."""
MOST_NODES: Final = 20_000
"""Nodes that turning one document into values may visit, aliases followed."""

_HIDING: Final = late_pattern(rb"\\[xuU\r\n]")
"""Escapes by which a quoted scalar can hold letters that do not stand side by side in its bytes."""
_CONTENT: Final = late_pattern(rb"(?:\A|[\r\n])[ \t\f\v]*+[^ \t\r\n\f\v#%]")
# These begin with what they look for and look back for the line's beginning: ten times as fast as the other way round.
_MARKER: Final = late_pattern(rb"---(?<![^\n]---)(?=[ \t\r\n]|\Z)")
_END_MARKER: Final = late_pattern(rb"\.\.\.(?<![^\n]\.\.\.)(?=[ \t\r\n]|\Z)[^\n]*")
_LONG_LINE: Final = 400
"""Bytes."""
_MANY_OPENERS: Final = 200
_LONGEST_NUMBER: Final = 19
"""Digits of an integer that stays one."""
_NOT_OURS: Final = late_pattern("[\x85\u2028\u2029\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Line breaks that YAML 1.1 counts and no editor or forge does, and what libyaml refuses."""
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
_TEMPLATE: Final = late_pattern(
    r"\{\{-?\s*(?:/\*|if\b|else\b|end\b|range\b|with\b|include\b|template\b|define\b|toYaml\b|[.$])"
)

PlainValue = str | bool | int | float | list["PlainValue"] | dict[str, "PlainValue"] | None


class YamlProblem(NamedTuple):
    """Why a document, or a part of it, was not read."""

    code: str
    """`yaml-broken`, `yaml-templated`, `yaml-too-deep` or `yaml-duplicate-key`."""
    message: str
    line: int


class YamlDocument:
    """One document of a file. `root` is composed when it is first asked for."""

    def __init__(self, data: bytes, first_line: int) -> None:
        """Keep the bytes of the document and the 1-based line of the file that they start on."""
        self.data = data
        self.first_line = first_line

    @cached_property
    def text(self) -> str:
        """The document's text, with what YAML must not count as a line break replaced by spaces."""
        text = self.data.decode("utf-8", "replace")
        if self.data.isascii() and len(self.data.translate(None, _CONTROLS)) == len(self.data):
            return text
        return _NOT_OURS.sub(" ", text)

    @cached_property
    def lines(self) -> list[str]:
        """The document's lines."""
        return self.text.split("\n")

    @cached_property
    def _composed(self) -> tuple[Node | None, YamlProblem | None]:
        try:
            depth_line = _too_deep(self.data, self.text)
            if depth_line is not None:
                return None, _deep(self.first_line + depth_line)
            node = compose(self.text)
        except yaml.MarkedYAMLError as error:
            place = error.problem_mark or error.context_mark
            line = self.first_line + (place.line if place else 0)
            if _LIBYAMLS_OWN_LIMIT in (error.problem or ""):
                return None, _deep(line)
            return None, self._problem(line, error.problem or error.context or "it does not parse")
        except yaml.YAMLError as error:
            return None, self._problem(self.first_line, str(error).splitlines()[0])
        name = child(node, "metadata", "name")
        # A Kubernetes name has no braces. In quotes a chart's placeholder is YAML, and still no policy.
        if isinstance(name, ScalarNode) and "{{" in name.value:
            return None, self._templated(self.first_line + name.start_mark.line)
        return node, None

    def _problem(self, line: int, words: str) -> YamlProblem:
        # libyaml tells some faults at the end as on the line after it.
        line = min(line, self.first_line + len(self.lines) - 1)
        if _TEMPLATE.search(self.text):
            return self._templated(line)
        return YamlProblem("yaml-broken", f"The YAML does not parse: {words}.", line)

    @staticmethod
    def _templated(line: int) -> YamlProblem:
        return YamlProblem("yaml-templated", "The YAML is a template, so only its rendered form can be read.", line)

    def may_hold(self, *texts: bytes) -> bool:
        """Return whether some scalar may be one of `texts`, or begin with one that ends with `/`; nothing is composed.

        A text holds letters, digits, dots and hyphens, and no other `/`. A scalar shows it as it is, or hides it behind
        escapes; and what stands before a scalar is a blank, a quote or a sign that no scalar has within a word.
        """
        return any(_standing(text).search(self.data) for text in texts) or self._hides

    @cached_property
    def _hides(self) -> bool:
        return _HIDING.search(self.data) is not None

    @cached_property
    def is_surely_fine(self) -> bool:
        """Whether nothing is wrong with the document, where that can be told more cheaply than by composing it."""
        return "_composed" not in self.__dict__ and is_surely_fine(self.text, DEEPEST)

    @property
    def root(self) -> MappingNode | None:
        """The mapping at the document's top, or None where there is none."""
        node = self._composed[0]
        return node if isinstance(node, MappingNode) else None

    @property
    def top(self) -> Node | None:
        """The node at the document's top, whatever it is, or None for an empty or broken document."""
        return self._composed[0]

    @property
    def problem(self) -> YamlProblem | None:
        """Why `root` is None, where something is wrong."""
        return self._composed[1]

    def first(self, node: Node) -> int:
        """Return the file's line on which `node` starts."""
        return self.first_line + int(node.start_mark.line)

    def last(self, node: Node) -> int:
        """Return the file's line on which `node` ends: the last line of its last scalar."""
        return self.first_line + self._last_index(node)

    def last_of(self, key: Node, value: Node) -> int:
        """Return the file's line on which an entry of a mapping ends; that of an alias is the entry's own line."""
        return self.first(key) if _is_alias(value, key) else self.last(value)

    def _last_index(self, node: Node) -> int:
        first = int(node.start_mark.line)
        while isinstance(node, MappingNode | SequenceNode):
            if not node.value or node.flow_style:
                return int(node.end_mark.line)
            before, last = self._last_two(node)
            if _is_alias(last, before):
                # The alias itself has no node, so what it ends is told by where the next token stands.
                return self._before(first, int(node.end_mark.line))
            node = last
        end = int(node.end_mark.line)
        if end > first and node.end_mark.column == 0:
            end -= 1
        while end > first and (end >= len(self.lines) or not self.lines[end].strip()):
            end -= 1
        return end

    @staticmethod
    def _last_two(node: MappingNode | SequenceNode) -> tuple[Node, Node]:
        """Return the last node of a collection, and one that stands before it there."""
        if isinstance(node, MappingNode):
            key, value = node.value[-1]
            return key, value
        return max(node.value[:-1], default=node, key=lambda item: int(item.start_mark.index)), node.value[-1]

    def _before(self, first: int, end: int) -> int:
        """Return the last line from `first` on and before `end` that holds more than blanks and a comment."""
        end = min(end, len(self.lines)) - 1
        while end > first and (not self.lines[end].strip() or self.lines[end].lstrip().startswith("#")):
            end -= 1
        return max(first, end)

    def scalar_line(self, node: ScalarNode, offset: int = 0) -> int:
        """Return the file's line that holds line `offset` (from 0) of a scalar's text.

        Exact for literal blocks (`|`) and for text on one line; for folded and quoted text of several lines it is
        the nearest that can be said.
        """
        first = self.first(node)
        if node.style in ("|", ">"):
            return min(first + 1 + offset, max(self.last(node), first))
        return min(first + offset, self.last(node))

    def duplicate_keys(self) -> Iterator[YamlProblem]:
        """Yield each key that a mapping of the document holds twice."""
        stack: list[Node] = [self.top] if self.top is not None else []
        seen_nodes: set[int] = set()
        while stack:
            node = stack.pop()
            if id(node) in seen_nodes:
                continue
            seen_nodes.add(id(node))
            if isinstance(node, SequenceNode):
                stack += node.value
            elif isinstance(node, MappingNode):
                keys: set[str] = set()
                for key, value in node.value:
                    if not isinstance(value, ScalarNode):
                        stack.append(value)
                    if isinstance(key, ScalarNode) and key.value != "<<":
                        if key.value in keys:
                            yield YamlProblem(
                                "yaml-duplicate-key",
                                f"The key {key.value!r} stands twice in one mapping; tools disagree on which counts.",
                                self.first(key),
                            )
                        keys.add(key.value)


def _is_alias(node: Node, before: Node) -> bool:
    """Tell whether a node is an alias: the node that it shares stands before what stands before it here."""
    return bool(node.start_mark.index <= before.start_mark.index)


@cache
def _standing(text: bytes) -> re.Pattern[bytes]:
    """Return what finds a text in bytes where a scalar may begin, and may end unless the text ends with `/`."""
    shown = re.escape(text.removesuffix(b"/"))
    end = rb"\\?+/" if text.endswith(b"/") else rb"(?![\w.-])"
    return re.compile(rb"%s(?<![\w./-]%s)%s" % (shown, shown, end))


def marked_documents(data: bytes) -> Iterator[YamlDocument]:
    """Yield the documents of a file in order; what holds only comments and directives is left out."""
    starts = [0, *(match.start() for match in _MARKER.finditer(data)), len(data)]
    line = 1
    for start, end in pairwise(starts):
        part = data[start:end]
        for piece, lines_before in _split_at_end_markers(part):
            if _has_content(piece):
                yield YamlDocument(piece, line + lines_before)
        line += part.count(b"\n")


def _split_at_end_markers(part: bytes) -> Iterator[tuple[bytes, int]]:
    position = 0
    for match in _END_MARKER.finditer(part):
        yield part[position : match.start()], part.count(b"\n", 0, position)
        position = match.end()
    yield part[position:], part.count(b"\n", 0, position)


def _has_content(piece: bytes) -> bool:
    return _CONTENT.search(piece.removeprefix(b"---")) is not None


def _deep(line: int) -> YamlProblem:
    return YamlProblem("yaml-too-deep", f"The YAML is nested more than {DEEPEST} levels deep.", line)


def _too_deep(data: bytes, text: str) -> int | None:
    """Return the 0-based line on which the nesting passes the limit, or None.

    A block level takes at least half a column of some line and a flow level one opener, so a document with short
    lines and few openers cannot be deep, and is not looked at.
    """
    if data.count(b"[") + data.count(b"{") < _MANY_OPENERS and max(map(len, data.split(b"\n"))) < _LONG_LINE:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return int(event.start_mark.line) if event.start_mark else 0
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def child(node: Node | None, *keys: str) -> Node | None:
    """Return the node under `keys`, one below the other, or None. Of equal keys the last counts, as in Go's YAML."""
    for key in keys:
        if not isinstance(node, MappingNode):
            return None
        for name, value in reversed(node.value):
            if name.value == key and isinstance(name, ScalarNode):
                node = value
                break
        else:
            return None
    return node


def key_node(node: Node | None, key: str) -> ScalarNode | None:
    """Return the key itself as a node, for its line."""
    if not isinstance(node, MappingNode):
        return None
    return next((k for k, _ in reversed(node.value) if isinstance(k, ScalarNode) and k.value == key), None)


def children(node: Node | None) -> list[Node]:
    """Return the items of a sequence, or nothing for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def pairs(node: Node | None) -> list[tuple[ScalarNode, Node]]:
    """Return the entries of a mapping whose keys are scalars, or nothing for anything else."""
    if not isinstance(node, MappingNode):
        return []
    return [(key, value) for key, value in node.value if isinstance(key, ScalarNode)]


def string(node: Node | None, *keys: str) -> str:
    """Return the text of the scalar under `keys`, or `""` where there is none."""
    node = child(node, *keys)
    return str(node.value) if isinstance(node, ScalarNode) and node.tag != "tag:yaml.org,2002:null" else ""


def plain(node: Node | None) -> PlainValue:
    """Return a node as plain values: scalars stay text, but for null, booleans and numbers of simple spelling.

    Raises:
        ValueError: it holds more nodes than `MOST_NODES`, aliases followed, or itself.
    """
    return _plain(node, [MOST_NODES], 0)


def _plain(node: Node | None, budget: list[int], depth: int) -> PlainValue:
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        raise ValueError(f"it expands to more than {MOST_NODES} values or refers to itself")
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        return [_plain(item, budget, depth + 1) for item in node.value]
    if isinstance(node, MappingNode):
        return {str(k.value): _plain(v, budget, depth + 1) for k, v in node.value if isinstance(k, ScalarNode)}
    return None


def _scalar(node: ScalarNode) -> PlainValue:
    tag = node.tag.rpartition(":")[2]
    text = str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in {"true", "yes", "on"}
    if tag == "int" and text.lstrip("-").isdigit() and len(text) < _LONGEST_NUMBER:
        return int(text)
    return text
