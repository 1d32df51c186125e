"""The export: every href leads somewhere, every id has its own file, and what has not changed is not touched."""

import gzip
import hashlib
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin

import brotli
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make.drills import made_result
from make.exported import pages_of, read, read_node, tree
from make.snapshot import ACME, AWKWARD, NOW, awkward, every_kind, hub, likely
from msgspec.structs import replace
from openapi_spec_validator import validate as validate_openapi

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api import export
from mkdocs_gitguard.graph_api.files import kind_files, node_files
from mkdocs_gitguard.graph_api.layout import node_path, part_of, parts_for, relations_path
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.packing import unpacked
from mkdocs_gitguard.graph_api.schemas import DOCUMENTS, schema_files
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, Graph, Organization, Owner, Relation, Snapshot
from mkdocs_gitguard.model.drill import DrillResult
from mkdocs_gitguard.model.service_levels import ServiceLevels
from mkdocs_gitguard.slo.evaluate import levels
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.packed_days import Point

OTHERWISE = ("kinds", "export")
"""Folders of packed files that are not documents of their own."""
ALL_EXPORTS = ("ndjson", "sqlite", "graphml", "cytoscape")


def hrefs(value: object) -> list[tuple[str, str]]:
    """Every href of a document, wherever it stands in it, with the id of the node that it leads to, if it says one."""
    if isinstance(value, dict):
        node = value.get("id") or value.get("node") or ""
        own = [(value["href"], node)] if isinstance(value.get("href"), str) else []
        own += [(value[key], "") for key in ("next", "prev", "all_relations") if isinstance(value.get(key), str)]
        own += [(link, "") for link in (value.get("relation_pages") or {}).values()]
        links = [(link, "") for link in value["links"].values()] if isinstance(value.get("links"), dict) else []
        return own + links + [href for child in value.values() for href in hrefs(child)]
    if isinstance(value, list):
        return [href for child in value for href in hrefs(child)]
    return []


def check_hrefs(folder: Path) -> int:
    count = 0
    ids: dict[str, set[str]] = {}
    for file in folder.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        is_packed = file.suffix == ".gz" and not file.with_suffix("").exists()
        path, data = (file.with_suffix(""), gzip.decompress(data)) if is_packed else (file, data)
        if path.suffix not in {".json", ".ndjson"} or path.parent.name == "schemas" or path.name == "openapi.json":
            continue
        here = path.relative_to(folder).as_posix()
        for line in data.splitlines() if path.suffix == ".ndjson" else [data]:
            for href, node in hrefs(json.loads(line)):
                target = unquote(urljoin(f"https://host/{here}", href).removeprefix("https://host/"))
                if target not in ids:
                    document = read(folder, target) if target.endswith((".json", ".json.gz")) else {}
                    ids[target] = {document.get("id"), *document.get("nodes", ())}
                assert not node or node in ids[target], f"{here}: {href}"
                count += 1
    return count


@pytest.mark.parametrize(
    "make", [awkward, every_kind, likely, lambda: hub(1203)], ids=["awkward", "kinds", "likely", "hub"]
)
@pytest.mark.parametrize("pageless", [(), ("owner", "pull-request"), [kind.name for kind in NODE_KINDS]])
def test_every_href_leads_to_its_node(make, pageless, tmp_path: Path) -> None:
    snapshot = make()
    pages = pages_of(snapshot, *pageless)
    export(Graph(snapshot), tmp_path / "v1", generated_at=NOW, pages=pages, exports=ALL_EXPORTS)
    assert check_hrefs(tmp_path / "v1") > 20
    for node in snapshot.nodes():
        assert (tmp_path / "v1" / node_path(node.id)).is_file() is (node.id in pages)
        document = read_node(tmp_path / "v1", node.id)
        assert (document["id"], bool(document["page"])) == (node.id, node.id in pages)


