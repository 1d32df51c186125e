"""The graph as an SQLite file, ready for Datasette: tables, a view for each kind, full-text search.

The same facts give the same bytes (with the same SQLite version): everything is inserted in one order in one
transaction, and no time of day or random number is in the file. Relations are kept as numbers of nodes, a tenth of
the bytes of their ids; the view `relations` shows ids.

Nine tenths of the bytes are the nodes' attributes. So SQLite makes all but them, and the pages of the table `nodes` are
put beside that in parts (`sqlite_pages.py`), which need not be made where the last export has them. For that a node
keeps its number when others come and go.
"""

import json
import os
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import IO, Final

import msgspec

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api.exchange import node_parts
from mkdocs_gitguard.graph_api.nodes import ApiInput, attributes_of, digest_of
from mkdocs_gitguard.graph_api.pieces import Piece, PieceFile
from mkdocs_gitguard.graph_api.sqlite_pages import (
    free_pages,
    interior,
    leaves,
    leaves_below,
    lock_page,
    record,
    with_counts,
)
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, SCHEMA_VERSION, Node, Policy, Repository, Rule

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
PAGE: Final = 32768
"""Bytes. Half of what SQLite allows; most rows have less, and what a part leaves of its last page stays empty."""
_PAGES_AT_ONCE: Final = 4
"""Pages that SQLite wrote which make one piece, on average."""
_MOST_PAGES: Final = 32
_CACHE: Final = 32 << 20
"""Bytes that SQLite keeps of the file in memory while it writes."""
_BLOCK: Final = 1 << 16
"""Numbers in a block, and as many blocks as four bytes with a sign have room for."""
_BLOCKS: Final = 1 << 15
_encode = msgspec.json.Encoder().encode


def sqlite_pieces(api: ApiInput, file: PieceFile) -> Iterator[Piece]:
    """Yield the database, piece by piece.

    Raises:
        PublishError: it cannot be written, for want of room on the disk for instance.
    """
    staged = file.path.with_name(f"{file.path.name}.staged")
    numbers = _numbers(api)
    rows = sorted(((numbers[node.id], node) for node in api.snapshot.nodes()), key=itemgetter(0))
    try:
        root = _stage(api, rows, numbers, staged)
        with staged.open("rb") as stream:
            yield from _assembled(api, rows, file, stream, root)
    except sqlite3.OperationalError as error:
        raise PublishError(
            f"The Graph API's SQLite file cannot be written to {staged.parent}: {error}.",
            hint="Make room on its disk, or leave `sqlite` out of the option `exports` of gitguard-graph-api.",
        ) from error
    finally:
        staged.unlink(missing_ok=True)


