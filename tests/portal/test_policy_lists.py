"""Lists of policies: what is held, what applies, what stands apart, what a count leads to, and gaps by cause."""

from functools import cache

import pytest
from bs4 import BeautifulSoup
from make.portal import pages_of
from make.snapshot import ACME, NOW
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    Decision,
    Evidence,
    FormatTraits,
    Graph,
    Ownership,
    Policy,
    PolicyRole,
    Relation,
    Repository,
    Rule,
    Snapshot,
    SourceSpan,
    Subject,
    path_of,
)
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.lists.policies import Formats, groups_of, in_turns, order_of
from mkdocs_gitguard.portal.views.gaps import causes_of, find_gaps

LARGE, SMALL, EMPTY = "repository:acme/large", "repository:acme/small", "repository:acme/empty"
BOUND = Evidence(basis="bound", what="conftest test asks policy", repository=SMALL, path="ci.yml", line=4)


def policy(repository: str, name: str, role: PolicyRole = "policy", **fields: object) -> Policy:
    span = SourceSpan(
        repository=repository, path=f"{name}.rego", first_line=1, last_line=9, commit="c" * 40, blob="b" * 40
    )
    made = Policy(
        id=f"policy:{repository.partition(':')[2]}/rego/{name}",
        repository=repository,
        format="rego",
        type="package",
        name=name,
        role=role,
        span=span,
    )
    return replace(made, **fields)


def snapshot() -> Snapshot:
    policies = [policy(LARGE, f"p{number:03}", severity="high" if number % 2 else "low") for number in range(142)]
    policies += [policy(LARGE, f"s{number:03}", "sample") for number in range(30)]
    policies += [
        policy(LARGE, "v1", "version", version_of=policies[0].id),
        policy(SMALL, "own", severity="high"),
        policy(SMALL, "ci", "automation", format="workflow"),
    ]
    return Snapshot(
        organization=ACME,
        repositories=tuple(
            Repository(id=one, namespace="acme", name=one.rpartition("/")[2], head="c" * 40, head_at=NOW)
            for one in (EMPTY, LARGE, SMALL)
        ),
        policies=tuple(sorted(policies, key=lambda one: one.id)),
        ownership=(Ownership(repository=LARGE, path=""), Ownership(repository=SMALL, path="CODEOWNERS")),
        relations=(Relation(type="subject_to", source=SMALL, target=policies[0].id, evidence=(BOUND,)),),
    )


@cache
def pages() -> Pages:
    return pages_of(snapshot())


def soup(path: str, of: Pages | None = None) -> BeautifulSoup:
    written = of or pages()
    return BeautifulSoup(written.write(written.by_path[path]).html, "html.parser")


def test_only_policies_are_counted_and_the_rest_is_told_apart() -> None:
    page = soup("policy")
    assert [strong.text for strong in page.select(".gg-tiles strong")] == ["143", "1", "2"]
    assert "1 workflow or pipeline, 30 samples and 1 older version or copy" in page.text
    cells = {row.a.text: [cell.text for cell in row.select("td.gg-number")] for row in page.select("tbody tr")[:2]}
    assert cells == {"acme/large": ["0", "142", "0", "31"], "acme/small": ["1", "1", "1", "0"]}
    home = soup("")
    assert "143policies" in home.text.replace(" ", "").replace("\n", "")
    assert "2repositorieswithoutapolicythatapplies" in home.text.replace(" ", "").replace("\n", "")


def test_the_most_severe_are_of_each_repository_in_turn() -> None:
    held = tuple(Graph(snapshot()).held_policies.values())
    assert {one.repository for one in in_turns(held, 2)} == {LARGE, SMALL}
    assert {one.severity for one in in_turns(held, 72)} == {"high"}
    assert in_turns(held, 1_000)[:143] == in_turns(held, 143)
    assert "50 most severe" in soup("policy").text


@pytest.mark.parametrize(
    ("page", "side", "value", "number"),
    [("policy", "severity", "high", 72), ("policy/acme/large", "severity", "low", 71)],
)
def test_a_count_leads_to_what_it_counts(page: str, side: str, value: str, number: int) -> None:
    counted = soup(page).find("a", string=value)
    assert counted["href"] == f"-/{side}/{value}/"
    rows = soup(f"{page}/-/{side}/{value}").select("table tbody tr")
    assert len(rows) == number
    assert {row.select_one("[data-label=Severity]").text.strip() for row in rows} == {value}


def test_a_table_that_holds_all_is_narrowed_in_place() -> None:
    page = soup("policy/acme/small")
    assert [one.text for one in page.select("[data-gg-narrow=severity]")] == ["high"]
    assert not [path for path in pages().by_path if path.startswith("policy/acme/small/-/")]


