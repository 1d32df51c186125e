"""Policies: an index, a page for each and for each of their rule groups, and panels where policies matter elsewhere."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import (
    Owner,
    PullRequest,
    Repository,
    SourceSpan,
    edit_url,
    file_url,
    gravest_first,
    index_path,
    name_of,
    path_of,
)
from mkdocs_gitguard.portal.lists.policies import (
    governing_policies,
    group_id,
    groups_of,
    has_page,
    spread,
)
from mkdocs_gitguard.portal.page import Panel, PortalPage, View
from mkdocs_gitguard.portal.source_code import excerpt
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Graph, Policy, Rule
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MOST_ON_INDEX: Final = 500
"""Policies in the one table of the index; more are only in the tables of their repositories."""
_MOST_LINES: Final = 400
_MOST_IN_PANEL: Final = 15
_MOST_TESTS: Final = 40


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, a list for each repository, and the pages of policies and rule groups."""
    number = len(portal.snapshot.policies)
    yield PortalPage(
        path="policy",
        title="Policies",
        write=_index,
        is_index=True,
        is_wide=True,
        is_traced=False,
        nav=30,
        search=f"{count(number, 'policy', 'policies')}, each with its source lines, tests, owners and history.",
    )
    for repository, policies in sorted(portal.graph.policies_by_repository.items()):
        yield PortalPage(
            path=index_path("policy", repository),
            title=f"Policies of {name_of(repository)}",
            nav_title=name_of(repository),
            write=partial(_of_repository, repository=repository, policies=policies),
            is_index=True,
            is_wide=True,
            section="policy",
            search=f"{count(len(policies), 'policy', 'policies')} of {name_of(repository)}.",
        )
    for policy in portal.snapshot.policies:
        yield from _pages_of(portal, policy)


def _pages_of(portal: Portal, policy: Policy) -> Iterator[PortalPage]:
    groups = groups_of(portal.graph.rules_by_policy.get(policy.id, ()))
    traits = portal.formats[policy.format]
    own_pages = {name: group for name, group in groups.items() if has_page(traits, group)}
    title = policy.title or policy.name
    updated_at = policy.changes[0].at if policy.changes else None
    repository = portal.graph.repositories.get(policy.repository)
    yield PortalPage(
        path=path_of(policy.id),
        title=title,
        write=partial(_policy, policy=policy, groups=groups, own_pages=frozenset(own_pages)),
        section=index_path("policy", policy.repository),
        node=policy.id,
        shows={rule.id: _anchor(group[0]) for name, group in groups.items() if name not in own_pages for rule in group},
        search=" · ".join(
            filter(None, (policy.name, name_of(policy.repository), policy.span.path, policy.severity, policy.category))
        ),
        description=policy.description.partition("\n")[0][:200],
        source_url=_span_url(portal.graph, policy.span),
        edit_url=edit_url(repository.forge, repository.default_branch, policy.span.path)
        if repository is not None and repository.default_branch
        else "",
        updated_at=updated_at,
    )
    for name, group in own_pages.items():
        yield PortalPage(
            path=path_of(group_id(group[0])),
            title=group[0].title if len(group) == 1 and group[0].title else f"{name} of {title}",
            nav_title=name,
            write=partial(_group, policy=policy, name=name, group=group),
            section=path_of(policy.id),
            node=group[0].id if len(group) == 1 else "",
            shows={rule.id: _anchor(rule) for rule in group},
            search=" · ".join(filter(None, (name, policy.name, policy.span.path, *(r.title for r in group[:5])))),
            description=group[0].description.partition("\n")[0][:200],
            source_url=_span_url(portal.graph, group[0].span),
            updated_at=updated_at,
        )


def _anchor(rule: Rule) -> str:
    return f"line-{rule.span.first_line}"


def _span_url(graph: Graph, span: SourceSpan) -> str:
    return file_url(graph.forges.get(span.repository), span.commit, span.path, span.first_line, span.last_line)


def _index(sheet: Sheet) -> Markup:
    by_repository = sheet.graph.policies_by_repository
    policies = gravest_first(sheet.graph.snapshot.policies)
    return sheet.render(
        "gitguard/policies.html",
        policies=policies[:_MOST_ON_INDEX],
        in_all=len(policies),
        by_repository=[
            (repository, group, index_path("policy", repository)) for repository, group in sorted(by_repository.items())
        ],
        counts=spread(policies, sheet.formats),
        show_repository=len(by_repository) > 1,
    )


def _of_repository(sheet: Sheet, repository: str, policies: Sequence[Policy]) -> Markup:
    return sheet.render(
        "gitguard/policies_of.html",
        repository=repository,
        policies=policies,
        counts=spread(policies, sheet.formats),
        show_repository=False,
    )


