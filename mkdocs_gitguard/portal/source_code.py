"""Source excerpts: highlighted, each line numbered and linked to the same line on its forge.

Everything in a source is text: tokens are escaped one by one, hidden characters and direction marks are written out
before the text is cut into tokens, and no part of it ever passes through Markdown or a template.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import escape
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from mkdocs_gitguard.portal.ui import trusted
from mkdocs_gitguard.words import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup
    from pygments.token import _TokenType

_LANGUAGES: Final = {"rego": "rego", "yaml": "yaml", "yml": "yaml", "json": "json", "py": "python", "tf": "terraform"}
_SAMPLE: Final = 987_654_321
"""A line that no source has."""
_LINE: Final = "{line}"
"""What stands for a line's number in the URL that all lines of an excerpt share."""
_LARGEST: Final = 60_000
"""Characters of a text that is highlighted; longer ones are shown plain, so that no file can hold up a build."""


def excerpt(
    text: str, path: str, first: int, last: int, *, url: Callable[[int], str], most: int = 400, anchors: bool = True
) -> Markup:
    """Return lines `first` to `last` (from 1) of a source as HTML.

    Args:
        text: the whole source, so that what spans lines is coloured right.
        path: its path, whose ending tells the language.
        first: the first line shown.
        last: the last line shown.
        url: where a line can be seen on its forge, or `""`.
        most: how many lines are shown at most.
        anchors: whether each line gets an anchor `L<number>`; only one excerpt of a page can have them.

    Numbers are links where scripts run: the URL of all lines is said once.
    """
    lines = _highlighted(text, _language(path))
    first, last = max(first, 1), min(last, len(lines), first + most - 1)
    shown = range(first, last + 1)
    shared = _shared_url(url)
    if shared is None:
        rows = [_numbered(lines[number - 1], number, url(number), anchors=anchors) for number in shown]
        return _framed(rows, "", "")
    # A portal has millions of lines: a style sheet numbers these, and portal.js links the numbers.
    rows = [f"<span{_name(number, anchors=anchors)}>{lines[number - 1]}\n</span>" for number in shown]
    return _framed(rows, f' data-gg-lines="{escape(shared)}"', f' style="counter-reset:gg-line {first - 1}"')


def _framed(rows: Sequence[str], of_source: str, of_code: str) -> Markup:
    code = f'<code tabindex="0"{of_code}>{"".join(rows)}</code>'
    return trusted(f'<div class="gg-source highlight"{of_source}><pre>{code}</pre></div>')


def _shared_url(url: Callable[[int], str]) -> str | None:
    """Return the URL of every line, `{line}` for its number, `""` where lines have none; None: they are not alike."""
    shared = url(_SAMPLE).replace(str(_SAMPLE), _LINE)
    is_so = shared.count(_LINE) == 1 if shared else not url(1)
    return shared if is_so and shared.replace(_LINE, "1") == url(1) else None


def _numbered(html: str, number: int, url: str, *, anchors: bool) -> str:
    if url:
        number_link = (
            f'<a class="gg-ln" href="{escape(url)}" data-line="{number}" aria-label="Line {number} on its forge" '
            'tabindex="-1" rel="noreferrer"></a>'
        )
    else:
        number_link = f'<span class="gg-ln" data-line="{number}"></span>'
    return f"<span{_name(number, anchors=anchors)}>{number_link}{html}\n</span>"


def _name(number: int, *, anchors: bool) -> str:
    return f' id="L{number}"' if anchors else ""


def _language(path: str) -> str:
    return _LANGUAGES.get(path.rpartition(".")[2].lower(), "")


@lru_cache(maxsize=64)
def _highlighted(text: str, language: str) -> Sequence[str]:
    """Return the lines of a text, each as HTML. Policies and rules of one file share them."""
    shown = visible(text.replace("\r\n", "\n"))
    if not language or len(shown) > _LARGEST:
        return tuple(_escaped(line) for line in shown.split("\n"))
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    lines: list[list[tuple[str, str]]] = [[]]
    for token, value in lexer.get_tokens(shown):
        name = _css_class(token)
        for place, part in enumerate(value.split("\n")):
            if place:
                lines.append([])
            if part:
                _append(lines[-1], name, part)
    return tuple(
        "".join(f'<span class="{name}">{html}</span>' if name else html for name, html in line) for line in lines
    )


def _append(line: list[tuple[str, str]], name: str, text: str) -> None:
    """Add a token to a line of classes and HTML, in one element with the one before where it looks the same."""
    html = _escaped(text)
    before = line[-1] if line else ("", "")
    # A blank has no colour, and lexers cut a sentence into its words.
    if line and (name == before[0] or text.isspace()):
        line[-1] = (before[0], before[1] + html)
    else:
        line.append(("" if text.isspace() else name, html))


def _escaped(text: str) -> str:
    # Most tokens are words and blanks, and a portal has millions of them.
    return text if text.isalnum() or text.isspace() else str(escape(text))


@cache
def _css_class(token: _TokenType) -> str:
    kind: _TokenType | None = token
    while kind is not None:
        if kind in STANDARD_TYPES:
            return STANDARD_TYPES[kind]
        kind = kind.parent
    return ""
