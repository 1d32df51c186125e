"""A site that is built with the flag on: what browsers read, what pages and the Graph API tell, and without the flag."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from make.search_index import content, searchable
from make.site import Site
from make.snapshot import guardrails, hostile, likely
from mkdocs.exceptions import Abort, PluginError
from msgspec.structs import replace

from mkdocs_gitguard.meaning.near import nearest
from mkdocs_gitguard.meaning.router import Router
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.model import EmbeddingCounts, Snapshot
from mkdocs_gitguard.state.measurements import Measurements

FOLDER = "assets/gitguard/meaning"
QUIET = {"strict_findings": "never", "pull_request_pages": 2, "weeks": 2}


def told_alike() -> Snapshot:
    """Two repositories that say the same of themselves in other words, one that does not, and policies."""
    facts = likely(repositories=3, pull_requests=4, files=4)
    texts = ("Invoices for customers, and reminders of debts", "Bills that clients pay, and dunning", "Weather maps")
    repositories = tuple(
        replace(repository, description=text, readme_summary="")
        for repository, text in zip(facts.repositories, texts, strict=True)
    )
    return replace(facts, repositories=repositories)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Site:
    """A site that is only looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
        patch.setenv("SOURCE_DATE_EPOCH", "1780000000")
        return built(tmp_path_factory.mktemp("shared"))


@pytest.fixture(autouse=True)
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")


def built(folder: Path, facts: Snapshot | None = None, **options) -> Site:
    site = Site(folder).write(facts or told_alike(), options={**QUIET, **options})
    site.build()
    return site


def meaning(site: Site, name: str) -> object:
    text = (site.output / FOLDER / f"{name}.js").read_text()
    assert text.startswith(f'gitguardSearch("../meaning/{name}",')
    return json.loads(text[text.index(",") + 1 : text.rindex(")")])


def vectors(site: Site) -> dict[str, bytes]:
    """Return by the search index's name of an entry its vector, as docs/meaning-search.md tells."""
    index = meaning(site, "index")
    read: dict[str, bytes] = {}
    for kind, names in index["vectors"].items():
        for name in names:
            references, data = meaning(site, name)
            rows, width = b64decode(data), index["dimensions"]
            for place, reference in enumerate(references.split(" ")):
                assert reference[3] == kind
                read[reference] = rows[place * width : (place + 1) * width]
    assert {kind: sum(one[3] == kind for one in read) for kind in index["counts"]} == index["counts"]
    return read


def files(site: Site) -> dict[str, bytes]:
    folder = site.output / FOLDER
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_a_browser_finds_the_vector_of_each_entry_and_the_pieces_of_words(shared: Site) -> None:
    site = shared
    table = Router(ModelSettings(), root=site.folder, state_folder=None, warn=print).words()
    index, read = meaning(site, "index"), vectors(site)
    [question] = table.embed(["money that somebody owes us"], EmbeddingCounts())
    best = nearest(question, {key: vector for key, vector in read.items() if key[3] == "r"}, {}, 0.0)
    names = {entry.label: f"{place:03}r" for place, entry in enumerate(searchable(site.output)) if entry.kind == "r"}
    assert len(names) == 3
    assert {hit.id for hit in best[:2]} == {"001r", "002r"}
    for listed, pieces in ((index["begins"], table.begins), (index["goesOn"], table.goes_on)):
        assert listed[::2] == sorted(listed[::2])
        there: dict[str, bytes] = {}
        for begins, name in zip(listed[::2], listed[1::2], strict=True):
            names_of_pieces, data = meaning(site, name)
            rows = b64decode(data)
            for place, piece in enumerate(names_of_pieces.split(" ")):
                assert piece[:2] >= begins
                there[piece] = rows[place * 129 : (place + 1) * 129]
        assert there.keys() == pieces.keys()
        assert all(
            there[piece] == bytes([table.weights[row]]) + table.vectors[row].tobytes() for piece, row in pieces.items()
        )


