"""Logins that are told by the forks from which somebody's pull requests came.

Judged by reading on 14 public repositories: of 548 such logins two were of somebody whose work a maintainer had
amended, which is now left out, and some seven are accounts of a company that one person has used.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from mkdocs_gitguard.assembly.addressed import Addressed
from mkdocs_gitguard.assembly.addresses import GITHUB
from mkdocs_gitguard.assembly.claims import ClaimOrigin, Member
from mkdocs_gitguard.assembly.joined_keys import JoinedKeys
from mkdocs_gitguard.assembly.probable_logins import squeezed
from mkdocs_gitguard.model import LoginEvidence

_FEWEST_FORKED: Final = 2
_SURE_SHARE: Final = 0.9
_PROBABLE_SHARE: Final = 0.75
_COMMITS_TO_ONE_FORKED: Final = 200
"""Of somebody who has more for each pull request from the fork, it is hardly their own."""
_ALIKE: Final = 4
"""Letters in a row that a login and a name have in common, where one is made of the other."""


def join_forks(
    groups: JoinedKeys,
    sources: Iterable[ClaimOrigin],
    members: Sequence[Member],
    addressed: Addressed,
    logins: defaultdict[str, frozenset[str]],
    *,
    sought: Collection[str] | None = None,
) -> dict[str, LoginEvidence]:
    """Join groups to the logins from whose forks their pull requests came, and return these by a key of the group.

    Only where a login's pull requests are all but one in ten of one person, who has no other login; of a login that
    a CODEOWNERS file names (`sought`) three in four make it probable. A maintainer who amends what others send is the
    author of it, but it came from another's fork: who has many commits and few from a fork that is not called like them
    does not get its login.
    """
    roots = addressed.roots_in(groups)
    counts = _pull_requests_of_forks(sources, [roots[own] for own in addressed.roots], sought)
    share = _SURE_SHARE if sought is None else _PROBABLE_SHARE
    places = addressed.places_by(roots) if counts else {}
    login_of: dict[str, LoginEvidence] = {}
    for login, writers in sorted(counts.items()):
        root, count = min(writers.items(), key=lambda item: (-item[1], item[0]))
        root = groups.find(root)
        if count < _FEWEST_FORKED or count < share * sum(writers.values()) or logins[root]:
            continue
        theirs = [members[place] for place in places.get(root, ())]
        commits = sum(member.identity.commits for member in theirs)
        if commits > _COMMITS_TO_ONE_FORKED * count and not _is_like(login, {member.name for member in theirs}):
            continue
        key = f"login:{GITHUB}/{login}"
        known = logins[groups.find(key)] | {f"{GITHUB}/{login}"}
        groups.join(root, key)
        logins[groups.find(key)] |= known
        login_of[key] = LoginEvidence(
            login=login, evidence="pull-request-fork", text=f"{count:,}", is_probable=sought is not None
        )
    return login_of


def _pull_requests_of_forks(
    sources: Iterable[ClaimOrigin], groups: Sequence[str], sought: Collection[str] | None
) -> Mapping[str, Mapping[str, int]]:
    """Return by login how many pull requests from its fork each group wrote."""
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    first = 0
    for source in sources:
        for login, numbers in source.forks.items():
            if sought is None or login in sought:
                for place, count in numbers.items():
                    counts[login][groups[first + place]] += count
        first += len(source.identities)
    return counts


def _is_like(login: str, names: Iterable[str]) -> bool:
    parts = {squeezed(login)[start : start + _ALIKE] for start in range(max(1, len(squeezed(login)) - _ALIKE + 1))}
    return any(part in squeezed(name) for name in names for part in parts)
