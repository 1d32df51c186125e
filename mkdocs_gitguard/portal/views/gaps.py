"""Gaps: what keeps a decision from leading to a tested, owned and explained rule, by cause."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mkdocs_gitguard.codeowners import LOCATIONS
from mkdocs_gitguard.model import index_path, is_described, is_tested, name_of
from mkdocs_gitguard.portal.lists.owner_suggestions import evidence_in_words, holding, lines_for, suggested_owners
from mkdocs_gitguard.portal.lists.parts import FEWER, Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.codeowners.suggestions import Suggestion
    from mkdocs_gitguard.model import Decision, Graph, Ownership, Policy, Repository
    from mkdocs_gitguard.portal.lists.policies import Formats
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_TITLES: Final[Mapping[str, str]] = {
    "unapplied": "Repositories without a policy that applies",
    "unresolved": "Decisions that lead to no rule",
    "ambiguous": "Decisions that lead to several rules",
    "owner": "Policies without owner",
    "tests": "Policies without tests",
    "description": "Policies without description",
}
"""Of the lists, by anchor."""
_SHORT: Final = 20
"""Rows of a list on the page itself; all of them stand on a page of their own, where there are more."""
_CAUSES: Final = 15
"""Causes of a list on the page itself."""
_OPEN: Final = 2
"""Of these, whose first policies are named: the lists together have fewer than 300 stops for the keyboard."""


class Cause(NamedTuple):
    """Policies of one repository that lack the same thing for the same reason."""

    repository: str
    """Node id."""
    reason: str
    remedy: str
    policies: Sequence[Policy]


class Unled(NamedTuple):
    """Decisions of one name that do not lead to the very rules, for one reason."""

    name: str
    reason: str
    decisions: Sequence[Decision]
    """Newest first."""


class Gaps(NamedTuple):
    """Everything that is missing, and of how much. Automation, samples, test data and versions lack nothing."""

    without_owner: Sequence[Policy]
    without_tests: Sequence[Policy]
    without_description: Sequence[Policy]
    policies: int
    testable: int
    """Policies of formats that have tests."""
    unresolved: Sequence[Unled]
    ambiguous: Sequence[Unled]
    unapplied: Sequence[Repository]
    """Repositories to which no policy is known to apply."""
    repositories: int


def find_gaps(graph: Graph, formats: Formats) -> Gaps:
    """Return the gaps of a graph. Pure."""
    snapshot = graph.snapshot
    rules = graph.rules_by_policy
    held = [policy for _, policy in sorted(graph.held_policies.items())]
    testable = [policy for policy in held if formats[policy.format].is_testable]

    return Gaps(
        without_owner=[policy for policy in held if not policy.owners and not graph.others(policy.id, "owned_by")],
        without_tests=[policy for policy in testable if not is_tested(policy, rules.get(policy.id, ()))],
        without_description=[policy for policy in held if not is_described(policy, rules.get(policy.id, ()))],
        policies=len(held),
        testable=len(testable),
        unresolved=_unled(snapshot.decisions, "unresolved"),
        ambiguous=_unled(snapshot.decisions, "candidates"),
        unapplied=graph.without_applying_policy(),
        repositories=len(snapshot.repositories),
    )


def _unled(decisions: Sequence[Decision], resolution: str) -> list[Unled]:
    groups: defaultdict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        if decision.resolution == resolution:
            groups[decision.policy_key or decision.format, decision.reason].append(decision)
    unled = [Unled(name, reason, group) for (name, reason), group in groups.items()]
    return sorted(unled, key=lambda one: (-len(one.decisions), one.name, one.reason))


def causes_of(graph: Graph, anchor: str, policies: Sequence[Policy]) -> list[Cause]:
    """Return policies that lack something by cause, that of the most first.

    Args:
        graph: that they are of.
        anchor: what they lack: `owner`, `tests` or `description`.
        policies: by id.
    """
    causes = _causes_in_turn(graph, anchor, policies)
    return sorted(causes, key=lambda cause: (-len(cause.policies), cause.repository))


def _causes_in_turn(graph: Graph, anchor: str, policies: Sequence[Policy]) -> list[Cause]:
    groups: defaultdict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        groups[policy.repository].append(policy)
    return [
        Cause(repository, *_why(graph, anchor, repository, is_one=len(group) == 1), group)
        for repository, group in groups.items()
    ]


def _why(graph: Graph, anchor: str, repository: str, *, is_one: bool) -> tuple[str, str]:
    if anchor == "tests":
        them = "it" if is_one else "them"
        return f"no test of the repository exercises {them}", f"Write tests beside {them}."
    if anchor == "description":
        if is_one:
            return "neither it nor its rules say what it is for", "Give it a title."
        return "neither they nor their rules say what they are for", "Give each a title."
    path = graph.codeowners_paths.get(repository)
    if path == "":
        return "the repository has no CODEOWNERS file", "Add one."
    files = "its file" if is_one else "their files"
    return f"no line of {path or 'its CODEOWNERS file'} names an owner for {files}", "Add a line for the folder."


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page, and one in parts for each list that is long."""
    yield PortalPage(
        path="gap",
        title="Gaps",
        write=_write,
        is_index=True,
        is_traced=False,
        nav=45,
        nav_group="Health",
        search="Policies without owner, tests or description; decisions that lead to no rule; repositories without "
        "a policy that applies.",
    )
    for anchor, rows in _rows(portal.graph, find_gaps(portal.graph, portal.formats)).items():
        if len(rows) > _SHORT:
            first = first_part(f"gap/{anchor}", len(rows), size=FEWER)
            title, write = _TITLES[anchor], partial(_write_list, anchor=anchor)
            yield PortalPage(
                path=first.path,
                title=title,
                write=partial(write, part=first, rows=first.rows(rows)),
                is_wide=True,
                section="gap",
            )
            yield from further_pages(first, title, write, rows=rows)


