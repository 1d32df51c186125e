"""The ownership tree: folders, split only where the owners below differ."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from mkdocs_gitguard.model import OwnerShare, OwnershipArea

MOST_AREAS: Final = 1_000
_DEEPEST: Final = 24
"""Levels of folders in the tree: what is nested deeper stays unsplit, so that drawing it cannot exhaust the stack."""
_MOST_OWNERS: Final = 10
_MOST_UNOWNED: Final = 200

Owners = tuple[str, ...]
Tally = Counter[Owners]


class AreaTree:
    """Counts files by folder and owners."""

    def __init__(self, owned: Sequence[tuple[str, Owners]]) -> None:
        """Count.

        Args:
            owned: each file's path and its owners' ids, which are compared as they stand.
        """
        self.tallies: defaultdict[str, Tally] = defaultdict(Counter)
        self.folders: defaultdict[str, set[str]] = defaultdict(set)
        self.files: defaultdict[str, list[tuple[str, Owners]]] = defaultdict(list)
        for path, owners in owned:
            folder = path.rpartition("/")[0]
            self.tallies[folder][owners] += 1
            self.files[folder].append((path, owners))
        for folder in sorted(self.tallies, key=lambda path: -path.count("/")):
            self._hand_up(folder)

    def _hand_up(self, folder: str) -> None:
        """Add a folder's own files to all folders above it."""
        own: Tally = Counter(owners for _, owners in self.files[folder])
        while folder:
            parent = folder.rpartition("/")[0]
            self.folders[parent].add(folder)
            self.tallies[parent].update(own)
            folder = parent

    def areas(self) -> tuple[OwnershipArea, ...]:
        """Return the tree, by path: the root, and below each folder of several owners its folders, large ones first.

        At most `MOST_AREAS` in all; folders beyond that stay unsplit.
        """
        if not self.tallies:
            return ()
        split: set[str] = set()
        shown = 1
        waiting = [(0, "")]
        while waiting:
            _, folder = heappop(waiting)
            below = self.folders[folder]
            differs = len(self.tallies[folder]) > 1 and folder.count("/") < _DEEPEST
            if differs and below and shown + len(below) <= MOST_AREAS:
                split.add(folder)
                shown += len(below)
                for path in below:
                    heappush(waiting, (-self.tallies[path].total(), path))
        paths = sorted({"", *(below for folder in split for below in self.folders[folder])})
        return tuple(area(path, self.tallies[path], is_split=path in split) for path in paths)

    def unowned(self) -> tuple[OwnershipArea, ...]:
        """Return the largest folders in which no file has an owner, and single files."""
        areas: list[OwnershipArea] = []
        waiting = [""] if self.tallies else []
        while waiting:
            folder = waiting.pop()
            tally = self.tallies[folder]
            without = tally[()]
            if not without:
                continue
            if without == tally.total():
                areas.append(area(folder if without > 1 else self._only_file(folder), tally))
                continue
            waiting.extend(self.folders[folder])
            areas.extend(
                OwnershipArea(path=path, files=1, owned=0) for path, owners in self.files[folder] if not owners
            )
        return tuple(sorted(areas, key=lambda one: (-one.files, one.path))[:_MOST_UNOWNED])

    def _only_file(self, folder: str) -> str:
        """Return the path of the one file that a folder holds, however deep."""
        while not self.files[folder]:
            [folder] = self.folders[folder]
        [(path, _)] = self.files[folder]
        return path


def area(path: str, tally: Mapping[Owners, int], *, is_split: bool = False) -> OwnershipArea:
    """Return a folder's record from how many files have which owners."""
    return OwnershipArea(
        path=path,
        files=sum(tally.values()),
        owned=sum(files for owners, files in tally.items() if owners),
        owners=shares(tally)[:_MOST_OWNERS],
        is_split=is_split,
    )


def shares(tally: Mapping[Owners, int]) -> tuple[OwnerShare, ...]:
    """Return how many files each owner has, most first."""
    by_owner: Counter[str] = Counter()
    for owners, files in tally.items():
        for owner in owners:
            by_owner[owner] += files
    ordered = sorted(by_owner.items(), key=lambda item: (-item[1], item[0]))
    return tuple(OwnerShare(owner=owner, files=files) for owner, files in ordered)
