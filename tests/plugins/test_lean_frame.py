"""What of the theme stands in files of its own, and how: only what is alike on all pages, put back where it stood."""

import re

import pytest
from bs4 import BeautifulSoup
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.plugins.lean_frame import LeanFrame

CODE = "var palette = 1 < 2;" + "x();" * 60
SCOPE = f'__md_scope=new URL("../..",location),y={"1" * 200}'
SETTINGS = (
    '<script id="__config" type="application/json">{{"base": "{0}", "search": "{0}/w.js", "x": "%s"}}</script>'
    % ("y" * 200)
)
DIALOG = '<div class="md-search" data-md-component="search" role="dialog"><div>' + "<div>z</div>" * 20 + "</div></div>"


def learnt(*outputs: str, base: str = "../..") -> LeanFrame:
    frame = LeanFrame()
    frame.learn(outputs, base)
    return frame


NAVIGATION = (
    '<nav><ul class="md-nav__list" data-md-scrollfix><li><a href="{root}">Home</a></li><li class="active">'
    '<a href="{section}">People</a><ul><li><a href="{root}/week/">Weeks</a></li></ul></li></ul></nav>'
)
PEOPLE = NAVIGATION.format(root="../../..", section="../../")
LINKS = [("", "Home"), ("owner/", "People")]


def texts(frame: LeanFrame) -> list[str]:
    return [asset.data.decode() for asset in frame.files]


def test_a_script_stands_in_a_file_as_it_is() -> None:
    frame = learnt(f"<p>a</p><script>{CODE}</script>", f"<p>b</p><script>{CODE}</script>")
    [asset] = frame.files
    assert asset.data.decode() == f"{CODE}\n"
    assert frame.lean(f"<script>{CODE}</script>", "..") == f'<script src="../{asset.path}"></script>'


def test_a_page_at_another_depth_shares_the_file_and_says_where_the_root_is() -> None:
    frame = learnt(f"<script>{SCOPE}</script>", f"<script>{SCOPE}</script>")
    [text] = texts(frame)
    assert text.startswith("__md_scope=new URL(document.currentScript.dataset.base,location)")
    deeper = f"<script>{SCOPE}</script>".replace("../..", "../../../..")
    path = next(frame.files).path
    assert frame.lean(deeper, "../../../..") == f'<script src="../../../../{path}" data-base="../../../.."></script>'


def test_settings_and_dialog_are_put_back_by_their_scripts() -> None:
    html = SETTINGS.format("../..") + DIALOG + "<div>after</div>"
    frame = learnt(html, html)
    assert len(texts(frame)) == 2
    lean = frame.lean(html, "../..")
    assert re.sub(r"assets/gitguard/frame\.[0-9a-f]{8}\.js", "F", lean) == (
        '<script src="../../F" data-base="../.."></script><script src="../../F"></script><div>after</div>'
    )


@pytest.mark.parametrize(
    "script",
    [
        "<script>short()</script>",
        f'<script nonce="1">{CODE}</script>',
        f'<script type="module">{CODE}</script>',
        f'<script>load("../..");{CODE}</script>',
        f'<script>load("../../x.js");{CODE}</script>',
        f"<pre>{CODE}</pre>",
        DIALOG.replace("<div>z", '<div data-x="../..">z'),
    ],
    ids=["short", "nonce", "module", "root", "file", "no script", "a way in the dialog that only pages know"],
)
def test_what_cannot_stand_elsewhere_stays(script: str) -> None:
    if "data-x" in script:
        assert learnt(script, script).lean(script, "../../..").count("<div") == script.count("<div")
        return
    frame = learnt(script, script)
    assert texts(frame) == []


def test_what_differs_between_pages_stays() -> None:
    other = CODE.replace("2", "3")
    frame = learnt(f"<script>{CODE}</script>", f"<script>{other}</script>")
    assert texts(frame) == []


@pytest.mark.parametrize("base", [".", "/x", "https://portal.example.org", "../../%20"])
def test_a_page_that_counts_from_elsewhere_keeps_all(base: str) -> None:
    frame = learnt(f"<script>{CODE}</script>", f"<script>{CODE}</script>")
    assert frame.lean(f"<script>{CODE}</script>", base) == f"<script>{CODE}</script>"


