"""Gaps: what keeps a decision from leading to a tested, owned and explained rule."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mkdocs_gitguard.model import is_described, is_tested
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Decision, Graph, Policy, Repository
    from mkdocs_gitguard.portal.lists.policies import Formats
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_TITLES: Final[Mapping[str, str]] = {
    "owner": "Policies without owner",
    "tests": "Policies without tests",
    "description": "Policies without description",
    "unresolved": "Decisions that lead to no rule",
    "ambiguous": "Decisions that lead to several rules",
    "ungoverned": "Repositories governed by nothing",
}
"""Of the lists, by anchor."""


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


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page, and further ones for the lists that are long."""
    yield PortalPage(
        path="gap",
        title="Gaps",
        write=_write,
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=45,
        nav_group="Health",
        search="Policies without owner, tests or description; decisions that lead to no rule; what nothing governs.",
    )
    for anchor, rows in _rows(find_gaps(portal.graph, portal.formats)).items():
        first = first_part("gap", len(rows), name=anchor)
        yield from further_pages(first, _TITLES[anchor], partial(_write_list, anchor=anchor), rows=rows)


def _rows(gaps: Gaps) -> Mapping[str, Sequence[Any]]:
    """Return the rows of each list by its anchor."""
    return {
        "owner": gaps.without_owner,
        "tests": gaps.without_tests,
        "description": gaps.without_description,
        "unresolved": gaps.unresolved,
        "ambiguous": gaps.ambiguous,
        "ungoverned": gaps.ungoverned,
    }


def _write(sheet: Sheet) -> Markup:
    gaps = find_gaps(sheet.graph, sheet.formats)
    no_owner = "No line of CODEOWNERS names an owner for their file."
    no_test = "No test of their repository exercises them."
    no_words = "Neither they nor their rules say what they are for."
    lists = [
        ("owner", _TITLES["owner"], gaps.without_owner, gaps.policies, no_owner),
        ("tests", _TITLES["tests"], gaps.without_tests, gaps.testable, no_test),
        ("description", _TITLES["description"], gaps.without_description, gaps.policies, no_words),
    ]
    decisions = len(sheet.graph.snapshot.decisions)
    unled = [
        ("unresolved", _TITLES["unresolved"], gaps.unresolved),
        ("ambiguous", _TITLES["ambiguous"], gaps.ambiguous),
    ]
    return sheet.render(
        "gitguard/gaps.html",
        gaps=gaps,
        lists=lists,
        # None of none would look like a good result.
        unled=unled if decisions else (),
        ungoverned=_TITLES["ungoverned"],
        parts={anchor: first_part("gap", len(rows), name=anchor) for anchor, rows in _rows(gaps).items()},
        decisions=decisions,
    )


def _write_list(sheet: Sheet, anchor: str, part: Part, rows: Sequence[Any]) -> Markup:
    return sheet.render("gitguard/gap_list.html", anchor=anchor, shown=rows, part=part)


VIEW = View(name="gaps", needs="policy_transparency", pages=pages)
