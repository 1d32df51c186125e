"""The whole graph as one file, in the formats that graph tools read: NDJSON, GraphML, Cytoscape JSON.

Each is yielded in parts, so that no size of graph needs its size again in memory, broken by what is in them: a node
more or less is one part's matter. Of NDJSON, which every site has that does not say otherwise, a part need not be made
for it to be known whether it has changed.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from mkdocs_gitguard.graph_api.documents import (
    CytoscapeEdge,
    CytoscapeEdgeData,
    CytoscapeNode,
    CytoscapeNodeData,
    ExportNode,
    ExportRelation,
)
from mkdocs_gitguard.graph_api.layout import in_runs
from mkdocs_gitguard.graph_api.nodes import ApiInput, attributes_of, digest_of
from mkdocs_gitguard.graph_api.pieces import Part
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Node, Relation

_NODES_PER_PART: Final = 128
"""On average; at most eight times as many."""
_SOURCES_PER_PART: Final = 128
"""Nodes, on average, of which one part holds the relations."""
_LINES_PER_PART: Final = 512
"""On average, of formats that are made to be compared."""
_MOST: Final = 8
_encode = msgspec.json.Encoder().encode
_UP: Final = "../"

# Characters that XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets).
# They are listed, because a class of all others takes four milliseconds to compile, at the start of every build.
_NOT_XML: Final = late_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_GRAPHML_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="label" for="node" attr.name="label" attr.type="string"/>
<key id="href" for="node" attr.name="href" attr.type="string"/>
<key id="relation" for="edge" attr.name="relation" attr.type="string"/>
<key id="paths" for="edge" attr.name="paths" attr.type="string"/>
<key id="files" for="edge" attr.name="files" attr.type="int"/>
<graph id="graph" edgedefault="directed">
"""


def ndjson(api: ApiInput) -> Iterator[Part]:
    """Yield one JSON object a line: every node with its attributes, then every relation."""

    def ends_part(node: Node) -> bool:
        return api.nodes[node.id].checksum % _NODES_PER_PART == 0

    for nodes in in_runs(api.snapshot.nodes(), ends_part, _MOST * _NODES_PER_PART):
        digest = digest_of(("nodes", [api.nodes[node.id].own for node in nodes]))
        yield Part(digest, partial(_node_lines, api, nodes))
    for relations in _relation_parts(api):
        yield Part(digest_of(("relations", relations)), partial(_relation_lines, relations))


def _relation_parts(api: ApiInput) -> Iterator[list[Relation]]:
    part: list[Relation] = []
    source = ""
    for relation in api.relations():
        if relation.source != source:
            source = relation.source
            if part and api.nodes[source].checksum % _SOURCES_PER_PART == 0:
                yield part
                part = []
        part.append(relation)
    if part:
        yield part


def _node_lines(api: ApiInput, nodes: Sequence[Node]) -> bytes:
    lines = []
    for node in nodes:
        fact = api.nodes[node.id]
        line = ExportNode(
            id=node.id,
            kind=fact.kind,
            label=fact.label,
            href=f"{_UP}{fact.file}",
            attributes=attributes_of(node),
        )
        lines.append(_encode(line) + b"\n")
    return b"".join(lines)


def _relation_lines(relations: Sequence[Relation]) -> bytes:
    lines = []
    for relation in relations:
        line = ExportRelation(
            source=relation.source,
            type=relation.type,
            target=relation.target,
            paths=relation.paths,
            files=relation.files,
            evidence=relation.evidence,
        )
        lines.append(_encode(line) + b"\n")
    return b"".join(lines)


def _parts_of(lines: Iterator[bytes]) -> Iterator[Part]:
    """Break a file into parts where its lines say."""
    for part in in_runs(lines, lambda line: zlib.crc32(line) % _LINES_PER_PART == 0, _MOST * _LINES_PER_PART):
        data = b"".join(part)
        yield Part(digest_of(data), partial(bytes, data))


def graphml(api: ApiInput) -> Iterator[Part]:
    """Yield GraphML (http://graphml.graphdrawing.org/), as Gephi, yEd and networkx read it.

    Characters that XML cannot hold become U+FFFD in labels; in ids they are written by their code, so ids stay apart.
    """
    yield from _parts_of(_graphml_lines(api))


def _graphml_lines(api: ApiInput) -> Iterator[bytes]:
    yield _GRAPHML_HEAD.encode()
    for node, fact in api.nodes.items():
        yield (
            f'<node id="{_xml_id(node)}"><data key="kind">{fact.kind}</data>'
            f'<data key="label">{_xml(fact.label)}</data><data key="href">{_UP}{fact.file}</data></node>\n'
        ).encode()
    for relation in api.relations():
        paths = f'<data key="paths">{_xml(chr(10).join(relation.paths))}</data>' if relation.paths else ""
        files = f'<data key="files">{relation.files}</data>' if relation.files is not None else ""
        yield (
            f'<edge source="{_xml_id(relation.source)}" target="{_xml_id(relation.target)}">'
            f'<data key="relation">{relation.type}</data>{paths}{files}</edge>\n'
        ).encode()
    yield b"</graph>\n</graphml>\n"


def cytoscape(api: ApiInput) -> Iterator[Part]:
    """Yield Cytoscape.js' elements JSON (https://js.cytoscape.org/#notation/elements-json)."""
    yield from _parts_of(_cytoscape_lines(api))


def _cytoscape_lines(api: ApiInput) -> Iterator[bytes]:
    yield b'{"elements":{"nodes":['
    comma = b""
    for node, fact in api.nodes.items():
        data = CytoscapeNodeData(id=node, label=fact.label, kind=fact.kind, href=f"{_UP}{fact.file}")
        yield comma + _encode(CytoscapeNode(data=data))
        comma = b",\n"
    yield b'],"edges":['
    comma = b""
    for number, relation in enumerate(api.relations()):
        edge = CytoscapeEdgeData(
            id=f"e{number}", source=relation.source, target=relation.target, relation=relation.type
        )
        yield comma + _encode(CytoscapeEdge(data=edge))
        comma = b",\n"
    yield b"]}}\n"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text).translate(_XML)


def _xml_id(text: str) -> str:
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).translate(_XML)