def _rows(graph: Graph, gaps: Gaps) -> Mapping[str, Sequence[Any]]:
    """Return the rows of each list by its anchor; policies in the order of their causes."""
    lacking = {"owner": gaps.without_owner, "tests": gaps.without_tests, "description": gaps.without_description}
    return {
        "unapplied": gaps.unapplied,
        "unresolved": gaps.unresolved,
        "ambiguous": gaps.ambiguous,
        **{
            anchor: [policy for cause in causes_of(graph, anchor, policies) for policy in cause.policies]
            for anchor, policies in lacking.items()
        },
    }


class _ShownCause(NamedTuple):
    """A cause as the page shows it."""

    cause: Cause
    policies: Sequence[Policy]
    """The first of them."""
    url: str
    """Of the part of the whole list in which they begin, `""` where the page shows all."""
    owners: _OwnersFor | None = None
    """Who may own them; None: nobody is suggested, they lack something else, or the phase shows no owners."""


class _OwnersFor(NamedTuple):
    """Who may own the places that hold policies without an owner."""

    ownership: Ownership
    places: Sequence[Suggestion]
    lines: Sequence[str]
    """For the CODEOWNERS file."""
    new_file: str
    """Where it is to be made, if there is none."""


def _owners_for(sheet: Sheet, cause: Cause) -> _OwnersFor | None:
    graph = sheet.graph
    repository, ownership = graph.repositories.get(cause.repository), graph.ownership.get(cause.repository)
    if repository is None or ownership is None or not sheet.link(index_path("ownership", repository.id)):
        return None
    in_all = suggested_owners(graph, sheet.now, repository, ownership)
    theirs = holding(in_all, {policy.span.path for policy in cause.policies})
    if not theirs.places:
        return None
    lines = lines_for(theirs, repository, ownership).lines
    return _OwnersFor(ownership, theirs.places, lines, LOCATIONS[ownership.dialect][0])


def _shown(sheet: Sheet, anchor: str, causes: Sequence[Cause]) -> list[_ShownCause]:
    first = first_part(f"gap/{anchor}", sum(len(cause.policies) for cause in causes), size=FEWER)
    shown: list[_ShownCause] = []
    before = 0
    for number, cause in enumerate(causes[:_CAUSES]):
        url = sheet.link(first.path_of(before // FEWER + 1), f"of-{name_of(cause.repository)}")
        is_open = number < _OPEN
        owners = _owners_for(sheet, cause) if is_open and anchor == "owner" else None
        shown.append(_ShownCause(cause, cause.policies[: _SHORT if is_open else 0], url, owners))
        before += len(cause.policies)
    return shown


def _write(sheet: Sheet) -> Markup:
    graph, gaps = sheet.graph, find_gaps(sheet.graph, sheet.formats)
    lists = [
        (anchor, _TITLES[anchor], len(policies), of, causes_of(graph, anchor, policies))
        for anchor, policies, of in (
            ("owner", gaps.without_owner, gaps.policies),
            ("tests", gaps.without_tests, gaps.testable),
            ("description", gaps.without_description, gaps.policies),
        )
    ]
    decisions = len(graph.snapshot.decisions)
    unled = [
        ("unresolved", _TITLES["unresolved"], gaps.unresolved),
        ("ambiguous", _TITLES["ambiguous"], gaps.ambiguous),
    ]
    shown = [
        (anchor, title, number, of, _shown(sheet, anchor, causes), len(causes))
        for anchor, title, number, of, causes in lists
    ]
    return sheet.render(
        "gitguard/gaps.html",
        gaps=gaps,
        lists=shown,
        has_lines=any(cause.owners for *_, causes, _ in shown for cause in causes),
        # None of none would look like a good result.
        unled=unled if decisions else (),
        unapplied=_TITLES["unapplied"],
        short=_SHORT,
        decisions=decisions,
        evidence_in_words=evidence_in_words,
        script=sheet.file("assets/gitguard/copy.js"),
    )


def _write_list(sheet: Sheet, anchor: str, part: Part, rows: Sequence[Any]) -> Markup:
    graph = sheet.graph
    causes = _causes_in_turn(graph, anchor, rows) if anchor in ("owner", "tests", "description") else ()
    return sheet.render("gitguard/gap_page.html", anchor=anchor, shown=rows, causes=causes, part=part)


VIEW = View(name="gaps", needs="policy_transparency", pages=pages)