def test_a_build_keeps_what_holds_and_equals_a_clean_one(tmp_path: Path) -> None:
    site = built(tmp_path / "warm")
    before = {path.name: path.stat().st_mtime_ns for path in (site.output / FOLDER).iterdir()}
    site.build()
    assert {path.name: path.stat().st_mtime_ns for path in (site.output / FOLDER).iterdir()} == before
    (site.output / FOLDER / "index.js").write_text("damaged")
    (site.output / FOLDER / "strange.js").write_text("not ours")
    facts = told_alike()
    changed = replace(facts, pull_requests=(replace(facts.pull_requests[0], title="Another"), *facts.pull_requests[1:]))
    warm = built(tmp_path / "warm", changed)
    assert files(warm) == files(built(tmp_path / "clean", changed))
    written = {name for name, data in files(warm).items() if data and before.get(name) != _time(warm, name)}
    assert {name[0] for name in written - {"index.js"}} <= {"c"}, "of what changed alone"


def _time(site: Site, name: str) -> int:
    return (site.output / FOLDER / name).stat().st_mtime_ns


def test_pages_and_graph_api_tell_what_is_close(shared: Site) -> None:
    site, facts = shared, told_alike()
    first, second, third = (repository.id.partition(":")[2] for repository in facts.repositories)
    page = site.page(f"repository/{first}/")
    assert 'id="close-in-meaning"' in page
    close = json.loads(site.page(f"api/v1/nodes/repository/{first}.json"))["close_in_meaning"]
    assert [(item["id"], item["kind"]) for item in close] == [(f"repository:{second}", "repository")]
    assert 0.4 <= close[0]["score"] < 1
    assert "close_in_meaning" not in json.loads(site.page(f"api/v1/nodes/repository/{third}.json"))
    assert 'id="close-in-meaning"' not in site.page(f"repository/{third}/")


def test_what_it_cost_is_measured(shared: Site) -> None:
    site, state = shared, shared.folder / ".gitguard"
    measured = {item.name: item.value for item in Measurements(state / "state.db").measurements()}
    assert measured["embeddings.ready"] == 1
    assert measured["embeddings.made"] > 0 == measured["embeddings.kept"] == measured["embeddings.waiting"]
    assert measured["embeddings.published"] == sum(map(len, files(site).values()))
    assert measured["embeddings.stored"] == (state / "embeddings-words.memory").stat().st_size


def test_without_the_flag_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = built(tmp_path)
    assert files(site)
    assert content(site.output / "assets/gitguard/search/index.js")["meaning"] == "../meaning/index"
    monkeypatch.setenv("CODEX_EMBEDDINGS_ENABLED", "false")
    site.build()
    assert not (site.output / FOLDER).exists()
    assert not (site.output / "assets/gitguard/meaning.js").exists()
    assert "meaning" not in content(site.output / "assets/gitguard/search/index.js")
    first = told_alike().repositories[0].id.partition(":")[2]
    assert "close-in-meaning" not in site.page(f"repository/{first}/")


def test_hostile_texts_break_nothing(tmp_path: Path) -> None:
    site = built(tmp_path, hostile())
    assert vectors(site)
    assert all(data.isascii() and b"<" not in data for data in files(site).values())


def test_without_a_model_the_build_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.meaning.router.find_spec", lambda name: None if name == "wordllama" else name)
    # MkDocs has written the plugin's error to its log.
    with pytest.raises(Abort) as caught:
        built(tmp_path, guardrails())
    error = caught.value.__context__
    assert isinstance(error, PluginError)
    assert "wordllama is not installed. Install it: pip install 'mkdocs-gitguard[embeddings]'" in str(error)


def test_the_command_finds_by_words_and_by_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path).write(told_alike(), options=QUIET)
    done = site.run("mkdocs_gitguard", "search", "money that clients owe", "--format", "json", "--limit", "50")
    hits = json.loads(done.stdout)
    first, second, third = (repository.id for repository in told_alike().repositories)
    assert hits["exact"] == []
    repositories = [hit["id"] for hit in hits["close_in_meaning"] if hit["kind"] == "repository"]
    assert set(repositories[:2]) == {first, second}
    monkeypatch.setenv("CODEX_EMBEDDINGS_ENABLED", "false")
    off = site.run("mkdocs_gitguard", "search", "weather maps", "--limit", "1")
    assert off.stdout.splitlines()[0] == "1 hit with these words"
    assert off.stdout.splitlines()[1].startswith(f"  {third.partition(':')[2]} (repository)")
    assert "CODEX_EMBEDDINGS_ENABLED is false" in off.stderr
