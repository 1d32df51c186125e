"""The rollout: phase, whether and why it publishes, settings with their sources, the plan's checklists, history."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.lists.parts import FEWER
from mkdocs_gitguard.portal.page import PortalPage, View
from mkdocs_gitguard.portal.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from mkdocs_gitguard.model import RolloutStatus
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "pass": ("gg-merged", "✓ pass"),
    "fail": ("gg-error", "✗ fail"),
    "no data": ("", "? no data"),
    "not applicable": ("", "- not applicable"),
}


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the one page, where the site has a rollout."""
    status = portal.options.rollout
    if status is not None:
        yield PortalPage(
            path="rollout",
            title="Rollout",
            write=partial(_write, status=status),
            is_index=True,
            nav=80,
            nav_group="About",
            search=f"Phase {status.phase}: {_passed(status)}. Features, checks, history and releases.",
        )


def _passed(status: RolloutStatus) -> str:
    checks = [check for checklist in status.checklists if checklist.phase == status.phase for check in checklist.checks]
    return f"{sum(check.state == 'pass' for check in checks)} of {count(len(checks), 'check')} pass"


def _write(sheet: Sheet, status: RolloutStatus) -> Markup:
    return sheet.render(
        "gitguard/rollout.html",
        status=status,
        passed=_passed(status),
        marks=_MARKS,
        hidden=[feature.name for feature in status.features if feature.is_made and not feature.is_shown],
        most=FEWER,
    )


VIEW = View(name="rollout", pages=pages)
