"""Beside plugins that ask for older versions of what the rest of the tests has: `.ci/pinned` installs and runs them."""

import os

import pytest
from bs4 import BeautifulSoup
from make.built import contents, dead_links
from make.git import git, make_repository
from make.search_index import searchable
from make.site import Site
from make.snapshot import likely

pytestmark = pytest.mark.skipif(not os.environ.get("GITGUARD_TEST_PINNED"), reason="run by .ci/pinned")

FACTS = likely(repositories=1, pull_requests=2, files=3)
DOCS = {"index.md": "# Hello\n\n[code](repository/acme/billing.md)\n", "about.md": "# About\n"}


def check_two_builds(site: Site, plugins: list, **config) -> None:
    options = {"strict_findings": "never"}
    site.write(FACTS, options=options, plugins=plugins, docs=DOCS, site_url="https://docs.example.org/", **config)
    (site.folder / ".gitignore").write_text("site\n.gitguard\n.cache\n")
    make_repository(site.folder)
    git(site.folder, "add", "--all")
    git(site.folder, "commit", "--quiet", "--message", "Write it down")
    first = {}
    for words in ("0 kept", "Pages: 0 made"):
        done = site.run("mkdocs", "build", "--strict")
        assert done.returncode == 0, done.stderr
        assert words in done.stderr
        assert dead_links(site.output) == []
        assert "pull-request/acme/billing/2" in {entry.url.rstrip("/") for entry in searchable(site.output)}
        built = contents(site.output)
        assert not first or built == first
        first = built


@pytest.mark.parametrize("plugins", [["techdocs-core", "gitguard"], ["gitguard", "techdocs-core"]])
def test_techdocs(site: Site, monkeypatch: pytest.MonkeyPatch, plugins: list[str]) -> None:
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")
    check_two_builds(site, plugins)
    billing = BeautifulSoup(site.page("repository/acme/billing"), "html.parser")
    assert billing.h1.text == "acme/billing"
    assert site.page("techdocs_metadata.json")
