"""What a page reads can be told: whoever stands in the place of graph, moment and links sees all of it."""

import gc
import weakref
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.portal import pages_of
from make.snapshot import ACME, NOW, guardrails, hostile, likely, with_decisions
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    FileChange,
    Graph,
    Owner,
    OwnerShare,
    Ownership,
    Policy,
    PullRequest,
    PullRequestOwnership,
    Relation,
    Repository,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.portal import Pages, PortalPage, Sheet
from mkdocs_gitguard.portal.now import Now
from mkdocs_gitguard.portal.recording import Read
from mkdocs_gitguard.portal.traces import Values


class Keyed:
    """An index that can only be asked for a key."""

    def __init__(self, index: Mapping[str, Any]) -> None:
        self._index = index

    def get(self, key: str, default: Any = None) -> Any:
        return self._index.get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self._index[key]

    def __contains__(self, key: str) -> bool:
        return key in self._index

    __iter__ = None


class KeyedGraph:
    """A graph whose nodes, relations and indexes can only be asked for a key, and that has no snapshot."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        return self._graph.others(node, relation_type)

    def __getattr__(self, name: str) -> Keyed:
        if isinstance(index := getattr(self._graph, name), Mapping):
            return Keyed(index)
        raise AttributeError(name)


class Answers:
    """The moment of a build that only answers what is asked of it."""

    def __init__(self, now: Now) -> None:
        self.ago = now.ago
        self.months = now.months
        self.state_of = now.state_of
        self.is_over = now.is_over


def owned() -> Snapshot:
    """Return a likely organisation in which one person owns everything."""
    snapshot = likely(pull_requests=5)
    mira = next(owner for owner in snapshot.owners if owner.name.startswith("Mira"))
    return replace(
        snapshot,
        ownership=tuple(
            Ownership(
                repository=repository.id,
                path="CODEOWNERS",
                files=3,
                owned=3,
                owners=(OwnerShare(owner=mira.id, files=3),),
                pull_requests=tuple(
                    PullRequestOwnership(pull_request=change.id, owners=(OwnerShare(owner=mira.id, files=1),))
                    for change in snapshot.pull_requests
                    if change.repository == repository.id
                ),
            )
            for repository in snapshot.repositories
        ),
    )


SITES = {
    "likely": likely,
    "hostile": hostile,
    "policies": guardrails,
    "decisions": lambda: with_decisions(likely(pull_requests=6)),
    "ownership": owned,
}


def body_by_keys(pages: Pages, page: PortalPage) -> tuple[str, list[Any]]:
    sheet = Sheet(
        page,
        graph=KeyedGraph(pages.portal.graph),
        now=Answers(pages.portal.now),
        links=pages.links(page),
        tools=pages.tools,
    )
    return str(page.write(sheet)), sheet.headings


@pytest.mark.parametrize("site", SITES)
def test_a_traced_page_reads_nothing_but_keys(site: str) -> None:
    pages = pages_of(SITES[site]())
    traced = [page for page in pages.by_path.values() if page.is_traced]
    assert len(traced) > 10
    for page in traced:
        sheet = pages.sheet(page)
        assert body_by_keys(pages, page) == (str(page.write(sheet)), sheet.headings), page.path


def test_a_link_is_told_from_another_and_from_none() -> None:
    """Other reads of a page mostly change with its links; this one must tell without them."""
    some = likely(pull_requests=5)
    shown, fewer = Values(pages_of(some)), Values(pages_of(some, pull_request_pages=1))
    links = [Read("link", "", request.id) for request in some.pull_requests]
    same = [shown.digest(link) == fewer.digest(link) for link in links]
    assert not all(same)
    assert any(same)
    assert len({shown.digest(link) for link in links}) == len(links)


def test_links_whose_target_has_come_or_gone_are_suspects_and_no_others() -> None:
    some = likely(repositories=1, pull_requests=3)
    shown = Values(pages_of(some))
    fewer = Values(pages_of(some, pull_request_pages=1), shown)
    links = [Read("link", "", request.id) for request in some.pull_requests]
    for read in links:
        shown.digest(read)
    suspects = [links[number].key for number in fewer.suspects(links)]
    assert suspects == [request.id for request in some.pull_requests[1:]]


def test_links_that_no_page_has_any_more_are_forgotten() -> None:
    some = likely(repositories=1, pull_requests=3)
    values = Values(pages_of(some))
    for number in range(1000):
        links = [Read("link", "", f"pull-request:acme/billing/{number}")]
        values.digest(links[0])
        values = Values(pages_of(some), values)
        values.suspects(links)
    assert len(values._paths) < 5


SOME_OWNER = Owner(id="owner:jo", type="person", name="jo")
PLAIN = st.one_of(
    st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 2**70, "", "1", b"", b"1", "\ud800", SOME_OWNER]),
    st.sampled_from([NOW, NOW.astimezone(UTC), datetime(2026, 1, 1), SOME_OWNER.id, (), frozenset()]),  # noqa: DTZ001
    st.text(max_size=3),
)
SAID = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=2).map(MappingProxyType),
        st.frozensets(PLAIN, max_size=2),
    ),
    max_leaves=6,
)


def written_out(value: object) -> str:
    """Return a value as a text that no other has."""
    if isinstance(value, frozenset):
        return f"set({sorted(map(written_out, value))})"
    if isinstance(value, Mapping):
        return f"mapping({[(key, written_out(item)) for key, item in value.items()]})"
    if isinstance(value, tuple):
        return f"tuple({[*map(written_out, value)]})"
    return f"{type(value).__name__} {value!r}"


@given(SAID, SAID)
def test_two_values_have_one_digest_if_they_are_the_same(one: object, other: object) -> None:
    values = Values(pages_of(Snapshot(organization=ACME)))
    assert (values.of(one) == values.of(other)) is (written_out(one) == written_out(other))
    assert values.of((one, other)) != values.of(((one,), other))


def test_a_build_that_nobody_needs_any_more_is_gone_at_once() -> None:
    """In a process that stays it would be there until cycles are looked for, which takes longer than a round."""
    pages = pages_of(likely(pull_requests=5))
    values = Values(pages)
    for page in pages.by_path.values():
        values.fields(page)
        for read in pages.write(page).reads:
            values.digest(read)
    gone = [weakref.ref(part) for part in (values, pages, pages.portal, pages.portal.graph)]
    # Jinja's macros hold the pages that they were written on.
    gc.collect()
    gc.disable()
    try:
        del values, pages, page, read
        assert [part() for part in gone] == [None] * 4
    finally:
        gc.enable()


def test_only_overviews_are_not_traced() -> None:
    pages = pages_of(with_decisions(owned(), number=450))
    assert {page.path for page in pages.by_path.values() if not page.is_traced} == {
        "",
        "repository",
        "pull-request",
        "policy",
        "owner",
        "ownership",
        "decision",
        "exception",
        "gap",
        "map",
        "finding",
    }


class Counted(tuple):
    """A tuple that counts how often somebody walks through it."""

    __slots__ = ()
    walks = 0

    def __iter__(self) -> Iterator[Any]:
        type(self).walks += 1
        return super().__iter__()


def walks_over_pull_requests(number: int) -> int:
    """Return how often the pull requests of a repository, and who owns what they touch, are walked through."""
    mira = Owner(id="owner:user/mira", type="user", name="Mira")
    repository = Repository(id="repository:acme/billing", namespace="acme", name="billing")
    changes = [
        PullRequest(
            id=f"pull-request:acme/billing/{count}",
            repository=repository.id,
            number=count,
            title="Round",
            author=mira.id,
            merged_at=NOW - timedelta(days=number - count),
            commit=f"{count:040x}",
            files=tuple(FileChange(path=path, status="modified") for path in ("a.py", "guard.rego")),
            evidence="github-merge-commit",
            confidence="high",
        )
        for count in range(number, 0, -1)
    ]
    span = SourceSpan(
        repository=repository.id, path="guard.rego", first_line=1, last_line=2, commit="a" * 40, blob="b" * 40
    )
    guard = Policy(
        id="policy:acme/billing/rego/guard",
        repository=repository.id,
        format="rego",
        type="package",
        name="guard",
        span=span,
    )
    share = OwnerShare(owner=mira.id, files=1)
    Counted.walks = 0
    pages = pages_of(
        Snapshot(
            organization=ACME,
            repositories=(repository,),
            owners=(mira,),
            pull_requests=Counted(changes),
            policies=(guard,),
            relations=tuple(Relation(type="touches", source=change.id, target=guard.id) for change in changes),
            ownership=(
                Ownership(
                    repository=repository.id,
                    path="CODEOWNERS",
                    files=1,
                    owned=1,
                    owners=(share,),
                    pull_requests=Counted(
                        PullRequestOwnership(pull_request=change.id, owners=(share,)) for change in changes
                    ),
                ),
            ),
        )
    )
    for page in pages.by_path.values():
        pages.write(page)
    assert "owns 1 of 2 files" in pages.write(pages.by_path["pull-request/acme/billing/1"]).html
    return Counted.walks


def test_twice_the_pull_requests_are_not_walked_through_more_often() -> None:
    assert walks_over_pull_requests(40) == walks_over_pull_requests(20)


def test_decisions_are_counted_once_however_many_parts_their_table_has() -> None:
    walks = []
    for number in (150, 1_500):
        snapshot = with_decisions(likely(pull_requests=2), number=number)
        pages = pages_of(replace(snapshot, decisions=Counted(snapshot.decisions)), decision_pages=1)
        Counted.walks = 0
        for path in ("", *(path for path in pages.by_path if path.startswith("decision"))):
            pages.write(pages.by_path[path])
        walks.append(Counted.walks)
    assert walks[0] == walks[1]
