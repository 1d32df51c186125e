"""The export: every href leads somewhere, every id has its own file, and what has not changed is not touched."""

import gzip
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin

import brotli
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make.snapshot import ACME, AWKWARD, NOW, awkward, every_kind, hub, likely, random_graph
from openapi_spec_validator import validate as validate_openapi

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api import export
from mkdocs_gitguard.graph_api.files import ApiInput, node_files
from mkdocs_gitguard.graph_api.layout import neighbours_path, node_path
from mkdocs_gitguard.graph_api.schemas import DOCUMENTS, schema_files
from mkdocs_gitguard.graph_api.writer import mirror
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, Graph, Organization, Owner, Relation, Snapshot

# https://github.com/jsongraph/json-graph-specification/blob/master/json-graph-schema_v2.json, in fewer words.
JSON_GRAPH_FORMAT = {
    "type": "object",
    "required": ["graph"],
    "additionalProperties": False,
    "properties": {
        "graph": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "label": {"type": "string"},
                "directed": {"type": "boolean"},
                "type": {"type": "string"},
                "metadata": {"type": "object"},
                "nodes": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"label": {"type": "string"}, "metadata": {"type": "object"}},
                    },
                },
                "edges": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["source", "target"],
                        "properties": {
                            "id": {"type": "string"},
                            "source": {"type": "string"},
                            "target": {"type": "string"},
                            "relation": {"type": "string"},
                            "directed": {"type": "boolean"},
                            "label": {"type": "string"},
                            "metadata": {"type": "object"},
                        },
                    },
                },
            },
        }
    },
}


def read(folder: Path, path: str) -> dict:
    return json.loads((folder / path).read_text(encoding="utf-8"))


def hrefs(value: object, path: str = "") -> list[str]:
    """Every href of a document, wherever it stands in it."""
    if isinstance(value, dict):
        own = [value[key] for key in ("href", "next", "prev", "neighbours") if isinstance(value.get(key), str)]
        links = list(value["links"].values()) if isinstance(value.get("links"), dict) else []
        return own + links + [found for child in value.values() for found in hrefs(child)]
    if isinstance(value, list):
        return [found for child in value for found in hrefs(child)]
    return []


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mtimes(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file()
    }


def check_hrefs(folder: Path) -> int:
    count = 0
    for path in folder.rglob("*"):
        if path.suffix not in {".json", ".ndjson"} or path.parent.name == "schemas" or path.name == "openapi.json":
            continue
        here = path.relative_to(folder).as_posix()
        for line in path.read_bytes().splitlines() if path.suffix == ".ndjson" else [path.read_bytes()]:
            for href in hrefs(json.loads(line)):
                target = unquote(urljoin(f"https://host/{here}", href).removeprefix("https://host/"))
                assert (folder / target).is_file(), f"{here}: {href}"
                count += 1
    return count


@pytest.mark.parametrize(
    "make", [awkward, every_kind, likely, lambda: hub(1203)], ids=["awkward", "kinds", "likely", "hub"]
)
def test_every_href_leads_to_a_file(make, tmp_path: Path) -> None:
    export(Graph(make()), tmp_path / "v1", generated_at=NOW)
    assert check_hrefs(tmp_path / "v1") > 20


def test_ids_that_look_alike_have_files_of_their_own(tmp_path: Path) -> None:
    export(Graph(awkward()), tmp_path / "v1", generated_at=NOW)
    paths = [node_path(f"owner:user/{name}") for name in AWKWARD]
    every = paths + [neighbours_path(f"owner:user/{name}", page) for name in AWKWARD for page in (1, 2)]
    assert len({path.casefold() for path in every}) == len(every)
    for name, path in zip(AWKWARD, paths, strict=True):
        assert read(tmp_path / "v1", path)["id"] == f"owner:user/{name}"
        assert all(len(part.encode()) <= 255 for part in neighbours_path(f"owner:user/{name}").split("/"))


