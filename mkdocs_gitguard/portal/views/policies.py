"""Policies: an index, a page for each, pages for the rules of those of several, and panels where policies matter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import (
    Owner,
    PullRequest,
    Repository,
    SourceSpan,
    edit_url,
    file_url,
    gravest_first,
    index_path,
    is_policy,
    name_of,
    path_of,
)
from mkdocs_gitguard.model.kept_work import kept_or_made
from mkdocs_gitguard.model.known_indexes import grouped
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.lists.policies import (
    ROLE_WORDS,
    anchors_of,
    applying_policies,
    by_role,
    group_id,
    groups_of,
    notable_groups,
    order_of,
)
from mkdocs_gitguard.portal.page import Panel, PortalPage, View
from mkdocs_gitguard.portal.source_code import excerpt
from mkdocs_gitguard.portal.views import policy_lists
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Forge, FormatTraits, Graph, Policy, Rule, Seen
    from mkdocs_gitguard.portal.lists.policies import Formats
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MOST_LINES: Final = 400
_MOST_IN_PANEL: Final = 15
_MOST_FOLDED: Final = 100
"""Of the others, by name alone, where no list elsewhere has them."""
_FEW_IN_PANEL: Final = 8
_MOST_VERSIONS: Final = 40
_MOST_TESTS: Final = 40


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, a list for each repository, and the pages of policies and rule groups."""
    yield from policy_lists.pages(portal)
    held = grouped((policy.repository, policy) for policy in portal.snapshot.policies)
    task, work = "policy pages", portal.options.kept_work
    for repository, policies in held.items():
        before = work.last(task, repository, portal.graph, _PolicyPages) or _PolicyPages({}, {})
        made = partial(_pages_of, policies, portal.formats, before)
        for pages_of_one in work.once(task, repository, portal.graph, made, inputs=policies).by_policy.values():
            yield from pages_of_one


class _MadeOf(NamedTuple):
    """All that tells which pages a policy has."""

    policy: Policy
    rules: Sequence[Rule]
    applications: int
    forges: Mapping[str, Forge | None]
    """By id, of the repositories that hold it and whose lines it and its rules are."""
    branch: str
    traits: FormatTraits


class _PolicyPages(NamedTuple):
    """The pages of one repository's policies, by policy, and what they were made of."""

    made_of: Mapping[str, _MadeOf]
    by_policy: Mapping[str, tuple[PortalPage, ...]]


def _pages_of(policies: Iterable[Policy], formats: Formats, before: _PolicyPages, graph: Graph) -> _PolicyPages:
    # Of two thousand policies a merge moves few.
    made_of = {policy.id: _made_of(graph, policy, formats[policy.format]) for policy in policies}
    made = kept_or_made(made_of, before.made_of, before.by_policy, lambda given: tuple(_each_page(given)))
    return _PolicyPages(made_of, made)


def _made_of(graph: Graph, policy: Policy, traits: FormatTraits) -> _MadeOf:
    rules = graph.rules_by_policy.get(policy.id, ())
    named = {policy.repository, policy.span.repository, *(rule.span.repository for rule in rules)}
    forges = {key: graph.forges.get(key) for key in named}
    branch = graph.default_branches.get(policy.repository, "")
    return _MadeOf(policy, rules, len(_applications(graph, policy)), forges, branch, traits)


def _each_page(made_of: _MadeOf) -> Iterator[PortalPage]:
    policy, rules, applications, forges, branch, traits = made_of
    groups = groups_of(rules)
    notable = notable_groups(traits, groups)
    # What there is to say of a policy's only rule is said on the policy's page.
    only = groups[notable[0]] if len(notable) == 1 else []
    own_pages = notable if len(notable) > 1 else []
    anchors = anchors_of(rules)
    shown = {rule.id: anchors[group[0].id] for name, group in groups.items() if name not in own_pages for rule in group}
    formerly = {}
    if only:
        shown |= {group_id(only[0]): anchors[only[0].id], **{rule.id: anchors[rule.id] for rule in only}}
        formerly[path_of(group_id(only[0]))] = anchors[only[0].id]
    title = policy.title or policy.name
    updated_at = policy.changes[0].at if policy.changes else None
    first = first_part(path_of(policy.id), applications, name="applies-to")
    yield PortalPage(
        path=path_of(policy.id),
        title=title,
        write=partial(_policy, policy=policy, groups=groups, own_pages=frozenset(own_pages), only=only, part=first),
        section=index_path("policy", policy.repository),
        node=policy.id,
        shows=shown,
        formerly=formerly,
        search=" · ".join(
            filter(
                None,
                (
                    *(policy.name, name_of(policy.repository), policy.span.path, policy.severity, policy.category),
                    *dict.fromkeys(text for rule in only[:5] for text in (rule.name, rule.title) if text != title),
                ),
            )
        ),
        description=policy.description.partition("\n")[0][:200],
        source_url=_span_url(forges, policy.span),
        edit_url=edit_url(forges[policy.repository], branch, policy.span.path),
        updated_at=updated_at,
    )
    yield from further_pages(first, f"What {title} applies to", partial(_applies_to, policy=policy))
    for name in own_pages:
        group = groups[name]
        yield PortalPage(
            path=path_of(group_id(group[0])),
            title=group[0].title if len(group) == 1 and group[0].title else f"{name} of {title}",
            nav_title=name,
            write=partial(_group, policy=policy, name=name, group=group),
            section=path_of(policy.id),
            node=group[0].id if len(group) == 1 else "",
            shows=anchors_of(group),
            search=" · ".join(filter(None, (name, policy.name, policy.span.path, *(r.title for r in group[:5])))),
            description=group[0].description.partition("\n")[0][:200],
            source_url=_span_url(forges, group[0].span),
            updated_at=updated_at,
        )


