"""The portal as a reader meets it, in a real browser."""

import pytest

pytestmark = pytest.mark.browser

PAGES = {
    "home": "",
    "repositories": "repository/",
    "repository": "repository/acme/billing/",
    "pull requests": "pull-request/acme/billing/",
    "pull request": "pull-request/acme/billing/12/",
    "people": "owner/",
    "findings": "finding/",
}


def search(page, text) -> None:
    page.locator(".md-search__input").click()
    page.keyboard.type(text)


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_complain_of_nothing(visit, acme, width, scheme) -> None:
    page = visit.open(acme, width=width, scheme=scheme)
    for name, url in PAGES.items():
        page.goto(acme + url)
        page.wait_for_function("document.querySelector('h1')")
        assert overflow(page) == 0, name
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    assert visit.complaints == []


def contrast(page, selector) -> float:
    return page.evaluate(
        """(selector) => {
          const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const parse = (color) => {
            pixel.clearRect(0, 0, 1, 1);
            pixel.fillStyle = color;
            pixel.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
            return [r, g, b, a / 255];
          };
          const over = (top, under) => {
            const alpha = top[3] ?? 1;
            return under.slice(0, 3).map((value, i) => top[i] * alpha + value * (1 - alpha));
          };
          const light = (rgb) => {
            const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const element = document.querySelector(selector);
          const layers = [];
          for (let node = element; node; node = node.parentElement) layers.push(parse(getComputedStyle(node).backgroundColor));
          const back = layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
          const front = over(parse(getComputedStyle(element).color), back);
          const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }""",
        selector,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_print_can_be_read(visit, acme, scheme) -> None:
    page = visit.open(acme + "pull-request/acme/billing/12/", scheme=scheme)
    for selector in (".gg-merged", ".gg-ago", ".gg-add", ".gg-del", ".gg-facts dt", ".gg-caption"):
        assert contrast(page, selector) >= 4.5, selector
    page.goto(acme + "finding/")
    for selector in (".gg-chip.gg-warning", ".gg-chip.gg-info", ".gg-meta"):
        assert contrast(page, selector) >= 4.5, selector


def test_search_finds_a_pull_request_by_its_title(visit, acme) -> None:
    page = visit.open(acme + "pull-request/acme/billing/12/")
    title = page.locator("h1 bdi").inner_text()
    page.goto(acme)
    search(page, f"{title} 12")
    page.locator(".gg-search-hit[href*='pull-request/acme/billing/12/']", has_text="#12").first.wait_for()


def test_filter_and_sort_by_keyboard(visit, acme) -> None:
    page = visit.open(acme + "repository/")
    rows = page.locator("tbody tr:visible")
    assert rows.count() == 5
    page.locator(".gg-filter input").focus()
    page.keyboard.type("ledger")
    assert rows.count() == 1
    assert page.get_by_role("status").inner_text() == "1 of 5 shown"
    assert not page.evaluate("document.querySelector('[data-md-toggle=search]').checked")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    assert rows.count() == 5
    names = page.locator("tbody tr .gg-key a").all_inner_texts()
    while page.evaluate("document.activeElement.localName") != "button":
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Repository"
    assert page.locator("th[aria-sort=ascending]").inner_text() == "Repository"
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=descending]").inner_text() == "Repository"
    assert page.locator("tbody tr .gg-key a").all_inner_texts() == sorted(names, reverse=True)


def test_a_long_table_shows_its_first_rows_until_all_are_asked_for(visit, large) -> None:
    parts = [
        visit.open(f"{large}repository/{part}", javascript=False).locator("tbody tr:visible .gg-key a")
        for part in ("", "page-2/")
    ]
    first, second = (part.evaluate_all("links => links.map(link => link.textContent)") for part in parts)
    assert (len(first), len(second)) == (125, 55)
    page = visit.open(large + "repository/")
    rows = page.locator("tbody tr:visible")
    assert rows.count() == 125
    box = page.locator(".gg-filter input")
    box.fill(second[-1])
    rows.locator(".gg-key a", has_text=second[-1]).wait_for()
    assert not page.locator(".gg-more").is_visible()
    box.fill("acme")
    page.get_by_text("180 found, the first 100 shown").wait_for()
    assert rows.count() == 100
    box.fill("")
    page.get_by_role("button", name="Show all 125 repositories on this page").wait_for()
    assert rows.count() == 100
    page.emulate_media(media="print")
    rows.nth(124).wait_for()
    page.emulate_media(media="screen")
    rows.nth(124).wait_for(state="detached")
    page.locator("th button", has_text="Repository").click()
    page.get_by_role("button", name="Show all 180 repositories").wait_for()
    names = sorted([*first, *second], reverse=True)
    assert rows.locator(".gg-key a").all_inner_texts() == names[:100]
    page.get_by_role("button", name="Show all 180 repositories").click()
    assert rows.count() == 180
    assert page.evaluate("document.activeElement.textContent") == names[100]
    assert visit.complaints == []


