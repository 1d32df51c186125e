"""The pages of drills: written from the journal alone, whatever stands in it is only text."""

import json

from bs4 import BeautifulSoup
from make.drills import made_result
from make.portal import html_of, pages_of
from make.snapshot import likely

from mkdocs_gitguard.model.drill import DrillResult

EVIL = "</script><b>x\u202e"


RESULTS = (
    made_result("kept", "passed"),
    made_result("torn", "failed", words=EVIL),
    made_result("idle", "not run"),
    made_result("kept", "passed", days=1),
    made_result("torn", "passed", days=1),
)


def soup(path: str, results: tuple[DrillResult, ...] = RESULTS) -> BeautifulSoup:
    return BeautifulSoup(html_of(pages_of(likely(), drills=results), path), "html.parser")


def test_what_has_failed_stands_first() -> None:
    page = soup("drill")
    assert "1 drill failed the last time: somebody must act." in page.select_one(".gg-lead").get_text(" ", strip=True)
    rows = page.select("table tbody tr")
    assert [row.a.get_text() for row in rows] == ["The drill torn", "The drill kept", "The drill idle"]
    assert [cell.get_text(" ", strip=True) for cell in rows[1].select("td")][3:] == ["2 of 2", "0.25\xa0s", "✓✓"]
    figures = [item.get_text() for item in page.select(".gg-figures dd")]
    assert figures[:3] == ["75 %", "3 of 4 runs", "30.06 %"]


def test_a_page_tells_how_to_run_it_again_and_its_history() -> None:
    text = soup("drill/torn").get_text(" ", strip=True)
    assert "gitguard chaos run torn --seed 7" in text
    assert len(soup("drill/torn").select("#history ~ table tbody tr")) == 2


def test_what_somebody_wrote_is_only_text() -> None:
    for path in ("drill", "drill/torn"):
        html = html_of(pages_of(likely(), drills=RESULTS), path)
        assert "<b>x" not in html
        assert "\u202e" not in html


def test_where_none_was_run_it_says_how() -> None:
    assert "gitguard chaos run --all" in soup("drill", ()).get_text()


def test_the_journal_goes_out_as_json() -> None:
    [asset] = [asset for asset in pages_of(likely(), drills=RESULTS).assets() if asset.path == "drill/drills.json"]
    assert [item["outcome"] for item in json.loads(asset.data)["results"]] == [item.outcome for item in RESULTS]


def test_what_was_never_run_is_said_and_is_not_passed() -> None:
    run = (made_result("kept", "passed"),)
    never = (made_result("torn", "passed").about, made_result("kept", "passed").about)
    pages = pages_of(likely(), drills=run, drill_set=never)
    page = BeautifulSoup(html_of(pages, "drill"), "html.parser")
    lead = page.select_one(".gg-lead").get_text(" ", strip=True)
    assert "✓" not in lead
    assert lead.endswith("1 drill was never run here.")
    rows = [row.get_text(" ", strip=True) for row in page.select("#never-run ~ table tbody tr")]
    assert rows == ["The drill torn the log All is kept. gitguard chaos run torn"]
    assert "passed" not in rows[0]
    [asset] = [one for one in pages.assets() if one.path == "drill/drills.json"]
    assert json.loads(asset.data)["never_run"] == ["torn"]
    nothing = BeautifulSoup(html_of(pages_of(likely(), drill_set=never), "drill"), "html.parser")
    assert len(nothing.select("#never-run ~ table tbody tr")) == 2
    assert "✓" not in nothing.get_text()
    everything = BeautifulSoup(html_of(pages_of(likely(), drills=run, drill_set=never[1:]), "drill"), "html.parser")
    assert "✓ passed" in everything.select_one(".gg-lead").get_text(" ", strip=True)
    assert everything.select_one("#never-run") is None
