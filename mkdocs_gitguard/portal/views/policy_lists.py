"""Lists of policies: the index, one for each repository, and those that a count leads to."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import index_path, is_policy, name_of, path_of
from mkdocs_gitguard.portal.lists.parts import FEWER, Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.policies import (
    ROLE_WORDS,
    by_role,
    columns_of,
    in_turns,
    spread,
    value_of,
)
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Graph, Policy, PolicyRole
    from mkdocs_gitguard.portal.lists.policies import Columns, Formats, Side
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MOST_SEVERE: Final = 50
_SHORT: Final = 20
"""Rows of a list beside the one that a page is about."""
_VALUES: Final = 8
"""Values of one side that are counted on a page."""


class _Shelf(NamedTuple):
    """What one repository has of policies."""

    repository: str
    path: str
    """Of its list."""
    held: int
    applying: int
    automation: int
    others: int
    """Samples, test data, versions."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, and the lists of each repository that holds anything or that a policy applies to."""
    graph = portal.graph
    repositories = sorted({*graph.policies_by_repository, *graph.asides_by_repository, *graph.applying_by_repository})
    shelves = tuple(_shelf(graph, repository) for repository in repositories)
    first = first_part("policy", len(shelves), name="by-repository")
    yield PortalPage(
        path="policy",
        title="Policies",
        write=partial(_index, part=first, rows=first.rows(shelves)),
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=30,
        nav_group="Policy",
        search=f"{count(len(graph.held_policies), 'policy', 'policies')}, where each applies, tests, owners, history.",
    )
    yield from further_pages(first, "Policies by repository", _by_repository, rows=shelves)
    yield from portal.options.kept_work.once("policy lists", "", graph, partial(_facets_of_all, portal.formats))
    for repository in repositories:
        made = partial(_pages_of, repository, portal.formats)
        yield from portal.options.kept_work.once("policy lists", repository, graph, made)


def _pages_of(repository: str, formats: Formats, graph: Graph) -> tuple[PortalPage, ...]:
    return tuple(_each_page(graph, repository, formats))


def _each_page(graph: Graph, repository: str, formats: Formats) -> Iterator[PortalPage]:
    path, name = index_path("policy", repository), name_of(repository)
    held = graph.policies_by_repository.get(repository, ())
    first = first_part(path, len(held), size=FEWER)
    title = f"Policies of {name}"
    yield PortalPage(
        path=path,
        title=title,
        nav_title=name,
        write=partial(_of_repository, repository=repository, part=first),
        is_index=True,
        is_wide=True,
        section="policy",
        search=f"{count(len(held), 'policy', 'policies')} of {name}.",
    )
    yield from further_pages(first, title, partial(_of_repository, repository=repository))
    yield from _facets(formats, repository, held)
    applying = len(graph.applying_by_repository.get(repository, ()))
    if applying > _SHORT:
        place = _beside(repository, "applies")
        yield from _list(place, applying, f"Policies that apply to {name}", partial(_applying, repository), path)
    for role, group in by_role(graph.asides_by_repository.get(repository, ())).items():
        if len(group) > _SHORT:
            words = f"{ROLE_WORDS[role].title} in {name}"
            yield from _list(_beside(repository, role), len(group), words, partial(_aside, repository, role), path)


def _list(path: str, rows: int, title: str, write: partial[Markup], section: str) -> Iterator[PortalPage]:
    first = first_part(path, rows, size=FEWER)
    yield PortalPage(path=path, title=title, write=partial(write, part=first), is_wide=True, section=section)
    yield from further_pages(first, title, write)


def _beside(repository: str, *segments: str) -> str:
    """Return the path of a further list of a repository, `""` for that of all: no name of a format is `-`."""
    return path_of("policy:" + "/".join(filter(None, (name_of(repository), "-", *segments))))


def _facets_of_all(formats: Formats, graph: Graph) -> tuple[PortalPage, ...]:
    return tuple(_facets(formats, "", tuple(graph.held_policies.values())))


def _facets(formats: Formats, repository: str, policies: Sequence[Policy]) -> Iterator[PortalPage]:
    """Yield a list for each value that a page counts, where not all of it stands in the table below the counts."""
    if len(policies) <= (FEWER if repository else _MOST_SEVERE):
        return
    section = index_path("policy", repository) if repository else "policy"
    for side, counts in spread(policies, formats):
        by_value: defaultdict[str, list[Policy]] = defaultdict(list)
        for policy in policies:
            by_value[value_of(policy, side, formats)].append(policy)
        for value, number in counts[:_VALUES] if len(counts) > 1 else ():
            title = f"Policies{f' of {name_of(repository)}' if repository else ''}: {side} {value}"
            first = first_part(_beside(repository, side, value), number, size=FEWER)
            chosen = tuple(by_value[value])
            write = partial(_facet, section=section, columns=columns_of(chosen), in_all=number, of_all=len(policies))
            yield PortalPage(
                path=first.path,
                title=title,
                write=partial(write, part=first, rows=first.rows(chosen)),
                is_wide=True,
                section=section,
            )
            yield from further_pages(first, title, write, rows=chosen)


