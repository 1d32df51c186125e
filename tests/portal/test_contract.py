"""The contract between views and the portal, as `mkdocs_gitguard.portal` states it."""

import dataclasses
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, nodes
from make.portal import html_of, pages_of
from make.snapshot import NOW
from markupsafe import Markup
from msgspec.structs import replace

import mkdocs_gitguard
from mkdocs_gitguard.model import ALL_VIEWS, Finding, Flags, Organization, Repository, Snapshot, path_of
from mkdocs_gitguard.portal import Heading, Pages, Panel, Portal, PortalPage, View, Written
from mkdocs_gitguard.portal.views import VIEWS, repositories

BILLING = Repository(id="repository:Acme/billing", namespace="Acme", name="billing", description="<b>Bills</b>")
LEDGER = Repository(id="repository:Acme/ledger", namespace="Acme", name="ledger")
SNAPSHOT = Snapshot(organization=Organization(id="organization:acme", name="Acme"), repositories=(BILLING, LEDGER))


def pages_with(*views: View, flags: Flags = ALL_VIEWS, **options) -> Pages:
    return pages_of(SNAPSHOT, flags=flags, views=[*VIEWS, *views], **options)


@pytest.mark.parametrize(
    ("directory_urls", "start", "target", "url"),
    [
        (True, "", "repository", "repository/"),
        (True, "", BILLING.id, "repository/%21acme/billing/"),
        (True, "repository", "", "../"),
        (True, "repository", "repository", "./"),
        (True, path_of(BILLING.id), "repository", "../../"),
        (True, path_of(BILLING.id), LEDGER.id, "../ledger/"),
        (True, path_of(BILLING.id), BILLING.id, "./"),
        (False, "", BILLING.id, "repository/%21acme/billing.html"),
        (False, "repository", "", "../index.html"),
        (False, path_of(BILLING.id), "repository", "../index.html"),
        (False, path_of(BILLING.id), LEDGER.id, "ledger.html"),
    ],
)
def test_links_are_relative_to_the_page(*, directory_urls: bool, start: str, target: str, url: str) -> None:
    pages = pages_with(use_directory_urls=directory_urls)
    assert pages.sheet(pages.by_path[start]).link(target) == url


def test_a_node_without_a_page_has_no_link_but_a_name() -> None:
    pages = pages_with()
    sheet = pages.sheet(pages.by_path[""])
    assert sheet.link("pull-request:Acme/billing/1") == ""
    assert sheet.ui.node("pull-request:Acme/billing/1") == "<bdi>Acme/billing/1</bdi>"


def test_a_panel_of_another_view_stands_on_the_page_and_in_its_contents() -> None:
    extra = View(
        name="extra",
        panels={Repository: (lambda sheet, record: Panel("On it", sheet.ui.name(record.name)), lambda *_: None)},
    )
    pages = pages_with(extra)
    written = pages.write(pages.by_path[path_of(BILLING.id)])
    assert Heading(2, "on-it", "On it") in written.headings
    assert '<h2 id="on-it">' in written.html
    assert "&lt;b&gt;Bills&lt;/b&gt;" in written.html


def test_a_flag_turns_a_view_off_with_its_pages_and_panels() -> None:
    def page(_: Portal):
        yield PortalPage(path="extra", title="Extra", write=lambda sheet: sheet.ui.name("x"))

    view = View(name="extra", needs="owners", pages=page)
    assert "extra" in pages_with(view).by_path
    assert "extra" not in pages_with(view, flags=Flags()).by_path


def test_of_two_pages_at_one_path_the_first_stands_and_a_finding_tells() -> None:
    view = View(name="twin", pages=repositories.VIEW.pages)
    once, twice = pages_with(), pages_with(view)
    assert list(twice.by_path) == list(once.by_path)
    assert not once.clashes
    assert {finding.code for finding in twice.clashes} == {"page-clash"}
    assert "stands at its path, repository." in twice.clashes[0].message


def test_a_users_template_wins_and_an_undefined_name_is_an_error(tmp_path) -> None:
    (tmp_path / "gitguard").mkdir()
    template = tmp_path / "gitguard" / "repositories.html"
    template.write_text("{{ rows | length }} of ours")
    assert "2 of ours" in html_of(pages_with(template_folders=(str(tmp_path),)), "repository")
    template.write_text("{{ nothing }}")
    with pytest.raises(UndefinedError):
        html_of(pages_with(template_folders=(str(tmp_path),)), "repository")


def test_equal_pages_have_equal_keys_and_any_change_shows() -> None:
    first, second = (pages.write(pages.by_path["repository"]) for pages in (pages_with(), pages_with()))
    assert first.key == second.key
    pages = pages_with()
    assert pages.write(pages.by_path[path_of(LEDGER.id)]).key != pages.write(pages.by_path[path_of(BILLING.id)]).key


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Other"},
        {"nav_title": "Other"},
        {"search": "other"},
        {"description": "Other."},
        {"edit_url": "https://example.org/edit"},
        {"section": "owner"},
        {"is_index": True},
        {"is_wide": True},
        {"updated_at": NOW},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_a_page_hands_to_the_theme_is_in_its_key(changed) -> None:
    page = PortalPage(path="one", title="One", write=lambda _: Markup(""))
    written = Written(page, "<p>x</p>", (Heading(2, "a", "A"),))
    assert written.key == Written(page, "<p>x</p>", (Heading(2, "a", "A"),)).key
    assert written.key != Written(dataclasses.replace(page, **changed), written.html, written.headings).key


def test_body_and_headings_are_in_a_pages_key() -> None:
    page = PortalPage(path="one", title="One", write=lambda _: Markup(""))
    keys = {
        Written(page, html, headings).key
        for html in ("", "<p>x</p>")
        for headings in (
            (),
            (Heading(2, "a", "A"),),
            (Heading(3, "a", "A"),),
            (Heading(2, "b", "A"),),
            (Heading(2, "a", "B"),),
        )
    }
    assert len(keys) == 10


def test_a_repositorys_page_begins_with_its_worst_findings_and_folds_the_rest() -> None:
    findings = tuple(
        Finding(code=f"code-{number}", severity=severity, message="x", repository=BILLING.id)
        for number, severity in enumerate(["error", *["warning"] * 4, *["info"] * 5])
    )
    pages = pages_of(replace(SNAPSHOT, findings=findings))
    above, _, folded = html_of(pages, path_of(BILLING.id)).partition('<details class="gg-fold">')
    assert [code in above for code in ("code-0", "code-2", "code-3", "code-5")] == [True, True, False, False]
    assert "7 further findings" in folded
    assert "code-9" in folded


TEMPLATES = sorted((Path(mkdocs_gitguard.__file__).parent / "portal" / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_no_template_reaches_for_the_portal_or_the_whole_snapshot(path: Path) -> None:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    reached = {node.attr for node in tree.find_all(nodes.Getattr)} | {node.name for node in tree.find_all(nodes.Name)}
    assert not reached & {"snapshot", "portal"}
