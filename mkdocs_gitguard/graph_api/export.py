"""`export`: a snapshot becomes the folder of static files that is the Graph API."""

import hashlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from mkdocs_gitguard.graph_api import memory as memories
from mkdocs_gitguard.graph_api.changes import Changes
from mkdocs_gitguard.graph_api.documents import ApiManifest, FileRef, IndexDocument, KindEntry, ServiceLevelsDocument
from mkdocs_gitguard.graph_api.drill_nodes import drill_counts, drill_files
from mkdocs_gitguard.graph_api.export_turns import WrittenExports
from mkdocs_gitguard.graph_api.exports import BY_DEFAULT, EXPORTS, ExportFormat, write_compressed
from mkdocs_gitguard.graph_api.files import PlannedFile, kind_files, node_files
from mkdocs_gitguard.graph_api.kept_plans import KeptPlans
from mkdocs_gitguard.graph_api.layout import kind_path
from mkdocs_gitguard.graph_api.nodes import ApiInput, digest_of
from mkdocs_gitguard.graph_api.openapi import openapi
from mkdocs_gitguard.graph_api.pieces import KeptPiece, LastPieces
from mkdocs_gitguard.graph_api.schemas import schema_files
from mkdocs_gitguard.graph_api.writer import MANIFEST, TreeWriter
from mkdocs_gitguard.model import Graph
from mkdocs_gitguard.model.drill import DrillResult
from mkdocs_gitguard.model.service_levels import ServiceLevels

_LINKS: Final = {"openapi": "openapi.json", "changes": "changes.ndjson"}
_LEVELS: Final = "service-levels.json"
_WORKERS: Final = 2
"""Threads that write the exports of the whole graph: SQLite and zlib need the interpreter for little of their time."""
_encode = msgspec.json.Encoder().encode


class Exported(NamedTuple):
    """What a run did to the folder, counted in files."""

    nodes: int
    relations: int
    kept: int
    """Not made, because they were made of the same."""
    made: int
    """Made, the same as they were or not."""
    written: int
    """Of those made, the others, with compressed siblings."""
    deleted: int
    reason: str
    """Why nothing could be kept; `""` where something could."""


def export(
    graph: Graph,
    out_dir: Path,
    *,
    generated_at: datetime,
    commit: str = "",
    pages: Mapping[str, str] = MappingProxyType({}),
    exports: Sequence[str] = BY_DEFAULT,
    epoch: str = "",
    memory: Path | None = None,
    is_ours: bool = False,
    levels: ServiceLevels | None = None,
    kept: KeptPlans | None = None,
    may_wait: bool = False,
    drills: Sequence[DrillResult] = (),
) -> Exported:
    """Write the Graph API of a snapshot into `out_dir`, touching only what has changed since the last run.

    Args:
        graph: of what may be seen; nothing else is read, so nothing else can get out.
        out_dir: the API's root (`…/api/v1`). Belongs to the export: other files in it are deleted.
        generated_at: aware, UTC; stands in `index.json` only. Where nothing has changed, that of the last run stays.
        commit: of the portal's own repository, for `index.json`.
        pages: node id to the URL of its page in the portal, relative to the site's root or absolute.
        exports: names in `EXPORTS` of what is written of the whole graph.
        epoch: digest of the code that writes the files; with another one all are made again.
        memory: file that keeps what this run must know of the last one; None: every file is made, to be compared.
        is_ours: whether `out_dir` is known to be for exports, whatever is in it.
        levels: the service levels; None: they are not measured.
        kept: of the last export of this process, for one that stays; takes what the next one has to know.
        may_wait: whether large exports of the whole graph may stay as `kept` has left them until it is their turn.
        drills: how drills went, the newest first; their pages stand in `pages` by `drill_id`.

    Returns:
        Counts.

    Raises:
        PublishError: `out_dir` holds files that are not a Graph API export.
        OSError: it cannot be written.
    """
    last = memories.load(memory, out_dir)
    reason = _reason_for_all(last, epoch)
    whole = digest_of((graph.digest, dict(pages), tuple(exports), commit))
    of_graph = digest_of((whole, drills, levels is not None))
    everything = digest_of((of_graph, levels))
    writer = TreeWriter(out_dir, last, may_keep=not reason)
    if last is not None and not reason and last.whole == everything and writer.is_as_left():
        _plan_for_next(kept, graph, pages)
        nodes, relations = last.counts
        return Exported(nodes, relations, len(last.files), 0, 0, 0, "")
    writer.begin(is_ours=is_ours)
    api: ApiInput | None = None
    releases = dict.fromkeys(exports, graph.digest)
    written = WrittenExports({}, 0.0)
    if last is not None and last.of_graph == of_graph and writer.keep_all(but=(_LEVELS, _LINKS["changes"])):
        counts, kinds = last.counts, last.kinds
        writer.put(_LINKS["changes"], b"")
    else:
        api = ApiInput(graph, pages, kept)
        for planned in drill_files(drills, pages):
            if not writer.keep(planned.path, planned.inputs):
                writer.put(planned.path, planned.make(), inputs=planned.inputs)
        older = last.releases if last is not None and kept is not None and may_wait and kept.may_wait(graph) else {}
        written = _write_all(api, writer, exports=exports, whole=whole, has_levels=levels is not None, older=older)
        releases |= written.older
        counts, kinds = (len(api.nodes), sum(1 for _ in api.relations())), _kinds(api, drill_counts(drills))
    if levels is not None:
        writer.put(_LEVELS, _encode(ServiceLevelsDocument(service_levels=levels)))
    manifest = _encode(ApiManifest(files=dict(sorted(writer.files.items()))))
    index = _index(
        graph,
        generated_at=generated_at,
        commit=commit,
        manifest=manifest,
        releases=releases,
        has_levels=levels is not None,
        kinds=kinds,
    )
    left = writer.close(manifest, index)
    if memory is not None:
        # While one is older, the next export looks at each file, whatever has changed.
        of_all = (b"", b"") if written.older else (everything, of_graph)
        made = memories.Made(*of_all, counts, kinds, releases)
        memories.save(memories.remember(out_dir, made, epoch=epoch, files=left), memory)
    if kept is not None and api is not None:
        kept.take(api, written)
    return Exported(
        nodes=counts[0],
        relations=counts[1],
        kept=writer.kept,
        made=writer.made,
        written=writer.written,
        deleted=writer.deleted,
        reason=reason,
    )