def test_a_node_shows_its_relations_from_its_own_end(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    policy = read(tmp_path / "v1", node_path("policy:acme/guardrails/rego/repo.guard"))
    governs = [end for end in policy["relations"] if end["type"] == "governs"]
    assert [(end["id"], end["paths"], end["files"]) for end in governs] == [
        ("repository:acme/guardrails", [".github/**"], 3)
    ]
    assert policy["relation_counts"] == {"governs": 1, "has_part": 1}
    assert policy["attributes"]["title"] == "Guard & <protect>"
    assert {end["type"] for end in policy["relations"]} <= {*INVERSE, *INVERSE.values()}


def test_what_the_rollout_left_out_is_nowhere(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    assert not [path for path, data in tree(tmp_path / "v1").items() if b"left-out-by-the-rollout" in data]


def test_a_relation_of_a_node_to_itself_is_one_edge(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    graph = read(tmp_path / "v1", neighbours_path("owner:user/mira"))["graph"]
    assert [(e["source"], e["target"]) for e in graph["edges"]].count(("owner:user/mira", "owner:user/mira")) == 1
    node = read(tmp_path / "v1", node_path("owner:user/mira"))
    assert node["relation_counts"] == {"owned_by": 1, "owner_of": 2}


def test_a_hub_is_paged() -> None:
    snapshot, monorepo = hub(50_000), "repository:acme/monorepo"
    files = {file.path: file.data for node, file in node_files(ApiInput(Graph(snapshot), {})) if node == monorepo}
    node = json.loads(files[node_path(monorepo)])
    assert node["relations_truncated"] is True
    assert node["relation_counts"] == {"owned_by": 50_000}
    assert len(files[node_path(monorepo)]) < 200_000
    seen, path, pages = set(), neighbours_path(monorepo), 0
    while path:
        document = json.loads(files[path])
        metadata = document["graph"]["metadata"]
        assert (metadata["truncated"], metadata["pages"]) == (True, 100)
        jsonschema.validate(document, JSON_GRAPH_FORMAT)
        seen |= {edge["target"] for edge in document["graph"]["edges"]}
        pages += 1
        path = urljoin(path, metadata["next"]) if metadata["next"] else ""
    assert (len(seen), pages) == (50_000, 100)


def test_long_lists_of_a_kind_are_paged(tmp_path: Path) -> None:
    export(Graph(hub(2001)), tmp_path / "v1", generated_at=NOW)
    path, items = "kinds/owner/index.json", []
    while path:
        document = read(tmp_path / "v1", path)
        items += document["items"]
        path = urljoin(path, document["next"]) if document["next"] else ""
    assert (document["pages"], document["count"], len({item["id"] for item in items})) == (3, 2001, 2001)
    assert read(tmp_path / "v1", "kinds/owner/index.2.json")["prev"] == "index.json"


def test_an_empty_portal_answers_everywhere(tmp_path: Path) -> None:
    export(
        Graph(Snapshot(organization=Organization(id="organization:none", name=""))), tmp_path / "v1", generated_at=NOW
    )
    index = read(tmp_path / "v1", "index.json")
    assert {entry["kind"]: entry["count"] for entry in index["kinds"]} == {
        kind.name: int(kind.name == "organization") for kind in NODE_KINDS
    }
    assert check_hrefs(tmp_path / "v1") > 10


def test_every_file_is_as_its_schema_says(tmp_path: Path) -> None:
    for number, snapshot in enumerate((awkward(), every_kind(), likely())):
        folder = tmp_path / str(number)
        export(
            Graph(snapshot), folder, generated_at=NOW, commit="c" * 40, pages={"owner:user/mira": "owner/user/mira/"}
        )
        export(Graph(snapshot), folder, generated_at=NOW)
        schemas = {
            name: jsonschema.Draft202012Validator(
                read(folder, f"schemas/{name}.json"), format_checker=jsonschema.FormatChecker()
            )
            for name in DOCUMENTS
        }
        for path in folder.rglob("*.json"):
            here = path.relative_to(folder).as_posix()
            name = (
                "neighbours"
                if re.search(r"\.neighbours(/\d+)?\.json$", here)
                else here.partition("/")[0].removesuffix(".json")
            )
            name = {"nodes": "node", "kinds": "kind", "export": "cytoscape"}.get(name, name)
            if name not in {"schemas", "openapi"}:
                schemas[name].validate(json.loads(path.read_text()))
            if name == "neighbours":
                jsonschema.validate(json.loads(path.read_text()), JSON_GRAPH_FORMAT)
        for line in (folder / "changes.ndjson").read_bytes().splitlines():
            schemas["change"].validate(json.loads(line))
        for line in (folder / "export/graph.ndjson").read_bytes().splitlines():
            schemas[f"export-{json.loads(line)['record']}"].validate(json.loads(line))


def test_schemas_refuse_what_is_not_as_they_say() -> None:
    schema = jsonschema.Draft202012Validator(schema_files()["node.json"])
    for content in schema_files().values():
        jsonschema.Draft202012Validator.check_schema(content)
    good = {
        "id": "owner:user/mira",
        "kind": "owner",
        "label": "Mira",
        "neighbours": "mira.neighbours.json",
        "attributes": {"type": "user", "name": "Mira"},
        "relation_counts": {},
        "relations": [],
    }
    assert schema.is_valid(good)
    assert not schema.is_valid({**good, "kind": "planet"})
    assert not schema.is_valid({**good, "attributes": {"type": "robot", "name": "Mira"}})
    assert not schema.is_valid({**good, "kind": "repository"})


def test_openapi_is_valid(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "v1", generated_at=NOW)
    document = read(tmp_path / "v1", "openapi.json")
    assert document["openapi"].startswith("3.1")
    validate_openapi(document)


def test_the_manifest_names_every_file_and_the_index_the_manifest(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "v1", generated_at=NOW)
    files = tree(tmp_path / "v1")
    manifest = json.loads(files["manifest.json"])["files"]
    assert manifest.keys() == files.keys() - {"manifest.json", "index.json"}
    assert all(
        entry == {"sha256": hashlib.sha256(files[path]).hexdigest(), "size": len(files[path])}
        for path, entry in manifest.items()
    )
    index = json.loads(files["index.json"])
    assert index["manifest"]["sha256"] == hashlib.sha256(files["manifest.json"]).hexdigest()


def test_large_files_have_compressed_siblings_of_the_same_bytes(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "v1", generated_at=NOW)
    files = tree(tmp_path / "v1")
    siblings = [path for path in files if path.endswith(".gz")]
    assert "export/graph.ndjson.gz" in siblings
    for path in siblings:
        assert gzip.decompress(files[path]) == files[path.removesuffix(".gz")]
        assert brotli.decompress(files[path.removesuffix(".gz") + ".br"]) == files[path.removesuffix(".gz")]


def test_the_same_facts_are_the_same_bytes_but_for_the_moment(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "a", generated_at=NOW)
    export(Graph(likely()), tmp_path / "b", generated_at=NOW + timedelta(hours=1))
    one, two = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == ["index.json"]


def test_what_has_not_changed_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    before = random_graph(60, 200)
    export(Graph(before), folder, generated_at=NOW)
    first = mtimes(folder)
    report = export(Graph(before), folder, generated_at=NOW + timedelta(hours=1))
    second = mtimes(folder)
    assert {path for path in first if first[path] != second[path]} == {"index.json", "manifest.json"}
    assert (report.written, report.deleted) == (2, 0)

    gone = before.owners[0].id
    after = Snapshot(
        organization=before.organization,
        repositories=before.repositories,
        owners=(*before.owners[1:], Owner(id="owner:user/zoe", type="user", name="Zoe")),
        relations=tuple(item for item in before.relations if item.target != gone),
    )
    export(Graph(after), folder, generated_at=NOW)
    third = mtimes(folder)
    concerned = {gone, "owner:user/zoe", *(item.source for item in before.relations if item.target == gone)}
    touched = {path for path in third if path.startswith("nodes/") and third[path] != second.get(path)}
    files = {node_path(node) for node in concerned} | {neighbours_path(node) for node in concerned}
    assert touched == files - {node_path(gone), neighbours_path(gone)}
    assert not (folder / node_path(gone)).exists()
    export(Graph(after), tmp_path / "fresh", generated_at=NOW)
    fresh = tree(tmp_path / "fresh")
    mine = tree(folder)
    assert {path for path in mine | fresh if mine.get(path) != fresh.get(path)} == {
        "changes.ndjson",
        "manifest.json",
        "index.json",
    }


def test_changes_name_what_is_there_and_only_hint_at_what_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    before = every_kind()
    export(Graph(before), folder, generated_at=NOW)
    assert (folder / "changes.ndjson").read_bytes() == b""
    after = Snapshot(organization=before.organization, repositories=before.repositories)
    export(Graph(after), folder, generated_at=NOW)
    lines = [json.loads(line) for line in (folder / "changes.ndjson").read_bytes().splitlines()]
    removed = {line["path_sha256"] for line in lines if line["change"] == "removed"}
    assert removed == {
        hashlib.sha256(node_path(node.id).encode()).hexdigest()
        for node in (*before.owners, *before.policies, *before.rules, *before.decisions)
    }
    assert [(line["change"], line["id"]) for line in lines if "id" in line] == [
        ("changed", "repository:acme/guardrails")
    ]
    texts = [data for path, data in tree(folder).items() if not path.startswith(("schemas/", "openapi"))]
    assert not [data for data in texts if b"mira" in data or b"repo.guard" in data]


def test_a_run_that_was_cut_off_is_made_good(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    export(Graph(likely()), folder, generated_at=NOW)
    whole = tree(folder)
    victim = next(path for path in folder.rglob("nodes/owner/**/*.json"))
    victim.write_bytes(b"x" * victim.stat().st_size)  # the cut run had written another release's file of the same size
    (folder / ".gitguard-writing").touch()
    (folder / "nodes" / "half.json.gitguard-part").write_bytes(b"{")
    export(Graph(likely()), folder, generated_at=NOW)
    assert tree(folder) == whole


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(PublishError, match=r"not a Graph API export"):
        export(Graph(likely()), tmp_path, generated_at=NOW)
    assert tree(tmp_path) == {"thesis.txt": b"ten years of work"}


def test_a_broken_manifest_is_no_manifest(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    whole = tree(tmp_path / "v1")
    (tmp_path / "v1" / "manifest.json").write_text("{")
    with pytest.raises(PublishError):
        export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    (tmp_path / "v1" / "manifest.json").write_bytes(whole["manifest.json"])
    (tmp_path / "v1" / node_path("owner:user/mira")).unlink()
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    assert tree(tmp_path / "v1") == whole


def test_the_site_gets_the_same_files(tmp_path: Path) -> None:
    source, target = tmp_path / "state", tmp_path / "site"
    export(Graph(every_kind()), source, generated_at=NOW)
    mirror(source, target)
    assert tree(target) == tree(source)
    inodes = mtimes(target)
    export(Graph(awkward()), source, generated_at=NOW)
    (target / "stray.json").write_text("{}")
    mirror(source, target)
    assert tree(target) == tree(source)
    assert [path for path in inodes if path.startswith("schemas/") and inodes[path] != mtimes(target)[path]] == []


def test_pages_are_linked_from_nodes(tmp_path: Path) -> None:
    pages = {"owner:user/mira": "owner/user/mira/", "decision:acme/1": "https://portal.example/decision/"}
    export(Graph(every_kind()), tmp_path / "site/api/v1", generated_at=NOW, pages=pages)
    path = node_path("owner:user/mira")
    node = read(tmp_path / "site/api/v1", path)
    assert urljoin(f"https://host/sub/api/v1/{path}", node["page"]) == "https://host/sub/owner/user/mira/"
    assert read(tmp_path / "site/api/v1", node_path("decision:acme/1"))["page"] == pages["decision:acme/1"]
    assert read(tmp_path / "site/api/v1", node_path("repository:acme/guardrails"))["page"] == ""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=150) | st.sampled_from(AWKWARD),
        min_size=1,
        max_size=12,
        unique=True,
    )
)
def test_any_ids_give_a_whole_export(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any") / "v1"
    owners = tuple(Owner(id=f"owner:{name}", type="user", name=name) for name in names)
    relations = tuple(
        Relation(type="member_of", source=one.id, target=two.id) for one in owners for two in owners if one.id < two.id
    )
    export(
        Graph(Snapshot(organization=ACME, owners=owners, relations=relations)),
        folder,
        generated_at=NOW,
    )
    assert check_hrefs(folder) > len(names)
    assert {read(folder, node_path(item.id))["id"] for item in owners} == {item.id for item in owners}
