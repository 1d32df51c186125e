"""What holds for every kind of page: it fits a phone, it has an outline, and all of it can be reached by keyboard."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from make.material import build_with_material
from make.snapshot import NOW, excepted, likely, owned, with_decisions

from mkdocs_gitguard.model import Measurement, Snapshot

pytestmark = pytest.mark.browser

SITES: dict[str, Callable[[], Snapshot]] = {
    "decisions": lambda: with_decisions(likely(repositories=3, pull_requests=12)),
    "ownership": owned,
    "policies": excepted,
}
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
AXE = """() => axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => {
  const element = document.querySelector(target[0]);
  const isOurs = element?.closest('.gg') && !element.matches('.md-code__nav');
  return isOurs ? `${id}: ${html.slice(0, 150)}` : `${id}, of the theme`;
})))"""
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
    return serve(folder), list(kinds(folder))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light"), (320, "dark")])
def test_it_fits_and_complains_of_nothing(visit, built, width, scheme) -> None:
    base, pages = built
    assert len(pages) > 12
    page = visit.open(base, width=width, scheme=scheme)
    for path in pages:
        page.goto(base + path)
        page.wait_for_function("document.querySelector('article h1')")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over == 0, path
    assert visit.complaints == []


def test_it_has_one_title_an_outline_and_no_control_within_another(visit, built) -> None:
    base, pages = built
    page = visit.open(base)
    for path in pages:
        page.goto(base + path)
        page.wait_for_function("document.querySelector('article h1')")
        assert (path, page.evaluate(OUTLINE)) == (path, SOUND)
        assert page.title() != "Acme" or path == "", path


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
def test_axe_has_nothing_to_say_of_ours(visit, built, width, scheme) -> None:
    base, pages = built
    axe = (files("axe_playwright_python") / "axe.min.js").read_text()
    page = visit.open(base, width=width, scheme=scheme)
    for path in pages:
        page.goto(base + path)
        page.wait_for_function("document.querySelector('article h1')")
        if path == "explorer/":
            page.wait_for_selector(".gg-explorer-list p")
        page.evaluate(axe)
        assert (path, [line for line in page.evaluate(AXE) if line not in KNOWN]) == (path, [])


def test_no_page_has_more_than_300_stops_for_the_keyboard(visit, built) -> None:
    base, pages = built
    page = visit.open(base)
    for path in pages:
        page.goto(base + path)
        page.wait_for_function("document.querySelector('article h1')")
        assert (path, page.evaluate(FOCUSABLE) <= 300) == (path, True)
