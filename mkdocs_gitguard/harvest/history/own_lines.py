"""Lines of a message by which a tool names the pull request that brought the commit.

`PR-URL: https://github.com/nodejs/node/pull/1` (Node.js), `Pull Request resolved: …` (Meta), `GitHub-Pull-Request:
golang/go#1` (Go), `Reviewed-on: https://codeberg.org/o/n/pulls/1` (Gitea, Forgejo), `Part-of: <…/-/merge_requests/1>`
(marge-bot), `(Merged from https://github.com/openssl/openssl/pull/1)` (OpenSSL), `Pull Request: …` (FreeBSD, Blender),
`COPYBARA_INTEGRATE_REVIEW=…` and `Imported from GitHub PR …` (Google's Copybara), `See merge request https://…`
(GitLab's template with `%{url}`). Only an address or `owner/name#1` of this very repository counts: `Link:`, `Closes:`
and the like speak of others' too.
"""

import re
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Forge

_LINE: Final = late_pattern(
    r"(?:\A|\n)[ \t]{0,9}(?:Summary: )?"
    r"(?P<key>(?:(?:Backport-)?PR-URL|Pull[- ]Request(?:[- ]resolved)?|GitHub-Pull-Request|GitHub-PR|"
    r"Reviewed-on|Part-of|Merge[- ]Request(?:-URL)?)(?=[ \t]{0,9}:)|"
    r"\(Merged from|See merge request|Imported from GitHub PR)"
    r"[ \t]{0,9}:?[ \t]{1,9}(?P<where>\S{1,500})|"
    r"(?:\A|\n)(?:FUTURE_)?COPYBARA_INTEGRATE_REVIEW=(?P<review>https://\S{1,500})",
    re.IGNORECASE,
)
_SHIPIT: Final = "fbshipit-source-id"
_SHIPIT_LINE: Final = late_pattern(r"\nCloses (?P<where>https://\S{1,500})")
"""Meta's ShipIt before 2018; elsewhere `Closes` with an address can speak of a pull request that was given up."""
_ADDRESS: Final = late_pattern(
    r"https?://(?:[^\s/@]{1,100}@)?(?:www\.)?(?P<page>[^\s/]{1,255}/[^\s?#>)]{1,300}?)"
    r"(?:/-)?/(?:pull|pulls|merge_requests|pull-requests|pullrequest)/(?P<number>\d{1,8})(?!\d)"
)
_SHORT: Final = late_pattern(r"(?P<path>[\w.-]{1,100}(?:/[\w.-]{1,100}){1,9})?[#!](?P<number>\d{1,8})(?!\d)")


_ADDRESS_ONLY: Final = frozenset({"", "reviewed-on", "(merged from", "see merge request", "imported from github pr"})
"""What may stand before an address, while a bare number behind it is another tool's."""


class OwnNames(NamedTuple):
    """By what this repository is named: in small letters; empty where nothing is known."""

    page: str = ""
    """Host and path of its home page."""
    path: str = ""
    """Its path there: `owner/name`."""


class OwnNumbers(NamedTuple):
    """What a message's lines say, by numbers; 0 for none."""

    number: int = 0
    backport_of: int = 0
    is_alone: bool = True
    """Whether no other pull request is named so too."""


NOBODY: Final = OwnNames()
_NOTHING: Final = OwnNumbers()


def own_names(forge: Forge | None) -> OwnNames:
    """Return by what a repository on this forge is named."""
    page = forge.web_url.partition("://")[2].lower().removeprefix("www.") if forge else ""
    return OwnNames(page, page.partition("/")[2])


def own_numbers(message: str, names: OwnNames) -> OwnNumbers:
    """Return which of this repository's pull requests the lines of a message name."""
    if not _may_name(message):
        return _NOTHING
    numbers: dict[int, None] = {}
    backports: dict[int, None] = {}
    for line in _LINE.finditer(message):
        key = (line["key"] or "").lower()
        number = _number(line["where"] or line["review"], names, is_short=key not in _ADDRESS_ONLY)
        if number:
            (backports if key.startswith("backport") else numbers)[number] = None
    if not numbers and _SHIPIT in message:
        closed = (_number(line["where"], names, is_short=False) for line in _SHIPIT_LINE.finditer(message))
        numbers = dict.fromkeys(number for number in closed if number)
    if backports:
        return OwnNumbers(next(iter(backports)), next(iter(numbers), 0), len(backports) == 1)
    return OwnNumbers(next(iter(numbers), 0), 0, len(numbers) <= 1)


def _may_name(message: str) -> bool:
    """Tell whether any line can be one of these, by a plain look that most messages end with."""
    lines = "equest" in message or "PR-URL" in message or "eviewed-on" in message or "art-of" in message
    tools = "Merged from" in message or _SHIPIT in message or "GitHub" in message or "COPYBARA_" in message
    return lines or tools or "REQUEST" in message


def is_own(path: str, names: OwnNames) -> bool:
    """Tell whether `owner/name` is this repository."""
    return bool(names.path) and path.lower() == names.path


def is_another(path: str, names: OwnNames) -> bool:
    """Tell whether a forge's path of a repository is surely not this one's: one that has moved kept its last name."""
    return bool(names.path) and path.lower().rpartition("/")[2] != names.path.rpartition("/")[2]


def is_other_address(where: str, names: OwnNames) -> bool:
    """Tell whether an address of a pull request, or `owner/name#1`, surely speaks of another repository."""
    if link := _ADDRESS.match(where):
        return bool(names.page) and link["page"].lower() != names.page
    link = _SHORT.match(where)
    return link is not None and link["path"] is not None and bool(names.path) and not is_own(link["path"], names)


def _number(where: str, names: OwnNames, *, is_short: bool) -> int:
    where = where.lstrip("<([")
    if link := _ADDRESS.match(where):
        return int(link["number"]) if names.page and link["page"].lower() == names.page else 0
    link = _SHORT.match(where) if is_short else None
    if link is None:
        return 0
    return int(link["number"]) if link["path"] is None or is_own(link["path"], names) else 0
