"""What a build tells while it works, and that one which can show nothing leaves the site alone."""

import re
from pathlib import Path

import pytest
from make.git import import_commits, make_repository
from make.process import run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("billing", "ledger"):
        make_repository(tmp_path / name, {"README.md": f"# {name}\n"}, remote=f"https://github.com/acme/{name}.git")
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "docs" / "about.md").write_text("# About\n")
    list_in(site, "../billing", "../ledger")
    return site


def list_in(site: Path, *repositories: str) -> None:
    (site / "mkdocs.yml").write_text(
        f"site_name: Portal\ntheme: {{name: mkdocs}}\nplugins:\n  - gitguard: {{repositories: {list(repositories)}}}\n"
    )


def build(site: Path, *options: str, code: int = 0) -> str:
    done = run(site, "mkdocs_gitguard", "build", "--config-file", "mkdocs.yml", *options)
    assert done.returncode == code, done.stderr
    return done.stderr


def test_it_tells_how_far_it_is_and_nothing_of_mkdocs_2(site: Path) -> None:
    log = build(site)
    assert re.search(r"gitguard: \[1/2\] acme/(billing|ledger): read$", log, re.MULTILINE)
    assert re.search(r"gitguard: 2 of 2 repositories in [\d.]+ s$", log, re.MULTILINE)
    assert "hides" not in log, "preview hides nothing"
    assert "MkDocs 2" not in log
    again = build(site)
    assert "[1/" not in again
    assert re.search(r"gitguard: 2 of 2 repositories in [\d.]+ s, 2 had not moved$", again, re.MULTILINE)
    import_commits(site.parent / "ledger", [("Add a", {"a.py": "x = 1\n"})])
    assert "acme/ledger: read what is new" in build(site)
    assert (
        "gitguard: The phase staging hides: code owners, policies, diagrams, explorer, service levels, chaos drills."
        in build(site, "--phase", "staging")
    )


def test_findings_stand_in_the_log_in_sum_and_errors_in_full(site: Path) -> None:
    import_commits(
        site.parent / "billing",
        [("Own it", {"CODEOWNERS": "* @acme/billing\n/gone/ @acme/billing\n", "a.py": "x = 1\n"})],
    )
    list_in(site, "../billing", "../missing")
    log = build(site)
    in_full = [line for line in log.splitlines() if line.endswith("]") and "gitguard: " in line and "[1/" not in line]
    assert len(in_full) == 1, "the error"
    assert "../missing" in in_full[0]
    assert "dead-rule" not in log
    assert re.search(
        r"gitguard: 2 findings \(1 error, 1 notice\): site/finding/ \(all of them here: --verbose\)$", log, re.MULTILINE
    )
    log = build(site, "--verbose")
    assert "dead-rule" in log
    assert "all of them here" not in log
    assert "dead-rule" not in build(site, "--strict", code=1), "what does not fail the build"
    config = (site / "mkdocs.yml").read_text().replace("{repositories:", "{strict_findings: info, repositories:")
    (site / "mkdocs.yml").write_text(config)
    assert "dead-rule" in build(site, "--strict", code=1), "what fails it"


def test_a_build_that_can_show_nothing_keeps_the_site_and_says_why(site: Path) -> None:
    build(site)
    before = {path: path.read_bytes() for path in (site / "site").rglob("*") if path.is_file()}
    list_in(site, "../missing", "https://host.invalid/acme/wages")
    log = build(site, code=1)
    assert "None of the repositories can be shown, so the site stays as it is:" in log
    assert "../missing: The folder of site/missing does not exist." in log or "../missing" in log
    assert "Check the spelling of host.invalid, the network, and whether a proxy is needed" in log
    assert "GITGUARD_TOKEN" not in log, "no token helps where there is no server"
    assert {path: path.read_bytes() for path in (site / "site").rglob("*") if path.is_file()} == before
    list_in(site)
    assert "names no repository. Name one under `repositories:`" in build(site, code=1)
    assert {path: path.read_bytes() for path in (site / "site").rglob("*") if path.is_file()} == before
    list_in(site, "../missing", "../ledger")
    build(site)
    assert (site / "site/repository/acme/ledger/index.html").is_file(), "one that can be shown is"
