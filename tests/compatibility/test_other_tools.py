"""With what is not a plugin: mike, which builds and deploys a site for each version, and Zensical, which runs no plugin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from make.archives import unpack
from make.built import dead_links
from make.git import git, make_repository
from make.site import Site
from make.snapshot import likely

FACTS = likely(repositories=1, pull_requests=2, files=3)


def nav_of(page: Path) -> list[str]:
    soup = BeautifulSoup(page.read_text(), "html.parser")
    return [item.find(["a", "label"]).get_text(" ", strip=True) for item in soup.select(".md-nav--primary > ul > li")]


@pytest.mark.slow
def test_mike_deploys_whole_versions_beside_each_other(tmp_path: Path) -> None:
    make_repository(tmp_path / "billing", {"README.md": "# Billing\n"}, remote="https://github.com/acme/billing.git")
    portal = make_repository(
        tmp_path / "portal",
        {
            "docs/index.md": "# Hello\n\n[code](repository/acme/billing.md)\n",
            "mkdocs.yml": "site_name: Acme\nsite_url: https://docs.example.org/acme/\ntheme: {name: material, font: false}\n"
            "plugins: [search, mike, {gitguard: {repositories: ['../billing'], strict_findings: never}}]\n",
            ".gitignore": "site\n.gitguard\n",
        },
    )
    git(portal, "config", "user.name", "Mira")
    git(portal, "config", "user.email", "mira@example.org")
    environment = {**os.environ, "CODEX_ROLLOUT_PHASE": "production", "SLO_MONITORING_ENABLED": "false"}
    for version in (["1.0", "latest"], ["2.0"]):
        mike = [sys.executable, "-c", "from mike.driver import main; raise SystemExit(main())", "deploy", *version]
        done = subprocess.run(mike, cwd=portal, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "`mike deploy` publishes without gitguard's checks" in done.stderr
    archive, deployed = tmp_path / "deployed.tar", tmp_path / "deployed"
    subprocess.run(["git", "archive", "--output", archive, "gh-pages"], cwd=portal, check=True)
    unpack(archive, deployed)
    for version in ("1.0", "2.0"):
        assert dead_links(deployed / version, root=f"/acme/{version}/") == []
        assert "acme/billing" in (deployed / version / "repository" / "acme" / "billing" / "index.html").read_text()
        assert (deployed / version / "assets" / "gitguard" / "search" / "index.js").is_file()
    assert (deployed / "latest" / "index.html").is_file()


def test_zensical_shows_the_export(site: Site) -> None:
    site.write(FACTS, options={"strict_findings": "never"})
    done = site.run("mkdocs_gitguard", "export", "exported")
    assert done.returncode == 0, done.stderr
    (site.folder / "exported" / "own").mkdir()
    (site.folder / "exported" / "own" / "page.md").write_text("# Own\n\n[code](../repository/acme/billing/index.md)\n")
    (site.folder / "mkdocs.yml").write_text(
        "site_name: Acme\ndocs_dir: exported\nexclude_docs: SUMMARY.md\nplugins: [search, awesome-nav]\n"
    )
    done = site.run("zensical", "build", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    assert dead_links(site.output) == []
    for url in ("repository/acme/billing", "own/page"):
        assert nav_of(site.output / url / "index.html") == ["Home", "Browse", "Policy", "Health"]
    billing = BeautifulSoup(site.page("repository/acme/billing"), "html.parser")
    assert [title.text for title in billing.find_all("h1")] == ["acme/billing"]
    assert "acme/billing" in site.page("search.json")
    assert not (site.output / "SUMMARY").exists()


def test_mkdocs_shows_the_export_too(site: Site) -> None:
    site.write(FACTS, options={"strict_findings": "never"})
    assert site.run("mkdocs_gitguard", "export", "exported").returncode == 0
    (site.folder / "mkdocs.yml").write_text(
        "site_name: Acme\ndocs_dir: exported\ntheme: {name: material, font: false}\nplugins: [search, literate-nav]\n"
        "exclude_docs: SUMMARY.md\n"
    )
    site.build()
    assert dead_links(site.output) == []
    assert nav_of(site.output / "repository" / "acme" / "billing" / "index.html") == [
        "Home",
        "Browse",
        "Policy",
        "Health",
    ]