def _plan_for_next(kept: KeptPlans | None, graph: Graph, pages: Mapping[str, str]) -> None:
    """Let a process that stays have the plans of an export that was made by another."""
    if kept is not None and not kept.plans:
        api = ApiInput(graph, pages, kept)
        # What is planned is kept.
        deque(node_files(api), maxlen=0)
        kept.take(api, WrittenExports({}, 0.0))


def _reason_for_all(last: memories.ApiMemory | None, epoch: str) -> str:
    if last is None:
        return "there is no memory of an earlier export"
    return "" if last.epoch == epoch else "the package or its libraries have changed"


def _write_all(
    api: ApiInput,
    writer: TreeWriter,
    *,
    exports: Sequence[str],
    whole: bytes,
    has_levels: bool,
    older: Mapping[str, str],
) -> WrittenExports:
    """Write all files, but for exports of the whole graph that may stay older: `older`, their releases by name."""
    changes = Changes()
    changed = [name for name in exports if not writer.keep(EXPORTS[name].path, whole)]
    stay = {name: older[name] for name in changed if name in older and writer.keep_older(EXPORTS[name].path)}
    due = [EXPORTS[name] for name in changed if name not in stay]
    seconds = 0.0
    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            made = [
                pool.submit(_timed, entry, api, writer.part_for(entry.path), writer.last_pieces(entry.path))
                for entry in due
            ]
            for planned in node_files(api):
                _write_nodes(planned, writer, changes)
            for planned in kind_files(api):
                if not writer.keep(planned.path, planned.inputs):
                    writer.put(planned.path, planned.make(), inputs=planned.inputs)
            for name, schema in schema_files().items():
                writer.put(f"schemas/{name}", _shown(schema))
            writer.put(_LINKS["openapi"], _shown(openapi(api, exports, has_levels=has_levels)))
            for entry, future in zip(due, made, strict=True):
                pieces, took = future.result()
                writer.take(entry.path, inputs=whole, pieces=pieces)
                seconds += took
    finally:
        for entry in due:
            writer.part_for(entry.path).unlink(missing_ok=True)
    for path in writer.previous.keys() - writer.files.keys():
        if path.startswith("nodes/"):
            changes.of_gone_node(path)
        elif path.startswith("shards/"):
            changes.of_shard(path, writer.before(path), b"")
    # A first export has no changes: everything would be new.
    writer.put(_LINKS["changes"], b"".join(changes.lines(api)) if writer.previous else b"")
    return WrittenExports(stay, seconds)


def _timed(
    entry: ExportFormat, api: ApiInput, path: Path, last: LastPieces | None
) -> tuple[tuple[KeptPiece, ...], float]:
    """Write an export, and return its pieces and the seconds of the processor that it has taken."""
    began = time.thread_time()
    return write_compressed(entry, api, path, last), time.thread_time() - began


def _write_nodes(planned: PlannedFile, writer: TreeWriter, changes: Changes) -> None:
    path, inputs, make = planned
    if writer.keep(path, inputs):
        return
    data = make()
    before = writer.before(path) if path.startswith("shards/") else b""
    writer.put(path, data, inputs=inputs)
    if writer.previous.get(path) == writer.files[path]:
        return
    if path.startswith("nodes/"):
        changes.of_node(path, was_there=path in writer.previous)
    elif path.startswith("shards/"):
        changes.of_shard(path, before, data)


def _kinds(api: ApiInput, own: Mapping[str, int]) -> tuple[KindEntry, ...]:
    return tuple(
        KindEntry(kind=kind, count=count, href=kind_path(kind), shards=api.shards.get(kind, 0))
        for kind, count in {**api.counts(), **own}.items()
    )


def _index(
    graph: Graph,
    *,
    generated_at: datetime,
    commit: str,
    manifest: bytes,
    releases: dict[str, str],
    has_levels: bool,
    kinds: tuple[KindEntry, ...],
) -> bytes:
    schema_links = {f"schema.{name.removesuffix('.json')}": f"schemas/{name}" for name in schema_files()}
    document = IndexDocument(
        generated_at=generated_at,
        commit=commit,
        release=graph.digest,
        organization=graph.snapshot.organization.id,
        kinds=kinds,
        manifest=FileRef(href=MANIFEST, sha256=hashlib.sha256(manifest).hexdigest(), size=len(manifest)),
        links={
            **_LINKS,
            **({"service-levels": _LEVELS} if has_levels else {}),
            **{f"export.{name}": EXPORTS[name].path for name in releases},
            **schema_links,
        },
        exports=releases,
    )
    return msgspec.json.format(_encode(document), indent=2) + b"\n"


def _shown(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(_encode(document), indent=1) + b"\n"
