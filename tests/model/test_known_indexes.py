"""An index that is brought up to date is the one that would be made."""

from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.model import Relation, Snapshot
from mkdocs_gitguard.model.kinds import NODE_KINDS
from mkdocs_gitguard.model.known_indexes import (
    KnownLabels,
    KnownRelations,
    differing,
    index_of_relations,
    labels_of,
    touched_ends,
)

EVERY = [
    Relation(type=type_, source=source, target=target)
    for type_ in ("owned_by", "part_of")
    for source in "abcd"
    for target in "cdef"
]
some = st.lists(st.sampled_from(EVERY), unique_by=id, max_size=12)


def copied(relations: list[Relation], chosen: set[int]) -> list[Relation]:
    """Return relations, some of which are equal and not the same objects."""
    return [
        Relation(type=one.type, source=one.source, target=one.target) if place in chosen else one
        for place, one in enumerate(relations)
    ]


@given(some, some, st.sets(st.integers(0, 11)), st.booleans())
def test_relations_are_those_that_would_be_made(before, now, chosen, is_sorted) -> None:  # type: ignore[no-untyped-def] # what hypothesis gives
    if is_sorted:
        before, now = (sorted(one, key=EVERY.index) for one in (before, now))
    now = copied(now, chosen)
    known = KnownRelations(before, index_of_relations(before))
    assert index_of_relations(now, known) == index_of_relations(now)


def test_far_apart_changes_of_many_relations_touch_their_own_ends_alone() -> None:
    before = [Relation(type="part_of", source=f"p{number:06}", target=f"r{number % 7}") for number in range(30_000)]
    new = Relation(type="part_of", source="p015000x", target="r9")
    now = [*before[1:15_001], new, *before[15_001:-1]]
    gone = (before[0], before[-1])
    assert touched_ends(before, now) == {end for one in (*gone, new) for end in (one.source, one.target)}


def test_where_next_to_all_have_moved_nothing_is_known() -> None:
    before = [Relation(type="part_of", source=f"p{number:06}", target="r") for number in range(30_000)]
    assert touched_ends(before, [*reversed(before)]) is None


def test_the_relations_of_a_node_that_have_not_changed_are_the_same_object() -> None:
    before = EVERY[:20]
    known = KnownRelations(before, index_of_relations(before))
    index = index_of_relations(before[:-1], known)
    gone = before[-1]
    assert {node for node in index if index[node] is not known.by_end[node]} == {gone.source, gone.target}


WHOLE = likely(pull_requests=12)
FIELDS = [kind.field for kind in NODE_KINDS if kind.field != "organization"]


def known_labels(snapshot: Snapshot) -> KnownLabels:
    return KnownLabels(snapshot, MappingProxyType(labels_of(snapshot)))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw one that has some of the nodes, in their order, and calls some of its pull requests otherwise."""
    some = {}
    for field in FIELDS:
        nodes = getattr(WHOLE, field)
        left_out = draw(st.sets(st.integers(0, max(0, len(nodes) - 1)), max_size=3))
        some[field] = tuple(node for place, node in enumerate(nodes) if place not in left_out)
    retitled = draw(st.sets(st.sampled_from([request.id for request in WHOLE.pull_requests]), max_size=3))
    some["pull_requests"] = tuple(
        replace(request, title=draw(st.sampled_from(["", "x", "Other"]))) if request.id in retitled else request
        for request in some["pull_requests"]
    )
    name = draw(st.sampled_from([WHOLE.organization.name, "Another"]))
    return replace(WHOLE, organization=replace(WHOLE.organization, name=name), **some)


@given(snapshots(), snapshots())
def test_labels_are_those_that_would_be_made(before: Snapshot, now: Snapshot) -> None:
    assert labels_of(now, known_labels(before)) == labels_of(now)


def test_a_node_that_has_not_changed_keeps_its_very_label() -> None:
    before = known_labels(WHOLE)
    first, *others = WHOLE.pull_requests
    now = labels_of(replace(WHOLE, pull_requests=(replace(first, title="Retitled"), *others)), before)
    assert {key for key in now if now[key] is not before.labels[key]} == {first.id}


def test_an_id_that_stood_twice_costs_no_label() -> None:
    first, *others = WHOLE.pull_requests
    twice = replace(WHOLE, pull_requests=(first, *others, first))
    assert labels_of(WHOLE, known_labels(twice)) == labels_of(WHOLE)
    assert labels_of(twice, known_labels(WHOLE)) == labels_of(twice)


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
