"""The whole graph as one file, in the formats that graph tools read: NDJSON, GraphML, Cytoscape JSON.

Each is yielded in chunks, so that no size of graph needs its size again in memory.
"""

import re
from collections.abc import Iterator
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
from mkdocs_gitguard.graph_api.nodes import ApiInput, attributes_of

_encode = msgspec.json.Encoder().encode
_UP: Final = "../"

# Characters that XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets).
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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


def ndjson(api: ApiInput) -> Iterator[bytes]:
    """Yield one JSON object a line: every node with its attributes, then every relation."""
    for node in api.snapshot.nodes():
        fact = api.nodes[node.id]
        line = ExportNode(
            id=node.id,
            kind=fact.kind,
            label=fact.label,
            href=f"{_UP}{fact.file}",
            attributes=attributes_of(node),
        )
        yield _encode(line) + b"\n"
    for relation in api.relations():
        line_of_relation = ExportRelation(
            source=relation.source,
            type=relation.type,
            target=relation.target,
            paths=relation.paths,
            files=relation.files,
            evidence=relation.evidence,
        )
        yield _encode(line_of_relation) + b"\n"


def graphml(api: ApiInput) -> Iterator[bytes]:
    """Yield GraphML (http://graphml.graphdrawing.org/), as Gephi, yEd and networkx read it.

    Characters that XML cannot hold become U+FFFD in labels; in ids they are written by their code, so ids stay apart.
    """
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


def cytoscape(api: ApiInput) -> Iterator[bytes]:
    """Yield Cytoscape.js' elements JSON (https://js.cytoscape.org/#notation/elements-json)."""
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
