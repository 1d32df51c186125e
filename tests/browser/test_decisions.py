"""Decisions in a real browser: what a report says is text."""

import pytest
from make.decided_snapshot import with_decisions
from make.snapshot import NOW, snapshot

from mkdocs_gitguard.model import ALL_VIEWS, path_of
from mkdocs_gitguard.portal import Portal
from mkdocs_gitguard.portal.views import VIEWS

pytestmark = pytest.mark.browser


def test_hostile_texts_run_nothing(chromium) -> None:
    given = with_decisions(snapshot(pull_requests=6), hostile=True, number=20)
    site = Portal(given, now=NOW, flags=ALL_VIEWS, views=VIEWS)
    page = chromium.new_page()
    decision = next(one for one in given.decisions if one.message and one.resolution == "exact")
    for path in ["decision", "gap", "", path_of(decision.id), path_of("repository:acme/ledger")]:
        page.set_content(f"<!doctype html><meta charset=utf-8>{site.write(site.pages[path]).html}")
        page.wait_for_timeout(50)
        assert page.evaluate("window.pwned") is None
        assert page.evaluate("document.querySelectorAll('.gg script:not([src]), .gg img').length") == 0
    page.close()