@pytest.mark.parametrize(
    ("html", "lean"),
    [
        ('<a class="x" href="../y/" id="z">', "<a class=x href=../y/ id=z>"),
        ('<a href="../y/">', '<a href="../y/">'),
        (
            '<a class="x y" title="a &amp; b" alt="" data-x="a=b">',
            '<a class="x y" title="a &amp; b" alt="" data-x="a=b">',
        ),
        ('<br class="x"/>', '<br class="x"/>'),
        ('<p>say class="x" </p>', '<p>say class="x" </p>'),
        ('<pre class="x"> class="x" </pre>', '<pre class="x"> class="x" </pre>'),
        ("<a title='say class=\"x\" '>", "<a title='say class=\"x\" '>"),
        ('<a title="caf\u00e9">', '<a title="caf\u00e9">'),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">', '<svg viewBox="0 0 1 1">'),
        ('<!-- class="x" -->', '<!-- class="x" -->'),
    ],
)
def test_quotation_marks_go_where_they_say_nothing(html: str, lean: str) -> None:
    assert learnt(html, html).lean(html, "..") == lean


def test_a_navigation_stands_in_a_file_and_leaves_the_ways_out_of_the_page() -> None:
    frame = learnt("", "")
    frame.learn_navigation(PEOPLE, "../../..", LINKS, ["ggmark"])
    [asset] = frame.files
    assert "Weeks" in asset.data.decode()
    deeper = NAVIGATION.format(root="../../../../..", section="../../../../")
    assert frame.lean(deeper, "../../../../..") == (
        '<nav><noscript><ul class="md-nav__list"><li class="md-nav__item"><a class="md-nav__link" '
        "href=../../../../..>Home</a></li>"
        '<li class="md-nav__item"><a class="md-nav__link" href="../../../../../owner/">People</a></li></ul></noscript>'
        f'<script src="../../../../../{asset.path}" data-base="../../../../.."></script></nav>'
    )


@pytest.mark.parametrize(
    "navigation",
    [PEOPLE.replace(' class="active"', ""), PEOPLE.replace("Weeks", "Months"), PEOPLE.replace("../../..", "../..")],
    ids=["another section", "another entry", "another depth"],
)
def test_another_navigation_stays(navigation: str) -> None:
    frame = learnt("", "")
    frame.learn_navigation(PEOPLE, "../../..", LINKS, ["ggmark"])
    assert "<noscript>" not in frame.lean(navigation, "../../..")
    assert "<noscript>" in frame.lean(PEOPLE, "../../..")


@pytest.mark.parametrize("text", [PEOPLE.replace("Weeks", "ggmark9toc"), PEOPLE.replace("</ul></nav>", "</nav>")])
def test_a_navigation_that_says_words_of_the_page_or_does_not_end_is_not_learnt(text: str) -> None:
    frame = learnt("", "")
    frame.learn_navigation(text, "../../..", LINKS, ["ggmark"])
    assert texts(frame) == []


def test_the_button_of_the_search_goes_with_its_dialog() -> None:
    button = '<label class="md-header__button md-icon" for="__search">\n<svg></svg>\n</label>\n'
    html = f'<label class="md-header__button md-icon" for="__drawer">x</label>{button}{DIALOG}'
    lean = learnt(html, html).lean(html, "..")
    assert lean.startswith('<label class="md-header__button md-icon" for=__drawer>x</label><script src=')
    assert lean.count("<label") == 1


def test_a_pages_own_words_keep_their_quotation_marks() -> None:
    frame = learnt('<a title="one" class="x">', '<a title="two" class="x">')
    assert (
        frame.lean('<a title="one" class="x" href="https://x/">', "..") == '<a title="one" class=x href="https://x/">'
    )


def test_every_file_that_a_page_names_stands_in_the_site(site: Site) -> None:
    site.write(likely(repositories=2, pull_requests=6), theme={"name": "material"})
    first, kept = _frame_files(site), {}
    assert first
    for _ in range(2):
        kept = {path.name: path.stat().st_mtime_ns for path in site.output.glob("assets/gitguard/frame.*.js")}
        assert _frame_files(site) == first
        assert kept.keys() == first
    assert {path.name: path.stat().st_mtime_ns for path in site.output.glob("assets/gitguard/frame.*.js")} == kept


def _frame_files(site: Site) -> set[str]:
    site.build()
    named = set()
    for page in site.output.rglob("*.html"):
        for script in BeautifulSoup(page.read_text(), "html.parser").select("script[src*='gitguard/frame.']"):
            assert (page.parent / script["src"]).is_file()
            named.add(script["src"].rpartition("/")[2])
    return named
