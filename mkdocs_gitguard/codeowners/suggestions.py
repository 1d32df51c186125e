"""Who may own what no line of a CODEOWNERS file is about: those who changed and reviewed it in the last year.

Pure functions over facts. The year is that before the repository's head, as `FileEntry.authors` counts it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from mkdocs_gitguard.model import FileEntry, PullRequest, Repository

LEAST: Final = 3
"""Commits and reviews that an author must have, taken together, and reviews that a reviewer must have."""
LEAST_SHARE: Final = 0.2
"""Part of a place's changes that an author must have, and of its reviews that a reviewer must have."""
MOST_OWNERS: Final = 3
MOST_PLACES: Final = 50
"""Those with most files."""
_CLEAR: Final = 0.5
"""A folder in which one person has so many of the changes is not looked into further."""
_DEEPEST: Final = 4
"""Levels of folders that are looked into."""
_YEAR: Final = timedelta(days=365)


class Evidence(NamedTuple):
    """What somebody did in one place in the last year."""

    owner: str
    """Id."""
    commits: int
    """So many at least: history tells of a file its last authors, not which commits they share with others."""
    files: int
    """That they changed."""
    reviews: int
    """Pull requests of others that they reviewed or merged."""
    share: float
    """Their part of the place's changes."""
    last_at: datetime | None
    """Of their last change."""


class Suggestion(NamedTuple):
    """A place without an owner, and who may own it."""

    path: str
    is_folder: bool
    files: int
    owners: tuple[Evidence, ...]
    """The likeliest first; at least one."""


Reviews = Mapping[str, Collection[tuple[str, int]]]
"""By path, owner ids and the numbers of pull requests that they reviewed or merged."""


def reviews_of(
    repository: Repository, changes: Iterable[PullRequest], reviewers: Callable[[PullRequest], Iterable[str]]
) -> Reviews:
    """Return who reviewed or merged what others wrote in the last year.

    Args:
        repository: whose they are.
        changes: its pull requests, newest first.
        reviewers: gives the ids of those who are known to have reviewed one.
    """
    reviews: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for change in changes:
        if repository.head_at is None or change.merged_at < repository.head_at - _YEAR:
            break
        others = {change.merger, *reviewers(change)} - {"", change.author, *change.co_authors}
        for file in change.files if others else ():
            reviews[file.path].update((owner, change.number) for owner in others)
    return reviews


def suggestions(
    files: Iterable[FileEntry], unmatched: Collection[str], reviews: Reviews, may_own: Callable[[str], bool]
) -> tuple[Suggestion, ...]:
    """Return who may own each place that no line is about, places with most files first.

    A folder is one place where nothing in it is owned. It is looked into where no one person made most of its changes.

    Args:
        files: of the head.
        unmatched: those that no line of the CODEOWNERS file matches.
        reviews: from `reviews_of`.
        may_own: tells by id who is a person and still there.
    """
    tree = _Tree(files, unmatched, reviews, may_own)
    places = sorted(tree.places_in(""), key=lambda one: (-one.files, one.path))
    return tuple(places[:MOST_PLACES])


class _Tree:
    def __init__(
        self, files: Iterable[FileEntry], unmatched: Collection[str], reviews: Reviews, may_own: Callable[[str], bool]
    ) -> None:
        self._below: defaultdict[str, list[FileEntry]] = defaultdict(list)
        self._own: defaultdict[str, list[FileEntry]] = defaultdict(list)
        self._folders: defaultdict[str, set[str]] = defaultdict(set)
        self._mixed: set[str] = set()
        self._reviews = reviews
        self._may_own = may_own
        for file in files:
            folder = file.path.rpartition("/")[0]
            is_unmatched = file.path in unmatched
            if is_unmatched:
                self._own[folder].append(file)
            while folder:
                parent = folder.rpartition("/")[0]
                self._folders[parent].add(folder)
                if is_unmatched:
                    self._below[folder].append(file)
                else:
                    self._mixed.add(folder)
                folder = parent

    def places_in(self, folder: str) -> list[Suggestion]:
        """Return the places below a folder, which is not one itself."""
        places = [one for below in sorted(self._folders[folder]) for one in self._places_of(below)]
        if not folder or folder in self._mixed:
            places += (
                Suggestion(file.path, False, 1, owners)
                for file in self._own[folder]
                if (owners := self._owners([file]))
            )
        return places

    def _places_of(self, folder: str) -> list[Suggestion]:
        files = self._below[folder]
        if not files:
            return []
        if folder in self._mixed:
            return self.places_in(folder)
        owners = self._owners(files)
        whole = [Suggestion(folder, True, len(files), owners)] if owners else []
        is_clear = bool(owners) and owners[0].share >= _CLEAR
        if is_clear or folder.count("/") + 1 >= _DEEPEST:
            return whole
        parts = [one for below in sorted(self._folders[folder]) for one in self._places_of(below)]
        return parts if not whole or sum(one.files for one in parts) * 2 >= len(files) else whole

    def _owners(self, files: Collection[FileEntry]) -> tuple[Evidence, ...]:
        changes: Counter[str] = Counter()
        most: Counter[str] = Counter()
        moments: defaultdict[str, set[datetime]] = defaultdict(set)
        changed: Counter[str] = Counter()
        reviewed = {one for file in files for one in self._reviews.get(file.path, ())}
        for file in files:
            for author in file.authors:
                changes[author.owner] += author.changes
                most[author.owner] = max(most[author.owner], author.changes)
                moments[author.owner].add(author.last_at)
                changed[author.owner] += 1
        reviews = Counter(owner for owner, _ in reviewed)
        in_all = sum(number for owner, number in changes.items() if self._may_own(owner))
        reviews_in_all = len({number for _, number in reviewed})
        theirs: list[Evidence] = []
        for owner in sorted({*changes, *reviews}):
            # One commit may change many files: so many commits there were at least.
            commits = max(most[owner], len(moments[owner]))
            share = changes[owner] / in_all if in_all and self._may_own(owner) else 0.0
            of_reviews = reviews[owner] / reviews_in_all if reviews_in_all else 0.0
            is_author = commits + reviews[owner] >= LEAST and share >= LEAST_SHARE
            is_reviewer = reviews[owner] >= LEAST and of_reviews >= LEAST_SHARE
            if (is_author or is_reviewer) and self._may_own(owner):
                last_at = max(moments[owner], default=None)
                theirs.append(Evidence(owner, commits, changed[owner], reviews[owner], share, last_at))
        theirs.sort(key=lambda one: (-one.share, -one.reviews, one.owner))
        return tuple(theirs[:MOST_OWNERS])
