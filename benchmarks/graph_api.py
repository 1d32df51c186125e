"""The export at 100,000 nodes and 500,000 edges: a first run, nothing changed, one node more, and a naive peer.

Run: `python -m benchmarks.graph_api [NODES EDGES]`. A node in three has a page, as in a site of many pull requests. The
peer writes a JSON file a node with `json.dumps` and `open().write`, with no manifest, no unchanged check, no shards and
no exports.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mkdocs_gitguard.graph_api import export, node_path
from mkdocs_gitguard.model import INVERSE, Graph, Organization, Owner, Relation, Repository, Snapshot, path_of

MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


def make(nodes: int, edges: int) -> Snapshot:
    """Return a graph whose neighbour counts are as uneven as real ones: most edges lead to few owners."""
    rng = random.Random(1)
    half = nodes // 2
    repositories = tuple(
        Repository(id=f"repository:acme/service-{n:06}", namespace="acme", name=f"service-{n:06}") for n in range(half)
    )
    owners = tuple(
        Owner(id=f"owner:user/person-{n:06}", type="user", name=f"Person {n}") for n in range(nodes - half - 1)
    )
    relations = [
        Relation(
            type="owned_by",
            source=repositories[int(rng.random() * half)].id,
            target=owners[int(rng.paretovariate(0.3)) % len(owners)].id,
            paths=("src/**",),
        )
        for _ in range(edges)
    ]
    relations.sort(key=lambda r: (r.source, r.type, r.target))
    return Snapshot(
        organization=Organization(id="organization:acme", name="Acme"),
        repositories=repositories,
        owners=owners,
        relations=tuple(relations),
    )


def naive(snapshot: Snapshot, folder: Path) -> None:
    """Write a JSON file for each node with its relations, the obvious way."""
    ends: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for relation in snapshot.relations:
        ends[relation.source].append({"type": relation.type, "id": relation.target, "paths": relation.paths})
        ends[relation.target].append({"type": INVERSE[relation.type], "id": relation.source, "paths": relation.paths})
    for node in snapshot.nodes():
        attributes = {name: getattr(node, name) for name in node.__struct_fields__}
        target = folder / node_path(node.id)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({"attributes": attributes, "relations": ends[node.id]}), encoding="utf-8")


def measured(what: str, nodes: int, edges: int, folder: str) -> None:
    """Run one step in this process and print seconds and peak memory."""
    snapshot = make(nodes, edges)
    if what == "one more":
        last = snapshot.owners[-1]
        new = msgspec.structs.replace(last, id=f"{last.id}-b", name="New")
        relation = Relation(type="owned_by", source=snapshot.repositories[-1].id, target=new.id)
        snapshot = msgspec.structs.replace(
            snapshot, owners=(*snapshot.owners, new), relations=(*snapshot.relations, relation)
        )
    pages = {node.id: f"{path_of(node.id)}/" for number, node in enumerate(snapshot.nodes()) if number % 3 == 0}
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    if what == "naive":
        naive(snapshot, Path(folder) / "naive")
        exported = ""
    else:
        memory = Path(folder) / "memory"
        exported = str(export(Graph(snapshot), Path(folder) / "v1", generated_at=MOMENT, pages=pages, memory=memory))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{what:>9}: {time.process_time() - cpu:6.1f} s CPU, {time.perf_counter() - wall:6.1f} s wall,"
        f" peak {peak / 1024:5.0f} MiB (snapshot alone {base / 1024:.0f}) {exported}",
        flush=True,
    )


def main() -> None:
    """Each step runs in a process of its own, so that its peak memory is its own."""
    nodes, edges = (int(value) for value in (sys.argv[1:3] or ("100000", "500000")))
    with tempfile.TemporaryDirectory() as folder:
        for step in ("first", "unchanged", "one more", "naive"):
            code = f"from benchmarks.graph_api import measured; measured({step!r}, {nodes}, {edges}, {folder!r})"
            subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    main()
