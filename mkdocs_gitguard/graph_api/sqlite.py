"""The graph as an SQLite file, ready for Datasette: tables, a view for each kind, full-text search.

The same facts give the same bytes (with the same SQLite version): everything is inserted in the snapshot's order in
one transaction, and no time of day or random number is in the file.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api.nodes import ApiInput, attributes_of
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, SCHEMA_VERSION, Policy, Repository, Rule

_SCHEMA: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE kinds (kind TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE relation_types (type TEXT PRIMARY KEY, inverse TEXT NOT NULL);
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
CREATE TABLE relations (
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES nodes(id),
  type TEXT NOT NULL REFERENCES relation_types(type),
  target TEXT NOT NULL REFERENCES nodes(id),
  paths TEXT NOT NULL,
  files INTEGER,
  evidence TEXT NOT NULL
);
"""
_INDEXES: Final = """
CREATE INDEX nodes_kind ON nodes(kind);
CREATE INDEX relations_source ON relations(source, type);
CREATE INDEX relations_target ON relations(target, type);
CREATE VIEW relations_both_ways AS
  SELECT source AS node, type AS relation, target AS other, paths, files, evidence FROM relations
  UNION ALL
  SELECT r.target, t.inverse, r.source, r.paths, r.files, r.evidence
    FROM relations r JOIN relation_types t ON t.type = r.type;
CREATE VIRTUAL TABLE nodes_fts USING fts5(label, id, description, content='nodes', content_rowid='number');
INSERT INTO nodes_fts(rowid, label, id, description) SELECT number, label, id, description FROM nodes;
INSERT INTO nodes_fts(nodes_fts) VALUES ('optimize');
"""
_encode = msgspec.json.Encoder().encode


def write_sqlite(api: ApiInput, path: Path) -> None:
    """Write the database to `path`, which must not exist.

    Raises:
        PublishError: it cannot be written, for want of room on the disk for instance.
    """
    try:
        _write(api, path)
    except sqlite3.OperationalError as error:
        raise PublishError(
            f"The Graph API's SQLite file cannot be written to {path.parent}: {error}.",
            hint="Make room on its disk, or leave `sqlite` out of the option `exports` of gitguard-graph-api.",
        ) from error


def _write(api: ApiInput, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        database.execute("BEGIN")
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        database.executemany(
            "INSERT INTO about VALUES (?, ?)",
            [("schema_version", SCHEMA_VERSION), ("organization", api.snapshot.organization.id)],
        )
        database.executemany("INSERT INTO kinds VALUES (?, ?)", api.counts().items())
        database.executemany("INSERT INTO relation_types VALUES (?, ?)", INVERSE.items())
        database.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _node_rows(api))
        database.executemany(
            "INSERT INTO relations VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    *(number, item.source, item.type, item.target, json.dumps(item.paths, ensure_ascii=False)),
                    *(item.files, _encode(item.evidence).decode()),
                )
                for number, item in enumerate(api.relations(), 1)
            ),
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
