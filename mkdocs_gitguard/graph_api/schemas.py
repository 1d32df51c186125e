"""JSON Schema 2020-12 of every kind of file in the export, made from the records that the files are made of."""

from typing import Any, Final

import msgspec

from mkdocs_gitguard.graph_api.documents import (
    ChangeLine,
    CytoscapeDocument,
    ErrorDocument,
    ExportNode,
    ExportRelation,
    HealthDocument,
    IndexDocument,
    KindPage,
    Manifest,
    NeighboursDocument,
    NodeDocument,
)
from mkdocs_gitguard.model import Decision, Organization, Owner, Policy, PullRequest, Record, Repository, Rule

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS: Final[dict[str, type[Record]]] = {
    "index": IndexDocument,
    "kind": KindPage,
    "node": NodeDocument,
    "neighbours": NeighboursDocument,
    "manifest": Manifest,
    "change": ChangeLine,
    "export-node": ExportNode,
    "export-relation": ExportRelation,
    "cytoscape": CytoscapeDocument,
    "error": ErrorDocument,
    "health": HealthDocument,
}
"""Name of a schema file, without ending, to the record it is made from."""

_KINDS: Final[dict[str, type[Record]]] = {
    "organization": Organization,
    "repository": Repository,
    "owner": Owner,
    "pull-request": PullRequest,
    "policy": Policy,
    "rule": Rule,
    "decision": Decision,
}


def components(ref_template: str = "#/$defs/{name}") -> dict[str, Any]:
    """Return the schema of every record by its name; references are written as `ref_template` says."""
    _, found = msgspec.json.schema_components([*DOCUMENTS.values(), *_KINDS.values()], ref_template=ref_template)
    for record in _KINDS.values():
        found[f"{record.__name__}Attributes"] = _attributes(found[record.__name__])
    by_kind = [
        {
            "properties": {
                "kind": {"const": kind},
                "attributes": {"$ref": ref_template.format(name=f"{record.__name__}Attributes")},
            }
        }
        for kind, record in _KINDS.items()
    ]
    for name in ("NodeDocument", "ExportNode"):
        found[name]["properties"]["kind"] = {"enum": list(_KINDS)}
        found[name]["oneOf"] = by_kind
    return found


def schema_files() -> dict[str, dict[str, Any]]:
    """Return each schema file's name to its content; each holds all that it refers to."""
    every = components()
    files = {}
    for name, record in DOCUMENTS.items():
        needed = _closure(every, record.__name__)
        files[f"{name}.json"] = {
            "$schema": DIALECT,
            "$ref": f"#/$defs/{record.__name__}",
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
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        waiting.extend(_references(every[current]))
    return found


def _references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        own = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
        return own + [name for value in schema.values() for name in _references(value)]
    if isinstance(schema, list):
        return [name for value in schema for name in _references(value)]
    return []
