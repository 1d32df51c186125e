"""JSON Schema 2020-12 of every kind of file in the export, made from the records that the files are made of."""

from functools import cache
from typing import Any, Final

import msgspec

from mkdocs_gitguard.graph_api.documents import (
    ApiManifest,
    ChangeLine,
    CytoscapeDocument,
    ErrorDocument,
    ExportNode,
    ExportRelation,
    HealthDocument,
    IndexDocument,
    KindPage,
    NodeDocument,
    RelationsPage,
    ServiceLevelsDocument,
    ShardDocument,
)
from mkdocs_gitguard.graph_api.drill_nodes import OWN_KINDS
from mkdocs_gitguard.model import NODE_KINDS, Record

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: Final[dict[str, type[Record]]] = {
    "index": IndexDocument,
    "kind": KindPage,
    "node": NodeDocument,
    "shard": ShardDocument,
    "relations": RelationsPage,
    "service-levels": ServiceLevelsDocument,
    "manifest": ApiManifest,
    "change": ChangeLine,
    "export-node": ExportNode,
    "export-relation": ExportRelation,
    "cytoscape": CytoscapeDocument,
    "error": ErrorDocument,
    "health": HealthDocument,
}
"""Name of a schema file, without ending, to the record it is made from."""
_PUBLISHED_NAMES: Final[dict[type[Record], str]] = {ApiManifest: "Manifest"}
"""What the schemas call a record whose name another room's record bears already."""


def published_name(record: type[Record]) -> str:
    """Return what the schemas call a record."""
    return _PUBLISHED_NAMES.get(record, record.__name__)


@cache
def components(ref_template: str = "#/$defs/{name}") -> dict[str, Any]:
    """Return the schema of every record by its name; references are written as `ref_template` says."""
    _, schemas = msgspec.json.schema_components(
        [*DOCUMENTS.values(), *(kind.record for kind in NODE_KINDS), *OWN_KINDS.values()], ref_template=ref_template
    )
    names = {record.__name__: name for record, name in _PUBLISHED_NAMES.items()}
    schemas = {
        names.get(name, name): {**schema, "title": names.get(name, schema["title"])} for name, schema in schemas.items()
    }
    for kind in NODE_KINDS:
        schemas[f"{kind.record.__name__}Attributes"] = _attributes(schemas[kind.record.__name__])
    exported = {kind.name: f"{kind.record.__name__}Attributes" for kind in NODE_KINDS}
    # The exports of the whole graph hold the snapshot alone.
    everything = exported | {kind: record.__name__ for kind, record in OWN_KINDS.items()}
    for name, kinds in (("NodeDocument", everything), ("ExportNode", exported)):
        schemas[name]["properties"]["kind"] = {"enum": [*kinds]}
        schemas[name]["oneOf"] = [
            {
                "properties": {
                    "kind": {"const": kind},
                    "attributes": {"$ref": ref_template.format(name=attributes)},
                }
            }
            for kind, attributes in kinds.items()
        ]
    return schemas


@cache
def schema_files() -> dict[str, dict[str, Any]]:
    """Return each schema file's name to its content; each holds all that it refers to. Nobody changes it."""
    every = components()
    files = {}
    for name, record in DOCUMENTS.items():
        published = published_name(record)
        needed = _closure(every, published)
        files[f"{name}.json"] = {
            "$schema": DIALECT,
            "$ref": f"#/$defs/{published}",
            "$defs": {key: every[key] for key in sorted(needed)},
        }
    return files


def _attributes(schema: dict[str, Any]) -> dict[str, Any]:
    """The record's schema as `attributes_of` shows the record."""
    properties = {name: value for name, value in schema["properties"].items() if name != "id"}
    required = [name for name in schema.get("required", []) if name != "id"]
    if schema["title"] == "Repository":
        del properties["files"]
        properties["file_count"] = {"type": "integer", "minimum": 0}
    return {**schema, "title": f"{schema['title']}Attributes", "properties": properties, "required": required}


def _closure(every: dict[str, Any], name: str) -> set[str]:
    needed: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in needed:
            continue
        needed.add(current)
        waiting.extend(_references(every[current]))
    return needed


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
        return own + [name for value in schema.values() for name in _references(value)]
    if isinstance(schema, list):
        return [name for value in schema for name in _references(value)]
    return []
