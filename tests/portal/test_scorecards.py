"""Scorecards on the portal."""

import re
from datetime import timedelta
from pathlib import Path

from make.portal import html_of, pages_of
from make.snapshot import NOW, owned

from mkdocs_gitguard.model import ALL_VIEWS, Flags
from mkdocs_gitguard.model.trend import RepositoryFigures, Trend, with_day
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.scorecards.check import checks_of

CHECKS = checks_of(Path("nowhere"))


def portal(flags: Flags = ALL_VIEWS, trend: Trend | None = None) -> Pages:
    return pages_of(owned(), flags=flags, checks=CHECKS, trend=trend)


def words(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_overview_counts_each_check_and_names_what_each_repository_lacks() -> None:
    text = words(html_of(portal(), "scorecard"))
    assert "Code owners silver 0 0 0 codeowners where files &gt; 0" in text
    assert "Every path has an owner gold 0 1 0 owned_share &gt;= 100 where codeowners" in text
    assert "acme/billing none" in text
    assert "Owners are active" in text


def test_a_checks_page_names_the_fact_behind_each_result() -> None:
    html = html_of(portal(), "scorecard/-/owned")
    assert "acme/billing failed 4 of 5 files have an owner. CODEOWNERS" in words(html)
    assert "https://github.com/acme/billing/blob/" + "a" * 40 + "/CODEOWNERS" in html


def test_a_repository_and_a_team_lead_to_their_scorecards() -> None:
    site = portal()
    text = words(html_of(site, "scorecard/acme/billing"))
    assert "Changed within a year bronze not known History does not tell." in text
    assert "Every path has an owner gold failed 4 of 5 files have an owner. CODEOWNERS Add a rule" in text
    on_its_page = words(html_of(site, "repository/acme/billing"))
    assert (
        "No level yet. 2 of 6 checks passed, 3 failed, 1 is not known; 8 are not asked of it. All 14 checks"
        in on_its_page
    )
    assert "Every path has an owner 4 of 5 files have an owner. failed" in on_its_page
    assert "scorecard/acme/billing/" in html_of(site, "repository/acme/billing")
    assert "scorecard/-/owner/team/acme/platform/" in html_of(site, "owner/team/acme/platform")
    assert "acme/billing" in words(html_of(site, "scorecard/-/owner/team/acme/platform"))


def test_what_failed_comes_first() -> None:
    html = html_of(portal(), "scorecard/acme/billing")
    states = re.findall(r">(failed|not known|passed|not asked)<", html)
    assert states == sorted(states, key=["failed", "not known", "passed", "not asked"].index)
    assert len(states) == len(CHECKS)


def test_what_became_of_checks_is_told_by_day() -> None:
    yesterday = (NOW - timedelta(days=1)).date().isoformat()
    passed = RepositoryFigures(asked=5, passed=4, holds=("owned", "codeowners", "gone"), lacks=("owners-active",))
    secret = RepositoryFigures(asked=9, passed=9, holds=("owned", "codeowners"))
    trend = with_day(Trend(), yesterday, {"repository:acme/billing": passed, "repository:acme/secret": secret})
    site = portal(trend=trend)
    card = html_of(site, "scorecard/acme/billing")
    assert f"failed Every path has an owner {NOW.date()}" in words(card[card.index('id="over-time"') :])
    check = html_of(site, "scorecard/-/owned")
    assert f"{NOW.date()} 0.0&nbsp;% 0 1 {yesterday} 100.0&nbsp;% 1 1 " in words(check[check.index('id="over-time"') :])
    assert "<svg" in check
    overview = html_of(site, "scorecard")
    assert f"{yesterday} 80.0&nbsp;% 4 5 " in words(overview[overview.index('id="over-time"') :])
    first = portal(trend=Trend())
    assert "a line takes two" in html_of(first, "scorecard")
    assert "over-time" not in html_of(first, "scorecard/acme/billing")
    assert "over-time" not in html_of(portal(), "scorecard")


def test_there_are_none_without_the_option_or_in_a_phase_that_shows_neither_owners_nor_policies() -> None:
    assert "scorecard" not in pages_of(owned()).by_path
    assert "scorecard" not in portal(Flags()).by_path
    assert "Scorecard" not in words(html_of(portal(Flags()), "repository/acme/billing"))
