"""Decisions and gaps on the portal: led to their source lines, complete, and harmless whatever they hold."""

import re
from collections import Counter

from bs4 import BeautifulSoup
from make.portal import FORMATS, html_of, pages_of
from make.snapshot import HOSTILE_MESSAGE, likely, with_decisions
from msgspec.structs import replace

from mkdocs_gitguard.model import Coverage, Flags, Graph, Repository, path_of
from mkdocs_gitguard.portal.diagrams.subjects import of_policy
from mkdocs_gitguard.portal.lists.policies import Formats
from mkdocs_gitguard.portal.views.decisions import share_text
from mkdocs_gitguard.portal.views.gaps import find_gaps

PLAIN = likely(pull_requests=6)
SNAPSHOT = with_decisions(PLAIN)


def written(pages, path):
    return BeautifulSoup(html_of(pages, path), "html.parser")


def test_the_table_names_outcome_rule_source_subject_and_time():
    page = written(pages_of(SNAPSHOT), "decision")
    rows = page.select("table.gg-decisions tbody tr")
    assert len(rows) == 50
    exact = next(row for row in rows if row.select_one("td[data-value=exact]"))
    source = exact.select_one("td[data-value=exact] a.gg-out")["href"]
    assert source == f"https://github.com/acme/billing/blob/{SNAPSHOT.repositories[0].head}/policies/guard.rego#L5-L8"
    assert exact.select_one("time")["datetime"].startswith("2026-11-")
    assert "exact 36 60.0 %" in " ".join(page.select_one(".gg-coverage-legend").text.split())


def test_thousands_of_decisions_are_parted_and_none_is_left_out():
    given = with_decisions(PLAIN, number=1_234)
    pages = pages_of(given, decision_pages=10)
    parts = [path for path in pages.by_path if path == "decision" or path.startswith("decision/page-")]
    assert len(parts) == 25
    rows = [row for path in parts for row in written(pages, path).select("table.gg-decisions tbody tr")]
    assert len(rows) == 1_234
    assert len([page for page in pages.by_path.values() if page.node.startswith("decision:")]) == 10
    first = written(pages, "decision")
    assert next(link["href"] for link in first.select(".gg-parts a")) == "page-2/"


def test_a_decision_shows_the_lines_of_its_rule():
    pages = pages_of(SNAPSHOT)
    decision = next(one for one in SNAPSHOT.decisions if one.resolution == "exact" and one.input)
    page = written(pages, path_of(decision.id))
    source = page.select_one(".gg-source")
    assert source["data-gg-lines"].endswith("#L{line}")
    assert source.code["style"] == "counter-reset:gg-line 4"
    assert len(source.select("code > span")) == 4
    assert next(line.text for line in page.select(".gg-source code > span")) == "deny contains msg if {\n"
    assert decision.reason in page.text
    assert page.select_one("pre.gg-input code").text == decision.input


def test_what_is_not_sure_is_said():
    pages = pages_of(SNAPSHOT)
    for resolution, words in [("candidates", "one of several"), ("unresolved", "not found")]:
        decision = next(one for one in SNAPSHOT.decisions if one.resolution == resolution)
        assert words in written(pages, path_of(decision.id)).select_one(".gg-resolution").text


def test_one_candidate_alone_is_likely_not_one_of_one():
    rule = SNAPSHOT.rules[0]
    alone = [
        replace(one, rules=(rule.id,), spans=(rule.span,)) if one.resolution == "candidates" else one
        for one in SNAPSHOT.decisions
    ]
    pages = pages_of(replace(SNAPSHOT, decisions=tuple(alone)))
    decision = next(one for one in alone if one.resolution == "candidates")
    assert written(pages, path_of(decision.id)).select_one(".gg-resolution .gg-chip").text == "likely"
    rows = written(pages, "decision").select("tr:has(td[data-value=candidates])")
    assert {row.select_one("td[data-value] .gg-chip").text for row in rows} == {"likely"}


def test_a_decision_says_its_message_once():
    decision = next(one for one in SNAPSHOT.decisions if one.message)
    for message, quotes in (("No owner.", 0), ("No owner.\nAsk one.", 1), ("No owner. " * 30, 1)):
        reported = replace(decision, message=message)
        page = written(pages_of(replace(SNAPSHOT, decisions=(reported,))), path_of(reported.id))
        assert len(page.select("blockquote.gg-said")) == quotes


def test_code_in_a_message_is_shown_as_code():
    reported = replace(SNAPSHOT.decisions[0], message="The label `a.b/<i>` is required.", outcome="deny")
    pages = pages_of(replace(SNAPSHOT, decisions=(reported,)))
    assert written(pages, path_of(reported.id)).h1.code.text == "a.b/<i>"
    assert written(pages, "decision").select_one("td.gg-key a code").text == "a.b/<i>"


