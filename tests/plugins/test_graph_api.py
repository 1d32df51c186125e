"""The Graph API in a real build: there by flag, linked both ways, left alone where nothing changed."""

import json
import shutil
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from make.site import Site
from make.snapshot import guardrails, likely
from mkdocs.exceptions import Abort

from mkdocs_gitguard.graph_api import node_path
from mkdocs_gitguard.model import Snapshot

REPOSITORY = node_path("repository:acme/billing")


@pytest.mark.parametrize("use_directory_urls", [True, False])
@pytest.mark.parametrize("snapshot", [likely(repositories=1, pull_requests=5), guardrails()])
def test_every_page_of_a_node_is_linked_and_there(
    tmp_path: Path, snapshot: Snapshot, *, use_directory_urls: bool
) -> None:
    site = Site(tmp_path).write(snapshot, use_directory_urls=use_directory_urls)
    output = site.build()
    linked = 0
    documents = [
        (path, document)
        for folder in ("nodes", "shards")
        for path in (output / "api/v1" / folder).rglob("*.json")
        for whole in [json.loads(path.read_bytes())]
        for node in ([whole] if folder == "nodes" else whole["nodes"].values())
        for document in (node, *node["relations"])
    ]
    for path, document in documents:
        if document.get("page"):
            here = path.relative_to(output).as_posix()
            url, anchor = urldefrag(urljoin(f"https://host/{here}", document["page"]))
            target = output / url.removeprefix("https://host/")
            page = target / "index.html" if target.is_dir() else target
            assert page.is_file(), document["page"]
            assert not anchor or f' id="{anchor}"' in page.read_text(encoding="utf-8"), document["page"]
            linked += 1
    assert linked > 8


def test_a_build_without_changes_touches_no_node(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5))
    first = (site.build() / "api/v1" / REPOSITORY).stat()
    second = (site.build() / "api/v1" / REPOSITORY).stat()
    assert (first.st_mtime_ns, first.st_ino) == (second.st_mtime_ns, second.st_ino)


def test_what_is_kept_over_a_build_holds_nothing_that_left(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=2, pull_requests=5))
    output = site.build()
    gone = [path for path in (output / "api").rglob("*") if "nodes/repository/acme" in path.as_posix()]
    assert len(gone) > 1
    (output / "api/v1/stray/deep").mkdir(parents=True)
    (output / "api/v1/stray/deep/x.json").write_text("{}")
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5))
    whole = {path.relative_to(tmp_path) for path in site.build().rglob("*")}
    fresh = Site(tmp_path / "fresh").write(likely(repositories=1, pull_requests=5)).build()
    assert whole == {path.relative_to(tmp_path / "fresh") for path in fresh.rglob("*")}


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    site = Site(tmp_path / "a").write(likely(repositories=1, pull_requests=5))
    theirs = tmp_path / "theirs/v1/mine.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("1")
    output = site.build()
    shutil.rmtree(output / "api")
    (output / "api").symlink_to(theirs.parent.parent)
    assert site.run("mkdocs", "build").returncode == 0
    assert theirs.read_text() == "1"


def test_after_a_build_that_failed_the_next_is_whole(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5))
    before = (site.build() / "api/v1" / REPOSITORY).stat()
    site.write(likely(repositories=1, pull_requests=5), docs={"index.md": "# Home"}, hooks=["fail.py"])
    (site.folder / "fail.py").write_text("def on_page_markdown(*_, **__):\n    raise ValueError\n")
    assert site.run("mkdocs", "build").returncode != 0
    after = (site.write(likely(repositories=1, pull_requests=5)).build() / "api/v1" / REPOSITORY).stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_with_the_flag_off_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5))
    monkeypatch.setenv("GRAPH_API_ENABLED", "true")
    assert (site.build() / "api").exists()
    monkeypatch.setenv("GRAPH_API_ENABLED", "false")
    output = site.build()
    assert not (output / "api").exists()
    assert not (site.folder / ".gitguard/api-of-the-site").exists()
    assert (output / "repository/acme/billing/index.html").is_file()


def test_its_own_plugin_takes_options(tmp_path: Path) -> None:
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"commit": "c" * 40}}]
    output = Site(tmp_path).write(likely(repositories=1, pull_requests=5), plugins=plugins).build()
    assert json.loads((output / "api/v1/index.json").read_bytes())["commit"] == "c" * 40
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"enabled": False}}]
    assert not (
        Site(tmp_path / "off").write(likely(repositories=1, pull_requests=5), plugins=plugins).build() / "api"
    ).exists()


def test_alone_its_plugin_says_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Abort):
        Site(tmp_path).write(
            likely(repositories=1, pull_requests=5), plugins=["gitguard-graph-api"], docs={"index.md": "# Home"}
        ).build()


def test_what_stands_in_its_place_in_the_site_goes(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5), docs={"index.md": "# Home"})
    stray = site.folder / "docs/api/v1/thesis.txt"
    stray.parent.mkdir(parents=True)
    stray.write_text("ten years of work")
    output = site.build()
    assert stray.is_file()
    assert not (output / "api/v1/thesis.txt").exists()
    assert (output / "api/v1" / REPOSITORY).is_file()


def test_exports_are_chosen_by_option(tmp_path: Path) -> None:
    for number, (options, names) in enumerate(
        [
            ({}, {"graph.ndjson.gz", "graph.sqlite.gz"}),
            ({"exports": ["graphml", "cytoscape", "graphml"]}, {"graph.graphml.gz", "graph.cytoscape.json.gz"}),
        ]
    ):
        plugins = ["search", "gitguard", {"gitguard-graph-api": options}]
        site = Site(tmp_path / str(number)).write(likely(repositories=1, pull_requests=5), plugins=plugins)
        output = site.build()
        assert {path.name for path in (output / "api/v1/export").iterdir()} == names
        links = json.loads((output / "api/v1/index.json").read_bytes())["links"]
        assert {link for name, link in links.items() if name.startswith("export.")} == {f"export/{x}" for x in names}
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"exports": ["gexf"]}}]
    done = (
        Site(tmp_path / "wrong").write(likely(repositories=1, pull_requests=5), plugins=plugins).run("mkdocs", "build")
    )
    assert done.returncode == 1
    assert "gexf" in done.stderr


def test_nothing_is_made_again_where_nothing_moved(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5))
    site.build()
    files = {path: path.stat() for path in (site.output / "api").rglob("*") if path.is_file()}
    done = site.run("mkdocs", "build", "--verbose")
    assert done.returncode == 0
    assert f"{len(files)} files kept, 0 made; 0 written, 0 deleted" in done.stderr
    assert {path: path.stat().st_ctime_ns for path in files} == {path: old.st_ctime_ns for path, old in files.items()}