def _span_url(forges: Mapping[str, Forge | None], span: SourceSpan) -> str:
    return file_url(forges.get(span.repository), span.commit, span.path, span.first_line, span.last_line)


class _ShownRule(NamedTuple):
    """A definition of a rule as it stands on a page."""

    rule: Rule
    anchor: str
    title: str
    url: str
    """Of its first line in the source on the policy's page, `""` where that does not show it."""
    source: Markup | None
    """Its lines that do not stand there, None where all do or the text is not at hand."""


def _policy(
    sheet: Sheet,
    policy: Policy,
    *,
    groups: dict[str, list[Rule]],
    own_pages: frozenset[str],
    only: Sequence[Rule],
    part: Part,
) -> Markup:
    graph = sheet.graph
    anchors = anchors_of([rule for group in groups.values() for rule in group])
    tests = list(dict.fromkeys((*policy.tests, *(test for rule in only for test in rule.tests))))
    order = order_of(sheet.formats[policy.format], groups)

    def listed(names: Sequence[str]) -> list[tuple[str, list[Rule], str, str]]:
        return [
            (name, group, anchors[group[0].id], sheet.link(group_id(group[0])) if name in own_pages else "")
            for name, group in ((name, groups[name]) for name in names)
            if not only or name != only[0].name
        ]

    versions = graph.versions_by_policy.get(policy.id, ())
    return sheet.render(
        "gitguard/policy.html",
        policy=policy,
        role=ROLE_WORDS.get(policy.role),
        groups=listed(order.rules),
        helpers=listed(order.helpers),
        versions=versions[:_MOST_VERSIONS],
        versions_in_all=len(versions),
        has_codeowners=graph.codeowners_paths.get(policy.repository, "?") != "",
        only=_shown(sheet, policy, only, anchors, most=_MOST_LINES // 4),
        words_above=_words_of(policy),
        source=_source(sheet, policy.span, _first_line(policy), anchors=True),
        lines_left_out=max(policy.span.last_line - _first_line(policy) + 1 - _MOST_LINES, 0),
        source_url=_span_url(sheet.graph.forges, policy.span),
        applications=part.rows(_applications(graph, policy)),
        part=part,
        tests=tests[:_MOST_TESTS],
        tests_in_all=len(tests),
    )


def _applications(graph: Graph, policy: Policy) -> list[Seen]:
    return [seen for seen in graph.relations.get(policy.id, ()) if seen.type == "applies_to"]


def _applies_to(sheet: Sheet, policy: Policy, part: Part) -> Markup:
    return sheet.render(
        "gitguard/policy_applies_to.html", applications=part.rows(_applications(sheet.graph, policy)), part=part
    )


def _group(sheet: Sheet, policy: Policy, name: str, group: Sequence[Rule]) -> Markup:
    tests = list(dict.fromkeys(test for rule in group for test in rule.tests))
    return sheet.render(
        "gitguard/rule_group.html",
        policy=policy,
        name=name,
        rules=_shown(sheet, policy, group, anchors_of(group), most=_MOST_LINES),
        words_above=frozenset((group[0].severity, group[0].category)),
        tests=tests[:_MOST_TESTS],
        tests_in_all=len(tests),
    )


def _words_of(policy: Policy) -> frozenset[str]:
    """Return what a policy's page says of the policy, so that its rules need not say it again."""
    return frozenset((policy.title, policy.description, policy.severity, policy.category, *policy.related))


def _shown(
    sheet: Sheet, policy: Policy, group: Sequence[Rule], anchors: Mapping[str, str], *, most: int
) -> list[_ShownRule]:
    """Return the definitions of a rule, with `most` of those lines that do not stand on the policy's page."""
    lines = _lines_on_page(sheet, policy)
    shown = []
    for rule in group:
        span = rule.span
        there = lines if span.blob == policy.span.blob else range(0)
        first = _first_line(rule)
        url = sheet.link(policy.id, f"L{span.first_line}") if span.first_line in there else ""
        first = there.stop if first in there else first
        source = None
        if span.last_line not in there and most > 0:
            source = _source(sheet, span, first, anchors=False, most=most)
            most -= span.last_line - first + 1
        name = rule.name if len(group) == 1 else f"{rule.name}, line {span.first_line}"
        title = rule.title if rule.title != policy.title else ""
        shown.append(_ShownRule(rule, anchors[rule.id], title or name, url, source))
    return shown


def _lines_on_page(sheet: Sheet, policy: Policy) -> range:
    """Return the lines of a policy's source that stand on its page."""
    text = sheet.graph.texts.get(policy.span.blob)
    if text is None:
        return range(0)
    first = _first_line(policy)
    return range(first, min(policy.span.last_line, text.count("\n") + 1, first + _MOST_LINES - 1) + 1)


def _source(sheet: Sheet, span: SourceSpan, first: int, *, anchors: bool, most: int = _MOST_LINES) -> Markup | None:
    text = sheet.graph.texts.get(span.blob)
    if text is None:
        return None
    forge = sheet.graph.forges.get(span.repository)
    return excerpt(
        text,
        span.path,
        first,
        span.last_line,
        url=lambda line: file_url(forge, span.commit, span.path, line),
        most=most,
        anchors=anchors,
    )


def _first_line(record: Policy | Rule) -> int:
    """Return the line with which it begins: that of its annotation, if it has one."""
    return min(record.metadata_line or record.span.first_line, record.span.first_line)


def _changed_by(sheet: Sheet, change: PullRequest) -> Panel | None:
    known = sheet.graph.policies
    touched = gravest_first(known[node] for node in sheet.graph.others(change.id, "touches") if node in known)
    if not touched:
        return None
    # Workflows, samples and copies after the policies themselves, of which a library has many.
    changed = sorted(touched, key=lambda policy: not is_policy(policy))
    html = sheet.render(
        "gitguard/policies_panel.html",
        policies=changed[:_MOST_IN_PANEL],
        more=len(changed) - _MOST_IN_PANEL,
        folded=changed[_MOST_IN_PANEL:][:_MOST_FOLDED],
        url="",
        lead="The pull request changed the files in which these policies stand.",
        role_words=ROLE_WORDS,
    )
    return Panel("Policies changed by this pull request", html, anchor="policies-changed", order=30)


def _apply(sheet: Sheet, change: PullRequest) -> Panel | None:
    applying = applying_policies(sheet.graph, change)
    if not applying:
        return None
    html = sheet.render(
        "gitguard/policies_applying_list.html",
        applying=applying[:_MOST_IN_PANEL],
        more=len(applying) - _MOST_IN_PANEL,
        url=sheet.link(index_path("policy", change.repository)),
        part=None,
        lead="As these policies stand now, not as they stood when the pull request was merged.",
    )
    return Panel("Policies that apply to the touched files", html, anchor="policies-applying", order=35)


def _on_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    graph = sheet.graph
    own = graph.policies_by_repository.get(repository.id, ())
    asides = by_role(graph.asides_by_repository.get(repository.id, ()))
    applying = graph.applying_by_repository.get(repository.id, ())
    if not own and not asides and not applying:
        return None
    html = sheet.render(
        "gitguard/policies_of_repository.html",
        own=own[:_FEW_IN_PANEL],
        own_in_all=len(own),
        asides=asides,
        role_words=ROLE_WORDS,
        applying=applying[:_FEW_IN_PANEL],
        applying_in_all=len(applying),
        url=sheet.link(index_path("policy", repository.id)),
    )
    return Panel("Policies", html, order=40)


def _on_owner(sheet: Sheet, owner: Owner) -> Panel | None:
    owned = sheet.graph.policies_by_owner.get(owner.id, ())
    if not owned:
        return None
    holders = {policy.repository for policy in owned}
    html = sheet.render(
        "gitguard/policies_panel.html",
        policies=owned[:_MOST_IN_PANEL],
        more=len(owned) - _MOST_IN_PANEL,
        folded=owned[_MOST_IN_PANEL:][:_MOST_FOLDED],
        lead=f"{count(len(owned), 'policy', 'policies')}, by the CODEOWNERS of their repositories.",
        url=sheet.link(index_path("policy", owned[0].repository)) if len(holders) == 1 else "",
        role_words=ROLE_WORDS,
    )
    return Panel("Owns policies", html, order=40)


VIEW = View(
    name="policies",
    needs="policy_transparency",
    pages=pages,
    panels={
        PullRequest: (_changed_by, _apply),
        Repository: (_on_repository,),
        Owner: (_on_owner,),
    },
)