def test_a_policys_diagram_counts_in_words():
    policy = SNAPSHOT.policies[0]
    theirs = [one for one in SNAPSHOT.decisions if policy.id in one.policies and one.subject.repository]
    diagram = of_policy(Graph(SNAPSHOT), policy, str)
    lines = [(diagram.nodes[edge.source].label, diagram.nodes[edge.target].label, edge.label) for edge in diagram.edges]
    for repository, number in Counter(one.subject.repository for one in theirs).items():
        words = f"decided {number} time{'s' if number > 1 else ''}"
        assert (policy.title or policy.name, repository.partition(":")[2], words) in lines
    denied = Counter(one.subject.repository for one in theirs if one.outcome == "deny")
    assert denied.total() > 1
    for repository, number in denied.items():
        assert (repository.partition(":")[2], "denied", f"{number} time{'s' if number > 1 else ''}") in lines
    once = next(one for one in theirs if one.outcome == "deny")
    assert of_policy(Graph(replace(SNAPSHOT, decisions=(once,))), policy, str) is None


def test_panels_on_pull_request_repository_and_home():
    pages = pages_of(SNAPSHOT)
    change = next(one.subject.pull_request for one in SNAPSHOT.decisions if one.subject.pull_request)
    page = written(pages, path_of(change))
    taken = page.select_one("[data-gg-panel=decisions]")
    assert taken.h2.text.startswith("Decisions taken")
    expected = [one for one in SNAPSHOT.decisions if one.subject.pull_request == change]
    assert len(taken.select("tbody tr")) == min(12, len(expected))
    about = written(pages, path_of("repository:acme/ledger"))
    assert about.select_one("[data-gg-panel=decisions]").h2.text.startswith("Policy decisions")
    home = written(pages, "").select_one("[data-gg-panel=decisions]")
    assert "60 %of 60 decisions" in re.sub(r"\s+", " ", home.text).replace("% of", "%of")


def test_gaps_are_counted_and_named():
    gaps = find_gaps(Graph(SNAPSHOT), Formats(FORMATS))
    assert [policy.name for policy in gaps.without_owner] == ["repo.guard"]
    assert ([policy.name for policy in gaps.without_tests], gaps.testable) == (["repo.guard"], 1)
    assert gaps.without_description == []
    assert [len(unled.decisions) for unled in gaps.unresolved] == [12]
    assert [repository.name for repository in gaps.unapplied] == ["billing", "storefront"]
    page = written(pages_of(SNAPSHOT), "gap")
    assert [strong.text for strong in page.select(".gg-tiles strong")] == ["2", "12", "12", "1", "1", "0"]
    untested = replace(SNAPSHOT, policies=tuple(replace(one, title="") for one in SNAPSHOT.policies), rules=())
    assert [policy.name for policy in find_gaps(Graph(untested), Formats(FORMATS)).without_description] == [
        "repo.guard"
    ]


def test_without_decisions_there_is_no_data_and_no_panel():
    pages = pages_of(PLAIN)
    assert "No decision report is known yet" in written(pages, "decision").text
    gap = written(pages, "gap")
    assert [heading.text.strip(" \u00b6") for heading in gap.select("h2") if "ecision" in heading.text] == [
        "Decisions that lead to no rule, or to several"
    ]
    assert "No data: no decision report is known." in gap.text
    assert "ecision" not in gap.select_one(".gg-tiles").text, "none out of none would look like a good result"
    assert not written(pages, "").select("[data-gg-panel=decisions]")
    assert share_text(Coverage()) == "no data"


def test_a_share_is_never_rounded_up():
    assert share_text(Coverage(decisions=10_000, exact=9_999)) == "99.9 %"
    assert share_text(Coverage(decisions=8, exact=7)) == "87.5 %"
    assert share_text(Coverage(decisions=3, exact=3)) == "100 %"


def test_the_flag_turns_it_all_off():
    pages = pages_of(SNAPSHOT, flags=Flags())
    assert not [path for path in pages.by_path if path.startswith(("decision", "gap"))]
    assert not written(pages, "").select("[data-gg-panel=decisions]")


def test_every_page_is_written_and_every_inner_link_leads_somewhere():
    pages = pages_of(SNAPSHOT)
    for page in pages.by_path.values():
        if not page.path.startswith(("decision", "gap")):
            continue
        base = pages.target(page).split("/")[:-1]
        for link in BeautifulSoup(pages.write(page).html, "html.parser").select("a[href]"):
            href = link["href"].partition("#")[0]
            if "://" in href or not href or href.endswith(".json"):
                continue
            parts = list(base)
            for part in href.split("/"):
                if part == "..":
                    parts.pop()
                elif part not in {"", "."}:
                    parts.append(part)
            assert "/".join(parts) in pages.by_path, (page.path, link)


def test_hostile_texts_stay_texts():
    given = with_decisions(PLAIN, hostile=True)
    pages = pages_of(given)
    for page in pages.by_path.values():
        html = pages.write(page).html
        soup = BeautifulSoup(html, "html.parser")
        assert not soup.select("script:not([src*='assets/gitguard/']), img, iframe"), page.path
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)], page.path
        assert "49" not in page.title or "7*7" in page.title
    decision = next(one for one in given.decisions if one.message)
    assert HOSTILE_MESSAGE in written(pages, path_of(decision.id)).text


def test_a_repository_alone_has_its_decisions():
    bare = replace(SNAPSHOT, policies=(), rules=(), relations=(), sources=())
    page = written(
        pages_of(bare), path_of(next(one.subject.repository for one in bare.decisions if one.subject.repository))
    )
    assert page.select_one("[data-gg-panel=decisions]")
    assert isinstance(bare.repositories[0], Repository)
