"""An index of relations that is brought up to date is the one that would be made."""

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model import Relation
from mkdocs_gitguard.model.relation_index import KnownRelations, index_of_relations

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
def test_it_is_the_one_that_would_be_made(before, now, chosen, is_sorted) -> None:  # type: ignore[no-untyped-def] # what hypothesis gives
    if is_sorted:
        before, now = (sorted(one, key=EVERY.index) for one in (before, now))
    now = copied(now, chosen)
    known = KnownRelations(before, index_of_relations(before))
    assert index_of_relations(now, known) == index_of_relations(now)


def test_what_has_not_changed_is_the_same_object() -> None:
    before = EVERY[:20]
    known = KnownRelations(before, index_of_relations(before))
    index = index_of_relations(before[:-1], known)
    gone = before[-1]
    assert {node for node in index if index[node] is not known.by_end[node]} == {gone.source, gone.target}
