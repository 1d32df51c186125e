"""Drills: an index, a page a drill with its timeline and history, and all results as JSON.

Their pages are written from the journal and from nothing of the snapshot, so that no repository has a part in them.
"""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mkdocs_gitguard.model.drill import by_drill, rate_of
from mkdocs_gitguard.model.service_levels import in_percent
from mkdocs_gitguard.portal.page import Asset, PortalPage, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model.drill import DrillAbout, DrillOutcome, DrillResult
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

DRILL: Final = "drill"
"""Path of the index."""
_MARKS: Final[Mapping[DrillOutcome, tuple[str, str]]] = {
    "failed": ("gg-error", "✗ failed"),
    "passed": ("gg-merged", "✓ passed"),
    "not run": ("", "? not run"),
}
_SIGNS: Final[Mapping[DrillOutcome, str]] = {"failed": "✗", "passed": "✓", "not run": "·"}
_TREND: Final = 12
"""Runs of a drill that the index shows."""
_HISTORY: Final = 50
"""Runs of a drill that its page shows; all that are kept stand in the JSON."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index, and a page for each drill that was ever run."""
    by_name = by_drill(portal.options.drills)
    order = list(_MARKS)
    last = sorted(by_name.values(), key=lambda own: (order.index(own[0].outcome), own[0].about.title))
    yield PortalPage(
        path=DRILL,
        title="Drills",
        write=partial(
            _write_index,
            drills=tuple((own[0], tuple(own)) for own in last),
            never=_never_run(portal),
        ),
        is_index=True,
        is_wide=True,
        nav=86,
        nav_group="Health",
        search="Chaos drills: faults in a sandbox, success rate, history.",
    )
    for name, own in by_name.items():
        yield PortalPage(
            path=f"{DRILL}/{name}",
            title=own[0].about.title,
            write=partial(_write_drill, results=tuple(own)),
            section=DRILL,
            search=f"{own[0].about.hypothesis} {own[0].about.fault}",
            description=own[0].about.hypothesis,
        )


def _never_run(portal: Portal) -> tuple[DrillAbout, ...]:
    known = by_drill(portal.options.drills)
    return tuple(about for about in portal.options.drill_set if about.name not in known)


def _write_index(
    sheet: Sheet, drills: tuple[tuple[DrillResult, tuple[DrillResult, ...]], ...], never: tuple[DrillAbout, ...]
) -> Markup:
    return sheet.render(
        "gitguard/drills.html",
        drills=drills,
        never=never,
        rate=rate_of(result for _, own in drills for result in own),
        failed=sum(last.outcome == "failed" for last, _ in drills),
        idle=sum(last.outcome == "not run" for last, _ in drills),
        json=sheet.file(f"{DRILL}/drills.json"),
        trend=_trend,
        path=DRILL,
        **_WORDS,
    )


def _write_drill(sheet: Sheet, results: tuple[DrillResult, ...]) -> Markup:
    return sheet.render(
        "gitguard/drill.html",
        last=results[0],
        rate=rate_of(results),
        history=results[:_HISTORY],
        hidden=len(results[_HISTORY:]),
        json=sheet.file(f"{DRILL}/drills.json"),
        **_WORDS,
    )


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield the journal as JSON."""
    document = {
        "schema_version": "1.0",
        "results": msgspec.to_builtins(portal.options.drills),
        "never_run": sorted(about.name for about in _never_run(portal)),
    }
    yield Asset(path=f"{DRILL}/drills.json", data=msgspec.json.format(msgspec.json.encode(document), indent=1))


def _trend(results: tuple[DrillResult, ...]) -> str:
    """Return the last outcomes, the oldest first, a sign each."""
    return "".join(_SIGNS[result.outcome] for result in reversed(results[:_TREND]))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _seconds(seconds: float | None) -> str:
    return "\u2013" if seconds is None else f"{seconds:,.2f}\u00a0s"


_WORDS: Final[Mapping[str, Any]] = {
    "marks": _MARKS,
    "percent": in_percent,
    "moment": _moment,
    "seconds": _seconds,
    "rate_of": rate_of,
}

VIEW = View(name="drills", needs="chaos_engineering", pages=pages, assets=assets)
