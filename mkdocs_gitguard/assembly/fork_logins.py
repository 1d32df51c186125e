"""Logins that are told by the forks from which somebody's pull requests came.

Judged by reading on 14 public repositories: of 548 such logins two were of somebody whose work a maintainer had
amended, which is now left out, and some seven are accounts of a company that one person has used.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from mkdocs_gitguard.assembly.claims import ClaimOrigin, Member, identity_key
from mkdocs_gitguard.assembly.joined_keys import JoinedKeys
from mkdocs_gitguard.assembly.probable_logins import squeezed
from mkdocs_gitguard.model import LoginEvidence

GITHUB: Final = "github.com"
_FEWEST_FORKED: Final = 2
_SURE_SHARE: Final = 0.9
_PROBABLE_SHARE: Final = 0.75
_COMMITS_TO_ONE_FORKED: Final = 200
"""Of somebody who has more for each pull request from the fork, it is hardly their own."""
_ALIKE: Final = 4
"""Letters in a row that a login and a name have in common, where one is made of the other."""


def join_forks(
    groups: JoinedKeys,
    sources: Sequence[ClaimOrigin],
    members: Sequence[Member],
    logins: defaultdict[str, set[str]],
    sought: Collection[str] | None = None,
) -> dict[str, LoginEvidence]:
    """Join groups to the logins from whose forks their pull requests came, and return these by a key of the group.

    Only where a login's pull requests are all but one in ten of one person, who has no other login; of a login that
    a CODEOWNERS file names (`sought`) three in four make it probable. A maintainer who amends what others send is the
    author of it, but it came from another's fork: who has many commits and few from a fork that is not called like them
    does not get its login.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for source in sources:
        for login, numbers in source.forks.items():
            for place, count in numbers.items():
                if sought is None or login in sought:
                    counts[login][groups.find(identity_key(source.repository, place))] += count
    share = _SURE_SHARE if sought is None else _PROBABLE_SHARE
    commits: Counter[str] = Counter()
    names: defaultdict[str, set[str]] = defaultdict(set)
    for member in members:
        commits[groups.find(member.key)] += member.identity.commits
        names[groups.find(member.key)].add(member.name)
    login_of: dict[str, LoginEvidence] = {}
    for login, writers in sorted(counts.items()):
        root, count = min(writers.items(), key=lambda item: (-item[1], item[0]))
        root = groups.find(root)
        if count < _FEWEST_FORKED or count < share * writers.total() or logins[root]:
            continue
        if not _is_like(login, names[root]) and commits[root] > _COMMITS_TO_ONE_FORKED * count:
            continue
        key = f"login:{GITHUB}/{login}"
        known = logins[groups.find(key)] | {f"{GITHUB}/{login}"}
        groups.join(root, key)
        logins[groups.find(key)] |= known
        login_of[key] = LoginEvidence(
            login=login, evidence="pull-request-fork", text=f"{count:,}", is_probable=sought is not None
        )
    return login_of


def _is_like(login: str, names: Iterable[str]) -> bool:
    parts = {squeezed(login)[start : start + _ALIKE] for start in range(max(1, len(squeezed(login)) - _ALIKE + 1))}
    return any(part in squeezed(name) for name in names for part in parts)
