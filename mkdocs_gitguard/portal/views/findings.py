"""Findings: what went wrong while the repositories were read, by cause, each with what to do."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import SEVERITIES
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.parts import FEWER, Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import Finding
    from mkdocs_gitguard.portal.lists.findings import Cause
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_NOUNS: Final[Mapping[str, str]] = {"error": "error", "warning": "warning", "info": "notice"}
_ROWS: Final = 20
"""Of one cause on the page of all causes; the rest stand on a page of its own."""
_ROWS_IN_ALL: Final = 300
"""Of all causes there; where they are used up, a cause shows `_FEW`."""
_FEW: Final = 3


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the pages. Their view is the last, so that they are written when all diagrams have been drawn."""
    findings = portal.snapshot.findings
    for cause in causes(findings):
        if _has_page(cause):
            first = first_part(cause.path, len(cause.findings))
            # A page knows its own rows; how many there are in all it says.
            write = partial(_write_cause, cause=cause._replace(findings=()), in_all=len(cause.findings))
            yield PortalPage(
                path=cause.path,
                title=cause.title,
                write=partial(write, part=first, rows=first.rows(cause.findings)),
                is_wide=True,
                section="finding",
                search=f"{count(len(cause.findings), 'finding')}: {cause.code}.",
            )
            yield from further_pages(first, cause.title, write, rows=cause.findings)
    yield PortalPage(
        path="finding",
        title="Findings",
        write=_write,
        is_index=True,
        is_traced=False,
        is_wide=True,
        nav=90,
        nav_group="Health",
        search=f"{count(len(findings), 'finding')}: what could not be read, and what to do.",
    )


def _has_page(cause: Cause) -> bool:
    return bool(cause.path) and len(cause.findings) > _FEW


def _write(sheet: Sheet) -> Markup:
    # How many of these there are is known when all pages are written.
    of_pages = (*sheet.clashes, *sheet.drawer.drawn.failures)
    findings = (*sheet.graph.snapshot.findings, *of_pages)
    with_pages = {cause.path for cause in causes(sheet.graph.snapshot.findings) if _has_page(cause)}
    groups: list[tuple[Cause, int]] = []
    left = _ROWS_IN_ALL
    for cause in causes(findings):
        most = _ROWS if left > 0 else _FEW
        # One that no page is about, as of diagrams that were not drawn just now, has the room of such a page.
        rows = min(len(cause.findings), most if cause.path in with_pages else FEWER)
        groups.append((cause, rows))
        left -= rows
    counts = Counter(finding.severity for finding in findings)
    return sheet.render(
        "gitguard/findings.html",
        groups=groups,
        counts=[(counts[severity], _NOUNS[severity]) for severity in SEVERITIES if counts[severity]],
        nouns=_NOUNS,
    )


def _write_cause(sheet: Sheet, *, cause: Cause, in_all: int, part: Part, rows: Sequence[Finding]) -> Markup:
    return sheet.render("gitguard/finding_cause.html", cause=cause, in_all=in_all, part=part, findings=rows)


VIEW = View(name="findings", pages=pages)
