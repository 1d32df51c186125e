"""Figures from day to day: a function of what earlier builds counted and of this snapshot; nothing that is left out."""

import gzip
import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from make.portal import html_of, pages_of
from make.snapshot import NOW, TEAM, owned
from msgspec.structs import replace

from mkdocs_gitguard.model import ALL_VIEWS, Finding, Flags, Snapshot
from mkdocs_gitguard.model.trend import TREND_PATH, RepositoryFigures, Trend, with_day
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.traces import Values
from mkdocs_gitguard.portal.trend_charts import ChartLine, scale_of, share_in_words, trend_chart
from mkdocs_gitguard.scorecards.check import checks_of

BILLING = "repository:acme/billing"
TEAM_PAGE = f"over-time/-/{TEAM.replace(':', '/')}"
EVIL = "</script><b>x"


def day(back: int) -> str:
    return (NOW - timedelta(days=back)).date().isoformat()


def known(**figures: int) -> Trend:
    """What a build of ten days ago counted, of a repository that is shown and of one that is left out."""
    secret = RepositoryFigures(files=1000, owned=1000, errors=777, teams={TEAM: 1000})
    counted = {BILLING: RepositoryFigures(files=5, teams={TEAM: 1}, **figures), "repository:acme/secret": secret}
    return with_day(Trend(), day(10), counted)


def over_time(trend: Trend, snapshot: Snapshot | None = None, **options) -> Pages:
    return pages_of(snapshot or owned(), trend=trend, **options)


def rows_of(pages: Pages, anchor: str, path: str = "over-time") -> list[list[str]]:
    page = BeautifulSoup(html_of(pages, path), "html.parser")
    rows = page.find(id=anchor).find_parent("section").select("tbody tr")
    return [[cell.get_text().replace("\xa0", " ") for cell in row.select("td")] for row in rows]


def test_a_line_takes_two_days_and_until_then_says_so() -> None:
    first = over_time(Trend())
    assert "No data yet: one day is known so far" in html_of(first, "over-time")
    assert "<svg" not in html_of(first, "over-time")
    assert TEAM_PAGE not in first.by_path
    assert "over-time" not in pages_of(owned()).by_path
    second = over_time(known(owned=2, errors=1))
    assert rows_of(second, "coverage") == [[day(0), "80.0 %", "4", "5"], [day(10), "40.0 %", "2", "5"]]
    assert rows_of(second, "findings")[1] == [day(10), "1", "0"]
    labels = [svg["aria-label"] for svg in BeautifulSoup(html_of(second, "over-time"), "html.parser").select("svg")]
    assert f"Files with an owner: from 40.0\xa0% to 80.0\xa0%, on 2 days between {day(10)} and {day(0)}." in labels


def test_a_teams_page_is_of_the_repositories_that_it_has_files_in() -> None:
    pages = over_time(known(owned=2))
    assert rows_of(pages, "files", TEAM_PAGE)[1] == [day(10), "1"]
    assert rows_of(pages, "coverage", TEAM_PAGE)[1] == [day(10), "40.0 %", "2", "5"]
    assert f'href="{TEAM_PAGE.removeprefix("over-time/")}/"' in html_of(pages, "over-time")
    assert "from day to day" in html_of(pages, TEAM.replace(":", "/"))
    assert "from day to day" not in html_of(over_time(Trend()), TEAM.replace(":", "/"))


def test_nothing_of_a_repository_that_is_left_out_is_in_any_figure_or_file() -> None:
    pages = over_time(known(owned=2))
    [asset] = [asset for asset in pages.assets() if asset.path == TREND_PATH]
    data = gzip.decompress(asset.data).decode()
    for text in (data, html_of(pages, "over-time"), html_of(pages, TEAM_PAGE)):
        assert "secret" not in text
        assert "777" not in text
        assert "1,0" not in text
    # Where it is shown again, it has its past back.
    assert "repository:acme/secret" in pages.portal.known_trend.repositories


@pytest.mark.parametrize("flags", [Flags(), Flags(owners=True), Flags(policy_transparency=True)])
def test_what_a_phase_hides_is_not_there_though_earlier_days_showed_it(flags: Flags, tmp_path) -> None:
    pages = over_time(
        known(owned=3, decided=19, allowed=17, asked=13, passed=11), flags=flags, checks=checks_of(tmp_path)
    )
    shown = {heading["id"] for heading in BeautifulSoup(html_of(pages, "over-time"), "html.parser").select("h2")}
    assert shown - {"teams"} == {
        "findings",
        *(["coverage"] if flags.owners else []),
        *(["decisions"] if flags.policy_transparency else []),
        *(["scorecards"] if flags.owners or flags.policy_transparency else []),
    }
    data = json.dumps(json.loads(gzip.decompress(next(a.data for a in pages.assets() if a.path == TREND_PATH))))
    assert ('"owned":' in data, TEAM in data) == (flags.owners, flags.owners)
    assert ('"decided"' in data) == flags.policy_transparency


def test_the_page_is_made_again_when_a_figure_or_the_day_is_another_and_else_stays() -> None:
    def fields(pages: Pages) -> bytes:
        return Values(pages).fields(pages.by_path["over-time"])

    same = fields(over_time(known(owned=2)))
    assert fields(over_time(known(owned=2))) == same
    # A second build of the day finds its own line there.
    assert fields(over_time(over_time(known(owned=2)).portal.known_trend)) == same
    assert fields(over_time(known(owned=1))) != same
    assert fields(over_time(known(owned=2), now=NOW + timedelta(days=1))) != same
    broken = Finding(code="x", severity="error", message=EVIL, repository=BILLING)
    assert fields(over_time(known(owned=2), replace(owned(), findings=(broken,)))) != same


def test_days_of_a_clock_that_was_ahead_are_not_shown() -> None:
    ahead = with_day(known(owned=2), day(-400), {BILLING: RepositoryFigures(errors=99)})
    assert [row[0] for row in rows_of(over_time(ahead), "findings")] == [day(0), day(10)]


def test_a_chart_puts_days_as_far_apart_as_they_are() -> None:
    line = ChartLine("", [("2026-01-01", 0.5), ("2026-01-02", 0.75), ("2026-01-11", 1.0)])
    assert scale_of([line], is_share=True) == (0.4, 1.0)
    drawn = str(trend_chart([line], is_share=True, words=EVIL))
    assert 'd="M0.0 100.0L60.0 50.0L600.0 0.0"' in drawn
    assert "&lt;/script&gt;" in drawn
    none = ChartLine("", [("2026-01-01", 0.0), ("2026-01-02", 0.0)])
    assert scale_of([none], is_share=False) == (0.0, 1.0)
    assert scale_of([none], is_share=True) == (0.0, 1.0)
    assert [share_in_words(value) for value in (0, 0.0001, 0.99999, 1)] == [
        "0\xa0%",
        "0.1\xa0%",
        "99.9\xa0%",
        "100\xa0%",
    ]


def test_all_views_have_the_page_within_its_bounds() -> None:
    trend = Trend()
    for back in range(200, 0, -1):
        trend = with_day(trend, day(back), {BILLING: RepositoryFigures(files=5, owned=back % 5, errors=back)})
    html = html_of(over_time(trend, flags=ALL_VIEWS), "over-time")
    assert len(html) < 120_000
    assert "earlier days more in" in html