def _numbers(api: ApiInput) -> Mapping[str, int]:
    """Number the nodes: those of one repository and kind in a block of numbers, the oldest first.

    The blocks lie where their names say, far apart, so that four bytes hold a number and what comes to one repository
    moves the numbers of no other.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for node in api.nodes:
        segments = node.split("/")
        groups["/".join(segments[: min(2, len(segments) - 1)])].append(node)
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for name, members in sorted(groups.items()):
        blocks = -(-len(members) // _BLOCK)
        block = zlib.crc32(name.encode("utf-8", "surrogatepass")) % _BLOCKS
        while not taken.isdisjoint(range(block, block + blocks)):
            block += 1
        taken.update(range(block, block + blocks))
        # Snapshots have what happened the newest first.
        numbers.update((node, number) for number, node in enumerate(reversed(members), block * _BLOCK + 1))
    return numbers


def _stage(api: ApiInput, rows: Sequence[tuple[int, Node]], numbers: Mapping[str, int], path: Path) -> int:
    """Let SQLite write all but the nodes' attributes; return the page at which the table `nodes` begins."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(f"PRAGMA page_size = {PAGE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
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
        database.executemany(
            "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (_row_of(api, number, node, is_alone=len(rows) == 1) for number, node in rows),
        )
        type_numbers = {relation: number for number, (relation, _) in types}
        database.executemany(
            "INSERT INTO edges (number, source, type, target) VALUES (?, ?, ?, ?)",
            (
                (number, numbers[item.source], type_numbers[item.type], numbers[item.target])
                for number, item in enumerate(api.relations(), 1)
            ),
        )
        database.executemany(
            "UPDATE edges SET paths = ?, files = ?, evidence = ? WHERE number = ?",
            _more_of_edges(api),
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
        root: int = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'nodes'").fetchone()[0]
        return root


class _Layout:
    """Where the pages stand that are put beside what SQLite wrote."""

    def __init__(self, staged: int, free: Iterable[int]) -> None:
        """Begin behind the pages that SQLite wrote, which are so many, and of which these are free.

        Some are left out, so that a page more of them seldom moves the others.
        """
        self._lock = lock_page(PAGE)
        self.free = [*free]
        """Pages that nobody uses."""
        self.next = staged + 1
        self._skip_to(-(-staged // (step := 1 << max(0, staged.bit_length() - 4))) * step + 1)

    def place(self, pages: int) -> int:
        """Return the first of so many pages in a row."""
        if self.next <= self._lock < self.next + pages:
            self._skip_to(self._lock + 1)
        first = self.next
        self.next += pages
        return first

    def _skip_to(self, page: int) -> None:
        self.free += (number for number in range(self.next, page) if number != self._lock)
        self.next = page


def _assembled(
    api: ApiInput, rows: Sequence[tuple[int, Node]], file: PieceFile, staged: IO[bytes], root: int
) -> Iterator[Piece]:
    """Yield what SQLite wrote, its rows of nodes without attributes made free pages, then the rows with them."""
    count = staged.seek(0, os.SEEK_END) // PAGE
    page = partial(_page_of, staged, count)
    layout = _Layout(count, leaves_below(root, page))
    own: list[tuple[int, Piece]] = []
    children: list[tuple[int, int]] = []
    for part in _parts(api, rows):
        first, piece = _leaves(api, file, part, layout)
        own.append((first, piece))
        children += enumerate(piece.kept.note[1:], first)
    changed: dict[int, bytes] = {}
    if children:
        further, changed[root] = interior(children, layout.next, PAGE)
        if further:
            first = layout.place(len(further))
            further, changed[root] = interior(children, first, PAGE)
            own.append((first, file.piece_of(b"".join(further))))
    changed |= free_pages(layout.free, PAGE)
    changed[1] = with_counts(page(1), layout.next - 1, layout.free)
    changed |= {number: bytes(PAGE) for number in layout.free if number not in changed}
    end = 1
    for first, piece in own:
        yield from _between(file, range(end, first), changed, page)
        yield piece
        end = first + piece.kept.length // PAGE
    yield from _between(file, range(end, layout.next), changed, page)


def _parts(api: ApiInput, rows: Sequence[tuple[int, Node]]) -> Iterator[Sequence[tuple[int, Node]]]:
    """Break the rows where the nodes' ids say. A tree has two leaves at least: the first row has one to itself."""
    if len(rows) > 1:
        yield rows[:1]
        start = 1
        for nodes in node_parts(api, (node for _, node in rows[1:])):
            yield rows[start : start + len(nodes)]
            start += len(nodes)


def _leaves(api: ApiInput, file: PieceFile, rows: Sequence[tuple[int, Node]], layout: _Layout) -> tuple[int, Piece]:
    """Return the pages of some rows and the first one's place.

    A piece's note holds whether it is made for one place, and the last row of each leaf.
    """
    digest = digest_of(("rows", [(number, api.nodes[node.id].own) for number, node in rows]))
    expected = layout.next
    piece = _leaves_at(api, file, rows, digest, expected)
    first = layout.place(piece.kept.length // PAGE)
    if first != expected and piece.kept.note[0]:
        piece = _leaves_at(api, file, rows, digest, first)
    return first, piece


def _leaves_at(api: ApiInput, file: PieceFile, rows: Sequence[tuple[int, Node]], digest: bytes, first: int) -> Piece:
    placed = digest_of((digest, first))
    known = file.known(digest) or file.known(placed)
    if known is not None:
        return known
    records = [
        (number, record(None, *_texts_of(api, node), _encode(attributes_of(node)).decode())) for number, node in rows
    ]
    made = leaves(records, first, PAGE)
    note = (int(made.is_placed), *made.last_rows)
    return file.made(placed if made.is_placed else digest, made.data, note)


def _between(
    file: PieceFile, pages: range, changed: Mapping[int, bytes], page: Callable[[int], bytes]
) -> Iterator[Piece]:
    """Yield the pages that SQLite wrote, or that nobody uses."""
    part: list[bytes] = []
    for number in pages:
        part.append(changed.get(number) or page(number))
        # Broken where the pages' bytes say: many stay the same and only move when SQLite needs one more.
        if zlib.crc32(part[-1]) % _PAGES_AT_ONCE == 0 or len(part) == _MOST_PAGES:
            yield file.piece_of(b"".join(part))
            part = []
    if part:
        yield file.piece_of(b"".join(part))


def _page_of(staged: IO[bytes], count: int, number: int) -> bytes:
    """Return a page that SQLite wrote; the one that no file may use may lie behind them."""
    if number > count:
        return bytes(PAGE)
    staged.seek((number - 1) * PAGE)
    return staged.read(PAGE)


def _more_of_edges(api: ApiInput) -> Iterator[tuple[str | None, int | None, str | None, int]]:
    """Yield what few relations have, and their numbers."""
    for number, item in enumerate(api.relations(), 1):
        if item.paths or item.files is not None or item.evidence:
            yield (
                json.dumps(item.paths, ensure_ascii=False) if item.paths else None,
                item.files,
                _encode(item.evidence).decode() if item.evidence else None,
                number,
            )


def _row_of(api: ApiInput, number: int, node: Node, *, is_alone: bool) -> tuple[int | str, ...]:
    """Return a node's row for SQLite: but for a single one, what indexes and full-text search are made of is enough."""
    texts = _texts_of(api, node)
    if is_alone:
        return number, *texts, _encode(attributes_of(node)).decode()
    return number, *texts[:4], "", "", ""


def _texts_of(api: ApiInput, node: Node) -> tuple[str, str, str, str, str, str]:
    """Return what stands in the columns of a node's row between its number and its attributes."""
    fact = api.nodes[node.id]
    description = node.description if isinstance(node, Repository | Policy | Rule) else ""
    return node.id, fact.kind, fact.label, description, f"../{fact.file}", fact.page