def _facet(
    sheet: Sheet, *, section: str, columns: Columns, in_all: int, of_all: int, part: Part, rows: Sequence[Policy]
) -> Markup:
    return sheet.render(
        "gitguard/policies_facet.html",
        policies=rows,
        columns=columns,
        in_all=in_all,
        part=part,
        all_url=sheet.link(section),
        of_all=of_all,
        show_repository=section == "policy",
    )


def _by_repository(sheet: Sheet, part: Part, rows: Sequence[_Shelf]) -> Markup:
    return sheet.render("gitguard/policies.html", by_repository=rows, part=part)


def _index(sheet: Sheet, part: Part, rows: Sequence[_Shelf]) -> Markup:
    graph = sheet.graph
    held = tuple(graph.held_policies.values())
    others = by_role([policy for policy in graph.snapshot.policies if not is_policy(policy)])
    severe = in_turns(held, _MOST_SEVERE)
    return sheet.render(
        "gitguard/policies.html",
        policies=severe,
        columns=columns_of(severe),
        in_all=len(held),
        holders=len(graph.policies_by_repository),
        applied=sum(1 for policy in held if policy.scopes or graph.others(policy.id, "applies_to")),
        others={role: len(group) for role, group in others.items()},
        role_words=ROLE_WORDS,
        by_repository=rows,
        without=len(graph.without_applying_policy()),
        repositories_in_all=len(graph.snapshot.repositories),
        part=part,
        counts=_counts(sheet, "", held),
        show_repository=len(graph.policies_by_repository) > 1,
    )


def _shelf(graph: Graph, repository: str) -> _Shelf:
    asides = graph.asides_by_repository.get(repository, ())
    automation = sum(policy.role == "automation" for policy in asides)
    return _Shelf(
        repository,
        index_path("policy", repository),
        len(graph.policies_by_repository.get(repository, ())),
        len(graph.applying_by_repository.get(repository, ())),
        automation,
        len(asides) - automation,
    )


class _ShownCounts(NamedTuple):
    """Counts of one side as a page shows them."""

    side: Side
    rows: Sequence[tuple[str, int, str]]
    """Value, number, and the URL of the list of those, `""` where the table below holds them all."""
    more: int


def _counts(sheet: Sheet, repository: str, policies: Sequence[Policy]) -> list[_ShownCounts]:
    return [
        _ShownCounts(
            side,
            [(value, number, sheet.link(_beside(repository, side, value))) for value, number in rows[:_VALUES]],
            max(0, len(rows) - _VALUES),
        )
        for side, rows in spread(policies, sheet.formats)
    ]


def _of_repository(sheet: Sheet, repository: str, part: Part) -> Markup:
    graph = sheet.graph
    policies = graph.policies_by_repository.get(repository, ())
    asides = by_role(graph.asides_by_repository.get(repository, ())) if part.number == 1 else {}
    applying = graph.applying_by_repository.get(repository, ()) if part.number == 1 else ()
    return sheet.render(
        "gitguard/policies_of.html",
        repository=repository,
        policies=part.rows(policies),
        columns=columns_of(policies),
        in_all=len(policies),
        part=part,
        counts=_counts(sheet, repository, policies) if part.number == 1 and policies else (),
        applying=applying[:_SHORT],
        applying_in_all=len(applying),
        applying_url=sheet.link(_beside(repository, "applies")),
        asides=[
            (role, group[:_SHORT], len(group), sheet.link(_beside(repository, role))) for role, group in asides.items()
        ],
        role_words=ROLE_WORDS,
        show_repository=False,
    )


def _applying(repository: str, sheet: Sheet, part: Part) -> Markup:
    applying = sheet.graph.applying_by_repository.get(repository, ())
    return sheet.render(
        "gitguard/policies_applying_list.html", applying=part.rows(applying), part=part, lead="", more=0
    )


def _aside(repository: str, role: PolicyRole, sheet: Sheet, part: Part) -> Markup:
    asides = by_role(sheet.graph.asides_by_repository.get(repository, ())).get(role, [])
    return sheet.render("gitguard/policies_aside.html", policies=part.rows(asides), part=part)
