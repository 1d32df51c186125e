"""Decisions: a table of all, a page for each of the newest, and panels where they matter."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import (
    OUTCOME_WORDS,
    Decision,
    Organization,
    Policy,
    PullRequest,
    Repository,
    Rule,
    file_url,
    path_of,
)
from mkdocs_gitguard.portal.lists.parts import Part, first_part, further_pages
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, Panel, PortalPage, View
from mkdocs_gitguard.portal.source_code import excerpt
from mkdocs_gitguard.words import count, day, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Coverage, Graph, Outcome, SourceSpan
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MOST: Final = 10_000
"""In the tables, the newest."""
_ROWS: Final = 50
"""Of a table: each has links to the decision, its rules, repository, pull request and file."""
_IN_A_PANEL: Final = 12
_EXCERPTS: Final = 3
_LINES: Final = 40
_LONGEST_TITLE: Final = 80

RESOLUTIONS: Final[Mapping[str, str]] = {
    "exact": "exact",
    "candidates": "one of several",
    "unresolved": "not found",
}
_FOUND_BY: Final[Mapping[str, str]] = {
    "number": "",
    "commit": "found by the commit that was judged",
    "time": "found by time: the newest on the default branch when the decision was made",
}


class Excerpt(NamedTuple):
    """The lines that a rule stands on."""

    span: SourceSpan
    html: Markup | None
    """None where the text is not at hand."""
    left: int
    """Lines of the rule that are not shown."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the table, in parts if it is long, and a page for each of the newest decisions."""
    decisions = portal.snapshot.decisions
    shown = decisions[:_MOST]
    first = first_part("decision", len(shown), size=_ROWS)
    write = partial(_table, in_all=len(decisions))
    yield PortalPage(
        path="decision",
        title="Decisions",
        write=partial(write, part=first, rows=first.rows(shown)),
        is_index=True,
        is_wide=True,
        is_traced=False,
        # Without any, it is reached from where decisions are spoken of.
        nav=40 if portal.snapshot.decisions else None,
        nav_group="Policy",
        search="What policies decided, and which rules made them decide it.",
    )
    yield from further_pages(first, "Decisions", write, rows=shown)
    yield from _by_outcome(shown, of_all=len(decisions))
    once = portal.options.kept_work.once
    for decision in decisions[: portal.options.decision_pages]:
        yield once("decision page", decision.id, portal.graph, partial(_page_of, decision), inputs=decision)


def _page_of(decision: Decision, _: Graph) -> PortalPage:
    return PortalPage(
        path=path_of(decision.id),
        title=title_of(decision),
        nav_title=OUTCOME_WORDS[decision.outcome],
        write=partial(_decision, decision=decision),
        section="decision",
        node=decision.id,
        search=" · ".join(filter(None, (decision.policy_key, one_line(decision.message)[:200]))),
        description=f"{OUTCOME_WORDS[decision.outcome].capitalize()} by {one_line(decision.policy_key)}.",
        updated_at=decision.at,
    )


