"""Owners of what a pull request touched, and which of them took part in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from mkdocs_gitguard.codeowners import Match
from mkdocs_gitguard.model import Participation, PullRequest, PullRequestOwnership, Role
from mkdocs_gitguard.ownership.areas import shares
from mkdocs_gitguard.ownership.owner_names import OwnerNames


class KnownParticipation:
    """Who owns what each pull request touched and took part in it, kept while owners and teams are the same.

    It is of one reading of a CODEOWNERS file: another one begins with nothing known.
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._follows_from: object = None
        self._known: dict[str, tuple[PullRequest, PullRequestOwnership]] = {}

    def of(
        self,
        changes: Iterable[PullRequest],
        owners_of: Callable[[str], tuple[str, ...]],
        names: OwnerNames,
        of_rules: Sequence[tuple[str, ...]],
    ) -> tuple[PullRequestOwnership, ...]:
        """Return it of each pull request, worked out anew for one that is not the very same as the last time.

        Args:
            changes: with their files.
            owners_of: owner ids of a path, which need not be in the tree any more.
            names: knows who is in which team.
            of_rules: owner ids of each rule; where who they are is not as it was, all are worked out anew.
        """
        owners = sorted({*chain(*of_rules)})
        teams = [(owner, frozenset(names.members(owner)), names.is_group(owner)) for owner in owners]
        before = self._known if self._follows_from == (of_rules, teams) else {}
        self._follows_from, self._known = (of_rules, teams), {}
        for change in changes:
            known = before.get(change.id)
            if known is None or known[0] is not change:
                known = change, ownership_of(change, owners_of, names)
            self._known[change.id] = known
        return tuple(ownership for _, ownership in self._known.values())


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
