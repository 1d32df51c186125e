"""Whatever a repository says is text on a page, never markup."""

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from make.portal import pages_of
from make.snapshot import HOSTILE, hostile

from mkdocs_gitguard.words import one_line, visible, web_url

PAGES = pages_of(hostile())
ALLOWED = {
    "div",
    "nav",
    "a",
    "bdi",
    "h1",
    "h2",
    "h3",
    "p",
    "ul",
    "ol",
    "li",
    "span",
    "strong",
    "em",
    "section",
    "footer",
    "time",
    "dl",
    "dt",
    "dd",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "svg",
    "g",
    "rect",
    "path",
    "text",
    "tspan",
    "title",
    "details",
    "summary",
    "blockquote",
    "figure",
    "figcaption",
    "form",
    "label",
    "input",
    "select",
    "option",
    "button",
    "noscript",
}
OWN_SCRIPT = re.compile(r"(\.\./)*assets/gitguard/[a-z.]+\.js")
OWN_STYLE = re.compile(r"(\.\./)*assets/gitguard/[a-z.]+\.css")
IN_EXPLORER = re.compile(r"(\.\./)*explorer/#node=[A-Za-z0-9%._~-]+")


@pytest.mark.parametrize("path", list(PAGES.by_path))
def test_no_page_holds_markup_from_outside(path) -> None:
    soup = BeautifulSoup(PAGES.write(PAGES.by_path[path]).html, "html.parser")
    for element in soup.find_all(True):
        if element.name == "script":
            assert OWN_SCRIPT.fullmatch(element["src"])
            assert not element.text
            continue
        if element.name == "link":
            assert element["rel"] == ["stylesheet"]
            assert OWN_STYLE.fullmatch(element["href"])
            continue
        assert element.name in ALLOWED
        assert not [name for name in element.attrs if name.startswith("on")]
        href = element.get("href", element.get("xlink:href"))
        assert href is None or IN_EXPLORER.fullmatch(href) or re.match(r"(https?:|[./#a-z0-9%~!_-]+$)", href)
        assert href is None or not href.startswith("javascript")


def test_hostile_texts_are_shown() -> None:
    text = "".join(BeautifulSoup(PAGES.write(page).html, "html.parser").text for page in PAGES.by_path.values())
    for hostile_text in HOSTILE[:5]:
        assert one_line(hostile_text) in text


@given(st.text())
def test_visible_text_hides_nothing(text) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", visible(text))
    assert "\n" not in one_line(text)


def test_plain_text_stays_as_it_is() -> None:
    assert visible("Grüße, 世界 🎉\n\tçà") == "Grüße, 世界 🎉\n\tçà"


@pytest.mark.parametrize(
    "url", ["javascript:x", "JAVASCRIPT:x", " javascript:x", "data:text/html,x", "//evil", "http://[", ""]
)
def test_only_web_addresses_are_followed(url) -> None:
    assert web_url(url) == ""
