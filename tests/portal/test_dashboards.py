"""The dashboards' pages: the same panels as Grafana's, nothing that was not measured, nothing of the snapshot."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from make.drills import made_result
from make.portal import html_of, pages_of
from make.snapshot import NOW, likely

from mkdocs_gitguard.model import Flags, Measurement
from mkdocs_gitguard.model.dashboards import Dashboards, SlowRepository
from mkdocs_gitguard.model.rollout import RolloutStatus
from mkdocs_gitguard.slo.dashboards import BOARDS, dashboard
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.figures import dashboards_of
from mkdocs_gitguard.slo.metrics import METRICS
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.measurements import Measurements

SNAPSHOT = likely()
EVIL = "</script><b>x\u202e"


def dashboards(folder: Path, *measured: Measurement) -> Dashboards:
    kept = Measurements(folder / "state.db")
    kept.remember(*measured)
    return dashboards_of(levels_of(objectives_of(folder, "production"), kept, now=NOW), kept)


def everything(days: int = 40) -> list[Measurement]:
    return [
        Measurement(
            name=name, value=hour + 1, unit=metric.unit, at=NOW - timedelta(days=day, hours=hour), evidence=EVIL
        )
        for metric in METRICS
        for name in ([f"{metric.name}cause{place}" for place in range(20)] if metric.label else [metric.name])
        for day in range(days)
        for hour in range(2)
    ]


def page_of(shown: Dashboards, path: str) -> BeautifulSoup:
    return BeautifulSoup(html_of(pages_of(SNAPSHOT, dashboards=shown), path), "html.parser")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Dashboards:
    return dashboards(tmp_path_factory.mktemp("dashboards"), *everything())


def test_the_pages_have_the_panels_of_grafana(shown: Dashboards) -> None:
    for board in BOARDS:
        panels = json.loads(dashboard(board))["panels"]
        sections = page_of(shown, f"dashboards/{board.name}").select(".gg-board-panel")
        assert [section.h2.find(string=True) for section in sections] == [panel["title"] for panel in panels]
        for section, panel in zip(sections, panels, strict=True):
            metric = section.select(".gg-caption code")[-1].get_text()
            assert all(metric in target["expr"] for target in panel["targets"])


def test_every_chart_has_its_figures_and_leads_to_where_they_are_shown(shown: Dashboards) -> None:
    for board in BOARDS:
        page = page_of(shown, f"dashboards/{board.name}")
        for section in page.select(".gg-board-panel"):
            charts = section.select("figure svg")
            assert len(section.select("table tbody tr")) >= 30 * len(charts)
            assert section.select_one(f'a[href$="{board.name}.json"]')
    links = page_of(shown, "dashboards/errors").select(".gg-board-panel:last-child .gg-caption a")
    assert [link.get_text() for link in links] == ["Where it is shown", "data"]
    assert "finding" in links[0]["href"]


def test_a_panel_leads_to_a_page_that_is_there(shown: Dashboards, tmp_path: Path) -> None:
    judged = levels_of(objectives_of(tmp_path, "advanced"), Measurements(tmp_path / "state.db"), now=NOW)
    rollout = RolloutStatus(phase="advanced", phase_origin="a test")
    drills = (made_result("one", "passed"),)
    pages = pages_of(SNAPSHOT, dashboards=shown, levels=judged, rollout=rollout, drills=drills)
    leading = {panel.metric: panel.page for board in shown.boards for panel in board.panels}
    assert {metric for metric, page in leading.items() if not page or page not in pages.by_path} == {
        "gitguard_cpu_time_seconds",
        "gitguard_embeddings_requests_total",
        "gitguard_embeddings_tokens_total",
        "gitguard_events_refused_by_reason_total",
        "gitguard_memory_peak_bytes",
        "gitguard_pages_kept_total",
        "gitguard_pages_made_total",
        "gitguard_render_duration_seconds",
        "gitguard_storage_site_bytes",
        "gitguard_storage_state_bytes",
    }


def test_days_are_shown_as_they_were_measured(tmp_path: Path) -> None:
    at = NOW.replace(hour=9)
    shown = dashboards(
        tmp_path,
        *(
            Measurement(name="build.duration", value=value, unit="s", at=at - timedelta(days=back), evidence="")
            for value, back in [(4, 0.01), (2, 0.001), (3, 0), (9, 40), (5, 3)]
        ),
        *(
            Measurement(name="work.attempts", value=7, unit="", at=at - timedelta(days=back), evidence="")
            for back in (0, 0.1, 40)
        ),
        Measurement(
            name="build.duration", value=1e9, unit="s", at=NOW + timedelta(minutes=1), evidence="a wrong clock"
        ),
    )
    page = page_of(shown, "dashboards/performance")
    rows = [
        [cell.get_text() for cell in row.select("td")]
        for row in page.select("#gitguard_build_duration_seconds ~ details tr")
    ]
    day, before = at.date().isoformat(), (at - timedelta(days=3)).date().isoformat()
    assert [row for row in rows if row] == [[day, "3 s", "2 s", "4 s", "3"], [before, "5 s", "5 s", "5 s", "1"]]
    [_, attempts] = page_of(shown, "dashboards/errors").select(".gg-board-panel tr")[:2]
    assert [cell.get_text() for cell in attempts.select("td")] == [day, "14", "2"]
    assert "21 in all" in page_of(shown, "dashboards/errors").select_one("figure").get_text()


def test_what_was_not_measured_is_no_data(tmp_path: Path) -> None:
    for measured in ([], [Measurement(name="build.errors", value=0, unit="", at=NOW, evidence="")]):
        shown = dashboards(tmp_path / str(len(measured)), *measured)
        for board in BOARDS:
            for section in page_of(shown, f"dashboards/{board.name}").select(".gg-board-panel"):
                is_measured = bool(measured) and "build_errors" in section.h2["id"]
                assert ("no data" in section.get_text()) != is_measured
                assert bool(section.select("svg")) == is_measured


def test_they_hold_nothing_of_the_snapshot_and_no_markup_of_what_was_measured(shown: Dashboards) -> None:
    pages = pages_of(SNAPSHOT, dashboards=shown)
    texts = [html_of(pages, path) for path in pages.by_path if path.split("/")[0] == "dashboards"]
    texts += [asset.data.decode() for asset in pages.assets() if asset.path.startswith("dashboards/")]
    assert len(texts) == 23
    for text in texts:
        assert "<b>x" not in text
        assert not any(one.name in text for one in SNAPSHOT.repositories)


def test_no_page_is_too_large(shown: Dashboards) -> None:
    for board in BOARDS:
        page = page_of(shown, f"dashboards/{board.name}")
        assert len(str(page)) < 300_000
        assert len(page.find_all(True)) < 6_000
        assert len(page.select("a, summary")) < 300


def test_there_are_none_without_the_flag(shown: Dashboards) -> None:
    pages = pages_of(SNAPSHOT, dashboards=shown, flags=Flags())
    assert not [path for path in pages.by_path if path.startswith("dashboards")]


def test_the_repositories_that_took_longest_are_named_as_far_as_they_are_shown(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "state.db")
    slowest = tuple(
        SlowRepository(repository=f"repository:acme/{name}", seconds=seconds, on="2026-10-30")
        for name, seconds in (("secret-plans", 99.0), ("billing", 12.5))
    )
    judged = levels_of(objectives_of(tmp_path, "production"), kept, now=NOW)
    shown = dashboards_of(judged, kept, slowest)
    page = page_of(shown, "dashboards/performance")
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in page.select("#slowest ~ table tr")[1:2]]
    assert rows == [["acme/billing", "12.5 s", "2026-10-30"]]
    pages = pages_of(SNAPSHOT, dashboards=shown)
    everything = [pages.write(pages.by_path[path]).html.encode() for path in pages.by_path if "dashboards" in path]
    everything += [asset.data for asset in pages.assets() if "dashboards" in asset.path]
    assert not any(b"secret-plans" in text for text in everything)
    assert page_of(shown, "dashboards/repositories").select_one("#slowest") is None
