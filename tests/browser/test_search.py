"""The search in a real browser: from the box of every theme, by keyboard, and what it loads."""

import re
import shutil

import pytest
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely

pytestmark = pytest.mark.browser

FACTS = likely(repositories=4, pull_requests=8, files=8)
QUIET = {"strict_findings": "never", "pull_request_pages": 3}
DOCS = {"access.md": "# Getting access\n\nAsks the *platform* team.\n\n## Of bots\n\nA form.\n"}


def built(folder, **config) -> Site:
    site = Site(folder).write(FACTS, options=QUIET, docs=DOCS, **config)
    site.build()
    return site


@pytest.fixture(scope="module")
def portal(tmp_path_factory, serve) -> str:
    theme = {**MATERIAL, "features": ["search.suggest", "search.highlight"]}
    return serve(built(tmp_path_factory.mktemp("search"), theme=theme).output)


def typed(page, text: str) -> None:
    page.keyboard.type(text)
    page.wait_for_selector(f"dialog.gg-search[data-answered='{text}']")


def labels(page) -> list[str]:
    return page.locator(".gg-search-hit .gg-search-words > bdi:first-child").all_inner_texts()


@pytest.mark.parametrize("key", ["/", "f", "s"])
def test_a_key_opens_it_and_escape_closes_it(visit, portal, key) -> None:
    page = visit.open(portal)
    page.keyboard.press(key)
    typed(page, "billing")
    assert labels(page)[0] == "acme/billing"
    page.keyboard.press("Escape")
    assert page.locator("dialog.gg-search[open]").count() == 0
    assert not page.evaluate("document.querySelector('[data-md-toggle=search]').checked")
    assert visit.complaints == []


def test_arrows_choose_and_enter_opens(visit, portal) -> None:
    page = visit.open(portal)
    page.keyboard.press("/")
    typed(page, "billing")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    chosen = page.locator(".gg-search-hit[aria-selected=true]")
    assert chosen.count() == 1
    assert chosen.get_attribute("id") == page.locator(".gg-search input").get_attribute("aria-activedescendant")
    target = chosen.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(target)


def test_a_name_completes_letter_by_letter_over_hyphens_and_slashes(visit, portal) -> None:
    page = visit.open(portal)
    page.keyboard.press("/")
    so_far = ""
    for letter in "acme/bill":
        so_far += letter
        typed(page, letter) if not page.locator(".gg-search").count() else page.keyboard.type(letter)
        page.wait_for_selector(f"dialog.gg-search[data-answered='{so_far}']")
        assert labels(page), so_far
    assert labels(page)[0] == "acme/billing"


def test_nothing_is_loaded_before_a_key_and_little_then(visit, portal) -> None:
    page = visit.open(portal)
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    page.reload(wait_until="networkidle")
    assert not [url for url in sizes if "gitguard/search/" in url]
    assert sum(size for url, size in sizes.items() if url.endswith("search_index.json")) < 2000
    sizes.clear()
    page.keyboard.press("/")
    page.wait_for_timeout(200)
    assert not [url for url in sizes if "gitguard/search/" in url]
    typed(page, "ledger")
    page.wait_for_load_state("networkidle")
    asked = [url for url in sizes if "gitguard/search/" in url]
    assert asked[0].endswith("/index.js")
    assert all(sizes[url] < 60_000 for url in asked)


def test_the_theme_s_box_hands_over_what_is_typed(visit, portal) -> None:
    page = visit.open(portal)
    page.locator(".md-search__input").focus()
    assert page.locator("dialog.gg-search[open]").count() == 0
    page.keyboard.type("l")
    page.wait_for_selector("dialog.gg-search[open]")
    page.keyboard.type("edger")
    page.wait_for_selector("dialog.gg-search[data-answered='ledger']")
    assert labels(page)[0] == "acme/ledger"
    page.keyboard.press("Escape")
    page.locator(".md-search__input").click()
    assert page.locator("dialog.gg-search[open]").count() == 1


def test_on_a_phone_it_opens_from_the_button(visit, portal) -> None:
    page = visit.open(portal, width=390)
    page.locator("label[for=__search]").first.click()
    typed(page, "billing")
    box = page.locator("dialog.gg-search").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_pull_request_without_a_page_leads_to_its_forge(visit, portal) -> None:
    page = visit.open(portal)
    hits = page.evaluate("gitguardSearch.find('billing#1')")
    assert hits[0]["id"] == "pull-request:acme/billing/1"
    assert re.match(r"https://.*/1$", hits[0]["url"])
    assert page.evaluate("gitguardSearch.find('billing#8')")[0]["url"] == f"{portal}pull-request/acme/billing/8/"


def test_the_site_s_own_pages_are_found(visit, portal) -> None:
    page = visit.open(portal)
    page.keyboard.press("/")
    typed(page, "getting access")
    assert labels(page)[0] == "Getting access"
    assert page.locator(".gg-search-kind").first.inner_text() == "Page"
    assert page.evaluate("gitguardSearch.find('of bots')")[0]["url"] == f"{portal}access/#of-bots"


