"""What a process that stays has worked out of a graph, piece by piece, each with what it asked and was answered.

A piece is worked out again where an answer is another one, so that what one repository's move costs does not grow with
the number of the others: to ask again costs a look at a mapping a question.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from mkdocs_gitguard.model.graph import Graph

_Result = TypeVar("_Result")
_OTHERS: Final = ".others"
"""Stands in the place of an index's name for `Graph.others`: no index is called so."""
_WHOLE: Final = ".whole"
"""Stands in the place of a key for all of an index, or for a value that is not a mapping."""
_ABSENT: Final = object()
_Answers = dict[tuple[str, object], object]
"""By the name of an index and a key, what was answered."""


class _Asked(NamedTuple):
    """What was asked of one index, and answered, in the same order."""

    name: str
    keys: Sequence[Any]
    answers: Sequence[object]


class _Piece(NamedTuple):
    inputs: object
    asked: Sequence[_Asked]
    result: object


class KeptWork:
    """The pieces of one graph, kept for the next. Lives as long as its process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._graph: Graph | None = None
        self._before: dict[Hashable, _Piece] = {}
        self._now: dict[Hashable, _Piece] = {}

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
        if graph is not self._graph:
            self._graph, self._before, self._now = graph, self._now, {}
        place = (task, key)
        piece = self._now.get(place)
        if piece is None:
            piece = self._before.get(place)
            if piece is not None and not _are_answered(graph, piece.asked):
                piece = None
        if piece is None or piece.inputs != inputs:
            recorder = AskedGraph(graph)
            result = make(cast("Graph", recorder))
            piece = _Piece(inputs, _by_index(recorder.answers), result)
        self._now[place] = piece
        return cast("_Result", piece.result)


def _by_index(answers: _Answers) -> tuple[_Asked, ...]:
    keys: dict[tuple[str, bool], list[object]] = {}
    for name, key in answers:
        keys.setdefault((name, key == _WHOLE), []).append(key)
    return tuple(
        _Asked(name, tuple(of_index), tuple(answers[name, key] for key in of_index))
        for (name, _), of_index in keys.items()
    )


def _are_answered(graph: Graph, asked: Iterable[_Asked]) -> bool:
    """Tell whether a graph gives the same answers.

    A portal of 3,000 pages asks 30,000 questions a round: no line of Python for each that has the same object as
    answer.
    """
    for name, keys, before in asked:
        now = _answers(graph, name, keys)
        others = compress(zip(now, before, strict=True), map(operator.is_not, now, before))
        if any(answer != answer_before for answer, answer_before in others):
            return False
    return True


def _answers(graph: Graph, name: str, keys: Sequence[Any]) -> list[object]:
    if name == _OTHERS:
        return [graph.others(node, relation_type) for node, relation_type in keys]
    value = getattr(graph, name)
    return [value] if keys == (_WHOLE,) else [*map(value.get, keys, repeat(_ABSENT))]


class AskedGraph:
    """Stands in the place of a `Graph` while a piece is worked out, and keeps what is asked and answered."""

    def __init__(self, graph: Graph) -> None:
        """Take the graph."""
        self._graph = graph
        self.answers: _Answers = {}
        """In the order of asking."""

    def __getattr__(self, name: str) -> Any:
        """Return an index that keeps what is asked of it; any other value counts as asked for whole."""
        if name == "snapshot":
            raise AttributeError("What is kept between builds does not read the whole snapshot.")
        value = getattr(self._graph, name)
        if isinstance(value, Mapping):
            asked = _AskedIndex(name, value, self.answers)
            # Asked for again it is found without this method.
            self.__dict__[name] = asked
            return asked
        self.answers[name, _WHOLE] = value
        return value

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        """See `Graph.others`."""
        answer = self._graph.others(node, relation_type)
        self.answers[_OTHERS, (node, relation_type)] = answer
        return answer


class _AskedIndex(Mapping[str, Any]):
    """One index of the graph."""

    __slots__ = ("_answers", "_index", "_name")

    def __init__(self, name: str, index: Mapping[str, Any], answers: _Answers) -> None:
        self._name = name
        self._index = index
        self._answers = answers

    def __getitem__(self, key: str) -> Any:
        answer = self._answers[self._name, key] = self._index.get(key, _ABSENT)
        if answer is _ABSENT:
            raise KeyError(key)
        return answer

    def __iter__(self) -> Iterator[str]:
        self._answers[self._name, _WHOLE] = self._index
        return iter(self._index)

    def __len__(self) -> int:
        self._answers[self._name, _WHOLE] = self._index
        return len(self._index)
