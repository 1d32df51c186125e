"""The theme's HTML around a page without the white space of its templates.

Themes indent, and leave an empty line for every condition: of Material's shell that is a quarter. A browser shows a run
of white space as one blank (https://www.w3.org/TR/css-text-3/#white-space-phase-1), so one line break says the same.
"""

import re
from collections.abc import Callable
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

_RUNS: Final = late_pattern(
    r"""
    ( <(pre|script|style|textarea)\b .*? </\2\s*>   # where every blank counts
    | <!-- .*? -->
    | < (?: [^"'<>] | "[^"]*" | '[^']*' )* >        # a tag: blanks in its attributes are the author's
    )
    | (?<![ \t\f\r]) [ \t\f\r]* \n [ \t\f\r\n]*
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def squeeze(html: str) -> str:
    """Return HTML in which a run of white space that holds a line break is one line break."""
    return _RUNS.sub(lambda run: run[1] or "\n", html)


def squeeze_around(html: str, body: str) -> str:
    """Return a page with its shell squeezed; the body stays as it is."""
    return around(html, body, squeeze)


def around(html: str, body: str, change: Callable[[str], str]) -> str:
    """Return a page with what stands before and behind its body changed.

    Where the body does not stand in it once, word for word, nobody can tell what is shell, and nothing is changed.
    """
    before, *rest = html.split(body) if body else [html]
    return f"{change(before)}{body}{change(rest[0])}" if len(rest) == 1 else html
