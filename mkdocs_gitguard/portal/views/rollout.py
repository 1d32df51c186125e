"""The rollout: phase, whether and why it publishes, settings with their sources, the plan's checklists, history."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.atom import Entry, feed
from mkdocs_gitguard.portal.lists.parts import FEWER
from mkdocs_gitguard.portal.page import Asset, PortalPage, View
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

    from mkdocs_gitguard.model import ReleaseNote, RolloutStatus
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

NOTES: Final = "rollout/notes"
"""Path of the release notes."""
_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "pass": ("gg-merged", "✓ pass"),
    "fail": ("gg-error", "✗ fail"),
    "no data": ("", "? no data"),
    "not applicable": ("", "- not applicable"),
}


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the page of the rollout and the release notes, where the site has one."""
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

        yield PortalPage(
            path=NOTES,
            title="Release notes",
            write=partial(_write_notes, notes=status.notes),
            section="rollout",
            search="What each release and each step of the rollout changed.",
        )


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield the feed of the release notes."""
    status = portal.options.rollout
    if status is not None:
        entries = [
            Entry(
                note.key.replace(" ", ":"), note.title, note.at, note.ask, f"{' '.join(note.what)} For: {note.for_whom}"
            )
            for note in status.notes[:FEWER]
        ]
        notes = feed(
            "rollout",
            "Release notes",
            entries,
            author="mkdocs-gitguard",
            url=portal.address_of(portal.as_url(portal.file_at(NOTES))),
            self_url=portal.address_of(f"{NOTES}.xml"),
        )
        yield Asset(path=f"{NOTES}.xml", data=notes)


def _write_notes(sheet: Sheet, notes: tuple[ReleaseNote, ...]) -> Markup:
    return sheet.render(
        "gitguard/notes.html",
        notes=notes[:FEWER],
        left_out=max(0, len(notes) - FEWER),
        feed=sheet.file(f"{NOTES}.xml"),
    )


def _passed(status: RolloutStatus) -> str:
    checks = [check for checklist in status.checklists if checklist.phase == status.phase for check in checklist.checks]
    left_out = sum(check.state == "not applicable" for check in checks)
    more = f", {left_out} not applicable" if left_out else ""
    return f"{sum(check.state == 'pass' for check in checks)} of {count(len(checks), 'check')} pass{more}"


def _write(sheet: Sheet, status: RolloutStatus) -> Markup:
    return sheet.render(
        "gitguard/rollout.html",
        status=status,
        passed=_passed(status),
        marks=_MARKS,
        hidden=[feature.name for feature in status.features if not (feature.is_shown or feature.needs_extra)],
        most=FEWER,
    )


VIEW = View(name="rollout", pages=pages, assets=assets)
