"""An index that is brought up to date is the one that would be made."""

from hypothesis import given
from hypothesis import strategies as st
from make.snapshot import excepted, likely, with_decisions
from msgspec.structs import replace

from mkdocs_gitguard.model import Finding, Graph, Ownership, PullRequestOwnership, Relation, Snapshot
from mkdocs_gitguard.model.graph_changes import GraphChanges, changed_keys
from mkdocs_gitguard.model.kinds import NODE_KINDS
from mkdocs_gitguard.model.known_indexes import DEAR_INDEXES, STAYING
from mkdocs_gitguard.model.moves import differing, touched_ends
from mkdocs_gitguard.model.relation import relation_key

_LIKELY = likely(repositories=4, pull_requests=12)
WHOLE = replace(
    _LIKELY,
    ownership=tuple(
        Ownership(
            repository=repository.id,
            pull_requests=tuple(
                PullRequestOwnership(pull_request=request.id)
                for request in _LIKELY.pull_requests
                if request.repository == repository.id
            ),
        )
        for repository in _LIKELY.repositories
    ),
)
FIELDS = [kind.field for kind in NODE_KINDS if kind.field != "organization"]
OWNERS = [owner.id for owner in WHOLE.owners]
EVERY = sorted(
    (
        Relation(type=type_, source=source, target=target)
        for type_ in ("owned_by", "part_of")
        for source in "abcd"
        for target in "cdef"
    ),
    key=relation_key,
)


