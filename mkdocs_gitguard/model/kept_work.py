"""What a process that stays has worked out of a graph, piece by piece, each with what it asked.

A piece is worked out again where an answer is another one, so that what one repository's move costs does not grow with
the number of the others: to ask again costs a look at what of an index has changed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import partial
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from mkdocs_gitguard.model.graph_changes import GraphChanges
from mkdocs_gitguard.model.known_indexes import NOTHING_KNOWN, KnownIndexes

if TYPE_CHECKING:
    from mkdocs_gitguard.model.graph import Graph

_ABSENT: Final = object()
_Inputs = TypeVar("_Inputs", bound=Hashable)
_Result = TypeVar("_Result")


class _Asked:
    """What was asked of a graph."""

    def __init__(self) -> None:
        self.keys: dict[str, set[str]] = {}
        """By the name of an index, the keys."""
        self.whole: set[str] = set()
        """Names of indexes, and of values that are none, of which all was asked for."""
        self.others: set[tuple[str, str]] = set()
        """Nodes and types of relations."""

    def is_answered_the_same(self, changes: GraphChanges) -> bool:
        """Tell whether a graph gives the answers that the one before it gave."""
        return not (
            any(not changes.keys(name).isdisjoint(keys) for name, keys in self.keys.items())
            or any(map(changes.is_changed, self.whole))
            or any(changes.are_others_changed(*asked) for asked in self.others)
        )


class _Piece(NamedTuple):
    inputs: object
    asked: _Asked | None
    """None: nobody noted it."""
    result: object


class _Pieces(NamedTuple):
    """Many pieces of one task."""

    inputs: Mapping[str, object]
    asked: _Asked | None
    """By any of them; None: nobody noted it."""
    results: Mapping[str, object]


class KeptWork:
    """The pieces of one graph, kept for the next. Lives as long as its process."""

    def __init__(self, *, is_kept: bool = True) -> None:
        """Begin with none.

        Args:
            is_kept: whether there will be another graph, for which it is worth to note what was asked.
        """
        self.is_kept = is_kept
        self._graph: Graph | None = None
        self._changes: GraphChanges | None = None
        self._before: dict[Hashable, _Piece] = {}
        self._now: dict[Hashable, _Piece] = {}
        self._many_before: dict[str, _Pieces] = {}
        self._many_now: dict[str, _Pieces] = {}

    @property
    def known(self) -> KnownIndexes:
        """What the last graph has indexed, for the one to come."""
        return NOTHING_KNOWN if self._graph is None else self._graph.known

    def changes(self, graph: Graph) -> GraphChanges | None:
        """Return what a graph answers otherwise than the one before it; None where there is none, or it is let go."""
        if graph is not self._graph:
            self._changes = None if self._graph is None else GraphChanges(self._graph, graph)
            self._graph, self._before, self._now = graph, self._now, {}
            self._many_before, self._many_now = self._many_now, {}
        return self._changes

    def let_go(self) -> None:
        """Let the graph before this one go, when all that this one is asked for has been asked for."""
        self._changes, self._before, self._many_before = None, {}, {}
        if self._graph is not None:
            self._graph.let_go()

    def last(self, task: str, key: Hashable, graph: Graph, kind: type[_Result]) -> _Result | None:
        """Return what a task gave the last time, whatever it was made of; None: it gave nothing.

        Args:
            task: as for `once`.
            key: as for `once`.
            graph: that of now.
            kind: what it gives.
        """
        self.changes(graph)
        piece = self._now.get((task, key)) or self._before.get((task, key))
        return piece.result if piece is not None and isinstance(piece.result, kind) else None

    def once(
        self, task: str, key: Hashable, graph: Graph, make: Callable[[Graph], _Result], *, inputs: object = ()
    ) -> _Result:
        """Return what a task gives, worked out anew unless all that it asks is answered as it was the last time.

        What the graph before this one has not asked for is let go.

        Args:
            task: what is worked out.
            key: of what: a node's id.
            graph: of the snapshot.
            make: works it out of the graph that it is handed, and of `inputs`, and of nothing else that may change.
            inputs: what it is made of beside the graph; compared as a whole.

        Returns:
            The very object of the last time, where that holds.
        """
        changes = self.changes(graph)
        place = (task, key)
        piece = self._now.get(place)
        if piece is None and changes is not None:
            piece = self._before.get(place)
            if piece is not None and (piece.asked is None or not piece.asked.is_answered_the_same(changes)):
                piece = None
        if piece is None or piece.inputs != inputs:
            recorder = AskedGraph(graph) if self.is_kept else None
            result = make(graph if recorder is None else cast("Graph", recorder))
            piece = _Piece(inputs, None if recorder is None else recorder.asked, result)
        self._now[place] = piece
        return cast("_Result", piece.result)

    def once_each(
        self,
        task: str,
        graph: Graph,
        inputs: Mapping[str, _Inputs],
        make: Callable[[Graph, _Inputs], _Result],
    ) -> Mapping[str, _Result]:
        """Return what a task gives for each of thousands of keys, where what it asks of the graph seldom changes.

        With an answer that is another one all are worked out anew; those with other inputs are in any case.

        Args:
            task: what is worked out.
            graph: of the snapshot.
            inputs: by key, what it is made of beside the graph.
            make: works one out of the graph that it is handed, and of its inputs, and of nothing else that may change.
        """
        known = self._known_of_many(task, self.changes(graph))
        recorder = AskedGraph(graph, known.asked) if self.is_kept else None
        asked = graph if recorder is None else cast("Graph", recorder)
        results = kept_or_made(inputs, known.inputs, known.results, partial(make, asked))
        self._many_now[task] = _Pieces(inputs, None if recorder is None else recorder.asked, results)
        return results

    def _known_of_many(self, task: str, changes: GraphChanges | None) -> _Pieces:
        """Return what holds of a task's pieces as long as their inputs are equal."""
        known = self._many_now.get(task)
        if known is not None:
            return known
        known = self._many_before.get(task)
        if known is None or known.asked is None or changes is None or not known.asked.is_answered_the_same(changes):
            return _Pieces({}, None, {})
        return known