def _by_outcome(decisions: Sequence[Decision], *, of_all: int) -> Iterator[PortalPage]:
    """Yield a list for each outcome, where not all decisions stand in one table that can be narrowed to it."""
    if len(decisions) <= _ROWS:
        return
    by_outcome: defaultdict[Outcome, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_outcome[decision.outcome].append(decision)
    for outcome, chosen in by_outcome.items():
        first = first_part(_path_of_outcome(outcome), len(chosen), size=_ROWS)
        title, write = f"Decisions: {OUTCOME_WORDS[outcome]}", partial(_of_outcome, in_all=len(chosen), of_all=of_all)
        yield PortalPage(
            path=first.path,
            title=title,
            write=partial(write, part=first, rows=first.rows(chosen)),
            is_wide=True,
            section="decision",
        )
        yield from further_pages(first, title, write, rows=chosen)


def _path_of_outcome(outcome: Outcome) -> str:
    return f"decision/-/{outcome}"


def _of_outcome(sheet: Sheet, rows: Sequence[Decision], part: Part, in_all: int, of_all: int) -> Markup:
    return sheet.render(
        "gitguard/decisions_of_outcome.html",
        shown=rows,
        in_all=in_all,
        of_all=of_all,
        part=part,
        **_words(sheet),
    )


def title_of(decision: Decision) -> str:
    """Return what people call a decision: its outcome and what was said, or who said it."""
    words = one_line(decision.message) or one_line(decision.policy_key) or decision.format
    if len(words) > _LONGEST_TITLE:
        words = f"{words[: _LONGEST_TITLE - 1].rstrip()}…"
    return f"{OUTCOME_WORDS[decision.outcome].capitalize()}: {words}"


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the style sheet of decisions and gaps."""
    yield own_asset("decisions.css", "style")


def _table(sheet: Sheet, rows: Sequence[Decision], part: Part, in_all: int) -> Markup:
    return sheet.render(
        "gitguard/decisions.html",
        shown=rows,
        in_all=in_all,
        part=part,
        left=max(0, in_all - _MOST),
        **(_counts(sheet) if part.number == 1 else {}),
        **_words(sheet),
    )


def _counts(sheet: Sheet) -> dict[str, object]:
    """Return what stands above the first part; the others know their rows alone."""
    counts = sheet.graph.decision_counts
    return {
        "coverage": counts.coverage,
        "outcomes": [
            (outcome, word, number, sheet.link(_path_of_outcome(outcome)))
            for outcome, word, number in _tally(counts.outcomes)
        ],
        "report_formats": counts.formats,
    }


def _tally(counts: Mapping[Outcome, int]) -> list[tuple[Outcome, str, int]]:
    """Return outcome, its word and how often it came, those that need attention first."""
    return [(outcome, word, counts[outcome]) for outcome, word in OUTCOME_WORDS.items() if counts.get(outcome)]


def _words(sheet: Sheet) -> dict[str, object]:
    """Return what the templates of decisions share."""
    return {
        "outcome_words": OUTCOME_WORDS,
        "resolution_words": RESOLUTIONS,
        "title_of": title_of,
        "made_by": partial(made_by, sheet),
        "gaps": sheet.link("gap"),
    }


def made_by(sheet: Sheet, decision: Decision) -> list[tuple[str, str]]:
    """Return title and URL of each rule, or policy, that a decision leads to; `""` for one without a page."""
    makers = []
    for node in decision.rules or decision.policies:
        url = sheet.link(node)
        record = sheet.graph.nodes.get(node)
        if not url and isinstance(record, Rule):
            url = sheet.link(record.policy)
        makers.append((sheet.ui.title(node), url))
    return makers


def _decision(sheet: Sheet, decision: Decision) -> Markup:
    excerpts = [_excerpt(sheet, span) for span in decision.spans[:_EXCERPTS]]
    return sheet.render(
        "gitguard/decision.html",
        decision=decision,
        found_by=_FOUND_BY.get(decision.subject.pull_request_by, ""),
        excerpts=excerpts,
        more_spans=decision.spans[_EXCERPTS:],
        **_words(sheet),
    )


def _excerpt(sheet: Sheet, span: SourceSpan) -> Excerpt:
    text = sheet.graph.texts.get(span.blob)
    forge = sheet.graph.forges.get(span.repository)

    def url(line: int) -> str:
        return file_url(forge, span.commit, span.path, line)

    html = (
        excerpt(text, span.path, span.first_line, span.last_line, url=url, most=_LINES, anchors=False) if text else None
    )
    return Excerpt(span, html, max(0, span.last_line - span.first_line + 1 - _LINES))


def share_text(coverage: Coverage) -> str:
    """Return the coverage in words: `87.5 %`, never rounded up to 100; `no data` where there are no decisions."""
    share = coverage.share
    if share is None:
        return "no data"
    percent = int(share * 1000) / 10
    return f"{percent:g} %"


def _panel(sheet: Sheet, decisions: Sequence[Decision], heading: str, *, show_subject: bool) -> Panel | None:
    if not decisions:
        return None
    html = sheet.render(
        "gitguard/decisions_panel.html",
        decisions=decisions[:_IN_A_PANEL],
        in_all=len(decisions),
        outcomes=_tally(Counter(decision.outcome for decision in decisions)),
        show_subject=show_subject,
        **_words(sheet),
    )
    return Panel(heading, html, anchor="decisions", order=40)


def _on_a_pull_request(sheet: Sheet, change: PullRequest) -> Panel | None:
    return _panel(
        sheet, sheet.graph.decisions_by_pull_request.get(change.id, ()), "Decisions taken", show_subject=False
    )


def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
    return _panel(
        sheet, sheet.graph.decisions_by_repository.get(repository.id, ()), "Policy decisions", show_subject=True
    )


def _on_a_policy(sheet: Sheet, policy: Policy) -> Panel | None:
    return _panel(
        sheet, sheet.graph.decisions_by_policy.get(policy.id, ()), "Decisions by this policy", show_subject=True
    )


def _on_a_rule(sheet: Sheet, rule: Rule) -> Panel | None:
    decisions = sheet.graph.decisions_by_rule.get(rule.id, ())
    if sheet.page.node == rule.policy and decisions == sheet.graph.decisions_by_policy.get(rule.policy, ()):
        # The only rule of its policy stands on its page, which tells of them.
        return None
    return _panel(sheet, decisions, "Decisions by this rule", show_subject=True)


def _on_the_home_page(sheet: Sheet, _: Organization) -> Panel | None:
    decisions = sheet.graph.snapshot.decisions
    if not decisions:
        return None
    counts = sheet.graph.decision_counts
    html = sheet.render(
        "gitguard/decisions_home.html",
        coverage=counts.coverage,
        share=share_text(counts.coverage),
        outcomes=_tally(counts.outcomes),
        newest=day(decisions[0].at) if decisions[0].at else "",
        sentence=count(len(decisions), "decision"),
        **_words(sheet),
    )
    return Panel("Policy decisions", html, anchor="decisions", order=40)


VIEW = View(
    name="decisions",
    needs="policy_transparency",
    pages=pages,
    assets=assets,
    panels={
        PullRequest: (_on_a_pull_request,),
        Repository: (_on_a_repository,),
        Policy: (_on_a_policy,),
        Rule: (_on_a_rule,),
        Organization: (_on_the_home_page,),
    },
)