def following(before: Snapshot, now: Snapshot) -> tuple[Graph, Graph]:
    """Return the graph of a snapshot of which all dear indexes were asked, and the one that follows it."""
    first = Graph(before)
    for name in DEAR_INDEXES:
        getattr(first, name)
    return first, Graph(now, before=first.known)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw one that has some of the records, in their order, and some that are others, or equal and not the same."""
    some = {}
    for field in [*FIELDS, "ownership"]:
        records = getattr(WHOLE, field)
        left_out = draw(st.sets(st.integers(0, max(0, len(records) - 1)), max_size=3))
        some[field] = tuple(one for place, one in enumerate(records) if place not in left_out)
    drawn = draw(st.sets(st.sampled_from([request.id for request in WHOLE.pull_requests]), max_size=3))
    others = {
        key: {
            "title": draw(st.sampled_from(["", "x", "Other"])),
            "author": draw(st.sampled_from(["", *OWNERS])),
            "merger": draw(st.sampled_from(["", *OWNERS])),
            "co_authors": draw(st.lists(st.sampled_from(OWNERS), max_size=2).map(tuple)),
        }
        for key in sorted(drawn)
    }
    some["pull_requests"] = tuple(
        replace(one, **others.get(one.id, {})) if one.id in others else one for one in some["pull_requests"]
    )
    # All pull requests of a repository may be gone, and all that somebody did.
    bare = draw(st.sets(st.sampled_from([one.id for one in WHOLE.repositories])))
    some["pull_requests"] = tuple(one for one in some["pull_requests"] if one.repository not in bare)
    some["ownership"] = tuple(
        replace(one, pull_requests=one.pull_requests[:2]) if one.repository in bare else one
        for one in some["ownership"]
    )
    renamed = draw(st.sets(st.sampled_from(OWNERS), max_size=2))
    some["owners"] = tuple(replace(one, name="Other") if one.id in renamed else one for one in some["owners"])
    idle = draw(st.sets(st.sampled_from([one.id for one in WHOLE.repositories])))
    some["repositories"] = tuple(
        replace(one, contributors=()) if one.id in idle else one for one in some["repositories"]
    )
    name = draw(st.sampled_from([WHOLE.organization.name, "Another"]))
    chosen = draw(st.sets(st.sampled_from(range(len(EVERY)))))
    copied = draw(st.sets(st.sampled_from(range(len(EVERY)))))
    some["relations"] = tuple(replace(one) if n in copied else one for n, one in enumerate(EVERY) if n in chosen)
    return replace(WHOLE, organization=replace(WHOLE.organization, name=name), **some)


@given(snapshots(), snapshots())
def test_what_is_brought_up_to_date_is_what_would_be_made(before: Snapshot, now: Snapshot) -> None:
    first, second = following(before, now)
    changes = GraphChanges(first, second)
    for name in DEAR_INDEXES:
        made = getattr(Graph(now), name)
        assert getattr(second, name) == made
        assert second.touched_since(first, name) is not None
        assert changes.keys(name) == changed_keys(getattr(first, name), made)


def test_what_has_not_moved_keeps_its_very_values() -> None:
    first, *others = WHOLE.pull_requests
    before, now = following(WHOLE, replace(WHOLE, pull_requests=(replace(first, title="Retitled"), *others)))
    others_than_before = {
        name: {key for key, value in getattr(now, name).items() if getattr(before, name)[key] is not value}
        for name in DEAR_INDEXES
    }
    assert others_than_before["nodes"] == others_than_before["labels"] == {first.id}
    assert others_than_before["pull_requests"] == {first.repository}
    assert others_than_before["relations"] == others_than_before["ownership_by_pull_request"] == set()
    worked = {first.author, *first.co_authors, first.merger} - {""}
    assert others_than_before["work_by_owner"] == worked < set(before.work_by_owner)


def test_an_id_that_stood_twice_costs_no_node() -> None:
    first, *others = WHOLE.pull_requests
    twice = replace(WHOLE, pull_requests=(first, *others, first))
    for before, now in ((twice, WHOLE), (WHOLE, twice)):
        for name in ("nodes", "labels"):
            assert getattr(following(before, now)[1], name) == getattr(Graph(now), name)


def test_a_graph_that_let_go_of_the_one_before_makes_what_it_has_not_been_asked_for() -> None:
    first, second = following(WHOLE, WHOLE)
    assert second.nodes[OWNERS[0]] is first.nodes[OWNERS[0]]
    assert second.touched_since(first, "nodes") == frozenset()
    second.let_go()
    assert second.touched_since(first, "nodes") is None
    assert second.work_by_owner == first.work_by_owner
    assert second.touched_since(first, "work_by_owner") is None


def test_what_a_graph_has_touched_is_said_of_the_one_before_it_alone() -> None:
    _, second = following(WHOLE, WHOLE)
    assert second.nodes
    assert second.touched_since(Graph(replace(WHOLE)), "nodes") is None


def test_far_apart_changes_of_many_relations_touch_their_own_ends_alone() -> None:
    before = [Relation(type="part_of", source=f"p{number:06}", target=f"r{number % 7}") for number in range(30_000)]
    new = Relation(type="part_of", source="p015000x", target="r9")
    now = [*before[1:15_001], new, *before[15_001:-1]]
    gone = (before[0], before[-1])
    assert touched_ends(before, now) == {end for one in (*gone, new) for end in (one.source, one.target)}


def test_where_next_to_all_have_moved_nothing_is_known() -> None:
    before = [Relation(type="part_of", source=f"p{number:06}", target="r") for number in range(30_000)]
    assert touched_ends(before, [*reversed(before)]) is None
    first, second = following(replace(WHOLE, relations=tuple(before)), replace(WHOLE, relations=tuple(before[::-1])))
    assert second.relations["r"] == first.relations["r"][::-1]
    assert second.touched_since(first, "relations") is None


OBJECTS = [object() for _ in range(6)]
sequences = st.lists(st.sampled_from(OBJECTS), max_size=9)


@given(sequences, sequences)
def test_outside_the_stretches_both_are_the_same(before, now) -> None:  # type: ignore[no-untyped-def] # what hypothesis gives
    gone, come = differing(before, now)
    same = len(before) - len(gone)
    assert same == len(now) - len(come)
    assert any(
        [*before[:first], *come, *before[first + len(gone) :]] == now and before[first : first + len(gone)] == gone
        for first in range(same + 1)
    )
    if gone and come:
        assert gone[0] is not come[0]
        assert gone[-1] is not come[-1]


def test_an_equal_object_is_another() -> None:
    one, other = [1.5], [1.5]
    assert differing([one], [other]) == ([one], [other])
    assert differing([one], [one]) == ([], [])


_GUARDED = excepted()
GOVERNED = replace(
    _GUARDED,
    relations=tuple(sorted(_GUARDED.relations, key=relation_key)),
    decisions=with_decisions(likely(repositories=3)).decisions,
    findings=(Finding(code="x", severity="info", message="It is.", hint="Leave it."),),
)
GOVERNING = ["owners", "policies", "rules", "exceptions", "decisions", "findings", "sources", "relations"]


@given(st.sets(st.sampled_from(GOVERNING)), st.data())
def test_what_is_made_of_other_records_stays_as_it_is(moved: set[str], data: st.DataObject) -> None:
    gone = {field: data.draw(st.sampled_from(range(len(getattr(GOVERNED, field))))) for field in sorted(moved)}
    fewer = {
        field: tuple(one for place, one in enumerate(getattr(GOVERNED, field)) if place != left)
        for field, left in gone.items()
    }
    first, now = Graph(GOVERNED), replace(GOVERNED, **fewer)
    for name in STAYING:
        getattr(first, name)
    second = Graph(now, before=first.known)
    for name, what in STAYING.items():
        index = getattr(second, name)
        assert index == getattr(Graph(now), name)
        assert [*index] == [*getattr(Graph(now), name)], "some are walked through"
        stands = moved.isdisjoint(what.fields) and not (what.relation_type and "relations" in moved)
        assert not stands or index is getattr(first, name)
        assert (second.touched_since(first, name) == frozenset()) == (index is getattr(first, name))


def test_a_policy_that_begins_to_apply_is_seen_though_no_policy_has_moved() -> None:
    subject_to = tuple(one for one in GOVERNED.relations if one.type == "subject_to")
    assert subject_to
    first = Graph(replace(GOVERNED, relations=tuple(one for one in GOVERNED.relations if one.type != "subject_to")))
    assert not first.applying_by_repository
    assert Graph(GOVERNED, before=first.known).applying_by_repository == Graph(GOVERNED).applying_by_repository != {}
