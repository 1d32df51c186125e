"""The Graph API in a real build: there by flag, linked both ways, left alone where nothing changed."""

import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
from mkdocs.exceptions import Abort
from plugins.sites import Site
from portal.snapshots import snapshot

from mkdocs_gitguard.graph_api import node_path

REPOSITORY = node_path("repository:acme/billing")


@pytest.mark.parametrize("use_directory_urls", [True, False])
def test_every_page_of_a_node_is_linked_and_there(tmp_path: Path, *, use_directory_urls: bool) -> None:
    site = Site(tmp_path).write(snapshot(repositories=1, pull_requests=5), use_directory_urls=use_directory_urls)
    output = site.build()
    linked = 0
    for path in (output / "api/v1/nodes").rglob("*.json"):
        document = json.loads(path.read_bytes())
        if document.get("page"):
            here = path.relative_to(output).as_posix()
            target = output / urljoin(f"https://host/{here}", document["page"]).removeprefix("https://host/")
            assert (target / "index.html" if target.is_dir() else target).is_file(), document["page"]
            linked += 1
    assert linked > 8


def test_a_build_without_changes_touches_no_node(tmp_path: Path) -> None:
    site = Site(tmp_path).write(snapshot(repositories=1, pull_requests=5))
    first = (site.build() / "api/v1" / REPOSITORY).stat()
    second = (site.build() / "api/v1" / REPOSITORY).stat()
    assert (first.st_mtime_ns, first.st_ino) == (second.st_mtime_ns, second.st_ino)


def test_with_the_flag_off_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_API_ENABLED", "false")
    output = Site(tmp_path).write(snapshot(repositories=1, pull_requests=5)).build()
    assert not (output / "api").exists()
    assert (output / "repository/acme/billing/index.html").is_file()


def test_its_own_plugin_takes_options(tmp_path: Path) -> None:
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"commit": "c" * 40}}]
    output = Site(tmp_path).write(snapshot(repositories=1, pull_requests=5), plugins=plugins).build()
    assert json.loads((output / "api/v1/index.json").read_bytes())["commit"] == "c" * 40
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"enabled": False}}]
    assert not (
        Site(tmp_path / "off").write(snapshot(repositories=1, pull_requests=5), plugins=plugins).build() / "api"
    ).exists()


def test_alone_its_plugin_says_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Abort):
        Site(tmp_path).write(
            snapshot(repositories=1, pull_requests=5), plugins=["gitguard-graph-api"], docs={"index.md": "# Home"}
        ).build()


def test_a_state_folder_of_somebody_else_is_an_error_that_names_it(tmp_path: Path) -> None:
    thesis = tmp_path / ".gitguard/api/v1/thesis.txt"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("ten years of work")
    done = Site(tmp_path).write(snapshot(repositories=1, pull_requests=5)).run("mkdocs", "build")
    assert done.returncode == 1
    assert "not a Graph API export" in done.stderr
    assert "Traceback" not in done.stderr
    assert thesis.is_file()
