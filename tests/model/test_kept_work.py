"""What was worked out of one graph is taken for the next exactly as long as all that it asked is answered the same."""

from collections.abc import Callable

import pytest
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.model import Graph, Snapshot
from mkdocs_gitguard.model.graph_changes import GraphChanges
from mkdocs_gitguard.model.kept_work import KeptWork

SNAPSHOT = likely(pull_requests=4)
FIRST, SECOND = SNAPSHOT.repositories[:2]
WRITER = SNAPSHOT.pull_requests[0].author


def with_another_head(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, repositories=(replace(FIRST, head="f" * 40), *snapshot.repositories[1:]))


def without_relations(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, relations=())


def without_policies(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, policies=(), rules=())


def with_one_repository(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, repositories=snapshot.repositories[:1])


@pytest.mark.parametrize(
    ("make", "edit"),
    [
        (lambda graph: graph.heads[FIRST.id], with_another_head),
        (lambda graph: graph.repositories.get(FIRST.id), with_another_head),
        (lambda graph: SECOND.id in graph.heads, with_one_repository),
        (lambda graph: graph.heads.get("repository:acme/none", "") or graph.heads[FIRST.id], with_another_head),
        (lambda graph: [*graph.heads], with_one_repository),
        (lambda graph: len(graph.heads), with_one_repository),
        (lambda graph: graph.others(WRITER, "author_of"), without_relations),
        (lambda graph: graph.has_policies, without_policies),
    ],
    ids=["item", "get", "in", "absent", "keys", "number", "others", "value"],
)
def test_it_is_worked_out_again_where_an_answer_is_another_one(
    make: Callable[[Graph], object], edit: Callable[[Snapshot], Snapshot]
) -> None:
    snapshot = SNAPSHOT if SNAPSHOT.policies else replace(SNAPSHOT, policies=(object(),))  # type: ignore[arg-type] # one is enough
    made: list[object] = []
    kept = KeptWork()

    def work(graph: Graph) -> object:
        made.append(make(graph))
        return made

    graphs = [Graph(snapshot), Graph(replace(snapshot, findings=())), Graph(edit(snapshot))]
    results = [kept.once("work", "key", graph, work) for graph in graphs]
    assert results[0] is results[1]
    assert made == [make(graphs[0]), make(graphs[2])]
    assert made[0] != made[1]


EACH = [
    (lambda graph, key: graph.heads[FIRST.id] + key, with_another_head),
    (lambda graph, key: f"{key} {graph.others(WRITER, 'author_of')}", without_relations),
    (lambda graph, key: f"{key} {len(graph.heads)}", with_one_repository),
]


@pytest.mark.parametrize(("make", "edit"), EACH, ids=["item", "others", "number"])
def test_all_of_many_are_worked_out_again_where_an_answer_to_one_is_another_one(
    make: Callable[[Graph, str], str], edit: Callable[[Snapshot], Snapshot]
) -> None:
    made: list[str] = []
    kept = KeptWork()

    def work(graph: Graph, key: str) -> str:
        made.append(key)
        # All but the first ask nothing.
        return make(graph, key) if key == "a" else key

    keys = {"a": "a", "b": "b"}
    same, moved = replace(SNAPSHOT, findings=()), edit(SNAPSHOT)
    results = [kept.once_each("work", Graph(snapshot), keys, work) for snapshot in (SNAPSHOT, same, same, moved)]
    assert made == ["a", "b", "a", "b"]
    assert results[0] == results[1] == results[2]
    assert results[0]["a"] is results[2]["a"]
    assert results[3] == {"a": make(Graph(moved), "a"), "b": "b"}
    assert results[3] != results[0]


