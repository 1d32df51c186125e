"""The explorer in a real browser: search, walk, filter, by keyboard, on a phone, in both palettes."""

from pathlib import Path

import pytest
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, serve) -> str:
    snapshot = likely(repositories=3, pull_requests=8, files=12)
    options = {"strict_findings": "never"}
    folder: Path = Site(tmp_path_factory.mktemp("explorer")).write(snapshot, options=options, theme=MATERIAL).build()
    return serve(folder)


def opened(visit, portal, anchor: str = "", **options):
    page = visit.open(f"{portal}explorer/{anchor}", **options)
    page.wait_for_selector("[data-gg-explorer][data-loaded]", state="attached")
    page.wait_for_selector(".gg-explorer-list p", state="attached")
    return page


def says(page) -> str:
    return page.locator(".gg-explorer-says").text_content()


def test_search_and_walk_by_keyboard_alone(visit, portal) -> None:
    page = opened(visit, portal)
    page.locator("#gg-explorer-input").focus()
    page.keyboard.type("billing")
    page.wait_for_selector("#gg-explorer-found [role=option]")
    assert page.locator("#gg-explorer-found [aria-selected=true]").text_content().startswith("acme/billing")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gg-explorer-says').textContent.startsWith('acme/billing')")
    assert page.url.endswith("#repository%3Aacme%2Fbilling")
    page.locator(".gg-explorer-stage [role=button]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gg-explorer-says').textContent.startsWith('#')")
    assert page.locator(".gg-explorer-trail button").last.text_content() == "acme/billing"
    page.locator(".gg-explorer-trail button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gg-explorer-says').textContent.startsWith('acme/billing')")
    assert visit.complaints == []


def test_kinds_can_be_filtered(visit, portal) -> None:
    page = opened(visit, portal, "#pull-request%3Aacme%2Fbilling%2F3")
    headings = page.locator(".gg-explorer-list h2")
    assert sorted(headings.all_text_contents()) == ["authored by (1)", "part of (1)"]
    page.get_by_role("checkbox", name="owner").uncheck()
    assert headings.all_text_contents() == ["part of (1)"]
    page.get_by_role("checkbox", name="owner").check()
    assert headings.count() == 2


def test_links_lead_to_the_page_and_the_json(visit, portal) -> None:
    page = opened(visit, portal, "#repository%3Aacme%2Fbilling")
    assert page.get_by_text("Open its page").get_attribute("href") == f"{portal}repository/acme/billing/"
    page.goto(page.get_by_text("Its JSON").get_attribute("href"))
    assert '"repository:acme/billing"' in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_a_phone_and_either_palette(visit, portal, width, scheme) -> None:
    page = opened(visit, portal, "#repository%3Aacme%2Fbilling", width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.locator(".gg-explorer-stage svg").is_visible() is (width > 640)
    assert page.locator(".gg-explorer-list button").first.is_visible()
    assert visit.complaints == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, serve) -> str:
    """A repository of more pull requests than its file shows, nearly all of them without a page."""
    snapshot = likely(repositories=1, pull_requests=250, files=12)
    options = {"strict_findings": "never", "pull_request_pages": 3}
    return serve(Site(tmp_path_factory.mktemp("large")).write(snapshot, options=options, theme=MATERIAL).build())


def test_a_step_is_one_request_into_a_shard_too(visit, large) -> None:
    page = opened(visit, large, "#repository%3Aacme%2Fbilling")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#gg-explorer-input").fill("acme/billing/17")
    page.wait_for_selector("#gg-explorer-found [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gg-explorer-says').textContent.startsWith('#17')")
    assert page.get_by_text("Open its page").count() == 0
    page.locator(".gg-explorer-list button", has_text="acme/billing").first.click()
    page.wait_for_function("document.querySelector('.gg-explorer-says').textContent.startsWith('acme/billing')")
    assert [url.partition("/api/v1/")[2] for url in asked if "/api/v1/" in url] == [
        "shards/pull-request/1.json",
        "nodes/repository/acme/billing.json",
    ]
    assert visit.complaints == []


def test_all_relations_of_a_hub_can_be_read(visit, large) -> None:
    page = opened(visit, large, "#repository%3Aacme%2Fbilling")
    assert "200 of them are shown" in says(page)
    parts = page.locator(".gg-explorer-list h2", has_text="has part")
    assert parts.text_content().endswith(" of 250)")
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("!/shown|Loading/.test(document.querySelector('.gg-explorer-says').textContent)")
    assert parts.text_content() == "has part (250)"
    assert page.locator(".gg-explorer-list li button").first.text_content().startswith("#")
    page.get_by_role("button", name="Show more of 250").click()
    assert visit.complaints == []


def test_an_unknown_anchor_starts_at_the_organisation(visit, portal) -> None:
    assert says(opened(visit, portal, "#owner%3Auser%2Fnobody")).startswith("Acme")


def test_without_the_graph_api_there_is_no_explorer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_API_ENABLED", "false")
    output = Site(tmp_path).write(likely(repositories=1, pull_requests=1), options={"strict_findings": "never"}).build()
    assert not (output / "explorer").exists()
    assert "explorer/" not in (output / "map/index.html").read_text()
