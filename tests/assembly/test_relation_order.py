"""Relations that are put into an order that most of them had before."""

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.assembly import relation_order
from mkdocs_gitguard.assembly.relation_order import KnownOrder, in_order
from mkdocs_gitguard.model import Relation
from mkdocs_gitguard.model.relation import relation_key

EVERY = [
    Relation(type=type_, source=source, target=target)
    for type_ in ("authored_by", "part_of")
    for source in "abc"
    for target in "def"
]
EQUAL = [Relation(type=one.type, source=one.source, target=one.target) for one in EVERY[:6]]
"""The same as others of them, and not the same objects."""
groups_of = st.dictionaries(
    st.sampled_from("xyz"), st.lists(st.sampled_from(EVERY + EQUAL), unique_by=relation_key, max_size=9).map(tuple)
)


def ids(relations: tuple[Relation, ...]) -> list[int]:
    return [id(one) for one in relations]


@given(groups_of, groups_of, st.sets(st.sampled_from("xyz")))
def test_it_is_the_order_that_sorting_gives(before, now, kept) -> None:  # type: ignore[no-untyped-def] # what hypothesis gives
    now |= {name: before[name] for name in kept & before.keys()}
    known = KnownOrder(before, in_order(before))
    made = in_order(now, known)
    assert [relation_key(one) for one in made] == sorted(relation_key(one) for group in now.values() for one in group)
    assert sorted(ids(made)) == sorted(id(one) for group in now.values() for one in group)
    # One relation that two groups tell is put in its place as it comes.
    if len({relation_key(one) for one in made}) == len(made):
        assert ids(made) == ids(in_order(now))


def test_few_that_have_moved_are_put_into_their_places_without_sorting(monkeypatch) -> None:  # type: ignore[no-untyped-def] # of pytest
    before = {"x": tuple(EVERY[:10]), "y": tuple(EVERY[10:])}
    known = KnownOrder(before, in_order(before))
    new = Relation(type="part_of", source="b", target="z")
    now = {**before, "x": (*EVERY[1:10], new)}
    right = in_order(now)
    monkeypatch.setattr(relation_order, "sorted", None, raising=False)
    assert ids(in_order(now, known)) == ids(right)


def test_where_many_have_moved_all_are_sorted(monkeypatch) -> None:  # type: ignore[no-untyped-def] # of pytest
    monkeypatch.setattr(relation_order, "_MOST", 1)
    before = {"x": tuple(EVERY[:3])}
    now = {"x": tuple(EVERY[2:])}
    assert ids(in_order(now, KnownOrder(before, in_order(before)))) == ids(in_order(now))