def _policy(sheet: Sheet, policy: Policy, groups: dict[str, list[Rule]], own_pages: frozenset[str]) -> Markup:
    graph = sheet.graph
    return sheet.render(
        "gitguard/policy.html",
        policy=policy,
        groups=[
            (name, group, _anchor(group[0]), sheet.link(group_id(group[0])) if name in own_pages else "")
            for name, group in groups.items()
        ],
        source=_source(sheet, policy.span, policy.metadata_line or policy.span.first_line),
        lines_left_out=_left_out(policy.span, policy.metadata_line),
        source_url=_span_url(sheet.graph, policy.span),
        governed=[seen for seen in graph.relations.get(policy.id, ()) if seen.type == "governs"],
        tests=policy.tests[:_MOST_TESTS],
    )


def _group(sheet: Sheet, policy: Policy, name: str, group: Sequence[Rule]) -> Markup:
    tests = list(dict.fromkeys(test for rule in group for test in rule.tests))
    return sheet.render(
        "gitguard/rule_group.html",
        policy=policy,
        name=name,
        rules=[
            (rule, _anchor(rule), _source(sheet, rule.span, rule.metadata_line or rule.span.first_line))
            for rule in group
        ],
        tests=tests[:_MOST_TESTS],
        tests_in_all=len(tests),
    )


def _source(sheet: Sheet, span: SourceSpan, first: int) -> Markup | None:
    text = sheet.graph.texts.get(span.blob)
    if text is None:
        return None
    forge = sheet.graph.forges.get(span.repository)
    return excerpt(
        text,
        span.path,
        min(first, span.first_line),
        span.last_line,
        url=lambda line: file_url(forge, span.commit, span.path, line),
        most=_MOST_LINES,
    )


def _left_out(span: SourceSpan, metadata_line: int) -> int:
    first = min(metadata_line or span.first_line, span.first_line)
    return max(span.last_line - first + 1 - _MOST_LINES, 0)


def _changed_by(sheet: Sheet, change: PullRequest) -> Panel | None:
    known = sheet.graph.policies
    changed = gravest_first(known[node] for node in sheet.graph.others(change.id, "touches") if node in known)
    if not changed:
        return None
    html = sheet.render(
        "gitguard/policies_panel.html",
        policies=changed[:_MOST_IN_PANEL],
        more=len(changed) - _MOST_IN_PANEL,
        folded=(),
        lead="The pull request changed the files in which these policies stand.",
    )
    return Panel("Policies changed by this pull request", html, anchor="policies-changed", order=30)


def _govern(sheet: Sheet, change: PullRequest) -> Panel | None:
    governing = governing_policies(sheet.graph, change)
    if not governing:
        return None
    by_source = Counter((policy.repository, policy.format) for policy in governing)
    is_folded = len(governing) > _MOST_IN_PANEL
    html = sheet.render(
        "gitguard/policies_panel.html",
        policies=() if is_folded else governing,
        more=0,
        folded=[
            (repository, sheet.formats[form].title, number, sheet.link(index_path("policy", repository)))
            for (repository, form), number in sorted(by_source.items())
        ]
        if is_folded
        else (),
        lead="As these policies stand now, not as they stood when the pull request was merged.",
    )
    return Panel("Policies that govern the touched files", html, anchor="policies-governing", order=35)


def _on_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    graph = sheet.graph
    own = graph.policies_by_repository.get(repository.id, ())
    governed_by = [
        graph.policies[node] for node in graph.others(repository.id, "governed_by") if node in graph.policies
    ]
    if not own and not governed_by:
        return None
    elsewhere = Counter(policy.repository for policy in governed_by if policy.repository != repository.id)
    html = sheet.render(
        "gitguard/policies_of_repository.html",
        own=own[:_MOST_IN_PANEL],
        own_in_all=len(own),
        own_url=sheet.link(index_path("policy", repository.id)),
        governs_itself=sum(1 for policy in governed_by if policy.repository == repository.id),
        elsewhere=[
            (other, number, sheet.link(index_path("policy", other))) for other, number in sorted(elsewhere.items())
        ],
    )
    return Panel("Policies", html, order=40)


def _on_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    owned = sheet.graph.policies_by_owner.get(owner.id, ())
    if not owned:
        return None
    html = sheet.render(
        "gitguard/policies_panel.html",
        policies=owned[:_MOST_IN_PANEL],
        more=len(owned) - _MOST_IN_PANEL,
        folded=(),
        lead=f"{count(len(owned), 'policy', 'policies')}, by the CODEOWNERS of their repositories.",
    )
    return Panel("Owns policies", html, order=40)


VIEW = View(
    name="policies",
    needs="policy_transparency",
    pages=pages,
    panels={
        PullRequest: (_changed_by, _govern),
        Repository: (_on_repository,),
        Owner: (_on_owner,),
    },
)
