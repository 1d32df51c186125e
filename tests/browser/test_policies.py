"""Policies in a real browser: hostile sources are text, tables can be narrowed, lines can be linked to."""

import pytest
from make.material import build_with_material
from make.snapshot import guardrails

pytestmark = pytest.mark.browser

PAGES = {
    "policy/": "Policies",
    "policy/acme/guardrails/": "Policies of acme/guardrails",
    "policy/acme/guardrails/rego/hostile/": "<script>",
    "policy/acme/guardrails/rego/repo.guard/": "Guard",
    "rule/acme/guardrails/rego/hostile~23deny/": "<script>",
    "pull-request/acme/guardrails/7/": "Raise it",
}


@pytest.fixture(scope="module")
def policies(tmp_path_factory, serve) -> str:
    return serve(build_with_material(tmp_path_factory.mktemp("policies"), guardrails()))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_hostile_sources_are_text_and_pages_fit(visit, policies, width, scheme) -> None:
    page = visit.open(policies, width=width, scheme=scheme)
    for url, title in PAGES.items():
        page.goto(policies + url)
        assert title in page.locator("h1").inner_text(), url
        assert page.evaluate("window.pwned") is None, url
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, url
        assert page.locator(".gg :is(script:not([src*='assets/gitguard/']), img, iframe, form)").count() == 0, url
    page.goto(policies + "policy/acme/guardrails/rego/hostile/")
    source = page.locator(".gg-source").inner_text()
    assert "<img src=x onerror=window.pwned=2></code></pre></div>{{ 7*7 }}{% raw %}{# c #}" in source
    without = visit.open(page.url, javascript=False)
    first = "line => getComputedStyle(line, '::before').content + getComputedStyle(line, '::before').position"
    assert without.locator("#L1").evaluate(first) == "counter(gg-line)sticky"
    assert without.locator("#L2").bounding_box()["height"] == page.locator("#L2").bounding_box()["height"]
    for number_link in page.locator("a.gg-ln").all()[:3]:
        number_link.hover()
    number = page.locator("#L2 a.gg-ln")
    assert number.get_attribute("href").startswith("https://")
    assert number.get_attribute("href").endswith("#L2")
    assert number.get_attribute("aria-label") == "Line 2 on its forge"
    assert page.evaluate("window.pwned") is None
    assert visit.complaints == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_tab_is_four_characters_wide_behind_its_lines_number(visit, policies, *, javascript: bool) -> None:
    page = visit.open(policies + "policy/acme/guardrails/rego/repo.guard/", javascript=javascript)
    width = """line => {
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), range = document.createRange();
      const width = (text, start) => (range.setStart(text, start), range.setEnd(text, start + 1), range.getBoundingClientRect().width);
      const first = texts.nextNode();
      return [first.data[0], Math.round(width(first, 0) / width(texts.nextNode() ?? first, 0))];
    }"""
    line = page.locator(".gg-source code > span").filter(has_text="\tinput.forced").first
    assert line.evaluate(width) == ["\t", 4]


def test_the_table_narrows_by_format_and_severity(visit, policies) -> None:
    page = visit.open(policies + "policy/")
    rows = page.locator("table[data-gg-table] tbody tr:visible")
    everything = rows.count()
    page.get_by_label("Format", exact=True).select_option("OPA Rego")
    assert rows.count() == 2 < everything
    page.get_by_label("Severity", exact=True).select_option("high")
    assert rows.count() == 1
    assert page.locator(".gg-filter [role=status]").inner_text() == f"1 of {everything} shown"
    page.get_by_role("searchbox", name="Filter policies").fill("nothing like it")
    assert rows.count() == 0


def test_a_count_narrows_the_table_below(visit, policies) -> None:
    page = visit.open(policies + "policy/")
    rows = page.locator("table[data-gg-table=policies] tbody tr:visible")
    everything = rows.count()
    page.get_by_role("button", name="OPA Rego").click()
    assert page.get_by_label("Format", exact=True).input_value() == "OPA Rego"
    assert rows.count() == 2 < everything
    page.get_by_role("button", name="OPA Rego").click()
    assert rows.count() == everything
    assert visit.complaints == []


def test_a_line_has_an_address(visit, policies) -> None:
    page = visit.open(policies + "policy/acme/guardrails/rego/repo.guard/#L22")
    line = page.locator("#L22")
    assert "deny contains message" in line.inner_text()
    assert line.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert page.locator("#L22 a").get_attribute("href").endswith("/policy/guard.rego#L22")


def test_the_page_that_a_policys_only_rule_once_had_leads_to_its_anchor(visit, policies) -> None:
    page = visit.open(policies + "rule/acme/guardrails/rego/repo.guard~23deny/")
    page.wait_for_url("**/policy/acme/guardrails/rego/repo.guard/#line-22")
    assert page.locator("#line-22").inner_text().startswith("No force push")
