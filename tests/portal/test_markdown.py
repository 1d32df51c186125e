"""The portal as Markdown files: safe in any generator, with its navigation."""

import markdown
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from make.portal import pages_of
from markupsafe import Markup

from mkdocs_gitguard.model import Organization, Repository, Snapshot, path_of
from mkdocs_gitguard.portal import Pages, PortalPage, Sheet, View
from mkdocs_gitguard.portal.markdown import markdown_files, markdown_page
from mkdocs_gitguard.portal.views import VIEWS
from mkdocs_gitguard.words import visible

REPOSITORY = Repository(
    id="repository:acme/billing", namespace="acme", name="billing", description="{{ 7 * 7 }} <b>x</b>"
)


def pages_with(*views: View) -> Pages:
    snapshot = Snapshot(organization=Organization(id="organization:acme", name="acme"), repositories=(REPOSITORY,))
    return pages_of(snapshot, views=views or VIEWS)


def body_of(text: str) -> BeautifulSoup:
    return BeautifulSoup(markdown.markdown(text.split("---\n", 2)[2], extensions=["attr_list"]), "html.parser")


def test_every_page_and_its_navigation_are_there() -> None:
    files = dict(markdown_files(pages_with()))
    assert "repository/acme/billing/index.md" in files
    summary = files["SUMMARY.md"].decode()
    nav = yaml.safe_load(files[".nav.yml"])["nav"]
    lines: list[str] = []
    for title, value in [entry for item in nav for entry in item.items()]:
        lines += [f"* [{title}]({value})"] if isinstance(value, str) else [f"* {title}"]
        entries = [] if isinstance(value, str) else [entry for item in value for entry in item.items()]
        lines += [f"    * [{inner}]({path})" for inner, path in entries]
        assert all(path in files for _, path in entries)
    assert lines == summary.splitlines()
    assert [*nav[0].values()] == ["index.md"]
    assert b'"schema_version"' in files["gitguard.json"]


def test_nothing_is_left_for_a_template_step_to_run() -> None:
    page = dict(markdown_files(pages_with()))["repository/acme/billing/index.md"].decode()
    assert "{{" not in page
    assert "{{ 7 * 7 }} <b>x</b>" in body_of(page).text


@given(st.text(), st.text())
def test_markdown_leaves_the_block_as_it_was_written(title: str, text: str) -> None:
    def write(_: Sheet) -> Markup:
        return Markup('<h1>t</h1><p>{}</p>\n\n<pre id="code">{}</pre>').format("x", visible(text))

    pages = pages_with(View(name="one", pages=lambda _: [PortalPage(path="one", title=title, write=write)]))
    page = markdown_page(pages, pages.write(pages.by_path["one"]))
    front = yaml.safe_load(page.split("---\n", 2)[1])
    assert isinstance(front["title"], str)
    expected = BeautifulSoup(str(Markup("<pre>{}</pre>").format(visible(text))), "html.parser").pre
    block = body_of(page).find("pre")
    assert block is not None
    assert expected is not None
    assert block.get_text().split() == expected.get_text().split()


def test_what_themes_print_as_it_is_is_html() -> None:
    evil = "</title><script>alert('x')</script>"
    pages = pages_with(
        View(name="one", pages=lambda _: [PortalPage(path="one", title=evil, description=evil, write=_nothing)])
    )
    front = yaml.safe_load(markdown_page(pages, pages.write(pages.by_path["one"])).split("---\n", 2)[1])
    for value in (front["title"], front["description"]):
        assert BeautifulSoup(value, "html.parser").find() is None
        assert BeautifulSoup(f'<meta content="{value}">', "html.parser").meta.attrs == {"content": evil}


def _nothing(_: Sheet) -> Markup:
    return Markup("<h1>t</h1>")


def test_a_page_of_a_node_stands_where_its_id_says() -> None:
    assert f"{path_of(REPOSITORY.id)}/index.md" in dict(markdown_files(pages_with()))
