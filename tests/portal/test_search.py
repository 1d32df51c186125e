"""What the search index holds, and that it is the same however it came about."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make.search_index import FOLDER, directory, searchable, table
from make.snapshot import NOW, likely

from mkdocs_gitguard.model import ALL_VIEWS, Snapshot
from mkdocs_gitguard.portal import Options, Pages, Portal
from mkdocs_gitguard.portal.search import digest_of, groups_of, write_index
from mkdocs_gitguard.portal.search import shards as shards_module
from mkdocs_gitguard.portal.search.index import number_of
from mkdocs_gitguard.portal.search.segments import Group, TableName
from mkdocs_gitguard.portal.search.shards import Shard, content_of, joined, separators, shards_of
from mkdocs_gitguard.portal.search.text import folded, pieces_of, words_of
from mkdocs_gitguard.portal.views import VIEWS

FACTS = likely(repositories=3, pull_requests=6, files=6)


def pages_of(snapshot: Snapshot, **options) -> Pages:
    return Pages(Portal(snapshot, now=NOW, flags=ALL_VIEWS, options=Options(**options)), VIEWS)


def indexed(site: Path, snapshot: Snapshot, **options) -> Path:
    pages = pages_of(snapshot, **options)
    write_index(
        lambda: groups_of(pages),
        site / FOLDER,
        whole=digest_of(pages),
        epoch="",
        memory=site.parent / "memory",
        places={},
    )
    return site


def files_of(site: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site / FOLDER).iterdir()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("open-policy-agent/gatekeeper_library", ["open", "policy", "agent", "gatekeeper", "library"]),
        ("@Jesserockz  #1387", ["jesserockz", "1387"]),
        ("Furkan Türkal \u00e9", ["furkan", "turkal", "e"]),
        ("𝐛𝐨𝐥𝐝 \U0001f600 ﬁn", ["bold", "fin"]),
        ("\u0130stanbul Σίσυφος", ["istanbul", "σισυφος"]),
        ("x" * 40, ["x" * 32]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


def test_words_in_camel_case_have_parts() -> None:
    assert list(pieces_of("K8sRequiredLabels HTTPServer plain")) == ["required", "labels", "http", "server"]


@given(st.text())
def test_folding_is_done_at_once(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert all(ord(character) < 0x10000 for character in once)


def test_all_is_found_that_the_portal_shows(tmp_path: Path) -> None:
    entries = searchable(indexed(tmp_path / "site", FACTS, pull_request_pages=2))
    by_id = {entry.id: entry for entry in entries if entry.id}
    pages = pages_of(FACTS, pull_request_pages=2)
    expected = {page.node for page in pages.by_path.values() if page.node and not page.node.startswith("pull-request")}
    assert expected <= by_id.keys()
    assert all(entry.url == pages.urls_of_nodes[node] for node, entry in by_id.items() if node in pages.urls_of_nodes)
    changes = [entry for entry in entries if entry.kind == "c"]
    assert len(changes) == len(FACTS.pull_requests)
    assert sum(entry.url.startswith("https://") for entry in changes) > 0
    assert all(entry.url for entry in entries)


def test_a_pull_request_without_page_and_forge_leads_to_its_list(tmp_path: Path) -> None:
    alone = msgspec.structs.replace(
        FACTS, repositories=tuple(msgspec.structs.replace(one, forge=None) for one in FACTS.repositories)
    )
    changes = [
        entry for entry in searchable(indexed(tmp_path / "site", alone, pull_request_pages=0)) if entry.kind == "c"
    ]
    assert {entry.url for entry in changes} <= {pages_of(alone).url(page) for page in pages_of(alone).by_path.values()}


def test_names_numbers_and_paths_are_keys(tmp_path: Path) -> None:
    site = indexed(tmp_path / "site", FACTS)
    names, paths = table(site, "names"), table(site, "paths")
    assert any(unit == "001r" or unit.endswith(",r") for unit in names["acme/billing"])
    assert any(unit == "001r" or unit.endswith(",r") for unit in names["billing"])
    assert names["#3"] == ["001c3", "002c3", "003c3"]
    repository = FACTS.repositories[0]
    path = repository.files[0].path
    assert "/".join(reversed(path.lower().split("/"))) in paths
    assert {unit[3:] for unit in table(site, "words")["billing"]} >= {"*,r"} or "*" in table(site, "words")["billing"][
        0
    ]


def test_pull_requests_are_kept_by_who_wrote_them(tmp_path: Path) -> None:
    authors = table(indexed(tmp_path / "site", FACTS), "authors")
    change = FACTS.pull_requests[0]
    assert any(f"c{change.number}" in unit[3:].split(",") for unit in authors[change.author])
    assert set(authors) == {change.author for change in FACTS.pull_requests}


def test_what_has_not_changed_is_not_looked_at(tmp_path: Path) -> None:
    pages = pages_of(FACTS)
    folder, memory = tmp_path / "site" / FOLDER, tmp_path / "memory"

    def write(whole: bytes, epoch: str = "") -> tuple[int, int, int]:
        return tuple(
            write_index(
                lambda: asked.append(1) or groups_of(pages), folder, whole=whole, epoch=epoch, memory=memory, places={}
            )
        )

    asked: list[int] = []
    number = write(b"1")[1]
    assert write(b"1") == (number, 0, 0)
    assert asked == [1]
    assert write(b"2") == (number, 0, 0)
    assert write(b"2", "another") == (number, 0, 0)
    (folder / "index.js").write_text("torn")
    (folder / "mine.txt").write_text("mine")
    assert write(b"2", "another") == (number - 1, 1, 1)
    (folder / "index.js").unlink()
    (folder / "index.js").mkdir()
    memory.write_bytes(b"torn")
    assert write(b"2", "another") == (number - 1, 1, 0)


KEYS = st.text("abz/é.#", min_size=1, max_size=4)
SEGMENTS = st.fixed_dictionaries(
    {
        name: st.dictionaries(
            KEYS, st.lists(st.text("abz", min_size=1, max_size=3), min_size=1, max_size=9).map(",".join)
        )
        for name in ("names", "words", "authors", "paths", "records")
    }
)


def group(name: str, segment: dict[TableName, dict[str, str]]) -> Group:
    return Group(name, msgspec.msgpack.encode(segment), lambda: segment)


@pytest.mark.slow
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(SEGMENTS, min_size=2, max_size=2), min_size=2, max_size=4))
def test_an_index_that_was_changed_is_one_that_was_made_anew(tmp_path_factory, states) -> None:
    folder = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards_module, "RUNS", dict.fromkeys(("names", "words", "authors", "paths", "records"), 3))
        patch.setattr(shards_module, "MOST_BYTES", 30)
        patch.setattr(shards_module, "MOST_OF_UNIT", 6)
        for number, state in enumerate(states):
            groups = [group(str(place), segment) for place, segment in enumerate(state)]
            whole = str(number).encode()
            write_index(lambda: groups, folder / "a", whole=whole, epoch="", memory=folder / "a.memory", places={})  # noqa: B023
            write_index(lambda: groups, folder / str(number), whole=whole, epoch="", memory=folder / "none", places={})  # noqa: B023
            changed, anew = (
                {path.name: path.read_bytes() for path in (folder / name).iterdir()} for name in ("a", str(number))
            )
            assert changed == anew


@given(st.dictionaries(KEYS, st.lists(KEYS, min_size=1, max_size=3), min_size=1))
def test_a_table_is_in_its_files_and_its_separators_part_them(content) -> None:
    keys = sorted(
        (key, [number_of(place) + unit for place, unit in enumerate(units)]) for key, units in content.items()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards_module, "RUNS", {"names": 3})
        patch.setattr(shards_module, "MOST_BYTES", 30)
        made = list(shards_of("names", keys))
    assert list(joined(content_of(data) for _, data in made).items()) == keys
    shards: list[Shard] = [shard for shard, _ in made]
    assert len({shard.name for shard in shards}) == len(shards)
    last = ""
    for shard, separator in zip(shards, separators(shards), strict=True):
        assert shard.first.startswith(separator)
        assert last < separator or last == separator == shard.first
        last = shard.last


def test_of_a_merge_little_is_written(tmp_path: Path) -> None:
    many = likely(repositories=40, pull_requests=30, files=20)
    site = indexed(tmp_path / "site", many)
    before = files_of(site)
    first = many.pull_requests[0]
    merged = msgspec.structs.replace(first, id=f"{first.id}9", number=first.number * 10 + 9, title="Teach the zebra")
    indexed(site, msgspec.structs.replace(many, pull_requests=(merged, *many.pull_requests)))
    after = files_of(site)
    assert "zebra" in table(site, "words")
    changed = [name for name in after if before.get(name) != after[name]]
    assert len(changed) < len(after) / 2
    anew = indexed(
        tmp_path / "anew" / "site", msgspec.structs.replace(many, pull_requests=(merged, *many.pull_requests))
    )
    assert files_of(anew) == after


def test_nothing_in_a_file_ends_a_script(tmp_path: Path) -> None:
    odd = "</script><!-- \u2028 \"\\ \u202e'"
    first = msgspec.structs.replace(FACTS.pull_requests[0], title=odd)
    site = indexed(tmp_path / "site", msgspec.structs.replace(FACTS, pull_requests=(first, *FACTS.pull_requests[1:])))
    labels = [entry.label for entry in searchable(site)]
    assert any(label.startswith("</script><!--") and "\u202e" not in label for label in labels)
    assert directory(site)["format"] == 1
