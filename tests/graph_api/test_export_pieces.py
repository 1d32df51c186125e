"""Exports in parts: what is taken from the last one, and that SQLite reads pages that it did not write."""

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
from mkdocs_gitguard.graph_api.sqlite_pages import free_pages, interior, leaves, leaves_below, record, with_counts
from mkdocs_gitguard.model import Graph, Snapshot

SIZE = 512


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parts and pages so small that few nodes fill many."""
    monkeypatch.setattr(exchange, "_NODES_PER_PART", 8)
    monkeypatch.setattr(exchange, "_SOURCES_PER_PART", 8)
    monkeypatch.setattr(sqlite, "PAGE", SIZE)


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


@pytest.mark.parametrize("name", ["ndjson", "sqlite"])
@pytest.mark.usefixtures("small")
def test_what_has_not_changed_is_taken_from_the_last_export(name: str, tmp_path: Path) -> None:
    before = likely(repositories=2, pull_requests=300)
    again, clean, new = two_exports(name, before, with_titles(before, {40: "Another title"}), tmp_path)
    assert again == clean
    assert new < 0.4
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
    for name in BY_DEFAULT:
        again, clean, _ = two_exports(name, before, after, tmp_path)
        assert again != clean, name


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("is_looked_at", [True, False])
def test_long_rows_go_on_where_they_stand_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_looked_at: bool
) -> None:
    """Rows of more than a page lead to further ones by number: they move when what stands before them grows."""
    if not is_looked_at:
        monkeypatch.setattr(sqlite, "leaves", lambda *of: leaves(*of)._replace(is_placed=False))
    before = likely(repositories=2, pull_requests=60)
    after = with_titles(before, dict.fromkeys(range(0, 60, 7), "So long a title " * 200))
    again, clean, _ = two_exports("sqlite", before, after, tmp_path)
    assert (again == clean) is is_looked_at


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


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(
        st.integers(0, 300) | st.integers(400, 560) | st.sampled_from([4000, 70_000]), min_size=2, max_size=300
    ),
    gaps=st.integers(1, 1 << 24),
    free=st.integers(0, 300),
)
def test_sqlite_reads_pages_that_it_did_not_write(lengths: list[int], gaps: int, free: int, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("pages") / "file"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"PRAGMA page_size = {SIZE}; CREATE TABLE t (n INTEGER PRIMARY KEY, a TEXT, b TEXT)")
    written = path.read_bytes()
    root = len(written) // SIZE
    rows = [
        (1 + place * gaps, "é" * (length // 2), "" if length % 2 else "b" * length)
        for place, length in enumerate(lengths)
    ]
    unused = [*range(root + 1, root + 1 + free)]
    data, children = b"", []
    for part in (rows[:1], rows[1:]):
        first = root + free + 1 + len(data) // SIZE
        made = leaves([(n, record(None, a, b)) for n, a, b in part], first, SIZE)
        children += enumerate(made.last_rows, first)
        data += made.data
    further, top = interior(children, root + free + 1 + len(data) // SIZE, SIZE)
    lists = free_pages(unused, SIZE)
    total = root + free + len(data) // SIZE + len(further)
    pages = [with_counts(written[:SIZE], total, unused), *(bytes(SIZE) for _ in range(2, root)), top]
    pages += [lists.get(number, bytes(SIZE)) for number in unused]
    path.write_bytes(b"".join([*pages, data, *further]))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT n, a, b FROM t ORDER BY n").fetchall() == rows
        assert database.execute("PRAGMA freelist_count").fetchone() == (free,)
        # What SQLite does with its own, it does with these.
        database.execute("DELETE FROM t WHERE n % 3 = 0")
        database.execute("INSERT INTO t VALUES (?, ?, '')", (rows[-1][0] + 5, "new" * 999))
        database.commit()
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    whole = path.read_bytes()
    below = [*leaves_below(root, lambda number: whole[(number - 1) * SIZE : number * SIZE])]
    assert len(below) == len(set(below))


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


def test_the_page_that_no_file_may_use_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "lock_page", lambda _: 44)
    layout = sqlite._Layout(33, [7])
    assert [layout.place(3), layout.place(1), layout.place(9), layout.place(1)] == [37, 40, 45, 54]
    assert layout.free == [7, 34, 35, 36, 41, 42, 43]


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