def test_what_is_filtered_and_sorted_by_stands_in_the_address(visit, acme) -> None:
    page = visit.open(acme + "repository/")
    names = page.locator("tbody tr .gg-key a")
    ordered = names.all_inner_texts()
    page.locator(".gg-filter input").press_sequentially("i", delay=5)
    page.locator(".gg-filter input").press_sequentially("n", delay=5)
    page.locator("th button", has_text="People").click()
    assert page.url.endswith("/repository/?filter=in&sort=-people")
    chosen = names.all_inner_texts()
    assert 0 < len(chosen) < 5
    elsewhere = visit.open(page.url)
    assert elsewhere.locator("tbody tr .gg-key a").all_inner_texts() == chosen
    assert elsewhere.locator("th[aria-sort=descending]").inner_text() == "People"
    page.go_back()
    assert page.url.endswith("/repository/?filter=in")
    page.go_back()
    assert page.url.endswith("/repository/")
    assert names.all_inner_texts() == ordered
    assert page.locator(".gg-filter input").input_value() == ""
    page.go_forward()
    page.locator("tbody tr").nth(len(chosen) - 1).wait_for()
    assert names.count() == len(chosen)
    assert visit.complaints == []


def test_a_filter_looks_through_all_parts_of_a_table(visit, long_lists) -> None:
    year = long_lists + "pull-request/acme/billing/year-2026/"
    last = visit.open(f"{year}page-4/", javascript=False).locator("tbody tr").last
    number, href = last.locator("td").first.inner_text(), last.locator(".gg-key a").evaluate("link => link.href")
    page = visit.open(year)
    box, row = page.locator(".gg-filter input"), page.locator("tbody tr:visible", has_text=number)
    assert row.count() == 0
    box.fill(number)
    row.wait_for()
    assert row.locator(".gg-key a").evaluate("link => link.href") == href
    page.goto(page.url)
    row.wait_for()
    box.fill("")
    page.get_by_role("button", name="on this page").wait_for()
    assert page.locator("tbody tr").count() == 100
    page.locator("th button", has_text="Number").click()
    page.locator("th button", has_text="Number").click()
    page.wait_for_url("**/year-2026/?sort=number")
    page.wait_for_function("number => document.querySelector('tbody td').textContent === number", arg=number)
    box.fill("nobody calls it this")
    page.get_by_text("No match here.").wait_for()
    page.get_by_role("button", name="Search the whole portal for").click()
    assert page.get_by_role("combobox", name="Search").input_value() == "nobody calls it this"
    assert visit.complaints == []


def test_rows_of_pull_requests_are_labelled_cards_on_a_phone_and_sort_by_moment(visit, acme) -> None:
    labels = "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
    page = visit.open(acme + PAGES["pull requests"], width=390)
    cells = page.locator("tbody tr").first.locator("td")
    assert cells.evaluate_all(labels) == ['"Number"', "none", '"Author"', '"Files"', '"Merged"']
    times = page.locator("tbody time")
    assert times.first.get_attribute("title") is None
    times.first.hover()
    moments = times.evaluate_all("times => times.map(time => time.dateTime)")
    assert times.first.get_attribute("title") == f"{moments[0][:16].replace('T', ' ')} UTC"
    page.set_viewport_size({"width": 1280, "height": 800})
    assert set(cells.evaluate_all(labels)) == {"none"}
    page.locator("th button", has_text="Merged").click()
    sorted_moments = times.evaluate_all("times => times.map(time => time.dateTime)")
    assert sorted_moments == sorted(moments) != moments
    assert visit.complaints == []


def test_without_a_match_the_other_years_are_named(visit, long_lists) -> None:
    page = visit.open(long_lists + "pull-request/acme/billing/?filter=nothing+of+the+kind")
    link = page.locator(".gg-empty a").first
    link.wait_for()
    assert link.inner_text().isdecimal()
    assert link.get_attribute("href").endswith(f"year-{link.inner_text()}/?filter=nothing+of+the+kind")


