"""The pages of policies and rules, and what other pages say of policies."""

import re
from dataclasses import fields
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st
from make.policy_files import GUARD
from make.portal import pages_of
from make.snapshot import CHANGE, GUARD_POLICY, GUARDRAILS, SPITE, guardrails
from msgspec.structs import replace

from mkdocs_gitguard.model import FileChange, Flags, Relation, Snapshot, path_of
from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.source_code import excerpt
from mkdocs_gitguard.words import visible

PAGES = pages_of(guardrails())
SEVERAL = pages_of(guardrails(f"{GUARD}\n# METADATA\n# title: Old\nwarn contains message if input.old\n"))
"""The same with a second rule of its policy."""
LONG = pages_of(
    guardrails(
        GUARD + "# so be it\n" * 340 + "deny contains message if {\n" + "\tinput.new\n" * 600 + "}\nhelper(x) := 1\n"
    )
)
"""The same with a definition that goes on where its policy's page ends."""
RULE = "rule:acme/guardrails/rego/repo.guard#"


def soup(path: str, pages: Pages = PAGES) -> BeautifulSoup:
    return BeautifulSoup(pages.write(pages.by_path[path]).html, "html.parser")


def lines_of(shown: Tag) -> list[Tag]:
    """The lines of the sources of a page, or of one source."""
    return shown.select("code[tabindex] > span")


def number_of(line: Tag) -> int:
    before = int(line.parent["style"].removeprefix("counter-reset:gg-line "))
    # Not `index`: to Beautiful Soup two empty lines are equal.
    number = before + next(place for place, one in enumerate(lines_of(line.parent.parent), 1) if one is line)
    assert line.get("id", f"L{number}") == f"L{number}"
    return number


def url_of(line: Tag) -> str:
    """Where the number of a line leads once scripts have run."""
    return line.find_parent("div", "gg-source")["data-gg-lines"].replace("{line}", str(number_of(line)))


def test_without_the_flag_there_is_nothing() -> None:
    pages = pages_of(guardrails(), flags=Flags())
    assert not [path for path in pages.by_path if path.startswith(("policy", "rule"))]
    page = pages.write(pages.by_path[path_of(CHANGE)]).html
    assert "Policies" not in page


def test_the_index_lists_every_policy_and_can_be_narrowed() -> None:
    page = soup("policy")
    held = [policy for policy in PAGES.portal.snapshot.policies if policy.role == "policy"]
    assert len(page.select("table[data-gg-table=policies] tbody tr")) == len(held)
    assert len(held) == len(PAGES.portal.snapshot.policies) - 1
    assert [th.text for th in page.select("th[data-gg-facet]")] == ["Format", "Severity", "Category"]
    row = page.find("a", string="Guard").find_parent("tr")
    assert "High" in row.text.title()
    assert "acme/policy" in row.text


def test_the_index_names_the_repositories_where_there_are_several() -> None:
    snapshot = PAGES.portal.snapshot
    other = replace(snapshot.policies[0], id="policy:acme/other/rego/x", repository="repository:acme/other")
    pages = pages_of(replace(snapshot, policies=(*snapshot.policies, other)))
    page = BeautifulSoup(pages.write(pages.by_path["policy"]).html, "html.parser")
    assert page.select_one("th[data-gg-facet]").text == "Repository"
    assert "acme/guardrails" in page.find("a", string="Guard").find_parent("tr").text


def test_a_policy_page_shows_metadata_source_tests_history_and_owner() -> None:
    page = soup(path_of(GUARD_POLICY))
    text = page.text
    for words in ("Keeps bad things out.", "supply chain", "acme/policy", "Mira", "test_helper", "#7 Raise it"):
        assert words in text
    assert page.select_one("a[href='https://example.org/guard']")
    line = page.select_one("#L22")
    assert line.text.strip() == "deny contains message if {"
    assert url_of(line) == f"https://github.com/acme/guardrails/blob/{'c' * 40}/policy/guard.rego#L22"
    assert [number_of(line) for line in lines_of(page)] == list(range(1, 38))
    applies = page.select_one("#applies-to").find_next("li").text.split()
    assert applies == ["acme/guardrails", "there", "to", "policy/", "configured", "entry", "1"]


