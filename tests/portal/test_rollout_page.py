"""The rollout page shows the status that it is given, and nothing in it is trusted."""

from datetime import UTC, datetime
from pathlib import Path

from bs4 import BeautifulSoup
from make.portal import html_of, pages_of

from mkdocs_gitguard.model import (
    Flags,
    Measurement,
    Organization,
    PhaseChange,
    Release,
    ReleaseEvent,
    RolloutStatus,
    Snapshot,
)
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.rollout.status import rollout_status

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202e`x`"


def page(status: RolloutStatus | None) -> BeautifulSoup | None:
    snapshot = Snapshot(organization=Organization(id="organization:acme", name="Acme"))
    pages = pages_of(snapshot, now=NOW, rollout=status)
    return BeautifulSoup(html_of(pages, "rollout"), "html.parser") if "rollout" in pages.by_path else None


def status(tmp_path: Path) -> RolloutStatus:
    state = RolloutState(tmp_path / "state.db")
    state.add_change(
        PhaseChange(
            at=NOW,
            action="promote",
            before="staging",
            after="canary",
            who=HOSTILE,
            why=HOSTILE,
            overridden=("staging.chaos",),
        )
    )
    state.remember(Measurement(name="rollback.rehearsed", value=1, at=NOW, evidence=HOSTILE))
    state.remember(Measurement(name="publish.damaged", value=2, at=NOW, evidence="two files"))
    release = Release(
        id="20260210T120000Z-0123456789ab",
        created_at=NOW,
        digest="0" * 64,
        files=1234,
        bytes=1,
        phase="canary",
        flags=Flags(),
    )
    state.add_release(ReleaseEvent(at=NOW, action="publish", target="directory out", release=release, who="mira"))
    return rollout_status(
        resolve_settings("canary", environ={}, root=tmp_path), state, environ={}, root=tmp_path, now=NOW
    )


def test_without_a_rollout_there_is_no_page() -> None:
    assert page(None) is None


def test_the_page_shows_phase_flags_checks_history_and_releases(tmp_path: Path) -> None:
    html = page(status(tmp_path))
    assert html is not None
    rows = {
        cells[0].find(string=True): [cell.get_text(" ", strip=True) for cell in cells]
        for row in html.select("tbody tr")
        if (cells := row.find_all("td"))
    }
    assert "Phase canary , set by mkdocs.yml (plugin option phase)" in html.get_text(" ", strip=True)
    assert "may be published" in html.get_text()
    assert rows["Rollback capability verified"][1] == "✓ pass"
    assert rows["No data corruption or loss"][1] == "✗ fail"
    assert rows["JetStream replay functionality works"][1] == "- not applicable"
    assert rows["Canary repositories publish successfully"][1] == "? no data"
    assert rows["Code owners"][1] == "hidden comes with the phase owners"
    assert rows["Policies"][1] == "✓ shown"
    assert rows["Chaos drills"][1] == "hidden comes with the phase advanced"
    assert "It hides: code owners, explorer, chaos drills." in html.get_text(" ", strip=True)
    assert html.select_one("a[href$='docs/rolling-out.md']") is not None
    assert rows["Graph API responds on port 8002"][2] == "The phase has not been entered."
    assert rows["GRAPH_API_ENABLED"][1:] == ["false", "packaged canary.env:14"]
    assert "1,234" in html.get_text()
    assert "did not pass: staging.chaos" in html.get_text()
    assert len(html.select("h3")) == 6
    (settings,) = [fold for fold in html.select("details.gg-fold") if "environment variables" in fold.summary.text]
    assert not settings.has_attr("open")
    assert [settings.find("code", string="GRAPH_API_ENABLED")] == html.find_all("code", string="GRAPH_API_ENABLED")


def test_only_the_phase_in_force_and_what_was_measured_stand_open(tmp_path: Path) -> None:
    html = page(status(tmp_path))
    assert html is not None
    folds = [(fold.summary.get_text(), fold.has_attr("open")) for fold in html.select("details.gg-fold")[1:-1]]
    others = [checklist for checklist in status(tmp_path).checklists if checklist.phase != "canary"]
    assert folds == [(f"{len(checklist.checks)} checks, none measured", False) for checklist in others]
    assert "Phase 2: Canary Deployment" in html.select("h3")[1].get_text()
    assert html.select("h3")[1].find_next_sibling("table") is not None


def test_what_people_wrote_is_escaped(tmp_path: Path) -> None:
    html = page(status(tmp_path))
    assert html is not None
    assert not html.find_all("script")
    assert "<script>alert(1)</script>" in html.get_text()
    assert "\u202e" not in html.get_text()
