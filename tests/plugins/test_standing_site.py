"""A site that stands is looked at without loading what makes one."""

import os
import subprocess
import sys
from pathlib import Path

from make.git import make_repository
from make.snapshot import likely

_OURS = "mkdocs_gitguard."
_RUN = """
import sys
sys.argv = ["gitguard", "build"]
from mkdocs_gitguard.cli import main
try:
    main()
except SystemExit as end:
    print(*(name for name in sys.modules if name.startswith("mkdocs_gitguard.")))
    sys.exit(end.code)
"""
_MAKES_PAGES = ("portal", "graph_api", "plugins.portal_build", "plugins.own_pages", "site_build.keep")
_READS_REPOSITORIES = ("harvest", "policies", "decisions", "assembly", "codeowners", "site_build.read_repositories")


def _loaded_by_a_build(folder: Path) -> tuple[str, set[str]]:
    """Build a site, and return what is said of it, and which of our modules were loaded."""
    # What a build has measured would be shown by the next.
    environment = {**os.environ, "SLO_MONITORING_ENABLED": "false"}
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stderr, {name.removeprefix(_OURS) for name in done.stdout.split()}


def _write_site(folder: Path, option: str) -> None:
    (folder / "docs").mkdir()
    theme = "{name: material, font: false}"
    plugins = f"[search, gitguard: {{{option}}}]"
    (folder / "mkdocs.yml").write_text(f"site_name: Acme\ntheme: {theme}\nplugins: {plugins}\n")


def test_a_snapshot_that_stands_loads_nothing_that_reads_repositories_or_makes_pages(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_bytes(likely().to_json())
    _write_site(tmp_path, "snapshot: snapshot.json")
    log, first = _loaded_by_a_build(tmp_path)
    assert "0 kept" in log
    assert {*_MAKES_PAGES} <= first
    log, again = _loaded_by_a_build(tmp_path)
    assert "Pages: 0 made" in log
    assert not again & {*_MAKES_PAGES, *_READS_REPOSITORIES}


def test_repositories_that_stand_load_nothing_that_makes_pages(tmp_path: Path) -> None:
    make_repository(tmp_path / "billing", {"README.md": "# Billing\n"})
    _write_site(tmp_path, "repositories: [billing]")
    _loaded_by_a_build(tmp_path)
    log, again = _loaded_by_a_build(tmp_path)
    assert "Pages: 0 made" in log
    assert {*_READS_REPOSITORIES} <= again
    assert not again & {"plugins.portal_build", "plugins.own_pages"}
