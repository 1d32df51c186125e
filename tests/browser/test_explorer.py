"""The explorer in a real browser: search, walk, filter, by keyboard, on a phone, in both palettes."""

import gzip
import re
from pathlib import Path

import pytest
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.model import Owner, Relation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, serve) -> str:
    snapshot = likely(repositories=3, pull_requests=8, files=12)
    options = {"strict_findings": "never"}
    folder: Path = Site(tmp_path_factory.mktemp("explorer")).write(snapshot, options=options, theme=MATERIAL).build()
    return serve(folder)


def opened(visit, portal, anchor: str = "", **options):
    page = visit.open(f"{portal}explorer/{anchor}", **options)
    page.wait_for_selector(".gg-explorer-list :is(p, button)", state="attached")
    return page


def says(page) -> str:
    return page.locator(".gg-explorer-says").text_content()


def arrived(page, label: str) -> None:
    page.wait_for_function(
        "label => document.querySelector('.gg-explorer-says')?.textContent.startsWith(label)", arg=label
    )


def asked_of(page) -> list[str]:
    """Return the files of the Graph API that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/api/v1/")[2]))
    return asked


def test_search_and_walk_by_keyboard_alone(visit, portal) -> None:
    page = opened(visit, portal)
    page.locator("#gg-explorer-input").focus()
    page.keyboard.type("billing")
    page.wait_for_selector("#gg-explorer-found [aria-selected=true]", state="visible")
    assert page.locator("#gg-explorer-found [aria-selected=true]").text_content().startswith("acme/billing")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    arrived(page, "acme/billing")
    assert page.url.endswith("#node=repository%3Aacme%2Fbilling")
    assert page.evaluate("document.activeElement.textContent") == "acme/billing repository"
    assert page.title().startswith("acme/billing - Explorer of Acme")
    page.locator(".gg-explorer-stage [role=button]", has_text="#").first.focus()
    page.keyboard.press("Enter")
    arrived(page, "#")
    assert page.evaluate("document.activeElement.textContent").endswith(" pull request")
    assert page.locator(".gg-explorer-trail button").last.text_content() == "acme/billing"
    page.locator(".gg-explorer-trail button").last.focus()
    page.keyboard.press("Enter")
    arrived(page, "acme/billing")
    assert visit.complaints == []


def test_nothing_is_read_before_it_is_needed(visit, portal) -> None:
    page = visit.open(portal)
    asked = asked_of(page)
    page.goto(f"{portal}explorer/")
    arrived(page, "Acme")
    page.wait_for_load_state("networkidle")
    assert sorted(filter(None, asked)) == ["index.json", "nodes/organization/acme.json"]
    page.locator("#gg-explorer-input").press_sequentially("led")
    page.wait_for_selector("#gg-explorer-found [aria-selected=true]", state="visible")
    assert sorted(filter(None, asked)) == ["index.json", "nodes/organization/acme.json"]


def test_back_and_forward_walk_and_an_address_can_be_pasted(visit, portal) -> None:
    page = opened(visit, portal)
    arrived(page, "Acme")
    page.evaluate("location.hash = '#repository:acme/billing'")
    # Material fetches the page once more at the first step that is not a click.
    page.wait_for_load_state("networkidle")
    arrived(page, "acme/billing")
    page.locator(".gg-explorer-list button", has_text="#3 ").first.click()
    arrived(page, "#3 ")
    page.go_back()
    arrived(page, "acme/billing")
    assert page.url.endswith("#repository:acme/billing")
    assert page.locator(".gg-explorer-trail button").all_text_contents() == ["Acme"]
    page.wait_for_function("document.activeElement.className === 'gg-explorer-here'")
    page.go_back()
    arrived(page, "Acme")
    page.go_forward()
    arrived(page, "acme/billing")
    page.evaluate("location.hash = '#pull-request%3Aacme%2Fbilling%2F3'")
    arrived(page, "#3 ")
    assert page.title().startswith("#3 ")
    page.evaluate("location.hash = '#owner%3Auser%2Fnobody'")
    arrived(page, "This is not in the portal")
    page.get_by_role("button", name="Start at the organisation").click()
    arrived(page, "Acme")
    assert [line for line in visit.complaints if "404" not in line] == []


@pytest.mark.parametrize(
    "address", ["owner%3Auser%2Fnobody", "nonsense", "no-kind%3Aa%2Fb", "%E0%A4%A", "repository%3A"]
)
def test_an_unknown_id_is_said_to_be_none(visit, portal, address: str) -> None:
    page = opened(visit, portal, f"#{address}")
    assert says(page) == "This is not in the portal, or not any more."
    assert page.title().startswith("Not found - ")
    assert page.locator(".gg-explorer-stage svg").count() == 0
    assert [line for line in visit.complaints if "404" not in line] == []


def test_the_page_of_every_node_leads_to_it(visit, portal) -> None:
    page = visit.open(portal)
    for path in ("repository/acme/billing/", "pull-request/acme/billing/3/", "owner/user/mira/"):
        page.goto(portal + path)
        name = page.locator("h1").text_content()
        page.get_by_role("link", name="Explore", exact=True).click()
        page.wait_for_url("**/explorer/#*")
        page.wait_for_selector(".gg-explorer-list p")
        assert page.get_by_text("Open its page").get_attribute("href") == portal + path
        assert name.split()[0] in page.locator(".gg-explorer-here").text_content() or name.startswith("acme/")
    assert visit.complaints == []


def test_kinds_can_be_filtered(visit, portal) -> None:
    page = opened(visit, portal, "#pull-request%3Aacme%2Fbilling%2F3")
    headings = page.locator(".gg-explorer-list h3")
    assert headings.all_text_contents() == ["part of (1)", "written by (1)"]
    page.get_by_role("checkbox", name="person or team").uncheck()
    assert headings.all_text_contents() == ["part of (1)"]
    page.get_by_role("checkbox", name="person or team").check()
    assert headings.count() == 2
    assert "organization" not in page.locator("article").inner_text()


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
    """A repository with owners and more pull requests than its file shows, nearly all of them without a page."""
    snapshot = likely(repositories=1, pull_requests=700, files=12)
    twins = tuple(Owner(id=f"owner:user/{login}", type="user", name="Robin") for login in ("rob", "robin"))
    owned = [Relation(type="owned_by", source=snapshot.repositories[0].id, target=owner.id) for owner in twins]
    relations = tuple(sorted((*snapshot.relations, *owned), key=lambda one: (one.source, one.type, one.target)))
    owners = tuple(sorted((*snapshot.owners, *twins), key=lambda one: one.id))
    snapshot = replace(snapshot, relations=relations, owners=owners)
    options = {"strict_findings": "never", "pull_request_pages": 3}
    return serve(Site(tmp_path_factory.mktemp("large")).write(snapshot, options=options, theme=MATERIAL).build())


def test_a_step_is_one_request_into_a_shard_too(visit, large) -> None:
    page = opened(visit, large, "#repository%3Aacme%2Fbilling")
    page.locator("#gg-explorer-input").fill("billing#17")
    page.wait_for_selector("#gg-explorer-found [aria-selected=true]", state="visible")
    asked = asked_of(page)
    page.keyboard.press("Enter")
    arrived(page, "#17")
    assert page.get_by_text("Open its page").count() == 0
    page.locator(".gg-explorer-list button", has_text="acme/billing").first.click()
    arrived(page, "acme/billing")
    assert [re.sub(r"\d+", "N", path) for path in asked if path] == [
        "shards/pull-request/N.json.gz",
        "nodes/repository/acme/billing.json",
    ]
    assert visit.complaints == []


def test_a_node_in_a_shard_can_be_pasted(visit, large) -> None:
    page = opened(visit, large, "#pull-request%3Aacme%2Fbilling%2F17")
    assert says(page).startswith("#17 ")
    assert [line for line in visit.complaints if "404" not in line] == []


def test_a_host_may_unpack_what_is_gzipped(visit, large) -> None:
    page = opened(visit, large)

    def unpack(route) -> None:
        route.fulfill(body=gzip.decompress(route.fetch().body()), content_type="application/json")

    page.route("**/*.json.gz", unpack)
    page.evaluate("location.hash = '#pull-request%3Aacme%2Fbilling%2F17'")
    arrived(page, "#17 ")
    assert [line for line in visit.complaints if "404" not in line] == []


def test_each_relation_of_a_hub_is_read_by_itself_newest_first(visit, large) -> None:
    page = opened(visit, large, "#repository%3Aacme%2Fbilling")
    assert page.locator(".gg-explorer-list h3").all_text_contents() == ["owned by (2)", "contains (700)"]
    contains = page.locator(".gg-explorer-list section").last
    names = contains.locator("li button")
    asked = asked_of(page)
    for shown in (50, 100, 150, 200, 250):
        assert names.count() == shown
        contains.get_by_role("button", name="Show more of 700").click()
        page.wait_for_function(
            "number => document.querySelectorAll('section:last-of-type li').length > number", arg=shown
        )
    numbers = [int(name.split()[0].removeprefix("#")) for name in names.all_text_contents()]
    assert numbers == list(range(700, 700 - len(numbers), -1))
    assert {path.rpartition("/")[0] for path in asked if path} == {"relations/repository/acme/billing/has_part"}
    assert page.evaluate("document.activeElement.closest('section') !== null")
    assert visit.complaints == []


def test_equals_are_told_apart(visit, large) -> None:
    page = opened(visit, large, "#repository%3Aacme%2Fbilling")
    assert page.locator("section", has_text="owned by").locator("li").all_text_contents() == [
        "Robin rob",
        "Robin robin",
    ]
    assert page.locator(".gg-explorer-stage [role=button]", has_text="Robinrob").count() == 2


def test_without_the_graph_api_there_is_no_explorer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_API_ENABLED", "false")
    output = Site(tmp_path).write(likely(repositories=1, pull_requests=1), options={"strict_findings": "never"}).build()
    assert not (output / "explorer").exists()
    assert "explorer/" not in (output / "map/index.html").read_text()
