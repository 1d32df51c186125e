"""All expressions of a file at once, walked along the folders of the paths.

What an expression can still match below a folder is worked out once for the folder: most are out of it after a few
characters, or hold for all of it. For each file only those that are left are tried, on its name alone, and of them
only those whose last character it has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.regexp import Regexp, State

_MOST_KEPT: Final = 500_000
"""Expressions kept for all folders together, at most about 100 bytes each. Beyond that the walk starts afresh."""


class _Open(NamedTuple):
    """An expression that may match below a folder, and how far it has come."""

    number: int
    expression: Regexp
    is_negated: bool
    state: State


class _Folder:
    """What is known of all paths below a folder.

    Attributes:
        always: numbers of expressions that hold for every one of them.
        open: expressions that have to be tried.
        by_last: those of them that match only names which end in this character.
        others: the rest of them.
    """

    __slots__ = ("always", "by_last", "folders", "open", "others")

    def __init__(self, always: tuple[int, ...], still_open: list[_Open]) -> None:
        self.always = always
        self.open = still_open
        self.folders: dict[str, _Folder] = {}
        self.by_last: defaultdict[str, list[_Open]] = defaultdict(list)
        self.others: list[_Open] = []
        for entry in still_open:
            last = "" if entry.is_negated else entry.expression.suffix[-1:]
            if last and last != "/":
                self.by_last[last].append(entry)
            else:
                self.others.append(entry)


class _Wildcards:
    r"""Expressions of the forms `src/.*`, `.*\.go` and `src/.*\.go`, which most are: looked up, not tried."""

    def __init__(self) -> None:
        self._by_end: dict[str, list[tuple[str, int]]] = {}
        self._by_start: dict[str, list[int]] = {}
        self._end_lengths: list[int] = []
        self._start_lengths: list[int] = []

    def takes(self, number: int, expression: Regexp, is_negated: bool) -> bool:  # noqa: FBT001 - as entries are kept
        """Take an expression if it is one of these."""
        if expression.wildcard is None or is_negated:
            return False
        start, end = expression.wildcard
        lengths, length = (self._end_lengths, len(end)) if end else (self._start_lengths, len(start))
        if end:
            self._by_end.setdefault(end, []).append((start, number))
        else:
            self._by_start.setdefault(start, []).append(number)
        if length not in lengths:
            lengths.append(length)
        return True

    def find(self, path: str) -> Iterator[int]:
        """Yield the numbers of those that match."""
        for length in self._start_lengths:
            yield from self._by_start.get(path[:length], ())
        for length in self._end_lengths:
            for start, number in self._by_end.get(path[-length:], ()):
                if len(start) + length <= len(path) and path.startswith(start):
                    yield number


class ExpressionIndex:
    """Finds the expressions that hold for a path."""

    def __init__(self, expressions: Iterable[tuple[int, Regexp, bool]]) -> None:
        """Take them.

        Args:
            expressions: number, expression, and whether it holds for the paths that it does not match.
        """
        entries = list(expressions)
        self._all = entries
        self._wildcards = _Wildcards()
        plain = [entry for entry in entries if not self._wildcards.takes(*entry)]
        self._whole = [entry for entry in plain if not entry[1].is_simple]
        self._simple = [entry for entry in plain if entry[1].is_simple]
        self._forget()

    def find(self, path: str) -> tuple[int, ...]:
        """Return the numbers of all that hold for a path, ascending; `/` or `./` in front means nothing."""
        path = path.removeprefix("./").lstrip("/")
        if "\n" in path:
            return self._searched(self._all, path)
        folder, slash, name = path.rpartition("/")
        place = self._folder(folder) if slash else self._root
        numbers = [*place.always, *self._wildcards.find(path)]
        for entries in (place.by_last.get(name[-1:], ()), place.others):
            for number, expression, is_negated, state in entries:
                if (not is_negated and not path.endswith(expression.suffix)) or (
                    expression.ends(state, name) == is_negated
                ):
                    continue
                numbers.append(number)
        return tuple(sorted((*numbers, *self._searched(self._whole, path))))

    def _searched(self, entries: list[tuple[int, Regexp, bool]], path: str) -> tuple[int, ...]:
        return tuple(
            number
            for number, expression, is_negated in entries
            if (path.startswith(expression.prefix) and expression.search(path)) != is_negated
        )

    def _forget(self) -> None:
        self._kept = 0
        entries = [_Open(*entry, entry[1].begin()) for entry in self._simple]
        self._root = self._below((), entries, "")

    def _folder(self, folder: str) -> _Folder:
        if self._kept > _MOST_KEPT:
            self._forget()
        place = self._root
        for name in folder.split("/"):
            known = place.folders.get(name)
            if known is None:
                known = place.folders[name] = self._below(place.always, place.open, f"{name}/")
            place = known
        return place

    def _below(self, always: tuple[int, ...], entries: list[_Open], text: str) -> _Folder:
        """Return the folder that is reached by `text`."""
        settled = list(always)
        still_open: list[_Open] = []
        for number, expression, is_negated, before in entries:
            state = expression.feed(before, text)
            has_matched = expression.has_matched(state)
            if has_matched or expression.is_dead(state):
                if has_matched != is_negated:
                    settled.append(number)
            else:
                still_open.append(_Open(number, expression, is_negated, state))
        self._kept += len(still_open) + len(settled) + 1
        return _Folder(tuple(settled), still_open)
