"""Text of others in Markdown that a forge shows: nothing of it becomes markup, a link or a mention.

A forge looks for `@name`, `#7` and URLs in what Markdown has made of a text, so escapes do not help: `&#64;name` is a
mention. In code it does not look (GitHub's and GitLab's own filters pass over `code` and `pre`).
"""

from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.words import one_line

_TICKS: Final = late_pattern("`+")
_LONGEST: Final = 200
"""Characters."""


def in_code(text: str) -> str:
    """Return a text as a code span, on one line, hidden signs shown.

    See https://spec.commonmark.org/0.31.2/#code-spans.
    """
    shown = " ".join(one_line(text).split())
    if not shown:
        return "`(empty)`"
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST].rstrip()}…"
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    # A blank at each end is taken off again, and keeps a backtick of the text apart from the fence.
    return f"{fence} {shown} {fence}" if shown.startswith("`") or shown.endswith("`") else f"{fence}{shown}{fence}"
