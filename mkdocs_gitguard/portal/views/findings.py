"""Findings: what went wrong while the repositories were read, each with what to do."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.view import View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from mkdocs_gitguard.portal.pages import Portal
    from mkdocs_gitguard.portal.sheet import Sheet

_ORDER: Final[Mapping[str, int]] = {"error": 0, "warning": 1, "info": 2}
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
        nav=90,
        search=f"{count(len(portal.snapshot.findings), 'finding')}: what could not be read, and what to do.",
    )


def _write(sheet: Sheet) -> Markup:
    found = (*sheet.portal.snapshot.findings, *sheet.portal.clashes, *sheet.portal.drawer.drawn.failures)
    findings = sorted(found, key=lambda finding: _ORDER[finding.severity])
    groups = [(severity, list(group)) for severity, group in groupby(findings, key=lambda finding: finding.severity)]
    return sheet.render("gitguard/findings.html", groups=groups, headings=_HEADINGS, nouns=_NOUNS)


VIEW = View(name="findings", pages=pages)
