"""The theme's HTML around a page in fewer bytes: what every page has alike stands once, in files beside the pages.

Of a small page nine tenths are the theme's, and much of that only serves scripts: Material writes its own scripts,
their settings and the dialog of its search into every page. Here a page names a file instead, whose script puts there
what stood there while the page is still being read, so that all later scripts meet the page that the theme made. What
a reader without script needs stays in the page: links, navigation, contents.

Nothing is assumed to be alike. The theme renders two pages that differ in all their words, and the moment: only what
is the same in both, but for the way to the site's root, is taken out, and on each page only where it stands letter for
letter.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.page import Asset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORTH: Final = 200
"""Characters: what is shorter is not worth a file."""
_BASE: Final = re.compile(r"\.\.(?:/\.\.)*")
"""The way to the root from a page in a folder, as MkDocs' `base_url` has it."""
_ROOT: Final = "\0"
"""Stands for it."""
_SCRIPT: Final = re.compile(r"<script>(?P<code>(?:(?!</?script|<!--).)*)</script>", re.DOTALL)
_SETTINGS: Final = re.compile(r'<script id="\w+" type="application/json">[^<]*</script>')
_SCOPE: Final = re.compile(r'(\w+=new URL\()"\0"(,location\))')
"""How Material's first script begins, in which the root is worked out at once (partials/javascripts/base.html)."""
_DIALOGS: Final = ('<div class="md-search" data-md-component="search" role="dialog">',)
"""Elements that are of no use without script: the dialog of Material's search (partials/search.html)."""
_DIV: Final = re.compile(r"<(/?)div\b")
_PIECES: Final = re.compile(
    r"""
    (?P<whole> <(pre|script|style|textarea)\b .*? </\2\s*> | <!-- .*? --> )
    | < [a-zA-Z] (?: [^"'<>] | "[^"]*" | '[^']*' )* >
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_VALUES: Final = re.compile(
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


class LeanFrame:
    """What of a theme's output was found to be alike on all pages."""

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._alike: dict[str, _Alike] | None = None
        self._attributes: frozenset[str] = frozenset()

    @property
    def has_learnt(self) -> bool:
        """Whether the theme's output was looked at."""
        return self._alike is not None

    @property
    def files(self) -> Iterator[Asset]:
        """The files that pages name."""
        for one in (self._alike or {}).values():
            yield Asset(path=one.path, data=one.text.encode())

    def learn(self, outputs: Sequence[str], base: str) -> None:
        """Look at what the theme makes of pages that differ in all their words, `base` the way to the site's root."""
        first, *others = [{*_attributes(output)} for output in outputs]
        self._attributes = frozenset(first.intersection(*others))
        texts = [dict(_alike_in(output, base)) for output in outputs]
        self._alike = {text: one for text, one in texts[0].items() if all(text in other for other in texts)}

    def lean(self, html: str, base: str) -> str:
        """Return a part of the theme's output without what stands in files, and without idle quotation marks.

        Args:
            html: the part.
            base: the way to the site's root.
        """
        for text, one in (self._alike or {}).items() if _BASE.fullmatch(base) else ():
            root = f' data-base="{base}"' if _ROOT in text else ""
            html = html.replace(text.replace(_ROOT, base), f'<script src="{base}/{one.path}"{root}></script>')
        return _PIECES.sub(lambda piece: piece["whole"] or self._bare(piece[0]), html)

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


def _worth_it(text: str, code: str) -> Iterator[tuple[str, _Alike]]:
    if len(text) >= _WORTH:
        digest = hashlib.sha256(code.encode()).hexdigest()[:8]
        yield text, _Alike(f"assets/gitguard/frame.{digest}.js", f"{code}\n")


def _dialogs(html: str) -> Iterator[str]:
    for opening in _DIALOGS:
        start = html.find(opening)
        depth = 0
        for div in _DIV.finditer(html, max(start, 0)) if start >= 0 else ():
            depth += -1 if div[1] else 1
            if depth == 0:
                yield f"{html[start : div.start()]}</div>"
                break
