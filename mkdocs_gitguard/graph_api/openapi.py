"""The OpenAPI 3.1 description of the static files, with examples from the snapshot itself."""

from collections import Counter
from typing import Any, Final

from mkdocs_gitguard.graph_api.documents import ITEMS_PER_PAGE, RELATIONS_PER_PAGE
from mkdocs_gitguard.graph_api.files import ApiInput
from mkdocs_gitguard.graph_api.schemas import components
from mkdocs_gitguard.model import NODE_KINDS, SCHEMA_VERSION, kind_of, path_of

_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"


def openapi(api: ApiInput) -> dict[str, Any]:
    """Return the document. Paths are relative to the folder it stands in, so it is right wherever that is."""
    schemas = components("#/components/schemas/{name}")
    kinds = Counter(fact.kind for fact in api.nodes.values())
    # Examples lead to files that are there, wherever the snapshot has any.
    listed = next((kind for kind, count in kinds.items() if count > ITEMS_PER_PAGE), "organization")
    hub = next(
        (node for node in api.nodes if len(api.seen(node)) > RELATIONS_PER_PAGE),
        api.snapshot.organization.id,
    )
    kind, node = _kind("organization"), _path(api.snapshot.organization.id)
    page = _parameter("page", "From 2: the first page has no number.", {"type": "integer", "minimum": 2}, 2)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Graph API of {api.snapshot.organization.name or api.snapshot.organization.id}",
            "version": SCHEMA_VERSION,
            "summary": "Repositories, owners, pull requests, policies and decisions, and how they stand to each other.",
            "description": "Static files. Start at index.json and follow `href`s, each relative to the file it is in.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "."}],
        "paths": {
            "/index.json": _get("index", "The way in", "IndexDocument"),
            "/kinds/{kind}/index.json": _get("listKind", "Nodes of a kind", "KindPage", kind),
            "/kinds/{kind}/index.{page}.json": _get("listKindPage", "Further pages", "KindPage", _kind(listed), page),
            "/nodes/{kind}/{path}.json": _get("node", "A node, its relations both ways", "NodeDocument", kind, node),
            "/nodes/{kind}/{path}.neighbours.json": _get(
                "neighbours", "A node's neighbours, JSON Graph Format v2", "NeighboursDocument", kind, node
            ),
            "/nodes/{kind}/{path}.neighbours/{page}.json": _get(
                "neighboursPage", "Further neighbours", "NeighboursDocument", _kind(kind_of(hub)), _path(hub), page
            ),
            "/manifest.json": _get("manifest", "Digest and size of every file", "Manifest"),
            "/changes.ndjson": _get("changes", "What changed since the build before", "ChangeLine", media=_NDJSON),
            "/export/graph.ndjson": _get("exportNdjson", "The graph, a line a record", "ExportNode", media=_NDJSON),
            "/export/graph.cytoscape.json": _get("exportCytoscape", "The graph for Cytoscape.js", "CytoscapeDocument"),
            "/export/graph.graphml": _get("exportGraphml", "The graph as GraphML", "", media="application/xml"),
            "/export/graph.sqlite": _get(
                "exportSqlite", "The graph as SQLite, ready for Datasette", "", media="application/vnd.sqlite3"
            ),
        },
        "components": {"schemas": schemas},
    }


def _kind(example: str) -> dict[str, Any]:
    return _parameter("kind", "A kind of node.", {"enum": [kind.name for kind in NODE_KINDS]}, example)


def _path(example: str) -> dict[str, Any]:
    description = (
        "What `path_of` makes of the id after its kind: namespace and name, which may hold slashes. Follow hrefs rather"
        " than make paths."
    )
    return _parameter("path", description, {"type": "string", "minLength": 1}, path_of(example).partition("/")[2])


def _parameter(name: str, description: str, schema: dict[str, Any], example: str | int) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _get(
    operation: str, summary: str, document: str, *parameters: dict[str, Any], media: str = _JSON
) -> dict[str, Any]:
    if not document or media == _NDJSON:
        described = f" Each line is a `{document}`." if document else ""
        content: dict[str, Any] = {"schema": {}}
    else:
        described = ""
        content = {"schema": {"$ref": f"#/components/schemas/{document}"}}
    error = {_JSON: {"schema": {"$ref": "#/components/schemas/ErrorDocument"}}}
    etag = {
        "ETag": {"description": "Of `gitguard api serve`; other hosts have their own.", "schema": {"type": "string"}}
    }
    item: dict[str, Any] = {}
    for method in ("get", "head"):
        item[method] = {
            "operationId": operation if method == "get" else f"{operation}Head",
            "summary": summary,
            "responses": {
                "200": {
                    "description": f"{summary}.{described}",
                    "headers": etag,
                    **({"content": {media: content}} if method == "get" else {}),
                },
                "304": {"description": "The client's copy, named by If-None-Match, is still right."},
                "404": {
                    "description": "There is no such node or file.",
                    **({"content": error} if method == "get" else {}),
                },
            },
        }
    if parameters:
        item["parameters"] = list(parameters)
    return item