def kept_or_made(
    inputs: Mapping[str, _Inputs],
    known_inputs: Mapping[str, object],
    known_results: Mapping[str, object],
    make: Callable[[_Inputs], _Result],
) -> Mapping[str, _Result]:
    """Return what is made of each of thousands of inputs, by their keys; of equal ones, what was made of them before.

    Args:
        inputs: by key.
        known_inputs: those of before.
        known_results: what was made of them.
        make: makes one.
    """
    # No line of Python for each that has not changed.
    others = [*compress(inputs, map(operator.ne, inputs.values(), map(known_inputs.get, inputs, repeat(_ABSENT))))]
    results = dict(zip(inputs, map(known_results.get, inputs), strict=True))
    results.update((key, make(inputs[key])) for key in others)
    return cast("Mapping[str, _Result]", results)


class AskedGraph:
    """Stands in the place of a `Graph` while a piece is worked out, and keeps what is asked."""

    def __init__(self, graph: Graph, asked: _Asked | None = None) -> None:
        """Take the graph, and what has been asked already."""
        self._graph = graph
        self.asked = asked or _Asked()

    def __getattr__(self, name: str) -> Any:
        """Return an index that keeps what is asked of it; any other value counts as asked for whole."""
        if name == "snapshot":
            raise AttributeError("What is kept between builds does not read the whole snapshot.")
        value = getattr(self._graph, name)
        if isinstance(value, Mapping):
            asked = _AskedIndex(name, value, self.asked)
            # Asked for again it is found without this method.
            self.__dict__[name] = asked
            return asked
        self.asked.whole.add(name)
        return value

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        """See `Graph.others`."""
        self.asked.others.add((node, relation_type))
        return self._graph.others(node, relation_type)


class _AskedIndex(Mapping[str, Any]):
    """One index of the graph."""

    __slots__ = ("_asked", "_index", "_keys", "_name")

    def __init__(self, name: str, index: Mapping[str, Any], asked: _Asked) -> None:
        self._name = name
        self._index = index
        self._asked = asked
        self._keys = asked.keys.setdefault(name, set())

    def __getitem__(self, key: str) -> Any:
        self._keys.add(key)
        return self._index[key]

    def __iter__(self) -> Iterator[str]:
        self._asked.whole.add(self._name)
        return iter(self._index)

    def __len__(self) -> int:
        self._asked.whole.add(self._name)
        return len(self._index)
