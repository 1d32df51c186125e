"""Exports in pieces, and what is taken from the last one."""

import gzip
import random
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.snapshot import NOW, likely

from mkdocs_gitguard.graph_api import exchange, export, nodes, sqlite
from mkdocs_gitguard.graph_api.exports import BY_DEFAULT, EXPORTS, write_compressed, write_plain
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.packing import GZIP_HEAD, checksum_of_both, gzip_tail, stretch
from mkdocs_gitguard.graph_api.pieces import LastPieces, PieceFile
from mkdocs_gitguard.model import Graph, Snapshot


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parts so small that few nodes fill many."""
    monkeypatch.setattr(exchange, "_NODES_PER_PART", 8)
    monkeypatch.setattr(exchange, "_SOURCES_PER_PART", 8)
    monkeypatch.setattr(sqlite, "_PIECE", 4096)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


def api_of(snapshot: Snapshot) -> ApiInput:
    return ApiInput(Graph(snapshot), {})


def with_titles(snapshot: Snapshot, titles: dict[int, str]) -> Snapshot:
    changed = [
        msgspec.structs.replace(one, title=titles.get(place, one.title))
        for place, one in enumerate(snapshot.pull_requests)
    ]
    return msgspec.structs.replace(snapshot, pull_requests=tuple(changed))


def without_pull_requests(snapshot: Snapshot, gone: set[int]) -> Snapshot:
    left = [one for place, one in enumerate(snapshot.pull_requests) if place not in gone]
    ids = {one.id for one in left}
    return msgspec.structs.replace(
        snapshot,
        pull_requests=tuple(left),
        relations=tuple(
            item
            for item in snapshot.relations
            if not any(end.startswith("pull-request:") and end not in ids for end in (item.source, item.target))
        ),
    )


def two_exports(name: str, before: Snapshot, after: Snapshot, place: Path) -> tuple[bytes, bytes, float]:
    """Return an export after another one and by itself, and which share of its pieces are new."""
    last = LastPieces(place / "last", write_compressed(EXPORTS[name], api_of(before), place / "last"))
    pieces = write_compressed(EXPORTS[name], api_of(after), place / "again", last)
    write_compressed(EXPORTS[name], api_of(after), place / "clean")
    known = {piece.inputs for piece in last.pieces}
    new = [piece for piece in pieces if piece.inputs not in known]
    return (place / "again").read_bytes(), (place / "clean").read_bytes(), len(new) / len(pieces)


@pytest.mark.parametrize(("name", "share"), [("ndjson", 0.4), ("sqlite", 1.0)])
@pytest.mark.usefixtures("small")
def test_what_has_not_changed_is_taken_from_the_last_export(name: str, share: float, tmp_path: Path) -> None:
    before = likely(repositories=2, pull_requests=300)
    again, clean, new = two_exports(name, before, with_titles(before, {40: "Another title"}), tmp_path)
    assert again == clean
    assert new < share
    assert b"Another title" in gzip.decompress(again)


@pytest.mark.usefixtures("small")
def test_it_would_show_if_a_nodes_record_were_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = nodes._fact_of
    monkeypatch.setattr(nodes, "_fact_of", lambda *of: (fact := original(*of))._replace(own=fact.as_end))
    before = likely(repositories=2, pull_requests=60)
    first = before.repositories[0]
    after = msgspec.structs.replace(
        before, repositories=(msgspec.structs.replace(first, description="Another"), *before.repositories[1:])
    )
    again, clean, _ = two_exports("ndjson", before, after, tmp_path)
    assert again != clean


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1 << 32), pull_requests=st.sampled_from([0, 1, 60, 150]))
def test_any_export_equals_a_clean_one_and_sqlite_reads_it(seed: int, pull_requests: int, tmp_path_factory) -> None:
    dice, place = random.Random(seed), tmp_path_factory.mktemp("any")
    before = likely(repositories=2, pull_requests=pull_requests)
    count = len(before.pull_requests)
    after = with_titles(before, {dice.randrange(count): "x" * dice.randrange(3000) for _ in range(3) if count})
    after = without_pull_requests(after, {dice.randrange(count) for _ in range(2) if count})
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        for name in BY_DEFAULT:
            again, clean, _ = two_exports(name, before, after, place)
            assert again == clean, name
    (place / "file").write_bytes(gzip.decompress(again))
    with closing(sqlite3.connect(place / "file")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.execute("INSERT INTO nodes_fts(nodes_fts) VALUES ('integrity-check')")
        shown = dict(database.execute("SELECT id, attributes FROM nodes"))
    api = api_of(after)
    assert shown == {node.id: msgspec.json.encode(nodes.attributes_of(node)).decode() for node in api.snapshot.nodes()}


@given(st.lists(st.binary(max_size=300) | st.just(bytes(70_000)), max_size=9))
def test_stretches_are_one_gzip_file(parts: list[bytes]) -> None:
    checksum, file = 0, GZIP_HEAD
    for part in map(stretch, parts):
        checksum, file = checksum_of_both(checksum, part.checksum, part.shift), file + part.data
    whole = b"".join(parts)
    assert checksum == zlib.crc32(whole)
    # A browser's `DecompressionStream` stops at the end of the first member, so there must be one.
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(file + gzip_tail(checksum, len(whole))) == whole
    assert (reader.eof, reader.unused_data) == (True, b"")


def test_a_last_file_that_is_cut_short_meanwhile_is_an_error(tmp_path: Path) -> None:
    api, last = api_of(likely()), tmp_path / "last"
    pieces = write_compressed(EXPORTS["ndjson"], api, last)
    with PieceFile(tmp_path / "again", LastPieces(last, pieces)) as file:
        last.write_bytes(b"")
        with pytest.raises(OSError, match="changed by somebody else"):
            file.write(EXPORTS["ndjson"].pieces(api, file))


@pytest.mark.parametrize("name", EXPORTS)
def test_unpacked_it_is_what_api_export_writes(name: str, tmp_path: Path) -> None:
    api = api_of(likely())
    write_compressed(EXPORTS[name], api, tmp_path / "packed")
    write_plain(EXPORTS[name], api, tmp_path / "plain")
    assert gzip.decompress((tmp_path / "packed").read_bytes()) == (tmp_path / "plain").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed", "plain"]


def test_an_export_takes_nothing_from_a_file_that_was_altered(tmp_path: Path) -> None:
    folder, memory = tmp_path / "v1", tmp_path / "memory"
    options = {"generated_at": NOW, "memory": memory, "epoch": "1"}
    export(Graph(likely()), folder, **options)
    for name in BY_DEFAULT:
        path = folder / EXPORTS[name].path
        path.write_bytes(bytes(len(path.read_bytes())))
    export(Graph(with_titles(likely(), {0: "Another"})), folder, **options)
    for name in BY_DEFAULT:
        assert b"Another" in gzip.decompress((folder / EXPORTS[name].path).read_bytes())
