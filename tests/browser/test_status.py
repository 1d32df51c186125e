"""The status page in a real browser: it says by itself when nobody knows any more, and reads without script."""

import re
from datetime import timedelta

import pytest
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.measurements import Measurements

pytestmark = pytest.mark.browser

AT = system_clock() - timedelta(minutes=20)


@pytest.fixture(scope="module")
def portal(tmp_path_factory, serve) -> str:
    site = Site(tmp_path_factory.mktemp("status")).write(
        likely(repositories=2, pull_requests=2), options={"strict_findings": "never"}, theme=MATERIAL
    )
    kept = Measurements(site.folder / ".gitguard" / "state.db")
    # One page answered too slowly, so that there is a breach, a day ago.
    kept.remember(
        *(
            Measurement(
                name="freshness",
                value=60 if 150 <= place < 156 else 1,
                unit="s",
                at=AT - timedelta(minutes=10 * (300 - place)),
                evidence="an event",
            )
            for place in range(301)
        )
    )
    site.build()
    return serve(site.output)


@pytest.mark.parametrize("path", ["status/", "status/freshness/"])
def test_what_is_old_says_so_by_itself(visit, portal, path) -> None:
    page = visit.open(portal + path)
    # By the clock of the browser, so that some minutes more may have gone by.
    assert re.search(r"That was [23]\d minutes ago\.", page.locator("[data-gg-age]").inner_text())
    assert "Nobody knows" not in page.locator("[data-gg-state]").inner_text()
    page.clock.install(time=AT + timedelta(days=3, hours=1))
    page.reload()
    state = page.locator("[data-gg-state]").inner_text()
    assert state.startswith("? unknown Nobody knows how it is now: the newest measurement is 3 days old.")
    page.clock.fast_forward("02:00:00")
    assert page.locator("[data-gg-state] .gg-chip", has_text="unknown").count() == 1
    assert visit.complaints == []


def test_it_reads_without_script(visit, portal) -> None:
    page = visit.open(f"{portal}status/", javascript=False)
    words = page.locator(".gg").first.inner_text()
    assert "less was good than was to be: Freshness." in words
    assert "Where that is more than a day ago, nobody knows how it is now." in words
    assert page.locator("table.gg-levels tbody tr").count() >= 6
    assert page.locator("table.gg-levels svg.gg-days").first.bounding_box()["width"] > 100


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_page(visit, portal, width, scheme) -> None:
    for path in ("status/", "status/freshness/", "status/drills/"):
        page = visit.open(portal + path, width=width, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visit.complaints == []
