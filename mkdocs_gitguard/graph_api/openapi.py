"""The OpenAPI 3.1 description of the static files, with examples from the snapshot itself."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from mkdocs_gitguard.graph_api.documents import ITEMS_PER_PAGE, RELATIONS_OF_A_NODE
from mkdocs_gitguard.graph_api.exports import EXPORTS
from mkdocs_gitguard.graph_api.files import first_relations_page
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.schemas import components
from mkdocs_gitguard.model import NODE_KINDS, SCHEMA_VERSION, kind_of, path_of

_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_GZIP: Final = "application/gzip"

_UNPACKED: Final = {_NDJSON: " Each line is a `{}`.", _GZIP: " Unpacked it is a `{}`."}
"""How a response that is not plain JSON holds its document."""


def openapi(api: ApiInput, exports: Sequence[str], *, has_levels: bool = False) -> dict[str, Any]:
    """Return the document. Paths are relative to the folder it stands in, so it is right wherever that is.

    Args:
        api: what is exported.
        exports: names in `EXPORTS` of what is written of the whole graph.
        has_levels: whether service levels are among it.
    """
    schemas = components("#/components/schemas/{name}")
    kinds = Counter(fact.kind for fact in api.nodes.values())
    # Examples lead to files that are there, wherever the snapshot has any.
    listed = next((kind for kind, count in kinds.items() if count > ITEMS_PER_PAGE), "organization")
    hub = next(
        (node for node in api.nodes if len(api.seen(node)) > RELATIONS_OF_A_NODE),
        api.snapshot.organization.id,
    )
    first_page = first_relations_page(api, hub) or "relations/owned_by/1.json.gz"
    relation, first = first_page.removesuffix(".json.gz").split("/")[-2:]
    sharded = next((kind for kind, shards in api.shards.items() if shards), "organization")
    filed = next(
        (node for node, fact in api.nodes.items() if fact.file.startswith("nodes/")), api.snapshot.organization.id
    )
    kind = _kind("organization")
    levels = _get("serviceLevels", "Objectives, and how they were met", "ServiceLevelsDocument")
    page = _parameter("page", "From 2: the first page has no number.", {"type": "integer", "minimum": 2}, 2)
    part = {"type": "integer", "minimum": 1}
    shard = _parameter("shard", "Follow hrefs, or see docs/compatibility.md on how a shard is found.", part, 1)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Graph API of {api.snapshot.organization.name or api.snapshot.organization.id}",
            "version": SCHEMA_VERSION,
            "summary": "Repositories, owners, pull requests, policies and decisions, and how they stand to each other.",
            "description": (
                "Static files. Start at index.json and follow `href`s, each relative to the file it is in. A node that "
                "has a page of its own in the portal has a file of its own, all others stand in shards, gzipped; "
                "`gitguard api serve` answers /nodes/… for both."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "."}],
        "paths": {
            "/index.json": _get("index", "The way in", "IndexDocument"),
            "/kinds/{kind}/index.json": _get("listKind", "Nodes of a kind", "KindPage", kind),
            "/kinds/{kind}/index.{page}.json": _get("listKindPage", "Further pages", "KindPage", _kind(listed), page),
            "/nodes/{kind}/{path}.json": _get(
                "node", "A node, its relations both ways", "NodeDocument", _kind(kind_of(filed)), _path(filed)
            ),
            "/shards/{kind}/{shard}.json.gz": _get(
                "shard",
                "Nodes without a page of their own in the portal",
                "ShardDocument",
                _kind(sharded),
                shard,
                media=_GZIP,
            ),
            "/relations/{kind}/{path}/{type}/{page}.json.gz": _get(
                "relations",
                "All relations of a node that has many",
                "RelationsPage",
                _kind(kind_of(hub)),
                _path(hub),
                _parameter("type", "A type of relation.", {"type": "string"}, relation),
                _parameter("page", "Follow hrefs: of what has a moment, with its year.", {"type": "string"}, first),
                media=_GZIP,
            ),
            **({"/service-levels.json": levels} if has_levels else {}),
            "/manifest.json": _get("manifest", "Digest and size of every file", "Manifest"),
            "/changes.ndjson": _get("changes", "What changed since the build before", "ChangeLine", media=_NDJSON),
            **{
                f"/{EXPORTS[name].path}": _get(
                    f"export{name.capitalize()}", f"{EXPORTS[name].summary}, gzipped", "", media=_GZIP
                )
                for name in exports
            },
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
    if not document or media != _JSON:
        described = _UNPACKED[media].format(document) if document else ""
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
