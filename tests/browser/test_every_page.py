"""What holds for every kind of page: it fits a phone, it has an outline, and all of it can be reached by keyboard."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from make.material import build_with_material
from make.snapshot import NOW, excepted, likely, owned, with_decisions
from playwright.sync_api import Page

from mkdocs_gitguard.model import Measurement, Snapshot

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITES: dict[str, Callable[[], Snapshot]] = {
    "decisions": lambda: with_decisions(likely(repositories=3, pull_requests=12)),
    "ownership": owned,
    "policies": excepted,
}
ALIKE = frozenset(
    {
        "dashboards/", "dashboards/objectives/", "drill/", "explorer/", "find/", "rollout/", "rollout/notes/", "status/",
        "status/freshness/",
    }
)  # fmt: skip
"""Made of settings and of what was measured, and so the same in all three: they are looked at in the first."""
SLOW = [
    Measurement(
        name="freshness", value=60 if hour == 30 else 1, unit="s", at=NOW - timedelta(hours=hour), evidence="an event"
    )
    for hour in range(1, 48)
]
"""So that objectives, dashboards and a breach have pages."""
OUTLINE = """() => {
  const article = document.querySelector('article');
  const levels = [...article.querySelectorAll('h1, h2, h3, h4')].map((heading) => Number(heading.tagName[1]));
  return {
    titles: levels.filter((level) => level === 1).length,
    leaps: levels.filter((level, place) => place && level > levels[place - 1] + 1).length,
    nested: article.querySelectorAll('summary :is(a, button, input)').length,
    nameless: [...article.querySelectorAll('a[href], button, input, select')].filter((control) =>
      !(control.textContent.trim() || control.ariaLabel || control.dataset.line || control.labels?.length)).length,
    broken: [...article.querySelectorAll('a[href^="#"]')]
      .filter((link) => !document.getElementById(decodeURIComponent(link.hash.slice(1)))).map((link) => link.hash),
    empty: article.querySelectorAll('dl:not(:has(dt)), table:not(:has(td)), ul:empty:not([hidden]), ol:empty').length,
  };
}"""
AXE = """({ context, ...chosen }) => axe.run(context ?? document, {
  ...chosen,
  resultTypes: ['violations'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => {
  const element = document.querySelector(target[0]);
  const isOurs = element?.closest('.gg') && !element.matches('.md-code__nav');
  return isOurs ? `${id}: ${html.slice(0, 150)}` : `${id}, of the theme`;
})))"""
AXE_ITSELF = (files("axe_playwright_python") / "axe.min.js").read_text()
ALL_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
COLOURS = ("color-contrast", "link-in-text-block")
OF_COLOURS = {"runOnly": {"type": "rule", "values": [*COLOURS]}}
"""What another palette can change of a page."""
OF_COLOURS_AND_PLACES = {
    "runOnly": {"type": "rule", "values": [*COLOURS, "target-size", "scrollable-region-focusable"]}
}
"""And what another width can change of what the first shows, too."""
REMEMBER_SHOWN = (
    "window.ggShown = new Set([...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()))"
)
NEWLY_SHOWN = """() => {
  const shown = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && !window.ggShown.has(one));
  document.querySelectorAll('[data-gg-new]').forEach((one) => one.removeAttribute('data-gg-new'));
  shown.filter((one) => !shown.includes(one.parentElement)).forEach((one) => one.setAttribute('data-gg-new', ''));
  return shown.length > 0;
}"""
"""Marks what this width shows and the one before did not."""
KNOWN = {"aria-dialog-name, of the theme", "color-contrast, of the theme", "landmark-unique, of the theme"}
"""Material's search dialog, "Made with" and tabs, and the buttons that it puts over source code."""
FOCUSABLE = """() => [...document.querySelectorAll(
  'article :is(a[href], a[*|href], button, input, select, summary, [tabindex])')]
  .filter((one) => one.tabIndex >= 0 && (one.checkVisibility() || one.closest('details:not([open])'))).length"""
"""Also what stands in folders that are closed."""
SOUND = {"titles": 1, "leaps": 0, "nested": 0, "nameless": 0, "broken": [], "empty": 0}


def kinds(folder: Path) -> Iterator[str]:
    """Yield the address of the longest page of each kind: of each section's index, and of what stands below it."""
    longest: dict[tuple[str, int], Path] = {}
    for page in sorted(folder.rglob("index.html")):
        parts = page.relative_to(folder).parts
        kind = (parts[0], min(len(parts), 4))
        if kind not in longest or page.stat().st_size > longest[kind].stat().st_size:
            longest[kind] = page
    for page in longest.values():
        yield f"{page.parent.relative_to(folder).as_posix()}/".removeprefix("./")


@pytest.fixture(scope="module", params=SITES)
def built(request, tmp_path_factory, serve) -> tuple[str, list[str]]:
    folder = build_with_material(tmp_path_factory.mktemp(request.param), SITES[request.param](), measured=SLOW)
    pages = list(kinds(folder))
    assert {*pages} > ALIKE
    return serve(folder, searches=False), [
        path for path in pages if path not in ALIKE or request.param == next(iter(SITES))
    ]


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function("document.querySelector('article h1')")


def check_width(page: Page, path: str) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (path, over) == (path, 0)


def check_with_axe(page: Page, path: str, rules: Mapping[str, Any]) -> None:
    assert (path, [line for line in page.evaluate(AXE, rules) if line not in KNOWN]) == (path, [])


def check_what_is_new(page: Page, path: str, rules: Mapping[str, Any]) -> None:
    """Judge what this width shows and the one before did not: of all else, colours and words are as they were."""
    if page.evaluate(NEWLY_SHOWN):
        check_with_axe(page, path, {**rules, "context": "[data-gg-new]"})


def opened_at(page: Page, base: str, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, base + path)
    check_width(page, path)
    if path == "explorer/":
        page.wait_for_selector(".gg-explorer-list p")
    page.evaluate(AXE_ITSELF)
    # What the theme moves at another width would have to be waited for, each time.
    page.add_style_tag(content="*, ::before, ::after { transition: none !important }")


def narrowed_or_widened(page: Page, path: str, width: int) -> None:
    page.evaluate(REMEMBER_SHOWN)
    page.set_viewport_size({"width": width, "height": 900})
    check_width(page, path)


# A page is opened once for each palette, and is asked all that it is asked there: opening is what is dear.


def test_it_has_one_title_an_outline_no_control_within_another_and_at_most_300_stops(visit, built) -> None:
    base, pages = built
    assert len(pages) > 12
    page = visit.open(base)
    for path in pages:
        opened_at(page, base, path, 1280)
        assert (path, page.evaluate(OUTLINE)) == (path, SOUND)
        assert page.title() != "Acme" or path == "", path
        assert (path, page.evaluate(FOCUSABLE) <= 300) == (path, True)
        check_with_axe(page, path, ALL_RULES)
        narrowed_or_widened(page, path, 390)
        check_what_is_new(page, path, ALL_RULES)
    assert visit.complaints == []


def test_it_fits_complains_of_nothing_and_can_be_read_in_the_dark_and_on_a_small_phone(visit, built) -> None:
    base, pages = built
    page = visit.open(base, width=320, scheme="dark")
    for path in pages:
        opened_at(page, base, path, 320)
        narrowed_or_widened(page, path, 390)
        check_with_axe(page, path, OF_COLOURS_AND_PLACES)
        narrowed_or_widened(page, path, 1280)
        check_what_is_new(page, path, OF_COLOURS)
    assert visit.complaints == []
