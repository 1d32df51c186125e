"""The theme's white space goes, and nothing else: what a browser shows stays the same."""

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.plugins import shared_theme
from mkdocs_gitguard.plugins.lean_frame import LeanFrame
from mkdocs_gitguard.plugins.squeeze import squeeze, squeeze_around
from mkdocs_gitguard.site_build.wishes import CLEAN


def shown(html: str) -> str:
    """Return what of an HTML text counts, with white space as a browser sees it."""
    soup = BeautifulSoup(html, "html.parser")
    for text in soup.find_all(string=True):
        if text.parent is None or text.parent.name not in {"pre", "script", "style", "textarea"}:
            text.replace_with(type(text)(re.sub(r"[ \t\n\r\f]+", " ", text)))
    return str(soup)


@pytest.mark.parametrize(
    ("html", "squeezed"),
    [
        ("<p>\n\n   a  b\t\n c</p>", "<p>\na  b\nc</p>"),
        ("<pre>\n  a\n\n  b</pre>\n\n\n", "<pre>\n  a\n\n  b</pre>\n"),
        ("<SCRIPT>\n  a\n\n</script >\n  x", "<SCRIPT>\n  a\n\n</script >\nx"),
        ('<a title="x\n\n  > y"\n   href=z>\n\n  b</a>', '<a title="x\n\n  > y"\n   href=z>\nb</a>'),
        ("<!--\n\n  a -->\n\n", "<!--\n\n  a -->\n"),
        ("<textarea>\n\n </textarea>", "<textarea>\n\n </textarea>"),
        ("a < b\n\n  c", "a < b\nc"),
        ("\N{NO-BREAK SPACE}\n\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}\n\N{NO-BREAK SPACE}"),
    ],
)
def test_runs_with_a_line_break_become_one(html: str, squeezed: str) -> None:
    assert squeeze(html) == squeezed


_PIECES = st.sampled_from(
    [
        *("\n", " ", "\t", "  \n  ", "a", "&amp;", "\N{NO-BREAK SPACE}", "<", ">", '"', "'", "<!--", "-->"),
        *("<p>", "</p>", "<pre>", "</pre>", "<script>", "</script>", "<textarea>", '<a title="\n\n x">', "</a>"),
    ]
)


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_a_second_time_changes_nothing(html: str) -> None:
    assert squeeze(squeeze(html)) == squeeze(html)


def test_a_body_stays_word_for_word() -> None:
    body = "<div>\n\n   <p>a\n\n b</p></div>"
    assert squeeze_around(f"<main>\n\n\n  {body}\n\n\n</main>", body) == f"<main>\n{body}\n</main>"


def test_a_body_that_does_not_stand_there_once_is_not_looked_for() -> None:
    for html in ("<main>\n\n\n</main>", "<main>\n\n  x\n\n  x</main>"):
        assert squeeze_around(html, "x" if "x" in html else "y") == html


@pytest.mark.parametrize("theme", ["material", "mkdocs", "readthedocs"])
def test_a_portal_shows_the_same_in_fewer_bytes(site: Site, monkeypatch, theme: str) -> None:
    monkeypatch.setenv(CLEAN, "1")
    # What a build measures stands on pages of the next.
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")
    monkeypatch.setattr(LeanFrame, "lean", lambda _self, html, _base: html)

    def pages() -> dict[str, str]:
        site.write(
            likely(repositories=2, pull_requests=6), theme={"name": theme}, docs={"about.md": "# About\n"}
        ).build()
        return {str(path.relative_to(site.output)): path.read_text() for path in site.output.rglob("*.html")}

    squeezed = pages()
    monkeypatch.setattr(shared_theme, "squeeze_around", lambda html, _: html)
    plain = pages()
    assert {path: shown(html) for path, html in squeezed.items()} == {path: shown(html) for path, html in plain.items()}
    own = "pull-request/acme/billing/2/index.html"
    assert len(squeezed[own]) < 0.9 * len(plain[own])
    assert squeezed["about/index.html"] == plain["about/index.html"]
