"""Findings: what went wrong while the repositories were read, each with what to do."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import SEVERITIES
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_HEADINGS: Final[Mapping[str, str]] = {"error": "Errors", "warning": "Warnings", "info": "Good to know"}
_NOUNS: Final[Mapping[str, tuple[str, ...]]] = {
    "error": ("error",),
    "warning": ("warning",),
    "info": ("thing good to know", "things good to know"),
}


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page. Its view is the last, so that it is written when all diagrams have been drawn."""
    yield PortalPage(
        path="finding",
        title="Findings",
        write=_write,
        is_index=True,
        is_traced=False,
        nav=90,
        search=f"{count(len(portal.snapshot.findings), 'finding')}: what could not be read, and what to do.",
    )


def _write(sheet: Sheet) -> Markup:
    every = (*sheet.graph.snapshot.findings, *sheet.clashes, *sheet.drawer.drawn.failures)
    findings = sorted(every, key=lambda finding: SEVERITIES.index(finding.severity))
    groups = [(severity, list(group)) for severity, group in groupby(findings, key=lambda finding: finding.severity)]
    return sheet.render("gitguard/findings.html", groups=groups, headings=_HEADINGS, nouns=_NOUNS)


VIEW = View(name="findings", pages=pages)