def test_a_node_that_another_page_shows_stands_in_a_shard_and_links_to_its_place(tmp_path: Path) -> None:
    rule, policy = "rule:acme/guardrails/rego/repo.guard#deny", "policy:acme/guardrails/rego/repo.guard"
    pages = {policy: "policy/guard/", rule: "policy/guard/#line-7"}
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW, pages=pages)
    assert check_hrefs(tmp_path / "v1") > 20
    assert not (tmp_path / "v1" / node_path(rule)).exists()
    assert read_node(tmp_path / "v1", rule)["page"].endswith("../policy/guard/#line-7")
    [end] = [end for end in read(tmp_path / "v1", node_path(policy))["relations"] if end["id"] == rule]
    assert (end["href"].split("/shards/")[1:], end["page"].split("../")[-1]) == (
        ["rule/1.json.gz"],
        "policy/guard/#line-7",
    )


def test_a_node_says_the_same_in_a_file_and_in_a_shard(tmp_path: Path) -> None:
    snapshot, files, shards = likely(), tmp_path / "files", tmp_path / "shards"
    export(Graph(snapshot), files, generated_at=NOW, pages=pages_of(snapshot))
    export(Graph(snapshot), shards, generated_at=NOW)
    here = {"href": "", "page": ""}
    for node in snapshot.nodes():
        one, other = ({**read_node(folder, node.id), "page": ""} for folder in (files, shards))
        for document in (one, other):
            document["relations"] = [{**end, **here} for end in document["relations"]]
        assert one == other


def test_ids_that_look_alike_have_files_of_their_own(tmp_path: Path) -> None:
    export(Graph(awkward()), tmp_path / "v1", generated_at=NOW, pages=pages_of(awkward()))
    paths = [node_path(f"owner:user/{name}") for name in AWKWARD]
    every = paths + [relations_path(f"owner:user/{name}", "owns", page) for name in AWKWARD for page in (1, 2)]
    assert len({path.casefold() for path in every}) == len(every)
    folders = {path.rpartition("/")[0] for path in every}
    assert not folders & set(every)
    for name, path in zip(AWKWARD, paths, strict=True):
        assert read(tmp_path / "v1", path)["id"] == f"owner:user/{name}"
        assert all(len(part.encode()) <= 255 for part in path.split("/"))


def test_a_node_shows_its_relations_from_its_own_end(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW, pages={"repository:acme/guardrails": "r/"})
    policy = read_node(tmp_path / "v1", "policy:acme/guardrails/rego/repo.guard")
    applications = [end for end in policy["relations"] if end["type"] == "applies_to"]
    assert [(end["id"], end["paths"], end["files"]) for end in applications] == [
        ("repository:acme/guardrails", [".github/**"], 3)
    ]
    assert (applications[0]["label"], applications[0]["kind"]) == ("acme/guardrails", "repository")
    assert (applications[0]["href"], applications[0]["page"]) == (
        f"../../../../../{node_path('repository:acme/guardrails')}",
        "../../../../../../../r/",
    )
    assert policy["relation_counts"] == {"applies_to": 1, "excepted_by": 1, "has_part": 1}
    assert policy["attributes"]["title"] == "Guard & <protect>"
    assert {end["type"] for end in policy["relations"]} <= {*INVERSE, *INVERSE.values()}


