"""What needs somebody, on the home page: counted, linked, in a sentence; and nothing of what a phase hides."""

from datetime import timedelta
from pathlib import Path

from bs4 import BeautifulSoup
from make.portal import html_of, pages_of
from make.snapshot import NOW, TEAM, exception, guardrails, owned, with_exceptions
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    ALL_VIEWS,
    Change,
    EventFacts,
    Finding,
    Flags,
    Measurement,
    Organization,
    PullRequestStatus,
    Snapshot,
)
from mkdocs_gitguard.model.drill import DrillAbout, DrillResult
from mkdocs_gitguard.model.service_levels import ServiceLevels
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.traces import Values
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.measurements import Measurements


def rows_of(snapshot: Snapshot, flags: Flags = ALL_VIEWS, **options) -> dict[str, tuple[str, str]]:
    """By what it says, each row's target and sentence, in their order."""
    home = BeautifulSoup(html_of(pages_of(snapshot, flags=flags, **options), ""), "html.parser")
    return {
        " ".join(f"{row.strong.text} {row.a.text}".split()): (row.a["href"], row.p.get_text() if row.p else "")
        for row in home.select(".gg-needs > li")
    }


def drill(outcome: str, days: int) -> DrillResult:
    about = DrillAbout(
        name="kill", title="The kill", component="log", hypothesis="Kept.", fault="Killed.", blast_radius="None.",
        time_limit=9,
    )  # fmt: skip
    return DrillResult(about=about, outcome=outcome, why="So.", began=NOW - timedelta(days=days), seconds=1, seed=1)


def burning(folder: Path) -> ServiceLevels:
    kept = Measurements(folder / "state.db")
    moments = [NOW - timedelta(minutes=place) for place in range(120)]
    kept.remember(*(Measurement(name="freshness", value=90, unit="s", at=at, evidence="slow") for at in moments))
    return levels_of(objectives_of(folder, "production"), kept, now=NOW)


def test_what_burns_and_what_failed_comes_first_and_only_the_last_run_counts(tmp_path: Path) -> None:
    levels = burning(tmp_path)
    warning = Finding(code="broken-link", severity="warning", message="It leads nowhere.", hint="Mend it.")
    snapshot = replace(owned(), findings=(warning,))
    rows = rows_of(snapshot, levels=levels, drills=(drill("failed", 1), drill("passed", 2)))
    assert [*rows][:3] == ["1 objective burns its budget", "1 drill failed", "1 Links that lead nowhere"]
    assert rows["1 objective burns its budget"] == ("status/", "Somebody must act: Freshness.")
    assert rows["1 Links that lead nowhere"] == ("finding/#broken-link", "Mend it.")
    assert "1 drill failed" not in rows_of(snapshot, drills=(drill("passed", 1), drill("failed", 2)))


def test_owners_exceptions_and_policies_are_counted() -> None:
    rows = rows_of(owned())
    assert rows["1 owner not seen for over a year"] == ("ownership/", "It owns 2 files.")
    assert rows["1 file without an owner"][1] == "Of 5 files, in 1 of 1 repository with CODEOWNERS."
    held = with_exceptions(
        exception("old", ends_at=NOW - timedelta(days=3)), exception("near", ends_at=NOW + timedelta(days=3))
    )
    *rest, last = held.policies
    change = Change(commit="1" * 40, at=NOW - timedelta(days=6), author="")
    rows = rows_of(replace(held, policies=(*rest, replace(last, changes=(change,)))))
    assert rows["1 exception has ended"] == ("exception/", "Still written down: old.")
    assert rows["1 change comes within 90 days"][1].endswith("rules that come into force: near.")
    assert rows["1 policy changed"][0] == "policy/"
    eighth = replace(change, at=NOW - timedelta(days=8))
    assert "1 policy changed" not in rows_of(replace(held, policies=(*rest, replace(last, changes=(eighth,)))))


def test_what_a_phase_hides_is_neither_counted_nor_looked_at(tmp_path: Path) -> None:
    held = with_exceptions(exception("old", ends_at=NOW - timedelta(days=3)))
    options = {"levels": burning(tmp_path), "drills": (drill("failed", 1),)}
    assert rows_of(replace(held, ownership=owned().ownership), flags=Flags(), **options) == {}
    empty = Snapshot(organization=Organization(id="organization:acme", name="Acme"))
    assert "Looked at: findings." in html_of(pages_of(empty, flags=Flags()), "")
    all_of_them = "Looked at: findings, code owners, exceptions from policies, changes of policies."
    assert f"Nothing needs you. Every repository was read in full. {all_of_them}" in html_of(pages_of(empty), "")


def test_home_is_made_again_when_an_objective_begins_to_burn(tmp_path: Path) -> None:
    calm, alarmed = pages_of(owned()), pages_of(owned(), levels=burning(tmp_path))
    assert Values(calm).fields(calm.by_path[""]) != Values(alarmed).fields(alarmed.by_path[""])


def test_an_owners_page_has_what_a_readers_home_takes_from_it() -> None:
    snapshot = owned()
    status = PullRequestStatus(
        id="pull-request:acme/billing/90", repository="repository:acme/billing", number=90, state="open",
        title="Round", author="Bob", reviewing_teams=("acme/platform",), opened_at=NOW, at=NOW,
    )  # fmt: skip
    pages = with_events(snapshot, status)
    assert panels(pages, "owner/user/bob")["open-pull-requests"].startswith("Open pull requests")
    assert "#90 Round" in panels(pages, f"owner/{TEAM.removeprefix('owner:')}")["waiting-for-review"]
    assert "open-pull-requests" not in panels(pages, f"owner/{TEAM.removeprefix('owner:')}")


def test_a_persons_page_tells_of_policies_of_their_team_that_changed() -> None:
    snapshot = guardrails()
    team = next(owner for owner in snapshot.owners if owner.type == "team")
    person = next(owner for owner in snapshot.owners if owner.type == "user")
    held = replace(
        snapshot,
        owners=tuple(replace(one, teams=(team.id,)) if one is person else one for one in snapshot.owners),
        policies=tuple(
            replace(one, owners=(team.id,), changes=(Change(commit="1" * 40, at=NOW - timedelta(days=9), author=""),))
            for one in snapshot.policies
        ),
    )
    for owner, words in ((person, "they or their teams own"), (team, "they own")):
        assert words in panels(pages_of(held), owner.id.replace(":", "/"))["policies-changed"]


def panels(pages: Pages, path: str) -> dict[str, str]:
    page = BeautifulSoup(html_of(pages, path), "html.parser")
    return {panel["data-gg-panel"]: " ".join(panel.text.split()) for panel in page.select("[data-gg-panel]")}


def with_events(snapshot: Snapshot, *open_ones: PullRequestStatus) -> Pages:
    pages = pages_of(snapshot)
    portal = type(pages.portal)(
        snapshot, now=NOW, flags=ALL_VIEWS, formats={}, events=EventFacts(pull_requests=open_ones)
    )
    return Pages(portal, pages.views)
