"""What events say, as pages, search and Graph API show it: with its moment, and never beside git."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from make.exported import read_node
from make.exported import tree as files_of
from make.portal import FORMATS
from make.snapshot import HOSTILE, NOW, TEAM, hostile, likely, owned
from msgspec.structs import replace

from mkdocs_gitguard.graph_api import export
from mkdocs_gitguard.graph_api.schemas import schema_files
from mkdocs_gitguard.model import (
    ALL_VIEWS,
    NO_EVENTS,
    Checks,
    EventFacts,
    Graph,
    PullRequestStatus,
    Review,
    Snapshot,
)
from mkdocs_gitguard.portal import Pages, Portal
from mkdocs_gitguard.portal.search.entries import groups_of
from mkdocs_gitguard.portal.traces import Values
from mkdocs_gitguard.portal.views import VIEWS

BILLING = "repository:acme/billing"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
STATUS = PullRequestStatus(
    id="pull-request:acme/billing/900",
    repository=BILLING,
    number=900,
    state="open",
    title="Round `half` to even",
    author="mira",
    is_draft=True,
    source_branch="rounding",
    labels=("bug",),
    reviewers=("jonas",),
    reviews=(Review(login="aiko", verdict="changes-requested", at=AT),),
    checks=Checks(passed=3, failed=1, at=AT),
    opened_at=NOW - timedelta(days=20),
    at=AT,
)


def pages_with(snapshot: Snapshot, *statuses: PullRequestStatus) -> Pages:
    events = EventFacts(pull_requests=statuses) if statuses else NO_EVENTS
    return Pages(Portal(snapshot, now=NOW, flags=ALL_VIEWS, formats=FORMATS, events=events), VIEWS)


def words(pages: Pages, path: str, section: str) -> str:
    html = pages.write(pages.by_path[path]).html
    match = re.search(rf'<section class="gg-panel" data-gg-panel="{section}">(.*?)</section>', html, re.DOTALL)
    return (
        re.sub(r"\s+", " ", re.sub(r"</?(?!time)[^>]+>", " ", re.sub(r"</?time[^>]*>", "", match[1]))).strip()
        if match
        else ""
    )


def test_a_repository_shows_what_is_open_and_from_when_that_is() -> None:
    pages = pages_with(likely(), STATUS)
    text = words(pages, "repository/acme/billing", "open-pull-requests")
    assert "From events of GitHub, the latest of 2026-11-20." in text
    assert "#900 Round half to even draft bug Mira Okafor changes requested checks: 1 failed, 3 passed" in text
    assert "opened 2 weeks ago" in text
    html = pages.write(pages.by_path["repository/acme/billing"]).html
    assert 'href="https://github.com/acme/billing/pull/900"' in html
    assert 'class="gg-chip gg-error">checks: 1 failed' in html


def test_what_git_knows_to_be_merged_is_not_open_and_shows_how_it_went() -> None:
    snapshot = likely()
    change = next(one for one in snapshot.pull_requests if one.repository == BILLING)
    known = replace(STATUS, id=change.id, number=change.number)
    pages = pages_with(snapshot, known)
    assert words(pages, "repository/acme/billing", "open-pull-requests") == ""
    text = words(pages, f"pull-request/acme/billing/{change.number}", "review-and-checks")
    assert text.startswith("Review and checks ¶ Labels bug Reviews Aiko Tanaka requested changes")
    assert text.endswith("Checks 1 failed, 3 passed From an event of 2026-11-20.")


def test_who_is_asked_for_a_review_sees_it_and_drafts_wait() -> None:
    asked = replace(STATUS, is_draft=False)
    assert "#900" in words(pages_with(likely(), asked), "owner/user/jonas", "waiting-for-review")
    assert words(pages_with(likely(), STATUS), "owner/user/jonas", "waiting-for-review") == ""
    of_team = replace(asked, reviewers=(), reviewing_teams=("Acme/Platform",))
    assert "#900" in words(pages_with(owned(), of_team), TEAM.replace("owner:", "owner/"), "waiting-for-review")


def test_a_login_that_two_people_have_is_nobodys() -> None:
    snapshot = likely()
    jonas = next(owner for owner in snapshot.owners if owner.id == "owner:user/jonas")
    owners = (*snapshot.owners, replace(jonas, id="owner:user/other", name="Other"))
    graph = Graph(replace(snapshot, owners=owners), EventFacts(pull_requests=(replace(STATUS, is_draft=False),)))
    assert graph.waiting_by_owner == {}


def rows_of(pages: Pages, path: str) -> list[dict[str, str]]:
    """Return what each row shows, and what it is filtered by, by the heading of the column."""
    table = BeautifulSoup(pages.write(pages.by_path[path]).html, "html.parser").select_one("table")
    titles = [cell.get_text() for cell in table.select("thead th")]
    rows = []
    for row in table.select("tbody tr"):
        cells = dict(zip(titles, row.select("td"), strict=True))
        shown = {title: cell.get_text(" ", strip=True) for title, cell in cells.items()}
        facets = {f"{title} facet": cell["data-facet"] for title, cell in cells.items() if cell.has_attr("data-facet")}
        rows.append(shown | facets)
    return rows


def test_what_is_open_everywhere_is_one_table_newest_first() -> None:
    other = replace(
        STATUS,
        id="pull-request:acme/guardrails/7",
        repository="repository:acme/guardrails",
        number=7,
        title=HOSTILE[0],
        author="",
        is_draft=False,
        labels=(),
        reviewers=("stranger",),
        reviewing_teams=("acme/platform", "acme/security"),
        reviews=(),
        checks=None,
        opened_at=NOW - timedelta(days=1),
    )
    old = replace(STATUS, id="pull-request:acme/billing/902", number=902, opened_at=NOW - timedelta(days=200))
    unknown = replace(STATUS, id="pull-request:acme/billing/901", number=901, opened_at=None)
    pages = pages_with(owned(), old, STATUS, unknown, other)
    rows = rows_of(pages, "open-pull-request")
    assert [row["Pull request"].split()[0] for row in rows] == ["#7", "#901", "#900", "#902"]
    assert rows[0]["Asked facet"] == "acme/platform\nacme/security"
    assert rows[0]["Asked"].endswith("and 1 more")
    assert (rows[0]["Author"], rows[0]["Checks facet"], rows[0]["State"]) == ("–", "none", "ready")
    assert (rows[2]["Review"], rows[2]["Checks facet"], rows[2]["State"]) == ("changes requested", "failed", "draft")
    assert [row["Opened facet"] for row in rows] == [
        *("a week at most", "a week at most", "over a week, a month at most", "over three months")
    ]
    assert "or before" in rows[1]["Opened"]
    html = pages.write(pages.by_path["open-pull-request"]).html
    assert "4 open pull requests in 2 repositories, newest first." in html
    assert '<a href="../open-pull-request/">open</a>' in pages.write(pages.by_path["pull-request"]).html


def test_without_events_there_is_no_such_page_and_many_are_in_parts() -> None:
    snapshot = likely()
    assert "open-pull-request" not in pages_with(snapshot).by_path
    merged = snapshot.pull_requests[0]
    none_open = pages_with(snapshot, replace(STATUS, id=merged.id))
    assert "No pull request is open" in none_open.write(none_open.by_path["open-pull-request"]).html
    many = [replace(STATUS, id=f"pull-request:acme/billing/{number}", number=number) for number in range(960, 860, -1)]
    pages = pages_with(snapshot, *many)
    parts = [path for path in pages.by_path if path.startswith("open-pull-request")]
    assert parts == ["open-pull-request", "open-pull-request/page-2", "open-pull-request/page-3"]
    numbers = [row["Pull request"].split()[0] for path in parts for row in rows_of(pages, path)]
    assert len(numbers) == len(set(numbers)) == 100
    # An event about one of the first part makes no other part again.
    changed = pages_with(snapshot, replace(many[0], title="Another", at=NOW), *many[1:])
    for path, is_equal in zip(parts, (False, True, True), strict=True):
        assert (Values(pages).fields(pages.by_path[path]) == Values(changed).fields(changed.by_path[path])) is is_equal


def test_many_are_folded_and_then_counted() -> None:
    many = [replace(STATUS, id=f"pull-request:acme/billing/{number}", number=number) for number in range(960, 900, -1)]
    text = words(pages_with(likely(), *many), "repository/acme/billing", "open-pull-requests")
    assert "20 further open pull requests" in text
    assert "and 30 more open pull requests." in text


def test_without_events_all_is_as_it_would_be(tmp_path: Path) -> None:
    snapshot = likely()
    plain, none = pages_with(snapshot), Pages(Portal(snapshot, now=NOW, flags=ALL_VIEWS, formats=FORMATS), VIEWS)
    assert [plain.write(page).html for page in plain.by_path.values()] == [
        none.write(page).html for page in none.by_path.values()
    ]
    for name, graph in (("a", Graph(snapshot)), ("b", Graph(snapshot, NO_EVENTS))):
        export(graph, tmp_path / name, generated_at=NOW)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert Graph(snapshot).digest == snapshot.digest()
    assert Graph(snapshot, EventFacts(pull_requests=(STATUS,))).digest != snapshot.digest()


def test_the_search_knows_what_is_open() -> None:
    groups = {group.id: group for group in groups_of(pages_with(likely(), STATUS))}
    segment = groups[BILLING].make()
    (local,) = segment["names"]["#900"].split(",")
    assert segment["records"][local].split("\t")[:3] == ["Round `half` to even (open)", "Mira Okafor", "!"]
    assert local in segment["words"]["even"].split(",")


def test_the_graph_api_tells_both_and_its_schema_holds(tmp_path: Path) -> None:
    snapshot = likely()
    change = next(one for one in snapshot.pull_requests if one.repository == BILLING)
    known = replace(STATUS, id=change.id, number=change.number)
    graph = Graph(snapshot, EventFacts(pull_requests=(STATUS, known)))
    export(graph, tmp_path / "api", generated_at=NOW)
    repository = read_node(tmp_path / "api", BILLING)
    (open_one,) = repository["from_events"]["open_pull_requests"]
    assert (open_one["number"], open_one["at"]) == (900, "2026-11-20T09:00:00Z")
    document = read_node(tmp_path / "api", change.id)
    assert document["from_events"]["pull_request"]["checks"]["failed"] == 1
    schema = schema_files()["node.json"]
    for shown in (repository, document):
        jsonschema.validate(shown, schema)
    before = files_of(tmp_path / "api")
    export(Graph(snapshot, EventFacts(pull_requests=(known,))), tmp_path / "api", generated_at=NOW)
    assert "from_events" not in read_node(tmp_path / "api", BILLING)
    after = files_of(tmp_path / "api")
    changed = {path for path in before if before[path] != after[path] and path.startswith(("nodes/", "shards/"))}
    changed = {path.removesuffix(".gz") for path in changed}
    assert changed == {"shards/repository/1.json"}
    assert json.loads(after["index.json"])["release"] == Graph(snapshot, EventFacts(pull_requests=(known,))).digest


@pytest.mark.parametrize("text", [*HOSTILE, "<script>alert(1)</script>", "\u202e{{ 7*7 }}"])
def test_whatever_a_forge_sends_is_text(text: str) -> None:
    evil = replace(
        STATUS,
        title=text,
        author=text,
        labels=(text,),
        reviewers=(text,),
        reviews=(Review(login=text, verdict="commented", at=AT),),
    )
    snapshot = hostile()
    repository, change = snapshot.repositories[0].id, snapshot.pull_requests[0]
    pages = pages_with(
        snapshot,
        replace(evil, repository=repository, id="pull-request:x/900"),
        replace(evil, repository=change.repository, id=change.id, number=change.number),
    )
    plain = pages_with(snapshot)
    for node in (repository, change.id):
        (path,) = [page.path for page in pages.by_path.values() if page.node == node]
        html, before = pages.write(pages.by_path[path]).html, plain.write(plain.by_path[path]).html
        assert html.count("<script") == before.count("<script")
        assert "<img" not in html
        assert "49" not in re.sub(r"<[^>]+>", "", html) or "49" in before
