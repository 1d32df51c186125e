"""Gaps: what keeps a decision from leading to a tested, owned and explained rule."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import is_described, is_tested
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Decision, Graph, Policy, Repository
    from mkdocs_gitguard.portal.lists.policies import Formats
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MOST_ROWS: Final = 300


class Unled(NamedTuple):
    """Decisions of one name that do not lead to the very rules, for one reason."""

    name: str
    reason: str
    decisions: Sequence[Decision]
    """Newest first."""


class Gaps(NamedTuple):
    """Everything that is missing, and of how much."""

    without_owner: Sequence[Policy]
    without_tests: Sequence[Policy]
    without_description: Sequence[Policy]
    policies: int
    testable: int
    """Policies of formats that have tests."""
    unresolved: Sequence[Unled]
    ambiguous: Sequence[Unled]
    ungoverned: Sequence[Repository]
    repositories: int

    @property
    def total(self) -> int:
        """How many entries the page has."""
        return sum(
            map(
                len,
                (
                    self.without_owner,
                    self.without_tests,
                    self.without_description,
                    self.unresolved,
                    self.ambiguous,
                    self.ungoverned,
                ),
            )
        )


def find_gaps(graph: Graph, formats: Formats) -> Gaps:
    """Return the gaps of a graph. Pure."""
    snapshot = graph.snapshot
    rules = graph.rules_by_policy
    governed = {relation.source for relation in snapshot.relations if relation.type == "governed_by"}
    owned = {relation.source for relation in snapshot.relations if relation.type == "owned_by"}
    testable = [policy for policy in snapshot.policies if formats[policy.format].is_testable]

    return Gaps(
        without_owner=[policy for policy in snapshot.policies if not policy.owners and policy.id not in owned],
        without_tests=[policy for policy in testable if not is_tested(policy, rules.get(policy.id, ()))],
        without_description=[
            policy for policy in snapshot.policies if not is_described(policy, rules.get(policy.id, ()))
        ],
        policies=len(snapshot.policies),
        testable=len(testable),
        unresolved=_unled(snapshot.decisions, "unresolved"),
        ambiguous=_unled(snapshot.decisions, "candidates"),
        ungoverned=[repository for repository in snapshot.repositories if repository.id not in governed],
        repositories=len(snapshot.repositories),
    )


def _unled(decisions: Sequence[Decision], resolution: str) -> list[Unled]:
    groups: defaultdict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.resolution == resolution:
            groups[decision.policy_key or decision.format, decision.reason].append(decision)
    unled = [Unled(name, reason, group) for (name, reason), group in groups.items()]
    return sorted(unled, key=lambda one: (-len(one.decisions), one.name, one.reason))


def pages(_: Portal) -> Iterator[PortalPage]:
    """Yield the one page."""
    yield PortalPage(
        path="gap",
        title="Gaps",
        write=_write,
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=45,
        search="Policies without owner, tests or description; decisions that lead to no rule; what nothing governs.",
    )


def _write(sheet: Sheet) -> Markup:
    gaps = find_gaps(sheet.graph, sheet.formats)
    no_owner = "No line of CODEOWNERS names an owner for their file."
    no_test = "No test of their repository exercises them."
    no_words = "Neither they nor their rules say what they are for."
    lists = [
        ("owner", "Policies without owner", gaps.without_owner, gaps.policies, no_owner),
        ("tests", "Policies without tests", gaps.without_tests, gaps.testable, no_test),
        ("description", "Policies without description", gaps.without_description, gaps.policies, no_words),
    ]
    decisions = len(sheet.graph.snapshot.decisions)
    unled = [
        ("unresolved", "Decisions that lead to no rule", gaps.unresolved),
        ("ambiguous", "Decisions that lead to several rules", gaps.ambiguous),
    ]
    return sheet.render(
        "gitguard/gaps.html",
        gaps=gaps,
        lists=lists,
        # None of none would look like a good result.
        unled=unled if decisions else (),
        most=_MOST_ROWS,
        decisions=decisions,
        sentence=count(gaps.total, "gap"),
    )


VIEW = View(name="gaps", needs="policy_transparency", pages=pages)