def test_what_the_rollout_left_out_is_nowhere(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    assert not [path for path, data in tree(tmp_path / "v1").items() if b"left-out-by-the-rollout" in data]


def test_a_relation_of_a_node_to_itself_is_seen_from_both_ends(tmp_path: Path) -> None:
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    node = read_node(tmp_path / "v1", "owner:user/mira")
    assert node["relation_counts"] == {"owned_by": 1, "owner_of": 2}
    assert sorted(end["type"] for end in node["relations"] if end["id"] == node["id"]) == ["owned_by", "owner_of"]


@pytest.mark.parametrize("has_page", [True, False])
def test_a_hub_is_paged(*, has_page: bool) -> None:
    snapshot, monorepo = hub(50_000), "repository:acme/monorepo"
    api = ApiInput(Graph(snapshot), {monorepo: "monorepo/"} if has_page else {})
    packed = {plan.path: plan.make() for plan in node_files(api) if "owner" not in plan.path}
    files = {path: unpacked(data) for path, data in packed.items()}
    path = api.nodes[monorepo].file
    node = json.loads(files[path]) if has_page else json.loads(files[path])["nodes"][monorepo]
    assert node["relation_counts"] == {"owned_by": 50_000}
    assert len(node["relations"]) == 200
    assert len(files[path]) < 50_000
    seen, path, pages = [], urljoin(path, node["all_relations"]), 0
    while path:
        document = json.loads(files[path])
        assert len(files[path]) < 100_000
        assert len(packed[path]) < len(files[path]) / 4
        assert (document["node"], document["type"], document["page"]) == (monorepo, "owned_by", pages + 1)
        seen += [end["id"] for end in document["relations"]]
        pages += 1
        path = urljoin(path, document["next"]) if document["next"] else ""
    assert (len(seen), len(set(seen)), pages) == (50_000, 50_000, 128)


def test_each_type_of_a_hub_has_pages_of_its_own_the_newest_year_first() -> None:
    likely_one = likely(repositories=1, pull_requests=900)
    repository = likely_one.repositories[0].id
    owned = [Relation(type="owned_by", source=repository, target=owner.id) for owner in likely_one.owners[:3]]
    snapshot = replace(likely_one, relations=tuple(sorted((*likely_one.relations, *owned), key=lambda one: one.source)))
    plans = node_files(ApiInput(Graph(snapshot), {repository: "r/"}))
    files = {plan.path: unpacked(plan.make()) for plan in plans}
    node = json.loads(files[node_path(repository)])
    counts = node["relation_counts"]
    assert counts["has_part"] > 850
    assert counts["owned_by"] == 3
    assert [*node["relation_pages"]] == ["has_part"]
    pages, path = [], urljoin(node_path(repository), node["all_relations"])
    while path:
        page = json.loads(files[path])
        pages.append((page["type"], page["year"], page["page"], len(page["relations"])))
        assert {end["type"] for end in page["relations"]} == {page["type"]}
        assert page["prev"] is None or urljoin(path, page["prev"]) in files
        path = urljoin(path, page["next"]) if page["next"] else ""
    assert {kind: sum(number for one, *_, number in pages if one == kind) for kind in counts} == counts
    years = [year for kind, year, *_ in pages if kind == "has_part"]
    assert None not in years
    assert years == sorted(years, reverse=True)
    assert len(set(years)) > 1
    first = json.loads(files[urljoin(node_path(repository), node["relation_pages"]["has_part"])])
    assert (first["type"], first["page"], first["year"]) == ("has_part", 1, max(years))


def test_a_long_node_shows_the_newest_of_each_type() -> None:
    snapshot = likely(repositories=1, pull_requests=400)
    repository = snapshot.repositories[0].id
    files = {
        plan.path: plan.make()
        for plan in node_files(ApiInput(Graph(snapshot), {repository: "r/"}))
        if "nodes" in plan.path
    }
    node = json.loads(files[node_path(repository)])
    shown = {kind: [end["id"] for end in node["relations"] if end["type"] == kind] for kind in node["relation_counts"]}
    assert sum(map(len, shown.values())) == 200
    parts = [change.id for change in snapshot.pull_requests]
    assert shown.pop("has_part") == parts[: 200 - sum(map(len, shown.values()))] or "has_part" not in shown
    assert {kind: len(ids) for kind, ids in shown.items()} == {
        kind: count for kind, count in node["relation_counts"].items() if kind != "has_part"
    }


def test_long_lists_of_a_kind_are_paged(tmp_path: Path) -> None:
    snapshot = hub(2001)
    export(Graph(snapshot), tmp_path / "v1", generated_at=NOW)
    path, items, pages = "kinds/owner/index.json", [], []
    while path:
        document = read(tmp_path / "v1", path)
        assert (document["page"], document["prev"]) == (len(pages) + 1, pages[-1] if pages else None)
        pages.append(path.rpartition("/")[2])
        items += document["items"]
        path = urljoin(path, document["next"]) if document["next"] else ""
    assert [item["id"] for item in items] == [owner.id for owner in snapshot.owners]
    assert len(pages) > 2
    assert {len(read(tmp_path / "v1", f"kinds/owner/{page}")["items"]) <= 1000 for page in pages} == {True}


def moved(one: Snapshot, other: Snapshot, pages: dict[str, str]) -> tuple[list[str], int]:
    """The files whose bytes differ between two exports, and how many there are."""
    plans = [
        {plan.path: plan for plans in (node_files, kind_files) for plan in plans(ApiInput(Graph(snapshot), pages))}
        for snapshot in (one, other)
    ]
    same = {path for path, plan in plans[0].items() if path in plans[1] and plans[1][path].make() == plan.make()}
    # A plan tells beforehand what making would show.
    planned = {path for path, plan in plans[0].items() if path in plans[1] and plans[1][path].inputs == plan.inputs}
    assert same == planned
    return sorted((plans[0].keys() | plans[1].keys()) - same), len(plans[1])


def test_one_node_more_changes_one_part_of_each_kind() -> None:
    before = hub(20_000)
    owners = (*before.owners[:7000], Owner(id="owner:user/u006999a", type="user", name="New"), *before.owners[7000:])
    relations = [*before.relations, Relation(type="owned_by", source=before.repositories[0].id, target=owners[7000].id)]
    relations.sort(key=lambda relation: (relation.source, relation.type, relation.target))
    after = Snapshot(organization=ACME, repositories=before.repositories, owners=owners, relations=tuple(relations))
    paths, count = moved(before, after, {before.repositories[0].id: "monorepo/"})
    assert [path.split("/")[0] for path in paths] == ["kinds", "nodes", "relations", "shards"]
    assert count > 250


def test_parts_are_even_and_bounded() -> None:
    assert [parts_for(count, 256) for count in (0, 1, 256, 257, 512, 513, 70_000)] == [0, 1, 1, 2, 2, 4, 512]
    sizes = [0] * 512
    for number in range(70_000):
        sizes[part_of(f"nodes/pull-request/acme/billing/{number}.json", 512) - 1] += 1
    assert min(sizes) > 80
    assert max(sizes) < 200


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
    names = set()
    for number, snapshot in enumerate((awkward(), every_kind(), likely(), hub(1203))):
        folder = tmp_path / str(number)
        pages = {"owner:user/mira": "owner/user/mira/", "repository:acme/billing": "repository/acme/billing/"}
        options = {"generated_at": NOW, "exports": ALL_EXPORTS}
        export(Graph(snapshot), folder, commit="c" * 40, pages=pages, **options)
        export(Graph(snapshot), folder, **options)
        export(Graph(snapshot), folder, pages=pages, **options)
        schemas = {
            name: jsonschema.Draft202012Validator(
                read(folder, f"schemas/{name}.json"), format_checker=jsonschema.FormatChecker()
            )
            for name in DOCUMENTS
        }
        packed = [path for path in folder.rglob("*.json.gz") if path.relative_to(folder).parts[0] not in OTHERWISE]
        for path in [*folder.rglob("*.json"), *packed]:
            here = path.relative_to(folder).as_posix()
            name = here.partition("/")[0].removesuffix(".json")
            name = {"nodes": "node", "kinds": "kind", "shards": "shard"}.get(name, name)
            names.add(name)
            if name not in {"schemas", "openapi"}:
                schemas[name].validate(read(folder, here))
        schemas["cytoscape"].validate(
            json.loads(gzip.decompress((folder / "export/graph.cytoscape.json.gz").read_bytes()))
        )
        for line in (folder / "changes.ndjson").read_bytes().splitlines():
            schemas["change"].validate(json.loads(line))
        for line in gzip.decompress((folder / "export/graph.ndjson.gz").read_bytes()).splitlines():
            schemas[f"export-{json.loads(line)['record']}"].validate(json.loads(line))
    assert {"node", "kind", "shard", "relations", "manifest", "index"} <= names


def test_schemas_refuse_what_is_not_as_they_say() -> None:
    schema = jsonschema.Draft202012Validator(schema_files()["node.json"])
    for content in schema_files().values():
        jsonschema.Draft202012Validator.check_schema(content)
    good = {
        "id": "owner:user/mira",
        "kind": "owner",
        "label": "Mira",
        "attributes": {"type": "user", "name": "Mira"},
        "relation_counts": {},
        "relation_pages": {},
        "relations": [],
    }
    assert schema.is_valid(good)
    assert not schema.is_valid({**good, "kind": "planet"})
    assert not schema.is_valid({**good, "attributes": {"type": "robot", "name": "Mira"}})
    assert not schema.is_valid({**good, "kind": "repository"})


def test_openapi_is_valid(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "v1", generated_at=NOW, exports=ALL_EXPORTS)
    document = read(tmp_path / "v1", "openapi.json")
    assert {path for path in document["paths"] if path.startswith("/export/")} == {
        f"/{path.relative_to(tmp_path / 'v1')}" for path in (tmp_path / "v1/export").iterdir()
    }
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


def test_lists_have_compressed_siblings_of_the_same_bytes(tmp_path: Path) -> None:
    export(Graph(hub(1203)), tmp_path / "v1", generated_at=NOW)
    files = tree(tmp_path / "v1")
    siblings = {path for path in files if path.endswith(".gz") and path.startswith("kinds/")}
    large = {path for path, data in files.items() if len(data) >= 16 * 1024 and path.startswith("kinds/")}
    assert siblings == {f"{path}.gz" for path in large if path.endswith(".json")}
    assert len(siblings) > 1
    for path in siblings:
        assert gzip.decompress(files[path]) == files[path.removesuffix(".gz")]
        assert brotli.decompress(files[path.removesuffix(".gz") + ".br"]) == files[path.removesuffix(".gz")]


def test_the_same_facts_are_the_same_bytes_but_for_the_moment(tmp_path: Path) -> None:
    export(Graph(likely()), tmp_path / "a", generated_at=NOW)
    export(Graph(likely()), tmp_path / "b", generated_at=NOW + timedelta(hours=1))
    one, two = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == ["index.json"]


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
    next((tmp_path / "v1/shards").rglob("*.json.gz")).unlink()
    export(Graph(every_kind()), tmp_path / "v1", generated_at=NOW)
    assert tree(tmp_path / "v1") == whole


def test_pages_are_linked_from_nodes(tmp_path: Path) -> None:
    pages = {"owner:user/mira": "owner/user/mira/", "decision:acme/1": "https://portal.example/decision/"}
    export(Graph(every_kind()), tmp_path / "site/api/v1", generated_at=NOW, pages=pages)
    path = node_path("owner:user/mira")
    node = read(tmp_path / "site/api/v1", path)
    assert urljoin(f"https://host/sub/api/v1/{path}", node["page"]) == "https://host/sub/owner/user/mira/"
    assert read(tmp_path / "site/api/v1", node_path("decision:acme/1"))["page"] == pages["decision:acme/1"]
    assert read_node(tmp_path / "site/api/v1", "repository:acme/guardrails")["page"] == ""


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
    snapshot = Snapshot(organization=ACME, owners=owners, relations=relations)
    export(Graph(snapshot), folder, generated_at=NOW, pages=pages_of(snapshot) if len(names) % 2 else {})
    assert check_hrefs(folder) > len(names)
    assert {read_node(folder, item.id)["id"] for item in owners} == {item.id for item in owners}


def test_service_levels_are_a_file_that_leaves_the_others_alone(tmp_path: Path) -> None:
    memory = tmp_path / "memory"

    def exported(shown: ServiceLevels | None) -> dict[str, int]:
        export(Graph(likely()), tmp_path / "api", generated_at=NOW, levels=shown, memory=memory, epoch="1")
        root = tmp_path / "api"
        return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}

    first = exported(levels_at(NOW))
    document = json.loads((tmp_path / "api" / "service-levels.json").read_text())
    schema = json.loads((tmp_path / "api" / "schemas" / "service-levels.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["service_levels"]["objectives"][0]["days"]
    index = json.loads((tmp_path / "api" / "index.json").read_text())
    assert index["links"]["service-levels"] == "service-levels.json"
    validate_openapi(json.loads((tmp_path / "api" / "openapi.json").read_text()))
    assert not any(one.name in json.dumps(document) for one in likely().repositories)

    assert exported(levels_at(NOW)) == first
    second = exported(levels_at(NOW + timedelta(hours=1)))
    assert {name for name in second if second[name] != first[name]} == {
        *("service-levels.json", "manifest.json", "index.json")
    }
    assert "service-levels.json" not in exported(None)


@pytest.mark.parametrize("harm", ["nothing", "a node is deleted", "an export is altered", "a file is added"])
def test_other_service_levels_alone_ask_nothing_of_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    def exported(name: str, hours: int) -> dict[str, bytes]:
        moment = NOW + timedelta(hours=hours)
        memory = tmp_path / f"{name}.memory"
        export(Graph(likely()), tmp_path / name, generated_at=NOW, levels=levels_at(moment), memory=memory, epoch="1")
        return tree(tmp_path / name)

    exported("again", 0)
    node = next((tmp_path / "again" / "shards").rglob("*.gz"))
    if harm == "a node is deleted":
        node.unlink()
    elif harm == "an export is altered":
        (tmp_path / "again" / "export" / "graph.ndjson.gz").write_bytes(b"other")
    elif harm == "a file is added":
        (tmp_path / "again" / "nodes" / "added.json").parent.mkdir(exist_ok=True)
        (tmp_path / "again" / "nodes" / "added.json").write_bytes(b"{}")
    if harm in {"nothing", "a file is added"}:
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules[export.__module__], "ApiInput", None)
            again = exported("again", 1)
    else:
        again = exported("again", 1)
    clean = exported("clean", 1)
    assert {path for path in again | clean if again.get(path) != clean.get(path)} <= {
        "changes.ndjson",
        "manifest.json",
        "index.json",
    }
    # And what comes after it knows what it was made of.
    assert exported("again", 1) == again


def levels_at(moment: datetime) -> ServiceLevels:
    objectives = objectives_of(Path(), "production")
    series = {name: () for objective in objectives for name in objective.measurements}
    measured = {**series, "freshness": (Point(moment, 3.0, 1.0, "an event"),)}
    return levels(objectives, measured, at=moment)


def test_drills_are_nodes_beside_those_of_the_snapshot(tmp_path: Path) -> None:
    memory, root = tmp_path / "memory", tmp_path / "api"
    results = (
        made_result("kept", "passed"),
        made_result("torn", "failed"),
        made_result("kept", "failed", days=1),
        made_result("kept", "not run", days=2),
    )
    pages = {"drill:kept": "drill/kept/"}

    def exported(drills: tuple[DrillResult, ...]) -> dict[str, int]:
        export(Graph(likely()), root, generated_at=NOW, pages=pages, drills=drills, memory=memory, epoch="1")
        return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}

    none = exported(())
    first = exported(results)
    check_hrefs(root)
    kept = json.loads((root / "nodes" / "drill" / "kept.json").read_text())
    assert kept["page"] == "../../../../drill/kept/"
    assert [run["outcome"] for run in kept["attributes"]["results"]] == ["passed", "failed", "not run"]
    assert (kept["attributes"]["passed"], kept["attributes"]["run"]) == (1, 2)
    [end] = kept["relations"]
    assert (end["type"], end["id"]) == ("tries", "component:the log")
    component = json.loads((root / "nodes" / "drill" / end["href"]).resolve().read_text())
    assert [(end["type"], end["id"]) for end in component["relations"]] == [
        ("tried_by", "drill:kept"),
        ("tried_by", "drill:torn"),
    ]
    assert component["attributes"] == {"name": "the log", "failed": 1}
    validator = jsonschema.Draft202012Validator(json.loads((root / "schemas" / "node.json").read_text()))
    for document in (kept, component):
        validator.validate(document)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**kept, "attributes": component["attributes"]})
    kinds = {entry["kind"]: entry["count"] for entry in json.loads((root / "index.json").read_text())["kinds"]}
    assert (kinds["drill"], kinds["component"]) == (2, 1)
    assert (root / "changes.ndjson").read_text() == ""

    assert exported(results) == first
    second = exported((made_result("torn", "passed"), *results))
    assert {name for name in second if second[name] != first[name]} == {
        *("nodes/drill/torn.json", "nodes/component/the~20log.json", "manifest.json", "index.json")
    }
    assert exported(()).keys() == none.keys()