def test_code_in_a_description_is_shown_as_code() -> None:
    snapshot = PAGES.portal.snapshot
    description = "Without `permissions`,\n\tthe token may do `<b>`.\n\nSo say it."
    policies = tuple(
        replace(one, description=description) if one.id == GUARD_POLICY else one for one in snapshot.policies
    )
    pages = pages_of(replace(snapshot, policies=policies))
    page = BeautifulSoup(pages.write(pages.by_path[path_of(GUARD_POLICY)]).html, "html.parser")
    first, second = page.select("p.gg-text")
    assert first.text == "Without permissions,\n the token may do <b>."
    assert [code.text for code in first.select("code")] == ["permissions", "<b>"]
    assert second.text == "So say it."


def headings(page: BeautifulSoup, level: str) -> list[str]:
    return [h.text.rstrip("¶") for h in page.select(level)]


def test_a_rule_group_page_tells_of_each_definition_and_leads_to_its_lines() -> None:
    page = soup(path_of(f"{RULE}deny"), SEVERAL)
    assert headings(page, "h2")[:2] == ["No force push", "No empty message"]
    assert "test_force_push_is_denied" in page.text
    assert page.find("a", string="Guard")
    hrefs = [page.select_one(f"#line-{line}").find_next("p", "gg-caption").a["href"] for line in (22, 30)]
    assert hrefs == [f"../../../../../{path_of(GUARD_POLICY)}/#L{line}" for line in (22, 30)]
    policy = soup(path_of(GUARD_POLICY), SEVERAL)
    assert all(policy.select_one(href[href.index("#") :]) for href in hrefs)


def test_a_policy_of_one_rule_is_one_page() -> None:
    """Helpers are no rules of which there is more to tell."""
    assert path_of(f"{RULE}deny") not in PAGES.by_path
    page = soup(path_of(GUARD_POLICY))
    assert headings(page, "h3")[:2] == ["No force push", "No empty message"]
    assert "test_force_push_is_denied" in page.select_one("#tests").find_next("ul").text
    assert page.select_one("#line-22").find_next("p", "gg-caption").a["href"] == "./#L22"
    assert page.select_one("#line-35").find_parent("ul", "gg-rules")
    search = PAGES.by_path[path_of(GUARD_POLICY)].search
    assert " · deny · No force push · No empty message" in search


@pytest.mark.parametrize("use_directory_urls", [True, False])
def test_the_page_that_a_policys_only_rule_once_had_leads_to_where_it_stands(*, use_directory_urls: bool) -> None:
    pages = pages_of(guardrails(), use_directory_urls=use_directory_urls)
    ending = "/index.html" if use_directory_urls else ".html"
    redirects = {asset.path: asset for asset in pages.redirects()}
    old = redirects[f"{path_of(f'{RULE}deny')}{ending}"]
    assert not old.load
    assert len(old.data) < 400
    page = BeautifulSoup(old.data, "html.parser")
    url = page.select_one("meta[http-equiv=refresh]")["content"].removeprefix("0;url=")
    there = urljoin(f"https://host/{old.path}", url)
    policy = pages.by_path[path_of(GUARD_POLICY)]
    assert there == f"https://host/{pages.url(policy)}#line-22"
    several = pages_of(guardrails(f"{GUARD}\nwarn contains message if input.old\n"))
    assert old.path not in {asset.path for asset in several.redirects()}


@pytest.mark.parametrize("pages", [PAGES, SEVERAL, LONG])
def test_a_line_of_a_source_stands_on_one_page_and_once(pages: Pages) -> None:
    lines = [
        url_of(line)
        for path in pages.by_path
        if path.startswith(("policy", "rule"))
        for line in lines_of(soup(path, pages))
    ]
    assert len(lines) == len(set(lines)) > 60


def test_a_page_shows_so_many_lines_however_long_a_rule_is() -> None:
    page = soup(path_of(GUARD_POLICY), LONG)
    assert [len(lines_of(source)) for source in page.select(".gg-source")] == [100, 400]


def test_lines_that_the_policys_page_does_not_show_stand_with_their_rule() -> None:
    filler = "# so be it\n" * 500
    for warn in ("", "warn contains message if input.old\n"):
        pages = pages_of(guardrails(f"{GUARD}{filler}deny contains message if {{\n\tinput.new\n}}\n{warn}"))
        page = soup(path_of(f"{RULE}deny" if warn else GUARD_POLICY), pages)
        late = page.select_one("#line-538").find_next("div", "gg-source")
        assert [number_of(line) for line in lines_of(late)] == [538, 539, 540]


