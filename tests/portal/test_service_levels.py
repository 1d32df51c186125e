"""The status pages: the state in words, nothing of the snapshot, the same measurements the same bytes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from make.drills import made_result
from make.portal import html_of, pages_of
from make.snapshot import NOW, likely
from msgspec.structs import replace

from mkdocs_gitguard.git.forges import forge_of_page
from mkdocs_gitguard.model import ALL_VIEWS, Flags, Measurement
from mkdocs_gitguard.model.log_state import DeadEvent, LogState
from mkdocs_gitguard.model.rollout import FeatureState, PhaseChange, Release, ReleaseEvent, RolloutStatus
from mkdocs_gitguard.model.service_levels import ServiceLevels
from mkdocs_gitguard.portal.traces import Values
from mkdocs_gitguard.site_build.build_measures import run_url, with_run
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.measurements import Measurements

SNAPSHOT = likely()
EVIL = "</script><b>x\u202e"


def levels(folder: Path, *, slow: int = 0, evidence: str = EVIL) -> ServiceLevels:
    kept = Measurements(folder / "state.db")
    kept.remember(
        *(
            Measurement(
                name="freshness",
                value=60 if 100 <= place < 100 + slow else 1,
                unit="s",
                at=NOW - timedelta(minutes=10 * (300 - place)),
                evidence=evidence,
            )
            for place in range(300)
        )
    )
    return levels_of(objectives_of(folder, "production"), kept, now=NOW)


def files_of(judged: ServiceLevels | None) -> dict[str, bytes]:
    pages = pages_of(SNAPSHOT, levels=judged)
    return {asset.path: asset.data for asset in pages.assets() if asset.path.startswith("status/")}


def test_the_state_is_one_sentence_and_objectives_are_rows(tmp_path: Path) -> None:
    judged = levels(tmp_path, slow=8)
    page = BeautifulSoup(html_of(pages_of(SNAPSHOT, levels=judged), "status"), "html.parser")
    assert page.select_one("[data-gg-state]").get_text(" ", strip=True).startswith("✗ missed Nothing burns now")
    assert page.select_one("[data-gg-age]")["data-gg-age"] == judged.at.isoformat().replace("+00:00", "Z")
    rows = page.select("table.gg-levels tbody tr")
    assert rows[0].a.get_text() == "Freshness"
    cells = [cell.get_text(" ", strip=True) for cell in rows[0].select("td")]
    assert cells[1:6] == ["✗ missed", "< 10 s for 99 % of 28d", "97.33 %", "300", "none, used 2.7 times"]
    assert len(rows[0].select("svg rect")) == 90
    assert "Measured on 3 of the last 90 days; the target was met on 2." in rows[0].select_one("svg")["aria-label"]
    [breach] = page.select("#breaches ~ table tbody tr")
    assert "over" in breach.get_text()


@pytest.mark.parametrize(("directories", "end"), [(True, "/"), (False, ".html")])
def test_the_feeds_say_where_they_stand_where_the_site_does(tmp_path: Path, *, directories: bool, end: str) -> None:
    site = "https://portal.example.org/acme/"
    pages = pages_of(
        SNAPSHOT,
        levels=levels(tmp_path, slow=8),
        rollout=RolloutStatus(phase="canary", phase_origin="a test"),
        site_url=site,
        use_directory_urls=directories,
    )
    feeds = {
        asset.path: ET.fromstring(asset.data)
        for asset in pages.assets()
        if asset.path in ("status/feed.xml", "rollout/notes.xml")
    }
    links = {
        path: [link.get("href") for link in root.iter("{http://www.w3.org/2005/Atom}link")]
        for path, root in feeds.items()
    }
    index = "status/" if directories else "status/index.html"
    assert links == {
        "status/feed.xml": [f"{site}status/feed.xml", f"{site}{index}", f"{site}status/freshness{end}"],
        "rollout/notes.xml": [f"{site}rollout/notes.xml", f"{site}rollout/notes{end}"],
    }


def test_what_somebody_wrote_is_only_text(tmp_path: Path) -> None:
    judged = levels(tmp_path, slow=8)
    pages = pages_of(SNAPSHOT, levels=judged)
    for path in ("status", "status/freshness"):
        html = html_of(pages, path)
        assert "<b>x" not in html
        assert "\u202e" not in html
    feed = files_of(judged)["status/feed.xml"].decode()
    entries = ET.fromstring(feed).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 1
    assert "</script><b>x" in "".join(entries[0].itertext())


def test_an_objective_has_a_page_with_chart_and_table(tmp_path: Path) -> None:
    judged = levels(tmp_path, slow=8)
    page = BeautifulSoup(html_of(pages_of(SNAPSHOT, levels=judged), "status/freshness"), "html.parser")
    assert [item.get_text() for item in page.select(".gg-figures dt")] == [
        *("Target", "Measured", "Budget left", "99 % are within")
    ]
    assert len(page.select("figure.gg-level-chart rect")) == 3
    assert len(page.select("details table tbody tr")) == 3
    assert [row.td.get_text(" ", strip=True) for row in page.select("#burn ~ table tbody tr")][:4] == [
        *("1h and 5m page", "6h and 30m page", "1d and 2h ticket", "3d and 6h ticket")
    ]


def test_nothing_measured_is_told_and_not_shown_as_well(tmp_path: Path) -> None:
    judged = levels_of(objectives_of(tmp_path, "production"), Measurements(tmp_path / "state.db"), now=NOW)
    pages = pages_of(SNAPSHOT, levels=judged)
    text = BeautifulSoup(html_of(pages, "status"), "html.parser").get_text(" ", strip=True)
    assert "Nothing that an objective asks for has been measured yet." in text
    assert "✓ met" not in text
    assert "Nothing has been measured yet." in html_of(pages, "status/freshness")
    assert json.loads(files_of(judged)["status/badge.json"])["message"] == "no data"
    ET.fromstring(files_of(judged)["status/feed.xml"])


def test_nothing_of_the_snapshot_stands_on_them(tmp_path: Path) -> None:
    judged = levels(tmp_path, slow=8, evidence="an event")
    pages = pages_of(SNAPSHOT, levels=judged)
    written = [pages.write(page) for path, page in pages.by_path.items() if path.split("/")[0] == "status"]
    assert len(written) > 3
    for page in written:
        assert {read.root for read in page.reads} <= {"link", "section"}
        assert {read.key.split("/")[0] for read in page.reads} <= {"status", "rollout", "drill", "dashboards"}
    names = [repository.id.partition(":")[2] for repository in SNAPSHOT.repositories]
    for data in files_of(judged).values():
        assert not any(name.encode() in data for name in names)


def test_equal_measurements_give_equal_pages_and_others_are_noticed(tmp_path: Path) -> None:
    one, same = levels(tmp_path / "one", slow=8), levels(tmp_path / "two", slow=8)
    other = levels(tmp_path / "three", slow=9)
    later = NOW + timedelta(hours=3)
    first, again = pages_of(SNAPSHOT, levels=one), pages_of(SNAPSHOT, levels=same, now=later)
    changed = pages_of(SNAPSHOT, levels=other)
    for path in ("status", "status/freshness"):
        assert html_of(first, path) == html_of(again, path)
        assert Values(first).fields(first.by_path[path]) == Values(again).fields(again.by_path[path])
        assert Values(first).fields(first.by_path[path]) != Values(changed).fields(changed.by_path[path])
    assert files_of(one) == files_of(same)
    assert files_of(one) != files_of(other)


@pytest.mark.parametrize("flags", [ALL_VIEWS, Flags()])
def test_without_levels_or_flag_there_is_no_page(flags: Flags, tmp_path: Path) -> None:
    judged = levels(tmp_path) if flags == Flags() else None
    assert not [path for path in pages_of(SNAPSHOT, flags=flags, levels=judged).by_path if path.startswith("status")]


def test_a_badge_is_svg() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    judged = ServiceLevels(at=moment, state="met", sentence="", objectives=(), breaches=(), stale_after=60)
    badge = ET.fromstring(files_of(judged)["status/badge.svg"])
    assert badge.attrib["aria-label"] == "service levels: met"


def test_a_breach_leads_to_the_run_that_it_was_measured_in(tmp_path: Path) -> None:
    run = run_url({"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/portal", "GITHUB_RUN_ID": "7"})
    assert run == "https://github.com/acme/portal/actions/runs/7"
    assert run_url({"GITHUB_RUN_ID": "7"}) == ""
    judged = levels(tmp_path, slow=8, evidence=with_run("60 s for 3 repositories", run, "build.latency"))
    assert [(breach.cause, breach.run) for breach in judged.breaches] == [("60 s for 3 repositories", run)]
    page = BeautifulSoup(html_of(pages_of(SNAPSHOT, levels=judged), "status"), "html.parser")
    assert page.select_one("#breaches ~ table .gg-why a")["href"] == run
    assert levels(tmp_path / "other", slow=8, evidence="(javascript:x)").breaches[0].run == ""


def _table(page: BeautifulSoup, heading: str) -> list[list[str]]:
    """Return the cells of the first table after a heading."""
    table = page.select_one(f"#{heading}").find_next("table")
    return [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in table.select("tbody tr")]


def test_releases_drills_and_what_is_planned_stand_beside_breaches(tmp_path: Path) -> None:
    judged = levels(tmp_path, slow=8, evidence="an event")
    [breach] = judged.breaches
    release = Release(
        id="20260301T100000Z-0123456789ab",
        created_at=breach.began,
        digest="0" * 64,
        files=1,
        bytes=1,
        phase="canary",
        flags=ALL_VIEWS,
        commit="c0ffee" * 6 + "c0ff",
    )
    events = [
        ReleaseEvent(at=breach.began + timedelta(minutes=shift), action=action, target="site", release=one, who="mira")
        for shift, action, one in (
            (-60, "publish", replace(release, id="older")),
            (-5, "publish", release),
            (5, "publish", replace(release, id="newer")),
        )
    ]
    step = PhaseChange(
        at=breach.began, action="promote", before="staging", after="canary", who="mira", why="all checks pass"
    )
    features = [
        FeatureState(name="drills", about="", variable="X", is_shown=False, arrives="advanced"),
        FeatureState(name="owners", about="", variable="Y", is_shown=True),
    ]
    rollout = RolloutStatus(
        phase="canary",
        phase_origin="a test",
        features=tuple(features),
        changes=(step,),
        releases=tuple(events),
        forge=forge_of_page("https://github.com/acme/portal/", {}),
    )
    drills = tuple(
        replace(made_result(name, outcome), began=breach.began + timedelta(hours=1))
        for name, outcome in (("one", "passed"), ("two", "failed"), ("three", "not run"))
    )
    pages = pages_of(SNAPSHOT, levels=judged, rollout=rollout, drills=drills)
    page = BeautifulSoup(html_of(pages, "status"), "html.parser")
    assert [row[1:] for row in _table(page, "beside")] == [
        ["2 drills", "✗ failed The drill two"],
        ["Release newer", "–"],
        ["Step to phase canary", "all checks pass"],
        [f"Release {release.id}", "–"],
        ["Release older", "–"],
    ]
    assert "Planned: the phase advanced turns on drills." in page.get_text(" ", strip=True).replace(" .", ".")
    shown = f"Published then: {release.id} , commit c0ffeec0ff"
    for path in ("status", "status/freshness"):
        page = BeautifulSoup(html_of(pages, path), "html.parser")
        assert shown in page.get_text(" ", strip=True)
        assert page.select_one(f'a[href="https://github.com/acme/portal/commit/{release.commit}"]')


@pytest.mark.parametrize("repo_url", [None, "", "the wiki", "javascript:alert(1)//x", "ftp://acme.example/portal"])
def test_a_site_that_names_no_page_of_its_repository_has_commits_as_text(repo_url: str | None) -> None:
    assert forge_of_page(repo_url, {}) is None


def test_the_event_log_says_since_when_it_takes_nothing_and_what_was_put_aside(tmp_path: Path) -> None:
    judged = levels(tmp_path)

    def shown(state: LogState | None) -> BeautifulSoup:
        return BeautifulSoup(html_of(pages_of(SNAPSHOT, levels=judged, log_state=state), "status"), "html.parser")

    assert shown(None).select_one("#event-log") is None
    assert "✓ takes events" in shown(LogState()).get_text(" ", strip=True)
    letter = DeadEvent(sequence=7, event=f"github {EVIL}", tries=5, reason=EVIL, at=NOW)
    frozen = LogState(
        trouble="The stream keeps no event.", hint="Restart the server.", since=NOW, dead=30, dead_letters=(letter,)
    )
    page = shown(frozen)
    text = page.get_text(" ", strip=True)
    assert f"! takes no events since {NOW:%Y-%m-%d %H:%M} UTC. The stream keeps no event. Restart the server." in text
    assert "Dead letters, 30 in all" in text
    assert [row[2] for row in _table(page, "event-log")] == ["5"]
    assert "<b>x" not in str(page)
    assert "\u202e" not in str(page)
    unread = LogState(is_read=False, trouble="The file is damaged.", since=NOW)
    assert "! cannot be read since" in shown(unread).get_text(" ", strip=True)
