"""The option `search: pagefind`."""

import pytest
from make.search_index import directory
from make.site import Site
from make.snapshot import likely
from mkdocs.exceptions import Abort

from mkdocs_gitguard.site_build import pagefind

FACTS = likely(repositories=2, pull_requests=3)
OPTIONS = {"search": "pagefind", "strict_findings": "never"}
FOLDER = "assets/gitguard/pagefind"


def test_pagefind_indexes_the_pages_and_leaves_with_its_option(site: Site) -> None:
    pytest.importorskip("pagefind_bin")
    site.write(FACTS, options=OPTIONS).build()
    assert (site.output / FOLDER / "pagefind.js").is_file()
    assert list((site.output / FOLDER / "fragment").iterdir())
    assert directory(site.output)["pagefind"] == f"{FOLDER}/pagefind.js"
    assert not any(directory(site.output)["tables"].values())
    site.build()
    assert (site.output / FOLDER / "pagefind.js").is_file()
    site.write(FACTS, options={**OPTIONS, "search": "own"}).build()
    assert not (site.output / FOLDER).exists()
    assert directory(site.output)["tables"]["names"]


def refusal(site: Site, caplog: pytest.LogCaptureFixture) -> str:
    with pytest.raises(Abort):
        site.write(FACTS, options=OPTIONS).build()
    return caplog.messages[-1]


def test_a_site_of_too_many_pages_is_refused(site: Site, monkeypatch, caplog) -> None:
    pytest.importorskip("pagefind_bin")
    monkeypatch.setattr(pagefind, "MOST_PAGES", 5)
    message = refusal(site, caplog)
    assert "pages are more than the 5 that it is for." in message
    assert "Set the option `search` to own" in message


def test_a_command_that_is_missing_is_named(site: Site, monkeypatch, caplog) -> None:
    monkeypatch.setattr(pagefind, "find_spec", lambda _: None)
    assert "needs pagefind-bin. Install it: pip install 'mkdocs-gitguard[pagefind]'" in refusal(site, caplog)


def test_a_command_that_fails_says_why(site: Site, monkeypatch, caplog) -> None:
    monkeypatch.setattr(pagefind, "find_spec", lambda _: True)
    monkeypatch.setattr(pagefind.sys, "executable", "/does/not/exist")
    assert "Pagefind cannot index" in refusal(site, caplog)
