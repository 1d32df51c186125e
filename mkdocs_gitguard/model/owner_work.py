"""What each owner did over all repositories, as an index of a graph that is brought up to date."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model.graph_answers import Work
from mkdocs_gitguard.model.moves import replaced
from mkdocs_gitguard.model.snapshot import pull_requests_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from types import MappingProxyType

    from mkdocs_gitguard.model.moves import Moves, Updated
    from mkdocs_gitguard.model.pull_request import PullRequest
    from mkdocs_gitguard.model.repository import Contribution, Repository
    from mkdocs_gitguard.model.snapshot import Snapshot

_MOST_MOVED: Final = 100
"""Repositories of which is looked at who did what there; with more of them, everybody's work is put together anew."""
_repository = attrgetter("repository")


class _Did:
    """What owners did in some repositories."""

    def __init__(self, repositories: Iterable[Repository], pull_requests: Iterable[PullRequest]) -> None:
        self.contributions: defaultdict[str, list[tuple[str, Contribution]]] = defaultdict(list)
        self.authored: defaultdict[str, list[PullRequest]] = defaultdict(list)
        self.merged: Counter[str] = Counter()
        for repository in repositories:
            for contribution in repository.contributors:
                self.contributions[contribution.owner].append((repository.id, contribution))
        for change in pull_requests:
            for author in _authors(change):
                self.authored[author].append(change)
            if change.merger:
                self.merged[change.merger] += 1

    @property
    def owners(self) -> dict[str, None]:
        """Those who did something."""
        return dict.fromkeys((*self.contributions, *self.authored, *self.merged))

    def of(self, owner: str) -> Work:
        """Return what one owner did."""
        contributions, authored = self.contributions.get(owner, ()), self.authored.get(owner, ())
        return Work(tuple(contributions), tuple(authored), self.merged[owner])


def _authors(change: PullRequest) -> Iterable[str]:
    """Return those who wrote it or helped to, each once."""
    authors = (change.author, *change.co_authors) if change.author else change.co_authors
    return dict.fromkeys(filter(None, authors)) if len(authors) > 1 else authors


def work_by_owner(snapshot: Snapshot) -> dict[str, Work]:
    """Return what each owner did who did anything, by id."""
    did = _Did(snapshot.repositories, snapshot.pull_requests)
    return {owner: did.of(owner) for owner in did.owners}


def updated_work_by_owner(before: MappingProxyType[str, Work], moves: Moves) -> Updated | None:
    """Return the same of a snapshot, of which something has moved since that of before; None: too much has."""
    moved = {one.id for one in chain(*moves.of("repositories"))}
    moved.update(map(_repository, chain(*moves.of("pull_requests"))))
    if len(moved) > _MOST_MOVED:
        return None
    touched = _touched(moves)
    now = _Did(
        (one for one in moves.now.repositories if one.id in moved),
        chain.from_iterable(pull_requests_of(moves.now, one) for one in sorted(moved)),
    )
    gone, come = (Counter(one.merger for one in some) for some in moves.of("pull_requests"))
    works = (
        (owner, _with(before.get(owner, _NOTHING), now.of(owner), come[owner] - gone[owner], moved))
        for owner in touched
    )
    return replaced(before, touched, ((owner, work) for owner, work in works if work != _NOTHING))


def _touched(moves: Moves) -> frozenset[str]:
    """Return the owners who did something else, or elsewhere, than before."""
    then, now = map(_contributions, moves.of("repositories"))
    others = {owner for place, owner in then.keys() | now.keys() if then.get((place, owner)) != now.get((place, owner))}
    for change in chain(*moves.of("pull_requests")):
        others.update(_authors(change))
        others.add(change.merger)
    return frozenset(others - {""})


def _contributions(repositories: Iterable[Repository]) -> dict[tuple[str, str], list[Contribution]]:
    """Return by repository and owner what they contributed."""
    contributions: defaultdict[tuple[str, str], list[Contribution]] = defaultdict(list)
    for repository in repositories:
        for one in repository.contributors:
            contributions[repository.id, one.owner].append(one)
    return contributions


_NOTHING: Final = Work()


def _with(before: Work, now: Work, merged: int, moved: Collection[str]) -> Work:
    """Return what an owner did, who did something else in some repositories than before.

    Args:
        before: what they did.
        now: what they did in the repositories that have moved.
        merged: how many pull requests more they have merged.
        moved: the ids of those repositories.
    """
    contributions = [one for one in before.contributions if one[0] not in moved]
    authored = [change for change in before.authored if change.repository not in moved]
    # Within a repository the order stays.
    return Work(
        tuple(sorted((*contributions, *now.contributions), key=lambda one: one[0])),
        tuple(sorted((*authored, *now.authored), key=_repository)),
        before.merged + merged,
    )
