"""Owners of what a pull request touched, and which of them took part in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from mkdocs_gitguard.codeowners import Match
from mkdocs_gitguard.model import Participation, PullRequest, PullRequestOwnership, Role
from mkdocs_gitguard.ownership.areas import shares
from mkdocs_gitguard.ownership.owner_names import OwnerNames


def ownership_of(
    pull_request: PullRequest, owners_of: Callable[[str], tuple[str, ...]], names: OwnerNames
) -> PullRequestOwnership:
    """Return who owns the paths that a pull request touched.

    Args:
        pull_request: with its files.
        owners_of: owner ids of a path, which need not be in the tree any more.
        names: knows who is in which team.
    """
    tally: Counter[tuple[str, ...]] = Counter(owners_of(change.path) for change in pull_request.files)
    owners = shares(tally)
    roles = dict(reversed(list(_roles(pull_request))))
    participations = [
        Participation(owner=share.owner, person=person, role=role)
        for share in owners
        for person, role in roles.items()
        if person == share.owner or person in names.members(share.owner)
    ]
    took_part = {participation.owner for participation in participations}
    unknown = [
        share.owner
        for share in owners
        if share.owner not in took_part and names.is_group(share.owner) and not names.members(share.owner)
    ]
    return PullRequestOwnership(
        pull_request=pull_request.id,
        owners=owners,
        unowned=tally[()],
        participations=tuple(participations),
        unknown_teams=tuple(unknown),
    )


def _roles(pull_request: PullRequest) -> Iterator[tuple[str, Role]]:
    """Yield who took part and how, the weightiest role first."""
    if pull_request.author:
        yield pull_request.author, "author"
    for person in pull_request.co_authors:
        yield person, "co-author"
    if pull_request.merger:
        yield pull_request.merger, "merger"


def memoised(match: Callable[[str], Match], resolve: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """Return a function from path to owner ids that remembers each path."""
    known: dict[str, tuple[str, ...]] = {}
    resolved: dict[tuple[str, ...], tuple[str, ...]] = {}

    def owners_of(path: str) -> tuple[str, ...]:
        owners = known.get(path)
        if owners is None:
            written = match(path).owners
            if written not in resolved:
                resolved[written] = unique(map(resolve, written))
            owners = known[path] = resolved[written]
        return owners

    return owners_of


def unique(owners: Iterable[str]) -> tuple[str, ...]:
    """Return each owner once, sorted, so that the same owners in another order are the same owners."""
    return tuple(sorted(set(owners)))
