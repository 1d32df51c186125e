"""What changed, by day, bots apart from people. Pure functions over the snapshot's records."""

from __future__ import annotations

import heapq
from itertools import chain, groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.words import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mkdocs_gitguard.model import DirectCommit, PullRequest, Repository

COMMITS_OF_A_DAY: Final = 5
"""Commits that stand open on a day without pull requests; the rest of them are folded, and all on other days."""
_CHANGES: Final = 15
_CHANGES_WITH_BOTS: Final = 60


class Commit(NamedTuple):
    """A commit that no pull request brought, and the repository that it came to."""

    repository: str
    commit: DirectCommit


class Day(NamedTuple):
    """What came to the default branches on one day."""

    moment: datetime
    people: list[PullRequest]
    bots: list[PullRequest]
    commits: list[Commit]
    """What no pull request brought."""


def latest_days(
    pull_requests: Iterable[PullRequest], repositories: Iterable[Repository], bots: Mapping[str, bool]
) -> list[Day]:
    """Return what changed last by day, until so much by people is shown.

    Args:
        pull_requests: all of them.
        repositories: those whose direct commits are shown too.
        bots: by owner, whether it is one.
    """
    direct = (Commit(repository.id, one) for repository in repositories for one in repository.direct_commits)
    by_people = (one for one in direct if not bots.get(one.commit.author))
    every: Iterable[PullRequest | Commit] = chain(pull_requests, by_people)
    changes = heapq.nlargest(_CHANGES_WITH_BOTS, every, key=_came)
    days: list[Day] = []
    shown = 0
    for _, group in groupby(changes, key=lambda change: day(_came(change)[0])):
        came = list(group)
        merged = [change for change in came if not isinstance(change, Commit)]
        people = [change for change in merged if not bots.get(change.author)]
        of_bots = [change for change in merged if bots.get(change.author)]
        commits = [change for change in came if isinstance(change, Commit)]
        days.append(Day(_came(came[0])[0], people, of_bots, commits))
        shown += len(people) or min(len(commits), COMMITS_OF_A_DAY)
        if shown >= _CHANGES:
            break
    return days


def _came(change: PullRequest | Commit) -> tuple[datetime, str]:
    """Return when it came to the default branch, and what tells two of one moment apart."""
    if isinstance(change, Commit):
        return change.commit.at, f"{change.repository} {change.commit.commit}"
    return change.merged_at, change.id
