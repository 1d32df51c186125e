"""What happened, as git dates it: pull requests merged, releases, policies and CODEOWNERS files changed.

Pure functions over the snapshot's records, for feeds and for the pages of weeks.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from mkdocs_gitguard.model import PullRequest, commit_url, is_policy, name_of, pull_request_url, tag_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from mkdocs_gitguard.model import Change, Graph, Policy, Repository, Tag
    from mkdocs_gitguard.model.kept_work import KeptWork

NEWEST: Final = 50
"""What a feed holds."""
_MOST_FILES: Final = 200
"""Names of policies that one pull request is said to have changed are looked for among so many relations."""

HappeningType = Literal["merged", "released", "policy", "owners"]


class Happening(NamedTuple):
    """Something that happened in one repository."""

    at: datetime
    key: str
    """The same for the same thing whenever it is told: the id of a node, and a commit or tag where it has none."""
    type: HappeningType
    repository: str
    """Node id."""
    node: str
    """Node whose page tells of it."""
    title: str
    author: str = ""
    """Owner id; `""` where history does not tell."""
    changed: tuple[str, ...] = ()
    """Of what was merged, the ids of the policies that it changed."""
    url: str = ""
    """The same on the forge, `""` for none."""
    changes_owners: bool = False
    """Whether what was merged changed the CODEOWNERS file that counts."""


def newest(happenings: Iterable[Happening], number: int = NEWEST) -> tuple[Happening, ...]:
    """Return the newest happenings, the newest first."""
    return tuple(heapq.nlargest(number, happenings, key=lambda one: (one.at, one.key)))


def in_repository(graph: Graph, repository: Repository, is_wanted: Callable[[datetime], bool]) -> Iterator[Happening]:
    """Yield what happened in a repository, each sort newest first up to the first that is not wanted by its moment."""
    owners_file = graph.codeowners_paths.get(repository.id, "")
    for request in graph.pull_requests.get(repository.id, ()):
        if not is_wanted(request.merged_at):
            break
        yield merged(graph, request, owners_file)
    for tag in repository.tags:
        if not is_wanted(tag.at):
            break
        if tag.is_release:
            yield _released(repository, tag)
    for policy in graph.policies_by_repository.get(repository.id, ()):
        for change in policy.changes:
            if not is_wanted(change.at):
                break
            # What a pull request changed is told with it.
            if not change.pull_request:
                yield of_policy(graph, policy, change)
    yield from (one for one in _direct_change_of_owners(repository, owners_file) if is_wanted(one.at))


def newest_in_repository(key: str, graph: Graph) -> tuple[Happening, ...]:
    """Return the newest that happened in a repository, given by its id, the newest first."""
    repository = graph.repositories[key]
    last = graph.pull_requests.get(key, ())[NEWEST - 1 : NEWEST]

    def is_wanted(at: datetime) -> bool:
        return not last or at >= last[0].merged_at

    return newest(in_repository(graph, repository, is_wanted))


def _released(repository: Repository, tag: Tag) -> Happening:
    return Happening(
        at=tag.at,
        key=f"release:{name_of(repository.id)}/{tag.name}",
        type="released",
        repository=repository.id,
        node=repository.id,
        title=tag.name,
        url=tag_url(repository.forge, tag.name),
    )


def merged(graph: Graph, change: PullRequest, owners_file: str) -> Happening:
    """Return the merge of a pull request."""
    seen = islice(graph.relations.get(change.id, ()), _MOST_FILES)
    policies = (one.other for one in seen if one.type == "touches")
    return Happening(
        at=change.merged_at,
        key=change.id,
        type="merged",
        repository=change.repository,
        node=change.id,
        title=_title(change),
        author=change.author,
        changed=tuple(policy for policy in policies if policy in graph.held_policies),
        url=pull_request_url(graph.forges.get(change.repository), change.number),
        changes_owners=bool(owners_file) and any(file.path == owners_file for file in change.files),
    )


def _title(change: PullRequest) -> str:
    return f"#{change.number} {change.title}"


def of_policy(graph: Graph, policy: Policy, change: Change) -> Happening:
    """Return one change of a policy's file."""
    request = graph.nodes.get(change.pull_request)
    return Happening(
        at=change.at,
        key=f"{policy.id}@{change.commit}",
        type="policy",
        repository=policy.repository,
        node=policy.id,
        title=_title(request) if isinstance(request, PullRequest) else f"commit {change.commit[:10]}",
        author=change.author,
        url=commit_url(graph.forges.get(policy.repository), change.commit),
    )


