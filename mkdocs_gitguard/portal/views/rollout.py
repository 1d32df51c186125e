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
            search=f"Phase {status.phase}: {_passed(status)}. Feature flags, checks, history and releases.",
        )


def _passed(status: RolloutStatus) -> str:
    checks = [check for checklist in status.checklists if checklist.phase == status.phase for check in checklist.checks]
    return f"{sum(check.state == 'pass' for check in checks)} of {count(len(checks), 'check')} pass"


def _write(sheet: Sheet, status: RolloutStatus) -> Markup:
    flags = [item for item in status.settings if item.name.endswith("_ENABLED")]
    others = [item for item in status.settings if item not in flags]
    return sheet.render(
        "gitguard/rollout.html",
        status=status,
        passed=_passed(status),
        marks=_MARKS,
        flags=flags,
        others=others,
        most=FEWER,
    )


VIEW = View(name="rollout", pages=pages)
