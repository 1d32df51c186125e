"""Moments, counts and untrusted text in words. Pure functions over strings and datetimes."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from markupsafe import escape

from mkdocs_gitguard.late_pattern import late_pattern

_WEB: Final = late_pattern(r"https?://(\[[0-9a-f:.]+\]|[^/?#\s\\\[])", re.IGNORECASE)
TEMPLATE_OPENING: Final = late_pattern(r"\{(?=[{%#])")
"""How an expression, statement or comment of Jinja begins."""
_FORGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "github": "GitHub",
        "gitlab": "GitLab",
        "bitbucket": "Bitbucket",
        "gitea": "Gitea",
        "forgejo": "Forgejo",
        "azure": "Azure DevOps",
    }
)
_DAYS_IN_MONTH: Final = 30.4375
_DAYS_IN_YEAR: Final = 365.25
_HIDDEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_CONTROLS: Final = late_pattern(f"[{_HIDDEN}]")
_NOT_YET_HTML: Final = late_pattern(f"[{_HIDDEN}\n\t&<>\"']")
"""What text holds that does not read the same on one line of HTML. Most has none of it, and need not be copied."""


def without_templates(text: str) -> str:
    """Return HTML in which whatever takes text for a template finds nothing to run, and which reads the same."""
    return TEMPLATE_OPENING.sub("&#123;", text)


def forge_title(forge: str) -> str:
    """Return what a forge calls itself: `GitLab`; `its forge` for one that is not known."""
    return _FORGES.get(forge, "its forge")


def iso(moment: datetime) -> str:
    """Return RFC 3339 in UTC, to the second: `2026-11-01T12:00:00Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def day(moment: datetime) -> str:
    """Return the day in UTC: `2026-11-01`."""
    return moment.astimezone(UTC).date().isoformat()


def exact(moment: datetime) -> str:
    """Return day and minute in UTC: `2026-11-01 12:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def relative(moment: datetime, now: datetime) -> str:
    """Return how long before `now` a moment was, in whole days (UTC) at the finest: `yesterday`, `3 weeks ago`.

    Days, not minutes, so that a page's bytes hold still between two builds of the same day.
    """
    days = (now.astimezone(UTC).date() - moment.astimezone(UTC).date()).days
    if days < 0:
        return f"in {_span(-days)}" if days < -1 else "tomorrow"
    if days == 0:
        return "today"
    return "yesterday" if days == 1 else f"{_span(days)} ago"


def _span(days: int) -> str:
    if days < 14:  # noqa: PLR2004 - two weeks: below it people count days
        return count(days, "day")
    if days < 60:  # noqa: PLR2004 - two months: below it people count weeks
        return count(days // 7, "week")
    if days < 2 * _DAYS_IN_YEAR:
        return count(int(days / _DAYS_IN_MONTH), "month")
    return count(int(days / _DAYS_IN_YEAR), "year")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 commit`, `12,345 commits`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def web_url(url: str) -> str:
    """Return `url` if a browser may follow it from a page that others wrote (http or https), else `""`."""
    return url if _WEB.match(url) else ""


def visible(text: str) -> str:
    """Return `text` with control characters and direction marks written out, so that nothing hides or reorders.

    A newline and a tab stay. C0 controls become their pictures (U+2400 on), the rest `[U+202E]`. Direction marks are
    what "Trojan Source" (CVE-2021-42574) hides code with.
    """
    return _CONTROLS.sub(_picture, text) if _CONTROLS.search(text) else text


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:  # noqa: PLR2004 - the C0 controls
        return chr(0x2400 + code)
    if code == 0x7F:  # noqa: PLR2004 - DEL
        return "\u2421"
    return f"[U+{code:04X}]"


def line_html(text: str) -> str:
    """Return HTML for `one_line(text)`, fit for an attribute too."""
    return str(escape(one_line(text))) if _NOT_YET_HTML.search(text) else text


def text_html(text: str) -> str:
    """Return HTML for `visible(text)`, fit for an attribute too."""
    return str(escape(visible(text))) if _NOT_YET_HTML.search(text) else text


def escaped(text: str) -> str:
    """Return HTML for text that hides nothing, as a URL, fit for an attribute too."""
    return str(escape(text)) if _NOT_YET_HTML.search(text) else text


def title_html(text: str) -> str:
    """Return HTML for plain text, fit for an attribute too: themes print titles and descriptions as they are."""
    return html.escape(one_line(text), quote=True)


def one_line(text: str) -> str:
    """Return `visible(text)` with newlines and tabs shown as pictures, for names and titles."""
    return visible(text).replace("\n", "\u240a").replace("\t", "\u2409")
