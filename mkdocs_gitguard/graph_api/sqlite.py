"""The graph as an SQLite file, ready for Datasette: tables, a view for each kind, full-text search.

The same facts give the same bytes (with the same SQLite version): everything is inserted in the snapshot's order in
one transaction, and no time of day or random number is in the file. Relations are kept as numbers of nodes, a tenth of
the bytes of their ids; the view `relations` shows ids.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api.nodes import ApiInput, attributes_of
from mkdocs_gitguard.graph_api.pieces import Piece, PieceFile
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, SCHEMA_VERSION, Policy, Repository, Rule

_SCHEMA: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE kinds (kind TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE relation_types (number INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE, inverse TEXT NOT NULL);
CREATE TABLE nodes (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL REFERENCES kinds(kind),
  label TEXT NOT NULL,
  description TEXT NOT NULL,
  href TEXT NOT NULL,
  page TEXT NOT NULL,
  attributes TEXT NOT NULL
);
CREATE TABLE edges (
  number INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES nodes(number),
  type INTEGER NOT NULL REFERENCES relation_types(number),
  target INTEGER NOT NULL REFERENCES nodes(number),
  paths TEXT,
  files INTEGER,
  evidence TEXT
);
"""
_INDEXES: Final = """
CREATE INDEX nodes_kind ON nodes(kind);
CREATE INDEX edges_source ON edges(source, type);
CREATE INDEX edges_target ON edges(target, type);
CREATE VIEW relations AS
  SELECT e.number, s.id AS source, t.type, o.id AS target,
      ifnull(e.paths, '[]') AS paths, e.files, ifnull(e.evidence, '[]') AS evidence
    FROM edges e
    JOIN nodes s ON s.number = e.source
    JOIN relation_types t ON t.number = e.type
    JOIN nodes o ON o.number = e.target;
CREATE VIEW relations_both_ways AS
  SELECT source AS node, type AS relation, target AS other, paths, files, evidence FROM relations
  UNION ALL
  SELECT r.target, t.inverse, r.source, r.paths, r.files, r.evidence
    FROM relations r JOIN relation_types t ON t.type = r.type;
CREATE VIRTUAL TABLE nodes_fts USING fts5(label, id, description, content='nodes', content_rowid='number');
INSERT INTO nodes_fts(rowid, label, id, description) SELECT number, label, id, description FROM nodes;
INSERT INTO nodes_fts(nodes_fts) VALUES ('optimize');
"""
_PIECE: Final = 1 << 20
"""Bytes that are deflated at a time. Hardly any stays the same: a row more shifts all that SQLite writes behind it."""
_CACHE: Final = 32 << 20
"""Bytes that SQLite keeps of the file in memory while it writes."""
_encode = msgspec.json.Encoder().encode


def sqlite_pieces(api: ApiInput, file: PieceFile) -> Iterator[Piece]:
    """Yield the database, piece by piece.

    Raises:
        PublishError: it cannot be written, for want of room on the disk for instance.
    """
    staged = file.path.with_name(f"{file.path.name}.staged")
    try:
        _write(api, staged)
        with staged.open("rb") as stream:
            for data in iter(partial(stream.read, _PIECE), b""):
                yield file.piece_of(data)
    except sqlite3.OperationalError as error:
        raise PublishError(
            f"The Graph API's SQLite file cannot be written to {staged.parent}: {error}.",
            hint="Make room on its disk, or leave `sqlite` out of the option `exports` of gitguard-graph-api.",
        ) from error
    finally:
        staged.unlink(missing_ok=True)


def _write(api: ApiInput, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        database.execute(f"PRAGMA cache_size = {_CACHE // -1024}")
        database.execute("BEGIN")
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        database.executemany(
            "INSERT INTO about VALUES (?, ?)",
            [("schema_version", SCHEMA_VERSION), ("organization", api.snapshot.organization.id)],
        )
        database.executemany("INSERT INTO kinds VALUES (?, ?)", api.counts().items())
        types = list(enumerate(INVERSE.items(), 1))
        database.executemany(
            "INSERT INTO relation_types VALUES (?, ?, ?)",
            ((number, relation, inverse) for number, (relation, inverse) in types),
        )
        database.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _node_rows(api))
        database.executemany(
            "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?, ?)",
            _edge_rows(api, {relation: number for number, (relation, _) in types}),
        )
        for statement in _INDEXES.split(";"):
            database.execute(statement)
        for kind in NODE_KINDS:
            # Names only of our own above: no value of a repository comes near.
            fields = ", ".join(
                f"""json_extract(attributes, '$."{column}"') AS "{column}\"""" for column in kind.columns
            )
            view = kind.plural.replace(" ", "_")
            database.execute(
                f"CREATE VIEW {view} AS SELECT id, label, {fields}, page FROM nodes WHERE kind = '{kind.name}'"  # noqa: S608 own constants
            )
        database.execute("COMMIT")


def _edge_rows(
    api: ApiInput, types: Mapping[str, int]
) -> Iterator[tuple[int, int, int, int, str | None, int | None, str | None]]:
    numbers = {node: number for number, node in enumerate(api.nodes, 1)}
    for number, item in enumerate(api.relations(), 1):
        yield (
            number,
            numbers[item.source],
            types[item.type],
            numbers[item.target],
            json.dumps(item.paths, ensure_ascii=False) if item.paths else None,
            item.files,
            _encode(item.evidence).decode() if item.evidence else None,
        )


def _node_rows(api: ApiInput) -> Iterator[tuple[int, str, str, str, str, str, str, str]]:
    for number, node in enumerate(api.snapshot.nodes(), 1):
        fact = api.nodes[node.id]
        description = node.description if isinstance(node, Repository | Policy | Rule) else ""
        yield (
            number,
            node.id,
            fact.kind,
            fact.label,
            description,
            f"../{fact.file}",
            fact.page,
            _encode(attributes_of(node)).decode(),
        )
