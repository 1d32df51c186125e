"""The theme's HTML around a page in fewer bytes: what every page has alike stands once, in files beside the pages.

Of a small page nine tenths are the theme's, and much of that only serves scripts: Material writes its own scripts,
their settings and the dialog of its search into every page. Here a page names a file instead, whose script puts there
what stood there while the page is still being read, so that all later scripts meet the page that the theme made. What
a reader without script needs stays in the page: links, contents, and of the navigation the ways to the home page and to
the page's section, on which all of it stands.

Nothing is assumed to be alike. The theme renders two pages that differ in all their words, and the moment: only what
is the same in both, but for the way to the site's root, is taken out, and on each page only where it stands letter for
letter. So it is with the navigation, which is rendered once for each section, as its pages show it.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.portal.page import Asset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WORTH: Final = 200
"""Characters: what is shorter is not worth a file."""
_BASE: Final = late_pattern(r"\.\.(?:/\.\.)*")
"""The way to the root from a page in a folder, as MkDocs' `base_url` has it."""
_ROOT: Final = "\0"
"""Stands for it."""
_BELOW_ROOT: Final = "\1"
"""Stands for the way to the first folder that a page is in: MkDocs leads there without going to the root."""
_SCRIPT: Final = late_pattern(r"<script>(?P<code>(?:(?!</?script|<!--).)*)</script>", re.DOTALL)
_SETTINGS: Final = late_pattern(r'<script id="\w+" type="application/json">[^<]*</script>')
_SCOPE: Final = late_pattern(r'(\w+=new URL\()"\0"(,location\))')
"""How Material's first script begins, in which the root is worked out at once (partials/javascripts/base.html)."""
_DIALOGS: Final = ('<div class="md-search" data-md-component="search" role="dialog">',)
"""Elements that are of no use without script: the dialog of Material's search (partials/search.html)."""
_BUTTON: Final = late_pattern(
    r'<label class="md-header__button md-icon" for="__search">(?:(?!</?label).)*</label>\s*\Z', re.DOTALL
)
"""What opens it, in front of it (partials/header.html)."""
_TAGS: Final = {name: late_pattern(rf"<(/?){name}\b") for name in ("div", "ul")}
_PIECES: Final = late_pattern(
    r"""
    (?P<whole> <(pre|script|style|textarea)\b .*? </\2\s*> | <!-- .*? --> )
    | < [a-zA-Z] (?: [^"'<>] | "[^"]*" | '[^']*' )* >
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_VALUES: Final = late_pattern(
    r"""
    \s (?P<name> [^\s"'<>/=]+) = " (?P<value> [\w./:\#~%,;@+!()-]+) " (?= \s | (?<!/") > )
    | "[^"]*" | '[^']*'
    """,
    re.VERBOSE | re.ASCII,
)
"""A value that says the same without quotation marks (https://html.spec.whatwg.org/multipage/syntax.html#unquoted)."""
_WAYS: Final = ("href=.", "href=#", "src=.")
"""Within the site: what a page has that leads nowhere else is never one of its own words."""
_NAMESPACE: Final = ' xmlns="http://www.w3.org/2000/svg"'
"""Which every `svg` of a page has by itself (https://html.spec.whatwg.org/multipage/parsing.html)."""


class _Alike(NamedTuple):
    """What stands on every page."""

    path: str
    """Of the file that it stands in, in the site."""
    text: str
    """The file's."""


class _Navigation(NamedTuple):
    """How a theme writes its navigation."""

    opening: str
    """Of the element that holds all of it."""
    short: str
    """What stands in its place without script: HTML around the links."""
    link: str
    """HTML of one of them."""


_NAVIGATIONS: Final = (
    # Material, partials/nav.html
    _Navigation(
        opening='<ul class="md-nav__list" data-md-scrollfix>',
        short='<ul class="md-nav__list">{}</ul>',
        link='<li class="md-nav__item"><a class="md-nav__link" href="{}">{}</a></li>',
    ),
    # readthedocs, base.html
    _Navigation(
        opening='<div class="wy-menu wy-menu-vertical"',
        short='<div class="wy-menu wy-menu-vertical"><ul>{}</ul></div>',
        link='<li class="toctree-l1"><a class="reference internal" href="{}">{}</a></li>',
    ),
    # mkdocs, base.html
    _Navigation(
        opening='<ul class="nav navbar-nav">',
        short='<ul class="nav navbar-nav">{}</ul>',
        link='<li class="nav-item"><a class="nav-link" href="{}">{}</a></li>',
    ),
)


class LeanFrame:
    """What of a theme's output was found to be alike on all pages."""

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._alike: dict[str, _Alike] | None = None
        self._navigations: dict[str, tuple[_Alike, str]] = {}
        self._attributes: frozenset[str] = frozenset()
        self._at: dict[str, list[tuple[str, str]]] = {}

    @property
    def has_learnt(self) -> bool:
        """Whether the theme's output was looked at."""
        return self._alike is not None

    @property
    def files(self) -> Iterator[Asset]:
        """The files that pages name."""
        navigations = (one for one, _ in self._navigations.values())
        for one in (*(self._alike or {}).values(), *navigations):
            yield Asset(path=one.path, data=one.text.encode())

    def learn(self, outputs: Sequence[str], base: str) -> None:
        """Look at what the theme makes of pages that differ in all their words, `base` the way to the site's root."""
        first, *others = [{*_attributes(output)} for output in outputs]
        self._attributes = frozenset(first.intersection(*others))
        texts = [dict(_alike_in(output, base)) for output in outputs]
        self._alike = {text: one for text, one in texts[0].items() if all(text in other for other in texts)}
        self._at.clear()

    def learn_navigation(self, output: str, base: str, links: Sequence[tuple[str, str]], words: Iterable[str]) -> None:
        """Look at the navigation that the theme makes of a page of a section.

        Args:
            output: the theme's, of a page two folders deep or more.
            base: the way to the site's root.
            links: what a page offers without script: URLs from the root, and HTML.
            words: the page's own; a navigation that says one of them is not the section's.
        """
        for theme in _NAVIGATIONS:
            text = _element(output, theme.opening)
            if not text or any(word in text for word in words):
                continue
            text = _below_rooted(_rooted(text, base), base)
            ways = "".join(theme.link.format(f"{_ROOT}/{url}" if url else _ROOT, title) for url, title in links)
            if base not in text:
                code = (
                    "((s,b)=>{s.previousElementSibling.remove();"
                    f's.outerHTML={json.dumps(text)}.replaceAll("\\0",b).replaceAll("\\x01",b.slice(3))}})'
                    "(document.currentScript,document.currentScript.dataset.base)"
                )
                self._navigations[text] = (_file(code), f"<noscript>{theme.short.format(ways)}</noscript>")
                self._at.clear()

    def lean(self, html: str, base: str) -> str:
        """Return a part of the theme's output without what stands in files, and without idle quotation marks.

        Args:
            html: the part.
            base: the way to the site's root.
        """
        for text, instead in self._pieces(base):
            html = html.replace(text, instead)
        return _PIECES.sub(lambda piece: piece["whole"] or self._bare(piece[0]), html)

    def _pieces(self, base: str) -> Sequence[tuple[str, str]]:
        """Return what is taken out of pages, and what stands there instead, with the root in its place."""
        if not _BASE.fullmatch(base):
            return ()
        if base not in self._at:
            alike = [
                (text.replace(_ROOT, base), _loader(one, base, says_root=_ROOT in text))
                for text, one in (self._alike or {}).items()
            ]
            navigations = [
                (
                    text.replace(_ROOT, base).replace(_BELOW_ROOT, base[3:]),
                    short.replace(_ROOT, base) + _loader(one, base, says_root=True),
                )
                for text, (one, short) in self._navigations.items()
            ]
            self._at[base] = [*navigations, *alike]
        return self._at[base]

    def _bare(self, tag: str) -> str:
        tag = tag.replace(_NAMESPACE, "") if tag.startswith("<svg ") else tag
        return _VALUES.sub(self._bare_value, tag)

    def _bare_value(self, value: re.Match[str]) -> str:
        """Return an attribute without its quotation marks if it is the theme's: a page's own words come in later."""
        bare = f"{value['name']}={value['value']}"
        return f" {bare}" if bare in self._attributes or bare.startswith(_WAYS) else value[0]


def _attributes(html: str) -> Iterator[str]:
    for value in _VALUES.finditer(html):
        if value["name"]:
            yield f"{value['name']}={value['value']}"


def _alike_in(html: str, base: str) -> Iterator[tuple[str, _Alike]]:
    """Yield what of a page's HTML could stand in a file: how it stands there, the root's place held, and the file."""
    for script in _SCRIPT.finditer(html):
        text = _rooted(script[0], base)
        code = _SCOPE.sub(r"\1document.currentScript.dataset.base\2", _rooted(script["code"], base), count=1)
        if _ROOT not in code and base not in code:
            yield from _worth_it(text, code)
    for element in (*(settings[0] for settings in _SETTINGS.finditer(html)), *_dialogs(html)):
        text = _rooted(element, base)
        if base not in text:
            parts = json.dumps(text.split(_ROOT))
            yield from _worth_it(text, f"(s=>{{s.outerHTML={parts}.join(s.dataset.base)}})(document.currentScript)")


def _rooted(text: str, base: str) -> str:
    return text.replace(f'"{base}"', f'"{_ROOT}"').replace(f'"{base}/', f'"{_ROOT}/')


def _below_rooted(text: str, base: str) -> str:
    """Return a text in which the root's place is held, with that of the folder below it held too."""
    way = base[3:]
    return text.replace(f'"{way}"', f'"{_BELOW_ROOT}"').replace(f'"{way}/', f'"{_BELOW_ROOT}/') if way else text


def _worth_it(text: str, code: str) -> Iterator[tuple[str, _Alike]]:
    if len(text) >= _WORTH:
        yield text, _file(code)


def _file(code: str) -> _Alike:
    digest = hashlib.sha256(code.encode()).hexdigest()[:8]
    return _Alike(f"assets/gitguard/frame.{digest}.js", f"{code}\n")


def _loader(file: _Alike, base: str, *, says_root: bool) -> str:
    """Return the element that names a file."""
    root = f' data-base="{base}"' if says_root else ""
    return f'<script src="{base}/{file.path}"{root}></script>'


def _dialogs(html: str) -> Iterator[str]:
    for opening in _DIALOGS:
        if element := _element(html, opening):
            button = _BUTTON.search(html[: html.index(element)])
            yield f"{button[0] if button else ''}{element}"


def _element(html: str, opening: str) -> str:
    """Return the first element that begins so; `""` where there is none, or it does not end."""
    start = html.find(opening)
    name = opening[1:].partition(" ")[0]
    depth = 0
    for tag in _TAGS[name].finditer(html, start) if start >= 0 else ():
        depth += -1 if tag[1] else 1
        if depth == 0:
            return f"{html[start : tag.start()]}</{name}>"
    return ""
