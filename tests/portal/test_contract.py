"""The contract between views and the portal, as `mkdocs_gitguard.portal` states it."""

from datetime import UTC, datetime

import pytest
from jinja2 import UndefinedError
from msgspec.structs import replace

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import ALL_VIEWS, Finding, Flags, Organization, Repository, Snapshot, path_of
from mkdocs_gitguard.portal import Heading, Options, Panel, Portal, PortalPage, Sheet, View
from mkdocs_gitguard.portal.views import VIEWS, repositories

NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
BILLING = Repository(id="repository:Acme/billing", namespace="Acme", name="billing", description="<b>Bills</b>")
LEDGER = Repository(id="repository:Acme/ledger", namespace="Acme", name="ledger")
SNAPSHOT = Snapshot(organization=Organization(id="organization:acme", name="Acme"), repositories=(BILLING, LEDGER))


def portal(*views: View, flags: Flags = ALL_VIEWS, options: Options | None = None) -> Portal:
    return Portal(SNAPSHOT, now=NOW, flags=flags, views=[*VIEWS, *views], options=options)


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
    site = portal(options=Options(use_directory_urls=directory_urls))
    assert Sheet(site, site.pages[start]).link(target) == url


def test_a_node_without_a_page_has_no_link_but_a_name() -> None:
    site = portal()
    sheet = Sheet(site, site.pages[""])
    assert sheet.link("pull-request:Acme/billing/1") == ""
    assert sheet.ui.node("pull-request:Acme/billing/1") == "<bdi>Acme/billing/1</bdi>"


def test_a_panel_of_another_view_stands_on_the_page_and_in_its_contents() -> None:
    extra = View(
        name="extra",
        panels={Repository: (lambda sheet, record: Panel("On it", sheet.ui.name(record.name)), lambda *_: None)},
    )
    written = portal(extra).write(portal(extra).pages[path_of(BILLING.id)])
    assert Heading(2, "on-it", "On it") in written.headings
    assert '<h2 id="on-it">' in written.html
    assert "&lt;b&gt;Bills&lt;/b&gt;" in written.html


def test_a_flag_turns_a_view_off_with_its_pages_and_panels() -> None:
    def page(_: Portal):
        yield PortalPage(path="extra", title="Extra", write=lambda sheet: sheet.ui.name("x"))

    view = View(name="extra", needs="owners", pages=page)
    assert "extra" in portal(view).pages
    assert "extra" not in portal(view, flags=Flags()).pages


def test_two_views_cannot_claim_one_path() -> None:
    view = View(name="twin", pages=repositories.VIEW.pages)
    with pytest.raises(SettingError, match="'twin' makes a page at 'repository'"):
        _ = portal(view).pages


def test_a_users_template_wins_and_an_undefined_name_is_an_error(tmp_path) -> None:
    (tmp_path / "gitguard").mkdir()
    template = tmp_path / "gitguard" / "repositories.html"
    options = Options(template_folders=(str(tmp_path),))
    template.write_text("{{ repositories | length }} of ours")
    site = portal(options=options)
    assert "2 of ours" in site.write(site.pages["repository"]).html
    template.write_text("{{ nothing }}")
    site = portal(options=options)
    with pytest.raises(UndefinedError):
        site.write(site.pages["repository"])


def test_equal_pages_have_equal_keys_and_any_change_shows() -> None:
    first, second = (site.write(site.pages["repository"]) for site in (portal(), portal()))
    assert first.key == second.key
    later = Portal(SNAPSHOT, now=NOW, flags=ALL_VIEWS, views=VIEWS)
    assert later.write(later.pages[path_of(LEDGER.id)]).key != later.write(later.pages[path_of(BILLING.id)]).key


def test_a_repositorys_page_begins_with_its_worst_findings_and_folds_the_rest() -> None:
    findings = tuple(
        Finding(code=f"code-{number}", severity=severity, message="x", repository=BILLING.id)
        for number, severity in enumerate(["error", *["warning"] * 4, *["info"] * 5])
    )
    site = Portal(replace(SNAPSHOT, findings=findings), now=NOW, flags=ALL_VIEWS, views=VIEWS)
    above, _, folded = site.write(site.pages[path_of(BILLING.id)]).html.partition('<details class="gg-fold">')
    assert [code in above for code in ("code-0", "code-2", "code-3", "code-5")] == [True, True, False, False]
    assert "7 further findings" in folded
    assert "code-9" in folded