def test_of_many_those_with_other_inputs_are_worked_out_again() -> None:
    made: list[object] = []
    kept = KeptWork()

    def ask(graph: Graph, **inputs: int | None) -> dict[str, object]:
        return dict(kept.once_each("work", graph, inputs, lambda _, one: (made.append(one), one)))

    assert ask(Graph(SNAPSHOT), a=1, b=2) == {"a": (None, 1), "b": (None, 2)}
    graph = Graph(SNAPSHOT)
    again = ask(graph, c=None, b=3, a=1)
    assert again == {"c": (None, None), "b": (None, 3), "a": (None, 1)}
    assert list(again) == ["c", "b", "a"]
    assert made == [1, 2, None, 3]
    assert ask(graph, c=None, b=3, a=1) == again
    assert made == [1, 2, None, 3]
    kept.let_go()
    assert ask(Graph(SNAPSHOT), b=3) == {"b": (None, 3)}
    assert made == [1, 2, None, 3]
    assert ask(Graph(SNAPSHOT), a=1, b=3) == {"a": (None, 1), "b": (None, 3)}
    assert made == [1, 2, None, 3, 1]


def test_of_many_nothing_is_kept_where_there_will_be_no_other_graph() -> None:
    made: list[str] = []
    kept = KeptWork(is_kept=False)
    for graph in (Graph(SNAPSHOT), Graph(SNAPSHOT)):
        kept.once_each("work", graph, {"a": FIRST.id}, lambda one, key: made.append(one.heads[key]))
    assert made == [FIRST.head, FIRST.head]


def test_what_it_is_made_of_beside_the_graph_counts_and_what_is_not_asked_for_is_let_go() -> None:
    made: list[int] = []
    kept = KeptWork()

    def ask(day: int) -> int:
        return kept.once("work", "key", Graph(SNAPSHOT), lambda _: made.append(day) or day, inputs=day)

    assert [ask(1), ask(1), ask(2), ask(2)] == [1, 1, 2, 2]
    assert made == [1, 2]
    for _ in range(2):
        kept.once("other", "key", Graph(SNAPSHOT), lambda _: 0)
    ask(2)
    assert made == [1, 2, 2]


def test_what_is_kept_does_not_read_the_whole_snapshot() -> None:
    with pytest.raises(AttributeError, match="whole snapshot"):
        KeptWork().once("work", "key", Graph(SNAPSHOT), lambda graph: graph.snapshot)


def test_what_the_graph_before_was_asked_is_worked_out_again_once_that_is_let_go() -> None:
    made: list[Graph] = []
    kept, first, second = KeptWork(), Graph(SNAPSHOT), Graph(replace(SNAPSHOT, findings=()))
    for graph in (first, second):
        kept.once("work", "a", graph, lambda one: made.append(one.heads[FIRST.id]))
    assert len(made) == 1
    kept.once("work", "b", second, lambda one: made.append(one.heads[FIRST.id]))
    kept.let_go()
    assert kept.changes(second) is None
    kept.once("work", "a", second, lambda one: made.append(one.heads[FIRST.id]))
    assert len(made) == 2
    third = Graph(SNAPSHOT)
    kept.once("work", "b", third, lambda one: made.append(one.heads[FIRST.id]))
    assert len(made) == 2


def test_what_has_changed_between_two_graphs_is_told_by_index() -> None:
    before, now = Graph(SNAPSHOT), Graph(with_another_head(with_one_repository(SNAPSHOT)))
    changes = GraphChanges(before, now)
    gone = {one.id for one in SNAPSHOT.repositories[1:]}
    assert changes.keys("heads") == gone | {FIRST.id}
    assert changes.keys("forges") == gone
    assert changes.keys("bots") == frozenset()
    assert (changes.is_changed("heads"), changes.is_changed("bots"), changes.is_changed("has_policies")) == (True, False, False)  # fmt: skip
    back = GraphChanges(now, before)
    assert back.keys("heads") == gone | {FIRST.id}
    without = GraphChanges(before, Graph(without_relations(SNAPSHOT)))
    assert without.are_others_changed(WRITER, "author_of")
    assert not without.are_others_changed(WRITER, "owns_nothing")
