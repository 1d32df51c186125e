"""`gitguard api export` writes the same files as the site has, unpacked."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.graph_api import EXPORTS


def test_it_writes_what_the_site_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = ["search", "gitguard", {"gitguard-graph-api": {"exports": list(EXPORTS)}}]
    site = Site(tmp_path / "portal").write(likely(repositories=2, pull_requests=20), plugins=plugins)
    output = site.build()
    monkeypatch.chdir(site.folder)
    formats = [argument for name in EXPORTS for argument in ("--format", name)]
    done = CliRunner().invoke(cli, ["api", "export", "graphs", *formats])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (site.folder / "graphs").iterdir()} == {entry.file for entry in EXPORTS.values()}
    for entry in EXPORTS.values():
        packed = (output / "api/v1" / entry.path).read_bytes()
        assert (site.folder / "graphs" / entry.file).read_bytes() == gzip.decompress(packed)
        assert entry.file in done.output


def test_without_a_format_it_writes_those_of_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "portal").write(likely(repositories=1, pull_requests=3))
    monkeypatch.chdir(site.folder)
    (site.folder / "graphs").mkdir()
    (site.folder / "graphs/graph.sqlite").write_bytes(b"of last year")
    assert CliRunner().invoke(cli, ["api", "export", "graphs"]).exit_code == 0
    assert {path.name for path in (site.folder / "graphs").iterdir()} == {"graph.ndjson", "graph.sqlite"}
    assert (site.folder / "graphs/graph.sqlite").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder where nobody may write")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "portal").write(likely(repositories=1, pull_requests=3))
    monkeypatch.chdir(site.folder)
    done = CliRunner().invoke(cli, ["api", "export", "/proc/graphs"])
    assert done.exit_code == 1
    assert "/proc/graphs cannot be written" in done.output
    (site.folder / "graphs/graph.sqlite").mkdir(parents=True)
    done = CliRunner().invoke(cli, ["api", "export", "graphs", "--format", "sqlite"])
    assert (done.exit_code, "cannot be written" in done.output) == (1, True)
