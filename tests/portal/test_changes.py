"""What changed: feeds that are Atom (RFC 4287), and a page a week."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.portal import html_of, pages_of
from make.snapshot import CHANGE, GUARD_POLICY, NOW, TEAM, guardrails, hostile, likely, owned
from msgspec.structs import replace

from mkdocs_gitguard.model import Snapshot
from mkdocs_gitguard.model.trend import RepositoryFigures, Trend, with_day
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.atom import Entry, feed
from mkdocs_gitguard.portal.feeds import ALL, path_of_feed

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://portal.example.org/acme/"


def feeds_of(pages: Pages) -> dict[str, bytes]:
    return {asset.path: asset.data for asset in pages.assets() if asset.path.startswith("feed/")}


def checked(data: bytes) -> ET.Element:
    """Return a feed after a look at what RFC 4287 asks of every feed and entry (sections 4.1.1, 4.1.2, 4.2.6)."""
    root = ET.fromstring(data)
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    for holder in (root, *entries):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{ATOM}{name}")) == 1, name
        identity = holder.findtext(f"{ATOM}id") or ""
        assert re.fullmatch(r"urn:mkdocs-gitguard:[\w/:@!$'()*+,;=.~%-]+", identity, re.ASCII)
        datetime.strptime(holder.findtext(f"{ATOM}updated") or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        for link in holder.findall(f"{ATOM}link"):
            assert urlsplit(link.get("href", "")).scheme in {"http", "https"}
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids) <= 50
    updated = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert root.findtext(f"{ATOM}updated") == (updated[0] if updated else "1970-01-01T00:00:00Z")
    return root


@pytest.mark.parametrize("site", [guardrails, hostile, owned, lambda: likely(pull_requests=120)])
def test_every_feed_is_atom_and_its_entries_are_of_gits_time(site) -> None:
    pages = pages_of(site(), site_url=SITE)
    feeds = feeds_of(pages)
    assert ALL in feeds
    for data in feeds.values():
        checked(data)
    later = pages_of(site(), site_url=SITE, now=NOW + timedelta(days=400))
    assert feeds_of(later) == feeds


@pytest.mark.parametrize("site", [guardrails, hostile, owned, lambda: likely(pull_requests=120)])
@pytest.mark.parametrize("policy_feeds", [0, 1, 100])
def test_which_nodes_have_a_feed_is_told_without_what_it_holds(site, policy_feeds) -> None:
    pages = pages_of(site(), policy_feeds=policy_feeds)
    assert {page.feed for page in pages.by_path.values() if page.feed}
    assert "happenings" not in vars(pages)
    assert [*pages.feeds.items()] == [(node, path_of_feed(pages.portal, node)) for node in pages.happenings]


def test_entries_lead_to_the_portal_or_to_the_forge() -> None:
    with_url, without = pages_of(guardrails(), site_url=SITE), pages_of(guardrails())
    [entry] = checked(feeds_of(with_url)[ALL]).findall(f"{ATOM}entry")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{SITE}pull-request/acme/guardrails/7/"
    assert entry.findtext(f"{ATOM}id") == f"urn:mkdocs-gitguard:{CHANGE}"
    assert "Policies changed: Guard." in (entry.findtext(f"{ATOM}content") or "")
    [entry] = checked(feeds_of(without)[ALL]).findall(f"{ATOM}entry")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href", "").endswith("/acme/guardrails/pull/7")
    assert b'rel="self"' not in feeds_of(without)[ALL]
    page = with_url.by_path["repository/acme/guardrails"]
    self_link = checked(feeds_of(with_url)[page.feed]).find(f"{ATOM}link[@rel='self']")
    assert self_link is not None
    assert unquote(self_link.get("href", "")) == f"{SITE}{page.feed}"


def test_repositories_teams_and_policies_have_feeds_which_their_pages_name() -> None:
    pages = pages_of(owned())
    assert pages.by_path[""].feed == ALL
    team = pages.by_path["owner/team/acme/platform" if TEAM == "owner:team/acme/platform" else TEAM.replace(":", "/")]
    assert team.feed in feeds_of(pages)
    assert checked(feeds_of(pages)[team.feed]).findall(f"{ATOM}entry")
    policy = pages_of(guardrails()).by_path["policy/acme/guardrails/rego/repo.guard"]
    assert policy.feed
    html = html_of(pages_of(guardrails()), policy.path)
    assert f'href="../../../../../{policy.feed}"'.replace("@", "%40") in html
    none = pages_of(guardrails(), policy_feeds=0)
    assert not none.by_path[policy.path].feed
    off = pages_of(guardrails(), feeds=False)
    assert not feeds_of(off)
    assert not off.by_path[""].feed


def test_no_path_of_a_feed_is_a_folder_of_another() -> None:
    pages = pages_of(guardrails())
    twins = [GUARD_POLICY, f"{GUARD_POLICY}.xml/x", f"{GUARD_POLICY}/@x"]
    snapshot = guardrails()
    policy = next(one for one in snapshot.policies if one.id == GUARD_POLICY)
    pages = pages_of(replace(snapshot, policies=tuple(replace(policy, id=twin) for twin in twins)))
    paths = [path for path in feeds_of(pages) if path.startswith("feed/policy/")]
    assert len(set(paths)) == 3
    assert not [path for path in paths for other in paths if other.startswith(f"{path}/")]


@given(st.text(min_size=1), st.text(), st.datetimes(min_value=datetime(1971, 1, 1)))  # noqa: DTZ001 - given a zone below
def test_any_text_makes_a_feed(key: str, text: str, at: datetime) -> None:
    moment = at.replace(tzinfo=UTC, microsecond=0)
    checked(feed(key, text, [Entry(key, text, moment, text, text)], author=text))


def in_weeks(*days: int) -> Snapshot:
    snapshot = guardrails()
    [change] = snapshot.pull_requests
    changes = tuple(
        replace(change, id=f"{change.id}{number}", number=number, merged_at=NOW - timedelta(days=ago))
        for number, ago in enumerate(days)
    )
    return replace(snapshot, pull_requests=changes)


def test_a_page_for_each_of_the_newest_weeks_in_which_something_happened() -> None:
    pages = pages_of(in_weeks(0, 0, 7, 8, 30, 3000))
    weeks = [path for path in pages.by_path if path.startswith("week/")]
    today = NOW.isocalendar()
    assert weeks[0] == f"week/{today.year}-w{today.week:02}"
    assert len(weeks) == len({(NOW - timedelta(days=ago)).isocalendar()[:2] for ago in (0, 7, 8, 30)})
    html = html_of(pages, weeks[0])
    assert "2 pull requests merged in 1 repository" in html
    index = html_of(pages, "week")
    assert [index.index(f'href="{path.removeprefix("week/")}/"') for path in weeks] == sorted(
        index.index(f'href="{path.removeprefix("week/")}/"') for path in weeks
    )
    assert [path for path in pages_of(in_weeks(0, 7), weeks=1).by_path if path.startswith("week/")] == weeks[:1]
    assert not [path for path in pages_of(in_weeks(0), weeks=0).by_path if path.startswith("week/")]


def test_a_week_tells_of_policies_and_code_owners_and_not_of_days_to_come() -> None:
    html = html_of(pages_of(guardrails()), f"week/{NOW.isocalendar().year}-w{NOW.isocalendar().week:02}")
    assert 'id="policies"' in html
    assert ">Guard<" in html
    future = [path for path in pages_of(in_weeks(-30, 0)).by_path if path.startswith("week/")]
    assert len(future) == 1


def test_a_week_tells_of_which_repositories_findings_came_and_went() -> None:
    snapshot = in_weeks(0, 7, 14)
    [repository] = snapshot.repositories
    monday = NOW.date() - timedelta(days=NOW.weekday())
    trend = Trend()
    for ago, errors, warnings in ((15, 1, 4), (8, 1, 4), (7, 3, 4), (1, 2, 2)):
        figures = {
            repository.id: RepositoryFigures(errors=errors, warnings=warnings),
            "repository:acme/left-out": RepositoryFigures(errors=9 * ago),
        }
        trend = with_day(trend, (monday - timedelta(days=ago)).isoformat(), figures)
    pages = pages_of(snapshot, trend=trend)
    weeks = [path for path in pages.by_path if path.startswith("week/")]
    listed = [re.findall(r"(\d+ \w+ (?:more|fewer)[^<]*)</span>", html_of(pages, path)) for path in weeks]
    # This week its build of today, which knows of no finding; then the week of 3 and 2 errors after that of 1.
    assert listed == [["2 errors fewer, 2 warnings fewer"], ["1 error more, 2 warnings fewer"], []]
    assert not [path for path in weeks if "left-out" in html_of(pages, path)]


def test_a_busy_week_stands_in_parts() -> None:
    pages = pages_of(in_weeks(*[0] * 150))
    weeks = [path for path in pages.by_path if path.startswith("week/")]
    assert len(weeks) == 3
    assert weeks[1].endswith("/page-2")
    for path in weeks:
        assert html_of(pages, path).count("<a ") < 300
    assert "<h3" not in html_of(pages, weeks[1])
