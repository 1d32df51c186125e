"""Decisions in a real browser: what a report says is text."""

import pytest
from make.portal import html_of, pages_of
from make.snapshot import likely, with_decisions

from mkdocs_gitguard.model import path_of

pytestmark = pytest.mark.browser


def test_hostile_texts_run_nothing(chromium) -> None:
    snapshot = with_decisions(likely(pull_requests=6), hostile=True, number=20)
    pages = pages_of(snapshot)
    page = chromium.new_page()
    decision = next(one for one in snapshot.decisions if one.message and one.resolution == "exact")
    for path in ["decision", "gap", "", path_of(decision.id), path_of("repository:acme/ledger")]:
        page.set_content(f"<!doctype html><meta charset=utf-8>{html_of(pages, path)}")
        page.wait_for_timeout(50)
        assert page.evaluate("window.pwned") is None
        assert page.evaluate("document.querySelectorAll('.gg script:not([src]), .gg img').length") == 0
    page.close()
