"""What a reader finds on a page, and finds it by."""

import re

import pytest
from portal.snapshots import NOW, snapshot

from mkdocs_gitguard.model import ALL_VIEWS
from mkdocs_gitguard.portal import Options, Portal, Sheet
from mkdocs_gitguard.portal.views import VIEWS


def site(**options) -> Portal:
    facts = snapshot(repositories=2, pull_requests=12)
    return Portal(facts, now=NOW, flags=ALL_VIEWS, views=VIEWS, options=Options(**options))


@pytest.fixture(scope="module")
def portal() -> Portal:
    return site()


def found_by(text: str) -> set[str]:
    """Return the words under which Material's search keeps a text."""
    return set(re.split(r"[\s\-]+", text.lower()))


def test_a_pull_request_is_found_by_its_bare_number_and_a_person_by_the_bare_login(portal) -> None:
    changes = portal.snapshot.pull_requests
    assert changes
    for change in changes:
        assert str(change.number) in found_by(portal.pages[portal.path_of(change.id)].search)
    logins = [(owner, login) for owner in portal.snapshot.owners for login in owner.logins]
    assert logins
    for owner, login in logins:
        assert login.lower() in found_by(portal.pages[portal.path_of(owner.id)].search)


def test_a_pull_request_without_a_page_leads_to_the_forge_wherever_it_is_named() -> None:
    portal = site(pull_request_pages=3)
    sheet = Sheet(portal, portal.pages[""])
    repository = portal.snapshot.repositories[0]
    newest, *_, oldest = portal.graph.pull_requests[repository.id]
    assert f'href="pull-request/acme/{repository.name}/{newest.number}/"' in sheet.ui.node(newest.id)
    assert f'href="https://github.com/acme/{repository.name}/pull/{oldest.number}"' in sheet.ui.node(oldest.id)
