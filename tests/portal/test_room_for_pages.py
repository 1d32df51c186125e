"""Which pull requests get a page where not all have room."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from make.snapshot import NOW, likely
from msgspec.structs import replace

from mkdocs_gitguard.model import ALL_VIEWS, HOSTS, HostLimits, PullRequest, Rule, SourceSpan
from mkdocs_gitguard.portal import Options, Pages, Portal
from mkdocs_gitguard.portal.lists.pull_requests import numbers_of_pages, room_for_pages
from mkdocs_gitguard.portal.views import VIEWS

START = datetime(2026, 1, 1, tzinfo=UTC)


def change(days: int) -> PullRequest:
    return PullRequest(
        id=f"pull-request:a/b/{days}",
        repository="repository:a/b",
        number=days,
        title="x",
        merged_at=START - timedelta(days=days),
        commit="0" * 40,
        evidence="github-merge-commit",
        confidence="high",
    )


GROUPS = st.dictionaries(
    st.sampled_from([f"repository:acme/{name}" for name in "abcdefgh"]),
    st.lists(st.integers(0, 900), max_size=12, unique=True).map(lambda days: [change(day) for day in sorted(days)]),
)


@given(GROUPS, st.integers(0, 15), st.none() | st.integers(0, 60))
def test_all_the_room_is_used_and_nobody_gets_more_at_anothers_cost(groups, most, room) -> None:
    numbers = numbers_of_pages(groups, most=most, room=room)
    wanted = {name: min(most, len(changes)) for name, changes in groups.items()}
    assert numbers.keys() == groups.keys()
    assert all(0 <= numbers[name] <= wanted[name] for name in groups)
    assert sum(numbers.values()) == (sum(wanted.values()) if room is None else min(room, sum(wanted.values())))
    short = [name for name in groups if numbers[name] < wanted[name]]
    # Whoever gets fewer than they want has, but for one, as many as anybody.
    assert all(numbers[name] >= max(numbers.values()) - 1 for name in short)


def test_what_is_left_over_goes_to_the_newest() -> None:
    groups = {"old": [change(50), change(60)], "new": [change(1), change(2)], "one": [change(9)]}
    assert numbers_of_pages(groups, most=200, room=4) == {"old": 1, "new": 2, "one": 1}


def test_a_host_without_limits_has_room_for_all() -> None:
    assert room_for_pages(likely(), HOSTS["none"], flags=ALL_VIEWS, decision_pages=500) is None
    assert room_for_pages(likely(), HOSTS["netlify"], flags=ALL_VIEWS, decision_pages=500) is None


def test_a_site_that_is_full_has_room_for_none() -> None:
    assert room_for_pages(likely(), HostLimits(bytes=1000), flags=ALL_VIEWS, decision_pages=500) == 0
    assert room_for_pages(likely(), HostLimits(files=10), flags=ALL_VIEWS, decision_pages=500) == 0


def test_rules_that_have_no_page_take_the_room_of_their_json_alone() -> None:
    span = SourceSpan(repository="repository:a/b", path="a", first_line=1, last_line=1, commit="", blob="")
    helpers = tuple(
        Rule(id=f"rule:a/b/rego/c#h{place}", policy="x", name=f"h{place}", span=span) for place in range(999)
    )
    for limits, most in ((HostLimits(files=9_000), 10), (HostLimits(bytes=10**9), 65)):
        with_helpers, without = (
            room_for_pages(snapshot, limits, flags=ALL_VIEWS, decision_pages=500)
            for snapshot in (replace(likely(), rules=helpers), likely())
        )
        assert 0 < without - with_helpers < most


def test_pages_that_have_no_room_stay_rows() -> None:
    snapshot = likely(repositories=3, pull_requests=10)
    room = room_for_pages(snapshot, HostLimits(files=450), flags=ALL_VIEWS, decision_pages=500)
    assert room is not None
    assert 0 < room < len(snapshot.pull_requests)
    portal = Portal(snapshot, now=NOW, flags=ALL_VIEWS, options=Options(site_limits=HostLimits(files=450)))
    pages = Pages(portal, VIEWS)
    with_page = [page for page in pages.by_path.values() if page.node.startswith("pull-request:")]
    assert len(with_page) == room
    for repository in snapshot.repositories:
        index = pages.write(pages.by_path[f"pull-request/{repository.namespace}/{repository.name}"]).html
        assert all(f"#{item.number}" in index for item in portal.graph.pull_requests[repository.id])
