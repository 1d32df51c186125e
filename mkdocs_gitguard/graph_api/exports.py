"""The exports: the whole graph as one compressed file, one row a format."""

import gzip
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from mkdocs_gitguard.graph_api.exchange import cytoscape, graphml, ndjson
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.packing import LEVEL
from mkdocs_gitguard.graph_api.sqlite import write_sqlite

_CHUNK: Final = 1 << 20


class ExportFormat(NamedTuple):
    """A format of the whole graph."""

    file: str
    """Name of its file, uncompressed."""
    summary: str
    write: Callable[[ApiInput, Path], None]
    """Writes it, uncompressed."""

    @property
    def path(self) -> str:
        """Where it stands under the API's root, compressed."""
        return f"export/{self.file}.gz"


def _chunks(make: Callable[[ApiInput], Iterator[bytes]], api: ApiInput, path: Path) -> None:
    with path.open("wb", buffering=_CHUNK) as stream:
        stream.writelines(make(api))


EXPORTS: Final[Mapping[str, ExportFormat]] = MappingProxyType(
    {
        "ndjson": ExportFormat(
            "graph.ndjson",
            "The graph, a line a record as schemas/export-node.json and export-relation.json say",
            partial(_chunks, ndjson),
        ),
        "sqlite": ExportFormat("graph.sqlite", "The graph as SQLite, ready for Datasette", write_sqlite),
        "graphml": ExportFormat("graph.graphml", "The graph as GraphML", partial(_chunks, graphml)),
        "cytoscape": ExportFormat("graph.cytoscape.json", "The graph for Cytoscape.js", partial(_chunks, cytoscape)),
    }
)
"""By the name that options and `gitguard api export` take."""
BY_DEFAULT: Final = ("ndjson", "sqlite")


def write_compressed(export: ExportFormat, api: ApiInput, path: Path) -> None:
    """Write an export to `path`, gzipped. The same graph gives the same bytes."""
    plain = path.with_name(f"{path.name}.plain")
    try:
        export.write(api, plain)
        with (
            plain.open("rb") as source,
            path.open("wb") as target,
            gzip.GzipFile("", "wb", LEVEL, target, mtime=0) as packed,
        ):
            shutil.copyfileobj(source, packed, _CHUNK)
    finally:
        plain.unlink(missing_ok=True)
