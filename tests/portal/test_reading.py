"""What a reader finds on a page, and finds it by."""

import re

import pytest
from bs4 import BeautifulSoup
from make.portal import pages_of
from make.snapshot import NOW, likely
from msgspec.structs import replace

from mkdocs_gitguard.model import Finding, LanguageShare, path_of
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.charts import main_language


def some_pages(**options) -> Pages:
    snapshot = likely(repositories=2, pull_requests=12)
    return pages_of(snapshot, **options)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return some_pages()


def found_by(text: str) -> set[str]:
    """Return the words under which Material's search keeps a text."""
    return set(re.split(r"[\s\-]+", text.lower()))


def test_a_pull_request_is_found_by_its_bare_number_and_a_person_by_the_bare_login(pages) -> None:
    changes = pages.portal.snapshot.pull_requests
    assert changes
    for change in changes:
        assert str(change.number) in found_by(pages.by_path[path_of(change.id)].search)
    logins = [(owner, login) for owner in pages.portal.snapshot.owners for login in owner.logins]
    assert logins
    for owner, login in logins:
        assert login.lower() in found_by(pages.by_path[path_of(owner.id)].search)


def test_a_pull_request_without_a_page_leads_to_the_forge_wherever_it_is_named() -> None:
    pages = some_pages(pull_request_pages=3)
    sheet = pages.sheet(pages.by_path[""])
    repository = pages.portal.snapshot.repositories[0]
    newest, *_, oldest = pages.portal.graph.pull_requests[repository.id]
    assert f'href="pull-request/acme/{repository.name}/{newest.number}/"' in sheet.ui.node(newest.id)
    assert f'href="https://github.com/acme/{repository.name}/pull/{oldest.number}"' in sheet.ui.node(oldest.id)


def test_a_repositorys_page_shows_the_start_of_its_readme_and_says_nothing_twice() -> None:
    snapshot = likely(repositories=1, pull_requests=1)
    text = "Bills people.\n\nOne.\n\nTwo.\n\nThree.\n\nFour."
    repository = replace(snapshot.repositories[0], description="Bills people.", readme_summary=text)
    pages = pages_of(replace(snapshot, repositories=(repository,)))
    page = BeautifulSoup(pages.write(pages.by_path[path_of(repository.id)]).html, "html.parser")
    readme = page.select_one(".gg-readme")
    assert [part.text for part in readme.find_all("p", recursive=False)] == ["One.", "Two."]
    assert [part.text for part in readme.select("details > *")] == ["2 more paragraphs", "Three.", "Four."]
    assert page.text.count("Bills people.") == 1
    repository = replace(repository, readme_summary="Bills people. Every month.")
    pages = pages_of(replace(snapshot, repositories=(repository,)))
    page = BeautifulSoup(pages.write(pages.by_path[path_of(repository.id)]).html, "html.parser")
    assert page.select_one(".gg-readme").text.strip() == "Every month."


def home(*severities: str) -> BeautifulSoup:
    snapshot = likely(repositories=1, pull_requests=1)
    findings = tuple(
        Finding(severity=severity, code="x", message=f"{severity} {place}") for place, severity in enumerate(severities)
    )
    pages = pages_of(replace(snapshot, findings=findings))
    return BeautifulSoup(pages.write(pages.by_path[""]).html, "html.parser")


def test_the_home_page_alarms_with_what_is_urgent_alone() -> None:
    calm, alarmed = home("info", "info"), home("warning", "info", "info")
    assert calm.select(".gg-attention, .gg-needs") == []
    assert "Nothing needs you. Looked at:" in calm.text
    assert alarmed.select_one(".gg-attention").text.split() == ["1", "finding", "to", "act", "on"]
    [row] = alarmed.select("#attention + ul > li")
    assert " ".join(row.get_text(" ").split()) == "1 X warning"
    assert "All 3 findings, 2 of them notices" in alarmed.text
    assert "Nothing needs you. Every repository was read in full." in home().text


def test_the_home_page_counts_only_what_there_is() -> None:
    tiles = [" ".join(tile.text.split()) for tile in home("info").select(".gg-tiles a")]
    assert tiles == ["1 repository", "1 merged pull request", "7 people", "1 notice"]


def test_a_portal_without_pull_requests_tells_what_was_committed() -> None:
    snapshot = likely(repositories=1, pull_requests=0)
    pages = pages_of(snapshot)
    repository = snapshot.repositories[0]
    home = BeautifulSoup(pages.write(pages.by_path[""]).html, "html.parser")
    commits = home.select(".gg-day .gg-change-title")
    bots = {owner.id for owner in snapshot.owners if owner.is_bot}
    by_people = [commit.title for commit in repository.direct_commits if commit.author not in bots]
    assert [title.get_text() for title in commits] == by_people
    assert commits[0].a["href"].endswith(f"/commit/{repository.direct_commits[0].commit}")
    page = pages.write(pages.by_path[path_of(repository.id)]).html
    shown = BeautifulSoup(page, "html.parser").find(id="commits").find_next("ol").find_all("li")
    assert len(shown) == 10


def test_commits_beside_pull_requests_are_folded_on_the_home_page(pages) -> None:
    home = BeautifulSoup(pages.write(pages.by_path[""]).html, "html.parser")
    for day in home.select(".gg-day"):
        if day.select(".gg-change-title a[href*='pull-request/']"):
            assert not [one for one in day.select("a[href*='/commit/']") if one.find_parent("details") is None]


@pytest.mark.parametrize(
    ("files", "language"),
    [
        ({"YAML": 60, "Go": 30, "Markdown": 40}, "Go"),
        ({"YAML": 950, "Shell": 12, "Markdown": 10}, "YAML"),
        ({"Markdown": 90, "YAML": 3}, "YAML"),
        ({"Markdown": 9}, "Markdown"),
        ({}, ""),
    ],
)
def test_a_repository_is_written_in_its_code_not_in_its_data(files: dict[str, int], language: str) -> None:
    assert main_language([LanguageShare(name=name, files=number) for name, number in files.items()]) == language


def test_of_many_quiet_repositories_home_names_some_and_says_where_the_rest_stand() -> None:
    snapshot = likely(repositories=1, pull_requests=1)
    long_ago = NOW.replace(year=NOW.year - 3)
    quiet = tuple(
        replace(
            snapshot.repositories[0], id=f"repository:acme/old-{number:03}", name=f"old-{number:03}", head_at=long_ago
        )
        for number in range(120)
    )
    pages = pages_of(replace(snapshot, repositories=quiet))
    home = BeautifulSoup(pages.write(pages.by_path[""]).html, "html.parser")
    [fold] = [part for part in home.select("details") if "without a change" in part.text]
    assert "120 repositories without a change for over a year" in fold.summary.text
    assert len(fold.select("li")) == 50
    assert "and 70 more" in fold.text
    assert fold.select_one("p a")["href"] == "repository/"


def test_the_latest_pull_requests_stand_before_the_list_of_repositories(pages) -> None:
    page = BeautifulSoup(pages.write(pages.by_path["pull-request"]).html, "html.parser")
    assert [heading["id"] for heading in page.select("h2")] == ["latest", "repositories"]
