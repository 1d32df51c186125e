"""The exports, read by others' readers: SQLite itself, an XML parser, JSON."""

import gzip
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

from make.snapshot import AWKWARD, NOW, awkward, every_kind, likely, random_graph

from mkdocs_gitguard.graph_api import export
from mkdocs_gitguard.graph_api.exchange import cytoscape, graphml, ndjson
from mkdocs_gitguard.graph_api.exports import EXPORTS, write_plain
from mkdocs_gitguard.graph_api.nodes import NODE_KINDS, ApiInput
from mkdocs_gitguard.graph_api.pieces import Part
from mkdocs_gitguard.model import Graph

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


def api_of(snapshot) -> ApiInput:
    return ApiInput(Graph(snapshot), {})


def whole(parts: Iterable[Part]) -> bytes:
    return b"".join(part.make() for part in parts)


def write_sqlite(snapshot, path: Path) -> None:
    write_plain(EXPORTS["sqlite"], api_of(snapshot), path)


def test_graphml_has_every_node_and_edge_under_distinct_ids() -> None:
    root = ET.fromstring(whole(graphml(api_of(awkward()))))
    nodes = [node.attrib["id"] for node in root.iter(f"{GRAPHML}node")]
    assert len(set(nodes)) == len(nodes) == len(AWKWARD) + 2
    ends = {(edge.attrib["source"], edge.attrib["target"]) for edge in root.iter(f"{GRAPHML}edge")}
    assert {end for pair in ends for end in pair} <= set(nodes)
    assert len(ends) == len(AWKWARD)
    assert 'owner:user/<script>alert("1")</script>' in nodes


def test_graphml_tells_what_a_relation_holds_for() -> None:
    root = ET.fromstring(whole(graphml(api_of(every_kind()))))
    edges = {
        (edge.attrib["source"], edge.attrib["target"]): {d.attrib["key"]: d.text for d in edge}
        for edge in root.iter(f"{GRAPHML}edge")
    }
    assert edges["repository:acme/guardrails", "policy:acme/guardrails/rego/repo.guard"] == {
        "relation": "subject_to",
        "paths": ".github/**",
        "files": "3",
    }


def test_cytoscape_and_ndjson_hold_the_same_graph() -> None:
    data = api_of(likely())
    elements = json.loads(whole(cytoscape(data)))["elements"]
    lines = [json.loads(line) for line in whole(ndjson(data)).splitlines()]
    assert [node["data"]["id"] for node in elements["nodes"]] == [x["id"] for x in lines if x["record"] == "node"]
    assert [(e["data"]["source"], e["data"]["relation"], e["data"]["target"]) for e in elements["edges"]] == [
        (x["source"], x["type"], x["target"]) for x in lines if x["record"] == "relation"
    ]
    assert json.loads(whole(cytoscape(api_of(awkward()))))


def test_sqlite_answers_questions(tmp_path: Path) -> None:
    snapshot = likely()
    export(Graph(snapshot), tmp_path / "v1", generated_at=NOW)
    (tmp_path / "graph.sqlite").write_bytes(gzip.decompress((tmp_path / "v1/export/graph.sqlite.gz").read_bytes()))
    with closing(sqlite3.connect(f"file:{tmp_path}/graph.sqlite?mode=ro", uri=True)) as database:
        one = lambda sql, *values: database.execute(sql, values).fetchone()  # noqa: E731
        assert one("PRAGMA integrity_check") == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert one("SELECT count(*) FROM nodes") == (len(list(snapshot.nodes())),)
        pull_request = snapshot.pull_requests[0]
        assert one("SELECT title, number, repository FROM pull_requests WHERE id = ?", pull_request.id) == (
            pull_request.title,
            pull_request.number,
            pull_request.repository,
        )
        reported = one(
            "SELECT n.id FROM nodes_fts f JOIN nodes n ON n.number = f.rowid WHERE nodes_fts MATCH ?", "storefront"
        )
        assert "storefront" in reported[0]
        assert one(
            "SELECT relation FROM relations_both_ways WHERE node = ? AND other = ?",
            pull_request.repository,
            pull_request.id,
        ) == ("has_part",)
        shown = database.execute("SELECT source, type, target FROM relations ORDER BY number").fetchall()
        assert shown == [(one.source, one.type, one.target) for one in snapshot.relations]
        plan = "EXPLAIN QUERY PLAN SELECT * FROM relations_both_ways WHERE node = 'x'"
        assert all(row[3].startswith(("SEARCH", "COMPOUND", "LEFT-MOST", "UNION")) for row in database.execute(plan))
        views = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'")}
        assert len(views) == len(NODE_KINDS) + 2
        for view in views:
            database.execute(f"SELECT * FROM {view}").fetchall()


def test_sqlite_of_the_same_facts_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sqlite(random_graph(300, 900), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_sqlite_holds_awkward_ids(tmp_path: Path) -> None:
    write_sqlite(awkward(), tmp_path / "a")
    with closing(sqlite3.connect(tmp_path / "a")) as database:
        ids = {row[0] for row in database.execute("SELECT id FROM owners")}
    assert ids == {f"owner:user/{name}" for name in AWKWARD}