def test_home_offers_the_search(visit, acme) -> None:
    page = visit.open(acme)
    page.get_by_role("button", name="Search repositories").click()
    page.get_by_role("combobox", name="Search").wait_for()
    assert visit.open(acme, javascript=False).locator(".gg-search-prompt").count() == 0


def test_the_files_of_a_pull_request_are_folders_that_can_be_filtered(visit, long_lists) -> None:
    page = visit.open(long_lists + "pull-request/acme/billing/450/")
    folders = page.locator(".gg-files details[open]")
    before = folders.count()
    assert page.locator("#code-owners").evaluate("own => own.getBoundingClientRect().top") < page.locator(
        "#files"
    ).evaluate("files => files.getBoundingClientRect().top")
    page.locator(".gg-filter input").fill("src/b file_7")
    assert page.locator(".gg-files .gg-entry:visible").all_inner_texts()[0].split()[0] == "file_7.py"
    assert page.locator(".gg-files .gg-entry:visible").count() == 1
    assert page.url.endswith("?filter=src%2Fb+file_7")
    page.locator(".gg-filter input").fill("")
    assert folders.count() == before
    assert visit.complaints == []


def test_tables_work_after_instant_navigation(visit, acme) -> None:
    page = visit.open(acme)
    page.locator(".md-tabs a", has_text="Browse").click()
    page.locator(".gg-filter input").wait_for()
    page.locator(".gg-filter input").fill("billing")
    assert page.locator("tbody tr:visible").count() == 1
    assert page.locator(".gg-filter").count() == 1
    assert visit.complaints == []


def test_without_javascript_everything_is_there(visit, acme) -> None:
    page = visit.open(acme + "repository/", javascript=False)
    assert page.locator("tbody tr:visible").count() == 5
    assert page.locator(".gg-filter, th button").count() == 0
    page.goto(acme + "repository/acme/billing/")
    assert page.get_by_text("Pull requests").first.is_visible()


def test_without_javascript_a_page_leads_home_and_to_its_section(visit, acme) -> None:
    page = visit.open(acme + "owner/user/mira/", width=390, javascript=False)
    page.locator(".md-header label[for=__drawer]").click()
    ways = page.locator(".md-nav--primary .md-nav__list a")
    assert ways.all_inner_texts() == ["Home", "People"]
    ways.last.click()
    assert page.url == f"{acme}owner/"
    # A page of the navigation has all of it.
    assert page.locator(".md-nav--primary .md-nav__list a").count() > len(["Home", "People"])


def test_a_pull_request_is_three_clicks_from_home(visit, acme) -> None:
    page = visit.open(acme)
    page.locator(".gg-tiles a", has_text="repositories").click()
    page.locator(".gg-key a", has_text="acme/billing").click()
    page.locator(".gg-changes a").first.click()
    page.locator(".gg-merged").wait_for()
    assert page.locator(".gg-crumbs a").all_inner_texts() == ["Pull requests", "acme/billing"]
    assert page.locator(".md-tabs__item--active").inner_text() == "Browse"
    assert page.locator(".md-nav__item--active > a.md-nav__link").inner_text() == "Pull requests"
    assert page.locator(".md-nav--primary noscript").count() == 0


def test_hostile_names_are_text(visit, spiteful_to_look_at) -> None:
    base = spiteful_to_look_at
    page = visit.open(base)
    seen, queue = set(), [base]
    while queue and len(seen) < 25:
        url = queue.pop(0)
        seen.add(url)
        page.goto(url)
        page.wait_for_function("document.querySelector('h1')")
        assert page.evaluate("typeof window.pwned") == "undefined", url
        assert page.locator("article img, article script:not([src*='assets/gitguard/'])").count() == 0
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert overflow(page) == 0, (url, width)
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
        assert not [link for link in links if link.startswith("javascript")]
        queue += [link for link in dict.fromkeys(links) if link.startswith(base) and link not in seen | set(queue)]
        queue = [link for link in queue if not link.endswith(".json")]
    assert len(seen) > 15
    assert visit.complaints == []


def test_hostile_titles_are_text_in_search_results(visit, spiteful) -> None:
    page = visit.open(spiteful)
    search(page, "src")
    page.locator(".gg-search-hit").first.wait_for()
    assert "<img src=x" in page.locator(".gg-search-hits").inner_text()
    assert page.locator(".gg-search img, .gg-search script").count() == 0
    assert page.evaluate("typeof window.pwned") == "undefined"
