"""Mermaid text from a diagram, and the check that it will be drawn. Pure: nothing here knows of pages or snapshots.

Every label is escaped in full, node ids are n0, n1, ..., and the text stays below the limits that a page cannot raise
(`maxTextSize`, `maxEdges`: https://mermaid.js.org/config/schema-docs/config.html, both `secure` keys).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import KIND_OF_RECORD, NODE_KINDS, OUTCOME_WORDS, Decision, Kind
from mkdocs_gitguard.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TEXT: Final = 50_000
"""Characters."""
MAX_EDGES: Final = 500
_LONGEST_LABEL: Final = 56
_LINE: Final = 30
_PIECES: Final = late_pattern(r"[^ /]*[ /]|[^ /]+$")

Direction = Literal["LR", "TB"]
BoxKind = Kind | Literal["file", "deny", "allow", "warn", "more"]


class Box(NamedTuple):
    """How the boxes of one kind look, told by shape too and not by colour alone."""

    name: str
    """What the legend says; `""`: nothing."""
    shape: tuple[str, str]
    colour: str
    """Of the stroke, `#rrggbb`."""


def _boxes() -> Iterator[tuple[BoxKind, Box]]:
    """Yield the kinds of boxes in the legend's order. A decision's box is of what was decided."""
    decision = KIND_OF_RECORD[Decision]
    for kind in NODE_KINDS:
        if kind is not decision:
            yield kind.name, Box(kind.singular, kind.shape, kind.colour)
        if kind.name == "pull-request":
            yield "file", Box("file or folder", ("[", "]"), "#7b8794")
    yield "deny", Box(OUTCOME_WORDS["deny"], decision.shape, "#d13c48")
    yield "allow", Box(OUTCOME_WORDS["allow"], decision.shape, "#2a9d4a")
    yield "warn", Box(OUTCOME_WORDS["warn"], decision.shape, decision.colour)
    yield "more", Box("", ("[", "]"), "#9aa3ad")


BOXES: Final[Mapping[BoxKind, Box]] = MappingProxyType(dict(_boxes()))
FILL_OPACITY: Final = "0.16"
"""The fill is a breath of the stroke, so that text in the page's own colour can be read in either palette."""
SETTINGS: Final = '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 70, "wrappingWidth": 600}}}%%'
"""Closer than Mermaid's own 50: a column of twenty boxes shall fit a screen. Lines are broken by `escape`, because a
browser measures text outside of the page's style and then cuts it off."""
_NOT_PLAIN: Final = r"\x00-\x1f!-+\-:-@\[-^`{-\xa0"
"""All but letters, digits, blanks and `_.,/`; a class of what is plain would take five milliseconds to compile."""
_SPECIAL: Final = late_pattern(rf"[{_NOT_PLAIN}]")
_FOLDED: Final = late_pattern(r"\+[\d,]+ files? in ")
"""What stands before the path of a folder that stands for its files."""
_LIST_START: Final = late_pattern(r"^(\d+)\.(?=\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box."""

    kind: BoxKind
    label: str
    link: str = ""
    """URL relative to the page; `""` for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An arrow between two nodes, by their place in `Diagram.nodes`."""

    source: int
    target: int
    label: str = ""
    is_dashed: bool = False


@dataclass(slots=True, kw_only=True)
class Diagram:
    """Boxes and arrows, built with `add` and `connect`."""

    title: str
    """What it shows, one sentence: the accessible name."""
    direction: Direction = "LR"
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def add(self, kind: BoxKind, label: str, link: str = "") -> int:
        """Add a box and return its place."""
        self.nodes.append(Node(kind=kind, label=label, link=link))
        return len(self.nodes) - 1

    def connect(self, source: int, target: int, label: str = "", *, is_dashed: bool = False) -> None:
        """Add an arrow."""
        self.edges.append(Edge(source=source, target=target, label=label, is_dashed=is_dashed))

    @property
    def kinds(self) -> list[BoxKind]:
        """The kinds that stand in it, for the legend, in the order of `BOXES`."""
        there = {node.kind for node in self.nodes}
        return [kind for kind, box in BOXES.items() if kind in there and box.name]


def source(diagram: Diagram, *, with_links: bool = True) -> str:
    """Return the Mermaid text."""
    lines = [SETTINGS, f"flowchart {diagram.direction}"]
    for place, node in enumerate(diagram.nodes):
        start, end = BOXES[node.kind].shape
        lines.append(f'  n{place}{start}"{escape(node.label)}"{end}:::{_class(node.kind)}')
    for edge in diagram.edges:
        arrow = "-.->" if edge.is_dashed else "-->"
        label = f'|"{escape(edge.label)}"|' if edge.label else ""
        lines.append(f"  n{edge.source} {arrow}{label} n{edge.target}")
    if with_links:
        lines += [
            f'  click n{place} href "{node.link}"'
            for place, node in enumerate(diagram.nodes)
            if node.link and LINK.fullmatch(node.link)
        ]
    for kind in dict.fromkeys(node.kind for node in diagram.nodes):
        colour = BOXES[kind].colour
        lines.append(f"  classDef {_class(kind)} fill:{colour},fill-opacity:{FILL_OPACITY},stroke:{colour}")
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return a label that is shown as the text it is, whatever that is.

    Newlines and tabs become spaces, hidden characters are written out, and every character outside
    `[A-Za-z0-9 _.,/]` and U+00A1 and above becomes `#<decimal>;`. A number with a full stop in front is escaped too:
    Mermaid takes it for a list. Long labels are cut and broken into lines.
    """
    lines = [
        _LIST_START.sub(r"\1#46;", _SPECIAL.sub(lambda match: f"#{ord(match[0])};", line)) for line in lines_of(text)
    ]
    return "<br>".join(filter(None, lines)) or "#160;"


def lines_of(text: str) -> list[str]:
    """Return a label as the lines of its box, at least one: cut if it is long, hidden characters written out."""
    return [one_line(line) for line in _wrap(" ".join(shorten(text).split()))]


def _wrap(text: str) -> list[str]:
    """Break a label after spaces and slashes into lines of about `_LINE` characters."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > _LINE:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def shorten(text: str) -> str:
    """Return a long text without its end, a long path without its middle: both ends of a path tell something."""
    longest = _LONGEST_LABEL
    if len(text) <= longest:
        return text
    head, slash, rest = text.partition("/")
    if not slash or " " in _FOLDED.sub("", head):
        return f"{text[: longest - 1].rstrip()}\u2026"
    tail = rest[-(longest - 3) :][-max(longest - len(head) - 3, longest // 2) :]
    whole = tail.partition("/")[2] or tail
    return f"{head[: longest - len(whole) - 3]}/\u2026/{whole}"


class Engine(Protocol):
    """What is used of `merman.Merman` (https://pypi.org/project/merman/)."""

    def validate(self, source: str, options_json: str | None) -> object:
        """Return an object with `valid` and `error`."""
        ...

    def __hash__(self) -> int: ...


LINK: Final = late_pattern(r"[A-Za-z0-9._~!/%#?=&:@+,;-]+")
_ID: Final = r"n\d+"
_LABEL: Final = rf'"(?:[^{_NOT_PLAIN}]|#\d+;|<br>)+"'


def _shape(start: str, end: str) -> str:
    return f"{re.escape(start)}{_LABEL}{re.escape(end)}"


_SHAPES: Final = "|".join(_shape(*shape) for shape in dict.fromkeys(box.shape for box in BOXES.values()))
_LINES: Final = late_pattern(
    "|".join(
        [
            rf"  {_ID}(?:{_SHAPES}):::k_\w+",
            rf"  {_ID} (?:-->|-\.->)(?:\|{_LABEL}\|)? {_ID}",
            rf'  click {_ID} href "{LINK.pattern}"',
            r"  classDef k_\w+ fill:#[0-9a-f]{6},fill-opacity:0\.\d+,stroke:#[0-9a-f]{6}",
        ]
    )
)
_ANY_LABEL: Final = late_pattern(r'"[^"]*"')


@lru_cache(maxsize=300)
def fault(text: str, engine: Engine | None = None) -> str:
    """Return why a text of `source` would not be drawn, or `""`.

    Args:
        text: Mermaid text.
        engine: a parser to ask too. It is asked once for each shape of diagram: labels are escaped to characters that
            no grammar minds, so two diagrams that differ in labels only are drawn or not drawn alike.
    """
    if len(text) > MAX_TEXT:
        return f"its text has {len(text):,} characters; Mermaid draws {MAX_TEXT:,}"
    lines = text.splitlines()
    if text.count("->") > MAX_EDGES:
        return f"it has more than {MAX_EDGES} arrows"
    if lines[:1] != [SETTINGS] or not re.fullmatch(r"flowchart (?:LR|TB)", "".join(lines[1:2])):
        return "it is not a flowchart that this package wrote"
    declared = set(re.findall(rf"^  ({_ID})[\[({{>]", text, re.MULTILINE))
    for number, line in enumerate(lines[2:], 3):
        if not _LINES.fullmatch(line):
            return f"line {number} is not of a form that is known to be drawn"
        if not set(re.findall(rf"\b{_ID}\b", _ANY_LABEL.sub("", line))) <= declared:
            return f"line {number} names a node that is not there"
    return _fault_of_shape(_ANY_LABEL.sub('"x"', text), engine) if engine is not None else ""


@lru_cache(maxsize=4096)
def _fault_of_shape(shape: str, engine: Engine) -> str:
    answer = engine.validate(shape, None)
    return "" if getattr(answer, "valid", False) else str(getattr(answer, "error", "") or "it was not understood")


@lru_cache(maxsize=1)
def load_engine() -> Engine | None:
    """Return a Mermaid parser if one is installed (`merman`: https://pypi.org/project/merman/)."""
    return _Merman() if find_spec("merman") else None


class _Merman:
    """Makes a parser for each question: one that lives until Python ends complains as it goes."""

    def validate(self, source: str, options_json: str | None) -> object:
        """Return what is wrong with a diagram's source, `""` if it can be drawn."""
        import merman  # type: ignore[import-untyped] # noqa: PLC0415 an extra, without types

        return merman.Merman().validate(source, options_json)


def _class(kind: str) -> str:
    return f"k_{kind.replace('-', '_')}"
