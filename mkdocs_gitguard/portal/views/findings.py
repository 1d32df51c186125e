"""Findings: what went wrong while the repositories were read, each with what to do."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import SEVERITIES
from mkdocs_gitguard.portal.lists.parts import FEWER, Part, first_part, further_pages
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from mkdocs_gitguard.model import Finding
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_HEADINGS: Final[Mapping[str, str]] = {"error": "Errors", "warning": "Warnings", "info": "Good to know"}
_NOUNS: Final[Mapping[str, tuple[str, ...]]] = {
    "error": ("error",),
    "warning": ("warning",),
    "info": ("thing good to know", "things good to know"),
}


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the pages. Their view is the last, so that they are written when all diagrams have been drawn."""
    number = len(portal.snapshot.findings)
    first = first_part("finding", number, size=FEWER)
    yield PortalPage(
        path="finding",
        title="Findings",
        write=partial(_write, part=first),
        is_index=True,
        is_traced=False,
        nav=90,
        nav_group="Health",
        search=f"{count(number, 'finding')}: what could not be read, and what to do.",
    )
    yield from further_pages(first, "Findings", _write, is_traced=False)


def _write(sheet: Sheet, part: Part) -> Markup:
    of_snapshot = sorted(sheet.graph.snapshot.findings, key=_gravity)
    # How many of these there are is known when all pages are written, so that they stand on the first.
    of_pages = (*sheet.clashes, *sheet.drawer.drawn.failures) if part.number == 1 else ()
    findings = sorted((*part.rows(of_snapshot), *of_pages[:FEWER]), key=_gravity)
    groups = [(severity, list(group)) for severity, group in groupby(findings, key=lambda finding: finding.severity)]
    counts = Counter(finding.severity for finding in (*of_snapshot, *of_pages))
    return sheet.render(
        "gitguard/findings.html",
        groups=groups,
        counts=[(counts[severity], _NOUNS[severity]) for severity in SEVERITIES if counts[severity]],
        headings=_HEADINGS,
        part=part,
        more=len(of_pages[FEWER:]),
    )


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


VIEW = View(name="findings", pages=pages)