def test_what_applies_stands_before_what_is_held_with_its_evidence() -> None:
    page = soup("policy/acme/small")
    assert [heading["id"] for heading in page.select("h2")] == ["applies", "holds", "automation"]
    reason = page.select_one("#applies").find_next("li")
    assert "bound in the files conftest test asks policy ci.yml:4" in " ".join(reason.text.split())
    assert "No policy is known to apply" in soup("policy/acme/large").text
    there = soup(path_of(snapshot().relations[0].target)).select_one("#applies-to").find_next("li")
    assert "acme/small" in there.text
    assert "ci.yml:4" in there.text


def test_samples_are_folded_and_stand_whole_on_a_page_of_their_own() -> None:
    page = soup("policy/acme/large")
    fold = page.select_one("#sample").find_next("details")
    assert len(fold.select("li")) == 20
    assert fold.select_one("p a").text == "and 10 more"
    assert len(soup("policy/acme/large/-/sample").select("li")) >= 30
    assert "Older version or copy" in soup(path_of(f"policy:{LARGE[11:]}/rego/v1")).select_one(".gg-byline").text
    main = soup(path_of(f"policy:{LARGE[11:]}/rego/p000"))
    assert "v1.rego" in main.select_one("#versions").find_next("details").text


def rule(name: str, kind: str = "set", title: str = "") -> Rule:
    span = replace(policy(LARGE, "x").span, first_line=1)
    return Rule(id=f"rule:x#{name}", policy="x", name=name, type=kind, title=title, span=span, keys=(name,))


def test_what_engines_ask_comes_before_helpers() -> None:
    names = ["_manifests", "described", "helper", "deny", "warn_late", "denylist", "allow_x", "names"]
    kinds = {"allow_x": "function", "helper": "function"}
    rules = [rule(name, kinds.get(name, "set"), "Says so" if name == "described" else "") for name in names]
    order = order_of(FormatTraits("Rego"), groups_of(rules))
    assert order.rules == ("deny", "warn_late", "described")
    assert order.helpers == ("_manifests", "helper", "denylist", "allow_x", "names")
    library = order_of(FormatTraits("Rego"), groups_of([rule("_x"), rule("f", "function"), rule("names")]))
    assert library == (("names",), ("_x", "f"))
    jobs = order_of(FormatTraits("Workflow", has_rule_pages=False), groups_of([rule("_x"), rule("deny")]))
    assert jobs == (("_x", "deny"), ())


def test_gaps_are_grouped_by_cause_and_lead_to_the_rest() -> None:
    graph = Graph(snapshot())
    gaps = find_gaps(graph, Formats({}))
    assert (len(gaps.without_owner), gaps.policies) == (143, 143)
    assert [one.id for one in gaps.unapplied] == [EMPTY, LARGE]
    large, small = causes_of(graph, "owner", gaps.without_owner)
    assert (large.repository, len(large.policies), large.reason) == (
        LARGE,
        142,
        "the repository has no CODEOWNERS file",
    )
    assert small.reason == "no line of CODEOWNERS names an owner for its file"
    page = soup("gap")
    summary, _ = page.select_one("#owner").find_all_next("summary")[:2]
    assert summary.text == "142 policies of acme/large: the repository has no CODEOWNERS file"
    fold = summary.parent
    assert len(fold.select("li")) == 20
    assert (fold.select("a")[-1].text, fold.select("a")[-1]["href"]) == ("and 122 more", "owner/#of-acme/large")
    second = soup("gap/owner/page-2")
    assert [heading["id"] for heading in second.select("h2")] == ["of-acme/large", "of-acme/small"]
    assert len(second.select("tbody tr")) == 68


def test_decisions_can_be_narrowed_to_an_outcome() -> None:
    decisions = tuple(
        Decision(
            id=f"decision:acme/{number}",
            format="conftest",
            outcome="deny" if number % 3 else "warn",
            at=NOW,
            policy_key=f"k{number}",
            reason="x",
            resolution="unresolved",
            subject=Subject(),
        )
        for number in range(300)
    )
    many = pages_of(replace(snapshot(), decisions=decisions))
    page = soup("decision", many)
    assert [th.text for th in page.select("th[data-gg-facet]")] == ["Outcome"]
    assert page.find("a", string="warned")["href"] == "-/warn/"
    assert len(soup("decision/-/warn", many).select("tbody tr")) == 50
    few = soup("decision", pages_of(replace(snapshot(), decisions=decisions[:9])))
    assert few.select_one("[data-gg-narrow=outcome]").text == "denied"