def test_kinds_and_limits_are_kept(visit, portal) -> None:
    page = visit.open(portal)
    hits = page.evaluate("gitguardSearch.find('acme', {kinds: ['repository', 'owner'], limit: 3})")
    assert len(hits) == 3
    assert {hit["kind"] for hit in hits} <= {"Repository", "Team", "Person", "Bot", "E-mail address"}


def test_the_page_of_the_search_asks_what_its_address_says(visit, portal) -> None:
    page = visit.open(f"{portal}find/?q=ledger")
    page.wait_for_selector("dialog.gg-search[data-answered='ledger']")
    assert labels(page)[0] == "acme/ledger"


@pytest.mark.parametrize(
    ("theme", "plugins", "box"),
    [
        ("mkdocs", ["search", "gitguard"], "[data-bs-target='#mkdocs_search_modal']"),
        ("readthedocs", ["search", "gitguard"], "#rtd-search-form input"),
        ("material", ["gitguard"], ".gg-search-open"),
        ("mkdocs", ["gitguard"], ".gg-search-open"),
    ],
)
def test_every_theme_in_a_folder_of_its_host(visit, serve, tmp_path, *, theme, plugins, box) -> None:
    site = built(
        tmp_path / "site",
        theme={"name": theme},
        plugins=plugins,
        site_url="https://acme.example/portal/",
        use_directory_urls=False,
    )
    shutil.copytree(site.output, tmp_path / "host" / "portal")
    root = serve(tmp_path / "host") + "portal/"
    page = visit.open(f"{root}pull-request/acme/billing/8.html")
    page.locator(box).first.click()
    typed(page, "acme/ledger")
    assert labels(page)[0] == "acme/ledger"
    assert page.locator(".gg-search-hit").first.get_attribute("href") == f"{root}repository/acme/ledger.html"


def test_pages_opened_from_a_disk_search_too(chromium, tmp_path) -> None:
    site = built(tmp_path / "site", theme=MATERIAL, use_directory_urls=False)
    page = chromium.new_page()
    page.goto((site.output / "repository" / "acme" / "billing.html").as_uri())
    hits = page.evaluate("gitguardSearch.find('ledger')")
    assert hits[0]["url"] == (site.output / "repository" / "acme" / "ledger.html").as_uri()
    page.close()


def test_an_address_that_is_not_there_leads_on(visit, serve, tmp_path) -> None:
    site = built(tmp_path / "site")
    gone = site.output / "pull-request" / "acme" / "billing" / "1"
    gone.mkdir(parents=True)
    shutil.copy(site.output / "404.html", gone / "index.html")
    page = visit.open(serve(site.output) + "pull-request/acme/billing/1/")
    hint = page.locator("[data-gg-search-missing] a").first
    hint.wait_for()
    assert hint.inner_text().startswith("#1 ")
    page.locator(".gg-missing .gg-search-open").click()
    typed(page, "people")
    assert labels(page)[0] == "People"
    assert page.locator(".gg-missing ul:last-child a", has_text="Repositories").get_attribute("href") == "/repository/"


def test_pagefind_answers_where_the_site_has_chosen_it(visit, serve, tmp_path) -> None:
    pytest.importorskip("pagefind_bin")
    site = Site(tmp_path).write(FACTS, options={**QUIET, "search": "pagefind"}, docs=DOCS)
    site.build()
    root = serve(site.output)
    page = visit.open(root)
    page.keyboard.press("/")
    typed(page, "platform team")
    assert page.locator(".gg-search-hit").first.get_attribute("href") == f"{root}access/"
    # Home's own part finds people and teams alone.
    author = next(owner for owner in FACTS.owners if owner.id == FACTS.pull_requests[0].author)
    page.goto(root)
    page.locator(".gg-reader-choose summary").click()
    page.locator(".gg-reader-choose input").fill(author.name)
    page.locator(".gg-reader-choose button", has_text=author.name).first.click()
    assert page.locator(".gg-reader-top h2").first.inner_text() == f"For {author.name}"
    assert visit.complaints == []


def test_pull_requests_are_found_by_who_wrote_them(visit, portal) -> None:
    change = FACTS.pull_requests[0]
    author = next(owner for owner in FACTS.owners if owner.id == change.author)
    theirs = [f"#{one.number} {one.title}" for one in FACTS.pull_requests if one.author == author.id]
    page = visit.open(portal)
    page.keyboard.press("/")
    typed(page, f"@{author.logins[0]}")
    shown = labels(page)
    assert shown[0] == author.name
    assert len(shown) > 1
    assert set(shown[1:]) <= set(theirs)
    word = change.title.split()[-1]
    page.locator(".gg-search input").fill(f"@{author.logins[0]} {word}")
    page.wait_for_selector(f"dialog.gg-search[data-answered='@{author.logins[0]} {word}']")
    assert f"#{change.number} {change.title}" in labels(page)
    assert {label for label in labels(page) if word in label} == set(labels(page))
    page.goto(f"{portal}find/?q=%40{author.logins[0]}")
    page.locator(".gg-search-hit", has_text=author.name).first.wait_for()
    assert visit.complaints == []