def test_links_to_rules_without_a_page_lead_to_where_they_are_shown() -> None:
    sheet = SEVERAL.sheet(SEVERAL.by_path["policy"])
    assert sheet.link(f"{RULE}deny~no_force_push").endswith("/rego/repo.guard~23deny/#line-22")
    assert sheet.link(f"{RULE}helper").endswith("/rego/repo.guard/#line-35")
    sheet = PAGES.sheet(PAGES.by_path["policy"])
    assert sheet.link(f"{RULE}deny~no_force_push").endswith("/rego/repo.guard/#line-22")
    assert sheet.link(f"{RULE}helper").endswith("/rego/repo.guard/#line-35")
    assert soup(path_of(GUARD_POLICY)).select_one("#line-35")
    assert soup(path_of(f"{RULE}deny"), SEVERAL).select_one("#line-22")
    lines = soup(path_of(GUARD_POLICY)).select_one("#line-35 .gg-rule-line a")
    assert lines.text.startswith("line")
    assert "/policy/guard.rego#L35" in lines["href"]


@pytest.mark.parametrize("pages", [PAGES, SEVERAL])
def test_every_link_between_pages_has_its_anchor(pages: Pages) -> None:
    anchors = {path: {tag["id"] for tag in soup(path, pages).select("[id]")} for path in pages.by_path}
    for page, anchor in pages.shown_on.values():
        assert anchor in anchors[page.path]
    for path in pages.by_path:
        ids = [tag["id"] for tag in soup(path, pages).select("[id]")]
        assert len(ids) == len(set(ids)), path


def test_a_pull_request_tells_what_it_changed_and_what_applies_to_the_files_it_touched() -> None:
    page = soup(path_of(CHANGE))
    changed = page.select_one("section[data-gg-panel=policies-changed]")
    applying = page.select_one("section[data-gg-panel=policies-applying]")
    assert [li.a.text for li in changed.select("li")] == ["Guard"]
    assert [li.a.text for li in applying.select("li")] == ["Guard"]
    assert "entry 1" in applying.text


def test_many_policies_that_a_pull_request_changed_are_folded_and_the_rest_counted() -> None:
    snapshot = PAGES.portal.snapshot
    [policy] = [one for one in snapshot.policies if one.id == GUARD_POLICY]
    copies = [replace(policy, id=f"{GUARD_POLICY}{number}", name=f"Guard {number}") for number in range(119)]
    touched = [Relation(type="touches", source=CHANGE, target=copy.id) for copy in copies]
    many = replace(snapshot, policies=(*snapshot.policies, *copies), relations=(*snapshot.relations, *touched))
    panel = soup(path_of(CHANGE), pages_of(many)).select_one("section[data-gg-panel=policies-changed]")
    assert len(panel.select("ul")[0].select("li")) == 15
    assert panel.summary.text == "and 105 more policies"
    assert len(panel.details.select("li a")) == 100
    assert "and 5 more policies, not named here" in panel.details.text


def test_a_pull_request_is_not_subject_to_all_that_its_repository_holds() -> None:
    snapshot = PAGES.portal.snapshot
    readme = tuple(
        replace(one, files=(FileChange(path="README.md", status="modified"),)) for one in snapshot.pull_requests
    )
    page = soup(path_of(CHANGE), pages_of(replace(snapshot, pull_requests=readme)))
    assert not page.select_one("section[data-gg-panel=policies-applying]")


def test_repository_and_owner_tell_of_policies() -> None:
    text = soup(path_of(GUARDRAILS)).select_one("section[data-gg-panel=policies]").text
    assert "2 policies apply to this repository" in text
    assert "It holds 6 policies" in text
    assert "1 sample" in text
    assert "Guard" in soup(path_of("owner:team/acme/policy")).select_one("section[data-gg-panel=owns-policies]").text


@pytest.mark.parametrize("path", list(PAGES.by_path))
def test_nothing_of_a_source_becomes_markup(path: str) -> None:
    page = soup(path)
    for element in page.find_all(True):
        if element.name == "script":
            assert re.fullmatch(r"(\.\./)*assets/gitguard/[a-z.]+\.js", element["src"])
            assert not element.text
            continue
        assert element.name not in {"img", "i", "iframe", "style", "form"}
        assert element.name != "svg" or element.get("role") == "img" or element["class"] == ["gg-diagram-svg"]
        assert not [name for name in element.attrs if name.startswith("on")]
        assert not str(element.get("href", "")).lower().startswith("javascript")


def test_hostile_text_is_shown_as_it_stands() -> None:
    page = soup("policy/acme/guardrails/rego/hostile")
    assert visible(SPITE) in page.select_one(".gg-source").text
    assert "\u202e" not in str(page)


