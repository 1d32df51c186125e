"""All patterns of a file at once: a trie of segments, walked along the folders of the paths.

The walk's state in a folder is the set of trie nodes that its path reaches. States are computed when they are first
needed and kept, and folders that reach the same nodes share one, so a path costs one step for its folder (mostly
already known) and one for its name, however many patterns there are. Nothing backtracks: a step costs time linear in
the name's length.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, Generic, TypeVar

from mkdocs_gitguard.codeowners.pattern import PathPattern, Reach
from mkdocs_gitguard.codeowners.segment import Piece, Segment

Answer = TypeVar("Answer")

_MOST_STEPS: Final = 50_000
"""Folders kept at a time, at most about 1 KiB each. Beyond that the walk starts afresh, slower but no bigger."""
_FEW: Final = 32
"""Segments that are sooner tried one by one than looked up."""
_BLANK: Final = Piece(0, "", None)


class _Node:
    """A place in the trie: where each kind of segment leads, and which patterns end here."""

    __slots__ = ("affixes", "at", "deep", "extensions", "highest", "literals", "star", "under")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] | None = None
        self.extensions: dict[str, _Node] | None = None
        """`*.py` by `.py`: the commonest segments with a star, found without a search."""
        self.affixes: _Affixes | None = None
        self.star: _Node | None = None
        self.deep: _Node | None = None
        self.at: tuple[int, ...] = ()
        """Patterns that match a path which ends here."""
        self.under: tuple[int, ...] = ()
        """Patterns that match every path which goes on from here."""
        self.highest = -1
        """The highest number of any pattern that ends here or further on."""

    def end(self, number: int, reach: Reach) -> None:
        if reach is not Reach.BELOW:
            self.at = (*self.at, number)
        if reach is not Reach.HERE:
            self.under = (*self.under, number)

    def child(self, segment: Segment | None) -> "_Node":
        if segment is None:
            self.deep = self.deep or _Node()
            return self.deep
        if segment.is_star:
            self.star = self.star or _Node()
            return self.star
        literal = segment.literal
        if literal is None:
            return self._starred(segment)
        if self.literals is None:
            self.literals = {}
        node = self.literals.get(literal)
        if node is None:
            node = self.literals[literal] = _Node()
        return node

    def _starred(self, segment: Segment) -> "_Node":
        first, *middle, last = segment.pieces if len(segment.pieces) > 1 else (_BLANK, *segment.pieces, _BLANK)
        start, end = first.literal or "", last.literal or ""
        if first.length == 0 and not middle and end[:1] == "." and "." not in end[1:]:
            if self.extensions is None:
                self.extensions = {}
            return self.extensions.setdefault(end, _Node())
        if self.affixes is None:
            self.affixes = _Affixes()
        return self.affixes.child(start, end, segment)


class _Affixes:
    """Segments with stars, by the text they must begin with and the text they must end in."""

    __slots__ = ("by_start", "lengths")

    def __init__(self) -> None:
        self.by_start: dict[str, tuple[list[int], dict[str, _Bucket]]] = {}
        self.lengths: list[int] = []

    def child(self, start: str, end: str, segment: Segment) -> _Node:
        if len(start) not in self.lengths:
            self.lengths.append(len(start))
        lengths, by_end = self.by_start.setdefault(start, ([], {}))
        if len(end) not in lengths:
            lengths.append(len(end))
        bucket = by_end.get(end)
        if bucket is None:
            bucket = by_end[end] = _Bucket()
        return bucket.child(segment)

    def find(self, name: str) -> Iterator[_Node]:
        for length in self.lengths:
            by_end = self.by_start.get(name[:length])
            if by_end is None:
                continue
            for end_length in by_end[0]:
                bucket = by_end[1].get(name[-end_length:] if end_length else "")
                if bucket:
                    for segment, node in bucket.candidates(name):
                        if segment.matches(name):
                            yield node


class _Bucket:
    """Segments that begin and end alike. Many of them are looked up by the text that must stand in between."""

    __slots__ = ("by_middle", "lengths", "nodes")

    def __init__(self) -> None:
        self.nodes: dict[Segment, _Node] = {}
        self.by_middle: dict[str, list[tuple[Segment, _Node]]] = {}
        self.lengths: list[int] = []

    def child(self, segment: Segment) -> _Node:
        node = self.nodes.get(segment)
        if node is None:
            node = self.nodes[segment] = _Node()
            middle = max((piece.literal or "" for piece in segment.pieces[1:-1]), key=len, default="")
            self.by_middle.setdefault(middle, []).append((segment, node))
            if len(middle) not in self.lengths:
                self.lengths.append(len(middle))
        return node

    def candidates(self, name: str) -> Iterable[tuple[Segment, _Node]]:
        if len(self.nodes) <= _FEW:
            return self.nodes.items()
        return [
            candidate
            for length in self.lengths
            for middle in {name[place : place + length] for place in range(len(name) - length + 1 if length else 1)}
            for candidate in self.by_middle.get(middle, ())
        ]


class _Outcome(Generic[Answer]):
    """A set of patterns that match together, and what follows from it."""

    __slots__ = ("answer", "patterns")

    def __init__(self, patterns: tuple[int, ...], answer: Answer) -> None:
        self.patterns = patterns
        self.answer = answer


class _State(Generic[Answer]):
    """What the walk knows in a folder: the nodes reached, and what holds for all that is under it."""

    __slots__ = ("affixes", "deep", "extensions", "folders", "inherited", "literals", "stars")

    def __init__(self, nodes: Iterable[_Node], deep: frozenset[_Node], inherited: _Outcome[Answer]) -> None:
        nodes = list(nodes)
        self.inherited = inherited
        self.deep = deep
        self.folders: dict[str, _State[Answer]] = {}
        self.literals = [node.literals for node in nodes if node.literals]
        self.extensions = [node.extensions for node in nodes if node.extensions]
        self.affixes = [node.affixes for node in nodes if node.affixes]
        self.stars = [node.star for node in nodes if node.star is not None]

    def reach(self, name: str) -> list[_Node]:
        """Return the nodes that one more segment leads to."""
        reached = [table[name] for table in self.literals if name in table]
        if self.extensions:
            dot = name.rfind(".")
            if dot >= 0:
                extension = name[dot:]
                reached += [table[extension] for table in self.extensions if extension in table]
        for affixes in self.affixes:
            reached += affixes.find(name)
        return reached + self.stars if self.stars else reached


class PatternIndex(Generic[Answer]):
    """Finds the patterns that match a path: all of them, or only the last.

    Patterns are known by the number they were given with. `answer` turns a set of matching numbers (ascending) into
    what the caller wants to know; it is called once for each set that occurs.
    """

    def __init__(
        self,
        patterns: Iterable[tuple[int, PathPattern]],
        answer: Callable[[tuple[int, ...]], Answer],
        *,
        last_only: bool,
    ) -> None:
        """Build the trie.

        Args:
            patterns: each with its number.
            answer: see above; with `last_only` it gets one number or none.
            last_only: look for the pattern of the highest number only, which is faster.
        """
        self._answer = answer
        self._last_only = last_only
        self._root = _Node()
        for number, pattern in patterns:
            node = self._root
            for segment in pattern.segments:
                node.highest = max(node.highest, number)
                node = node.child(segment)
            node.highest = max(node.highest, number)
            node.end(number, pattern.reach)
        self._forget()

    def find(self, path: str) -> Answer:
        """Return the answer for one path, `/` between its segments; `/` or `./` in front means nothing."""
        folder, _, name = path.rpartition("/")
        return self._file(self._folder(folder), name).answer

    def walk(self, paths: Iterable[str]) -> Iterator[Answer]:
        """Yield the answer for each path, in order. Paths of one folder are cheapest one after the other."""
        last: str | None = None
        state = self._start
        for path in paths:
            folder, _, name = path.rpartition("/")
            if folder != last:
                state = self._folder(folder)
                last = folder
            yield self._file(state, name).answer

    def _forget(self) -> None:
        self._outcomes: dict[tuple[int, ...], _Outcome[Answer]] = {}
        self._states: dict[tuple[frozenset[_Node], tuple[int, ...]], _State[Answer]] = {}
        self._steps = 0
        deep = frozenset({self._root.deep} if self._root.deep else ())
        self._start = self._state({self._root, *deep}, deep, self._outcome(self._root.under))

    def _outcome(self, patterns: Collection[int]) -> _Outcome[Answer]:
        key = (max(patterns),) if self._last_only and patterns else tuple(sorted(set(patterns)))
        outcome = self._outcomes.get(key)
        if outcome is None:
            outcome = self._outcomes[key] = _Outcome(key, self._answer(key))
        return outcome

    def _state(self, nodes: Iterable[_Node], deep: frozenset[_Node], inherited: _Outcome[Answer]) -> _State[Answer]:
        if self._last_only and inherited.patterns:
            # What cannot beat the last match so far need not be followed.
            best = inherited.patterns[-1]
            nodes = [node for node in nodes if node.highest > best]
            deep = frozenset(node for node in deep if node.highest > best)
        key = (frozenset(nodes), inherited.patterns)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State(key[0], deep, inherited)
        return state

    def _folder(self, folder: str) -> _State[Answer]:
        if self._steps > _MOST_STEPS or len(self._outcomes) > _MOST_STEPS:
            self._forget()
        state = self._start
        if folder[:1] in ("/", "."):
            folder = f"{folder}/".removeprefix("./").strip("/")
        if folder:
            for name in folder.split("/"):
                known = state.folders.get(name)
                if known is None:
                    known = state.folders[name] = self._step(state, name)
                    self._steps += 1
                state = known
        return state

    def _step(self, state: _State[Answer], name: str) -> _State[Answer]:
        reached = state.reach(name)
        # No pattern ends in a globstar (`Reach.BELOW` says it instead), so a globstar only has to be kept.
        deep = state.deep.union(node.deep for node in reached if node.deep)
        holding = [number for node in reached for number in node.under]
        inherited = self._outcome([*state.inherited.patterns, *holding]) if holding else state.inherited
        return self._state(deep.union(reached), deep, inherited)

    def _file(self, state: _State[Answer], name: str) -> _Outcome[Answer]:
        reached = state.reach(name)
        if not reached:
            return state.inherited
        holding = [number for node in reached for number in node.at]
        return self._outcome([*state.inherited.patterns, *holding]) if holding else state.inherited
