"""A person's and a team's page as a home: what changed there lately, which policies apply there, what is wrong."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import LATEST_PULL_REQUESTS, Owner
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.needs import changed_lately
from mkdocs_gitguard.portal.page import Panel, View
from mkdocs_gitguard.portal.path_answers import ruleset_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_gitguard.model import Finding, Graph, PullRequest
    from mkdocs_gitguard.portal.page import Sheet

_WEEK: Final = 7
_MONTH: Final = 30
"""Days."""
_SHOWN: Final = 20
_EARLIER: Final = 10
"""Pull requests that are shown where the last month has none."""
_REPOSITORIES: Final = 20
"""Of an owner, those with most of their files, in which policies and findings are looked for."""
_POLICIES: Final = 20
_OF_A_CAUSE: Final = 3
"""Findings of one cause whose places are named."""


class _Period(NamedTuple):
    """What was merged within so many days, newest first."""

    days: int
    people: Sequence[PullRequest]
    bots: Sequence[PullRequest]


def _there(graph: Graph, owner: Owner) -> tuple[Sequence[PullRequest], bool]:
    """Return the latest pull requests at what an owner has, newest first; of a team that has nothing, its members'.

    Also whether they are those of its members.
    """
    if owner.id in graph.holdings_by_owner:
        return graph.latest_pull_requests_by_owner.get(owner.id, ()), False
    members = graph.others(owner.id, "has_member") if owner.type == "team" else ()
    theirs = {
        change.id: change
        for member in members
        if member in graph.work_by_owner
        for change in graph.work_by_owner[member].authored
    }
    ordered = sorted(theirs.values(), key=lambda change: (change.merged_at, change.id), reverse=True)
    return ordered[:LATEST_PULL_REQUESTS], True


def _changes(sheet: Sheet, owner: Owner) -> Panel | None:
    changes, by_members = _there(sheet.graph, owner)
    if not changes and (by_members or owner.id not in sheet.graph.holdings_by_owner):
        return None
    month = list(takewhile(lambda change: not sheet.now.is_over(_MONTH, change.merged_at), changes))
    week = list(takewhile(lambda change: not sheet.now.is_over(_WEEK, change.merged_at), month))
    bots = sheet.graph.bots

    def period(days: int, merged: Sequence[PullRequest]) -> _Period:
        of_bots = [change for change in merged if bots.get(change.author)]
        return _Period(days, [change for change in merged if not bots.get(change.author)], of_bots)

    return Panel(
        "What their members merged" if by_members else "What changed there",
        sheet.render(
            "gitguard/owner_changes.html",
            periods=[period(_WEEK, week), period(_MONTH, month)],
            earlier=[] if month else [change for change in changes if not bots.get(change.author)][:_EARLIER],
            is_cut=len(month) == LATEST_PULL_REQUESTS,
            shown=_SHOWN,
        ),
        anchor="changes-there",
        order=12,
    )


def _repositories(graph: Graph, owner: Owner) -> list[str]:
    holdings = graph.holdings_by_owner.get(owner.id, ())
    return [holding.repository for holding in holdings if holding.files][:_REPOSITORIES]


def _policies(sheet: Sheet, owner: Owner) -> Panel | None:
    graph = sheet.graph
    repositories: Counter[str] = Counter()
    for repository in _repositories(graph, owner):
        repositories.update({one.policy.id for one in graph.applying_by_repository.get(repository, ())})
    if not repositories:
        return None
    ranked = sorted(repositories, key=lambda policy: (-repositories[policy], policy))
    return Panel(
        "Policies that apply there",
        sheet.render(
            "gitguard/owner_policies.html",
            rows=[(policy, repositories[policy]) for policy in ranked[:_POLICIES]],
            more=len(ranked[_POLICIES:]),
        ),
        anchor="policies-there",
        order=15,
    )


def _changed_policies(sheet: Sheet, owner: Owner) -> Panel | None:
    graph = sheet.graph
    teams = dict.fromkeys((*owner.teams, *graph.others(owner.id, "member_of")))
    theirs = {policy.id: policy for one in (owner.id, *teams) for policy in graph.policies_by_owner.get(one, ())}
    changed = changed_lately([*theirs.values()], sheet.now, _MONTH)
    if not changed:
        return None
    html = sheet.render(
        "gitguard/owner_changed_policies.html",
        policies=changed[:_POLICIES],
        more=len(changed[_POLICIES:]),
        days=_MONTH,
        has_teams=bool(teams),
    )
    return Panel("Their policies that changed", html, anchor="policies-changed", order=17)


def _theirs(graph: Graph, owner: Owner) -> Iterator[Finding]:
    """Yield the findings about files that are theirs."""
    for repository in _repositories(graph, owner):
        findings = [finding for finding in graph.findings.get(repository, ()) if finding.path]
        ownership = graph.ownership.get(repository)
        if findings and ownership is not None:
            ruleset = ruleset_of(ownership)
            yield from (finding for finding in findings if owner.id in ruleset.match(original(finding.path)).owners)


def _findings(sheet: Sheet, owner: Owner) -> Panel | None:
    findings = list(_theirs(sheet.graph, owner))
    if not findings:
        return None
    return Panel(
        "What is wrong there",
        sheet.render("gitguard/owner_findings.html", causes=causes(findings), most=_OF_A_CAUSE),
        anchor="findings-there",
        order=20,
    )


VIEW = View(name="owner-home", needs="owners", panels={Owner: (_changes, _policies, _changed_policies, _findings)})
