"""`export`: a snapshot becomes the folder of static files that is the Graph API."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.graph_api.documents import (
    ApiManifest,
    ChangeLine,
    ChangeType,
    FileRef,
    IndexDocument,
    KindEntry,
    ManifestEntry,
)
from mkdocs_gitguard.graph_api.exchange import cytoscape, graphml, ndjson
from mkdocs_gitguard.graph_api.files import ApiInput, kind_files, node_files
from mkdocs_gitguard.graph_api.layout import is_node_path, kind_path, node_path
from mkdocs_gitguard.graph_api.openapi import openapi
from mkdocs_gitguard.graph_api.schemas import schema_files
from mkdocs_gitguard.graph_api.sqlite import write_sqlite
from mkdocs_gitguard.graph_api.writer import INDEX, MANIFEST, TreeWriter, write_chunks
from mkdocs_gitguard.model import Graph

LINKS: Final = {
    "openapi": "openapi.json",
    "changes": "changes.ndjson",
    "export.ndjson": "export/graph.ndjson",
    "export.graphml": "export/graph.graphml",
    "export.cytoscape": "export/graph.cytoscape.json",
    "export.sqlite": "export/graph.sqlite",
}
_encode = msgspec.json.Encoder().encode


class Exported(NamedTuple):
    """What a run did to the folder, counted in files."""

    nodes: int
    relations: int
    written: int
    unchanged: int
    deleted: int


def export(
    graph: Graph,
    out_dir: Path,
    *,
    generated_at: datetime,
    commit: str = "",
    pages: Mapping[str, str] = MappingProxyType({}),
) -> Exported:
    """Write the Graph API of a snapshot into `out_dir`, touching only what has changed since the last run.

    Args:
        graph: of what may be seen; nothing else is read, so nothing else can get out.
        out_dir: the API's root (`…/api/v1`). Belongs to the export: other files in it are deleted.
        generated_at: aware, UTC; stands in `index.json` only.
        commit: of the portal's own repository, for `index.json`.
        pages: node id to the URL of its page in the portal, relative to the site's root or absolute.

    Returns:
        Counts.

    Raises:
        PublishError: `out_dir` holds files that are not a Graph API export.
    """
    api = ApiInput(graph, pages)
    writer = TreeWriter(out_dir)
    for _, file in node_files(api):
        writer.put(*file)
    for file in kind_files(api):
        writer.put(*file)
    schemas = schema_files()
    for name, schema in schemas.items():
        writer.put(f"schemas/{name}", msgspec.json.format(_encode(schema), indent=1) + b"\n")
    writer.put(LINKS["openapi"], msgspec.json.format(_encode(openapi(api)), indent=1) + b"\n")
    writer.put_made(LINKS["export.ndjson"], write_chunks(ndjson(api)))
    writer.put_made(LINKS["export.graphml"], write_chunks(graphml(api)))
    writer.put_made(LINKS["export.cytoscape"], write_chunks(cytoscape(api)))
    # No siblings: clients read an SQLite file by ranges, which a compressed one has not.
    writer.put_made(LINKS["export.sqlite"], lambda path: write_sqlite(api, path), siblings=False)
    writer.put(LINKS["changes"], b"".join(_changes(api, writer.previous, writer.files)))
    manifest = _encode(ApiManifest(files=dict(sorted(writer.files.items()))))
    writer.put(MANIFEST, manifest, in_manifest=False)
    writer.put(
        INDEX,
        _index(api, generated_at=generated_at, commit=commit, manifest=manifest, schemas=schemas),
        in_manifest=False,
    )
    writer.finish()
    return Exported(
        nodes=len(api.nodes),
        relations=sum(1 for _ in api.relations()),
        written=writer.written,
        unchanged=writer.unchanged,
        deleted=writer.deleted,
    )


def _index(api: ApiInput, *, generated_at: datetime, commit: str, manifest: bytes, schemas: Iterable[str]) -> bytes:
    schema_links = {f"schema.{name.removesuffix('.json')}": f"schemas/{name}" for name in schemas}
    document = IndexDocument(
        generated_at=generated_at,
        commit=commit,
        release=api.graph.digest,
        organization=api.snapshot.organization.id,
        kinds=tuple(KindEntry(kind=kind, count=count, href=kind_path(kind)) for kind, count in api.counts().items()),
        manifest=FileRef(href=MANIFEST, sha256=hashlib.sha256(manifest).hexdigest(), size=len(manifest)),
        links={**LINKS, **schema_links},
    )
    return msgspec.json.format(_encode(document), indent=2) + b"\n"


def _changes(api: ApiInput, before: Mapping[str, ManifestEntry], now: Mapping[str, ManifestEntry]) -> Iterator[bytes]:
    """Yield a line for each node whose file is new, different or gone.

    Compares this snapshot's files with the manifest that the same folder had before. A first build has no changes:
    everything would be new.
    """
    if not before:
        return
    current = {node_path(node): node for node in api.nodes}
    for path, node in current.items():
        if path not in before or before[path] != now[path]:
            yield _change_line("added" if path not in before else "changed", path, node)
    for path in sorted(before.keys() - now.keys()):
        if is_node_path(path):
            yield _change_line("removed", path)


def _change_line(change: ChangeType, path: str, node: str = "") -> bytes:
    digest = hashlib.sha256(path.encode()).hexdigest()
    line = ChangeLine(change=change, path_sha256=digest, id=node, href=path if node else "")
    return _encode(line) + b"\n"