def _direct_change_of_owners(repository: Repository, path: str) -> Iterator[Happening]:
    """Yield the last change of the CODEOWNERS file, where no pull request is known to have made it."""
    known = {commit.commit for commit in repository.direct_commits}
    for file in repository.files if path else ():
        if file.path == path and file.last_at is not None and file.last_commit in known:
            yield Happening(
                at=file.last_at,
                key=f"owners:{name_of(repository.id)}@{file.last_commit}",
                type="owners",
                repository=repository.id,
                node=repository.id,
                title=path,
                author=file.last_author,
                url=commit_url(repository.forge, file.last_commit),
            )


def by_team(graph: Graph, work: KeptWork, number: int = NEWEST) -> Mapping[str, tuple[Happening, ...]]:
    """Return by team that owns anything what happened to it: pull requests that touched its files, its policies.

    Args:
        graph: of the snapshot.
        work: what was worked out for the build before.
        number: how many of a team at most.
    """
    touched: defaultdict[str, list[Happening]] = defaultdict(list)
    for repository in graph.ownership:
        of_teams = work.once(
            "happenings of teams", repository, graph, partial(_by_team_in, repository, number), inputs=number
        )
        for team, happenings in of_teams.items():
            touched[team] += happenings
    for team in touched:
        for policy in graph.policies_by_owner.get(team, ()):
            direct = (change for change in policy.changes if not change.pull_request)
            touched[team] += (of_policy(graph, policy, change) for change in islice(direct, number))
    return MappingProxyType({team: newest(happenings, number) for team, happenings in sorted(touched.items())})


def teams_with_happenings(graph: Graph, work: KeptWork) -> tuple[str, ...]:
    """Return the teams that `by_team` knows, which asks much less than what happened to them.

    Args:
        graph: of the snapshot.
        work: what was worked out for the build before.
    """
    of_each = (work.once("teams", repository, graph, partial(_teams_in, repository)) for repository in graph.ownership)
    return tuple(sorted(frozenset[str]().union(*of_each)))


def _teams_in(repository: str, graph: Graph) -> frozenset[str]:
    """Return the teams that own anything in a repository, given by its id, or that a pull request there touched."""
    ownership, owners = graph.ownership[repository], graph.owners
    owning = {share.owner for share in ownership.owners}
    for one in ownership.pull_requests:
        touched = {share.owner for share in one.owners} - owning
        if touched and isinstance(graph.nodes.get(one.pull_request), PullRequest):
            owning |= touched
    return frozenset(owner for owner in owning if owner in owners and owners[owner].type == "team")


def _by_team_in(repository: str, number: int, graph: Graph) -> Mapping[str, list[Happening]]:
    """Return what happened to each team that owns anything in a repository, given by its id."""
    ownership = graph.ownership[repository]
    touched: dict[str, list[Happening]] = {team: [] for team in sorted(_teams_in(repository, graph))}
    taken: defaultdict[str, int] = defaultdict(int)
    for one in ownership.pull_requests:
        for share in one.owners:
            if share.owner in touched and taken[share.owner] < number:
                taken[share.owner] += 1
                change = graph.nodes.get(one.pull_request)
                if isinstance(change, PullRequest):
                    touched[share.owner].append(merged(graph, change, ownership.path))
    return touched


def of_all_policies(graph: Graph, most: int) -> Mapping[str, tuple[Happening, ...]]:
    """Return by policy its changes, of those `most` policies that changed last."""
    return MappingProxyType(
        {
            policy.id: newest(of_policy(graph, policy, change) for change in policy.changes)
            for policy in changed_last(graph, most)
        }
    )


def changed_last(graph: Graph, most: int) -> list[Policy]:
    """Return those `most` policies that changed last, by id."""
    changed = [policy for policy in graph.held_policies.values() if policy.changes and is_policy(policy)]
    last = heapq.nlargest(most, changed, key=lambda policy: (policy.changes[0].at, policy.id))
    return sorted(last, key=lambda policy: policy.id)