@settings(deadline=None)
@given(
    st.text(alphabet="a<>&\"'{}[]#`\n\r\t é\u202e\x00|-:", max_size=120), st.sampled_from(["a.rego", "a.yaml", "a.x"])
)
def test_an_excerpt_is_its_source_line_by_line(text: str, path: str) -> None:
    html = excerpt(text, path, 1, 10_000, url=lambda line: f"https://example.org/#L{line}")
    page = BeautifulSoup(html, "html.parser")
    expected = visible(text.replace("\r\n", "\n")).split("\n")
    shown = [line.get_text().removesuffix("\n") for line in lines_of(page)]
    assert shown == expected[: len(shown)]
    assert len(shown) == min(len(expected), 400)
    assert {tag.name for tag in page.find_all(True)} <= {"div", "pre", "code", "span", "a"}


def test_lines_whose_urls_are_not_alike_have_links_of_their_own() -> None:
    html = excerpt("a\nb\n", "a.x", 1, 2, url=lambda line: f"https://example.org/{line}#L{line}")
    assert [link["href"] for link in BeautifulSoup(html, "html.parser").select("a.gg-ln")] == [
        "https://example.org/1#L1",
        "https://example.org/2#L2",
    ]


def test_a_long_source_is_cut_and_a_huge_one_not_coloured() -> None:
    html = excerpt("x := 1\n" * 1_000, "a.rego", 11, 900, url=lambda _: "", most=100)
    assert len(lines_of(BeautifulSoup(html, "html.parser"))) == 100
    assert 'style="counter-reset:gg-line 10"><span id="L11">' in html
    assert '<span class="o"' not in excerpt("x := 1\n" * 10_000, "a.rego", 1, 5, url=lambda _: "")


ONE = guardrails()
GUARD_OF_ONE = next(policy for policy in ONE.policies if policy.id == GUARD_POLICY)
TWO = replace(ONE, policies=(*ONE.policies, replace(GUARD_OF_ONE, id=f"{GUARD_POLICY}2", name="repo.guard2", rules=())))
"""The same with a second policy beside the first."""


def _of_policies(snapshot: Snapshot, kept_work: KeptWork) -> dict[str, PortalPage]:
    pages = pages_of(snapshot, kept_work=kept_work).by_path
    return {path: page for path, page in pages.items() if path.startswith(path_of(GUARD_POLICY))}


def _told(page: PortalPage) -> tuple[object, ...]:
    return tuple(
        (field.name, getattr(page, field.name)) for field in fields(page) if field.name not in {"write", "feed"}
    ) + tuple(sorted((key, repr(value)) for key, value in page.write.keywords.items()))  # type: ignore[attr-defined] # a partial


def _moved(snapshot: Snapshot, **changed: object) -> Snapshot:
    [first, *others] = snapshot.repositories
    assert first.id == GUARDRAILS
    return replace(snapshot, repositories=(replace(first, **changed), *others))


EDITS = {
    "its title": lambda shot: replace(
        shot, policies=tuple(replace(one, title="Else") if one.id == GUARD_POLICY else one for one in shot.policies)
    ),
    "a rule": lambda shot: replace(shot, rules=tuple(replace(rule, title="Else", keys=()) for rule in shot.rules)),
    "no rule": lambda shot: replace(shot, rules=()),
    "what it applies to": lambda shot: replace(
        shot,
        relations=(
            *shot.relations,
            *(Relation(type="subject_to", source=f"repository:acme/r{n}", target=GUARD_POLICY) for n in range(400)),
        ),
    ),
    "the branch": lambda shot: _moved(shot, default_branch="else"),
    "the forge": lambda shot: _moved(shot, forge=None),
}


@pytest.mark.parametrize("edit", EDITS)
def test_pages_of_a_policy_that_stays_are_kept_and_others_are_made_anew(edit: str) -> None:
    work, edited = KeptWork(), EDITS[edit](TWO)
    before = _of_policies(TWO, work)
    after, anew = _of_policies(edited, work), _of_policies(edited, KeptWork())
    assert {path: _told(page) for path, page in after.items()} == {path: _told(page) for path, page in anew.items()}
    assert {path: _told(page) for path, page in after.items()} != {path: _told(page) for path, page in before.items()}
    other = path_of(f"{GUARD_POLICY}2")
    is_of_all = edit in {"the branch", "the forge"}
    assert (after[other] is before[other]) is not is_of_all
