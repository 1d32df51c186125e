"""The exports: the whole graph as one compressed file, one row a format."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from mkdocs_gitguard.graph_api.exchange import cytoscape, graphml, ndjson
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.pieces import KeptPiece, LastPieces, Part, Piece, PieceFile
from mkdocs_gitguard.graph_api.sqlite import sqlite_pieces


class ExportFormat(NamedTuple):
    """A format of the whole graph."""

    file: str
    """Name of its file, uncompressed."""
    summary: str
    pieces: Callable[[ApiInput, PieceFile], Iterator[Piece]]
    """Makes it, piece by piece, but for what the last export has made of the same."""

    @property
    def path(self) -> str:
        """Where it stands under the API's root, compressed."""
        return f"export/{self.file}.gz"


def _in_parts(make: Callable[[ApiInput], Iterator[Part]], api: ApiInput, file: PieceFile) -> Iterator[Piece]:
    for part in make(api):
        yield file.piece(part.inputs, part.make)


EXPORTS: Final[Mapping[str, ExportFormat]] = MappingProxyType(
    {
        "ndjson": ExportFormat(
            "graph.ndjson",
            "The graph, a line a record as schemas/export-node.json and export-relation.json say",
            partial(_in_parts, ndjson),
        ),
        "sqlite": ExportFormat("graph.sqlite", "The graph as SQLite, ready for Datasette", sqlite_pieces),
        "graphml": ExportFormat("graph.graphml", "The graph as GraphML", partial(_in_parts, graphml)),
        "cytoscape": ExportFormat("graph.cytoscape.json", "The graph for Cytoscape.js", partial(_in_parts, cytoscape)),
    }
)
"""By the name that options and `gitguard api export` take."""
BY_DEFAULT: Final = ("ndjson", "sqlite")


def write_compressed(
    export: ExportFormat, api: ApiInput, path: Path, last: LastPieces | None = None
) -> tuple[KeptPiece, ...]:
    """Write an export to `path`, gzipped. The same graph gives the same bytes, whatever the last export holds.

    Args:
        export: its format.
        api: the graph.
        path: of the file.
        last: what the last export wrote; its pieces stand for what has not changed.

    Returns:
        What the next export has to know.

    Raises:
        OSError: it cannot be written.
        PublishError: the SQLite file cannot be made.
    """
    with PieceFile(path, last) as file:
        return file.write(export.pieces(api, file))


def write_plain(export: ExportFormat, api: ApiInput, path: Path) -> None:
    """Write an export to `path` as it is when unpacked.

    Raises:
        OSError: it cannot be written.
        PublishError: the SQLite file cannot be made.
    """
    with PieceFile(path, is_packed=False) as file:
        file.write(export.pieces(api, file))
