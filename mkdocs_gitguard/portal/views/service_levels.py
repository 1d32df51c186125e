"""Service levels: the status page, a page an objective, the dashboards, and the same as JSON, badge and feed.

Their pages are written from the levels that they are given, the state of the event log, steps of the rollout and
drills, and from nothing of the snapshot, so that no repository has a part in them. The levels are a function of the
measurements alone, and not of the moment of the build: what is old says so by its date, and by the script, in the
reader's browser.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mkdocs_gitguard.model.service_levels import in_percent
from mkdocs_gitguard.portal.atom import Entry, feed
from mkdocs_gitguard.portal.figure_charts import figure
from mkdocs_gitguard.portal.level_charts import chart, day_bar, days_in_words
from mkdocs_gitguard.portal.lists.health_history import (
    breach_key,
    health_history,
    planned_features,
    releases_in_force,
)
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, PortalPage, View
from mkdocs_gitguard.words import count, exact, iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from markupsafe import Markup

    from mkdocs_gitguard.model.log_state import LogState
    from mkdocs_gitguard.model.service_levels import Breach, LevelState, ObjectiveLevel, ServiceLevels
    from mkdocs_gitguard.portal.lists.health_history import Happened, ReleaseInForce
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

STATUS: Final = "status"
"""Path of the status page."""
_MARKS: Final[Mapping[LevelState, tuple[str, str]]] = {
    "alert": ("gg-error", "! alert"),
    "missed": ("gg-warning", "✗ missed"),
    "no data": ("", "? no data"),
    "met": ("gg-merged", "✓ met"),
}
_BADGES: Final[Mapping[LevelState, tuple[str, str]]] = {
    "alert": ("somebody must act", "#c62f3b"),
    "missed": ("less than was to be", "#9a6700"),
    "no data": ("no data", "#6e7781"),
    "met": ("met", "#1a7f37"),
}
_HAPPENED: Final = 20
"""Releases, steps and days of drills that the status page shows."""
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_CHARACTER: Final = 6.6
"""Pixels of a letter of 11 px, on average."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the status page and a page an objective, where there is something to show them by."""
    levels, rollout = portal.options.levels, portal.options.rollout
    if levels is None:
        return
    in_force = releases_in_force(rollout, levels.breaches)
    yield PortalPage(
        path=STATUS,
        title="Status",
        write=partial(
            _write_status,
            levels=levels,
            log=portal.options.log_state,
            happened=health_history(rollout, portal.options.drills, most=_HAPPENED),
            planned=planned_features(rollout),
            in_force=in_force,
        ),
        is_index=True,
        is_wide=True,
        nav=85,
        nav_group="Health",
        search="Service levels: objectives, error budgets, breaches.",
    )
    # By name, so that how they fare does not put other lines of the sitemap in their place.
    for level in sorted(levels.objectives, key=lambda level: level.name):
        breaches = tuple(breach for breach in levels.breaches if breach.objective == level.name)
        yield PortalPage(
            path=f"{STATUS}/{level.name}",
            title=level.title,
            write=partial(
                _write_objective,
                level=level,
                breaches=breaches,
                at=levels.at,
                stale=levels.stale_after,
                in_force={key: in_force[key] for key in map(breach_key, breaches) if key in in_force},
            ),
            section=STATUS,
            search=level.description,
            description=level.description,
        )


def _write_status(
    sheet: Sheet,
    *,
    levels: ServiceLevels,
    log: LogState | None,
    happened: tuple[Happened, ...],
    planned: Mapping[str, tuple[str, ...]],
    in_force: Mapping[str, ReleaseInForce],
) -> Markup:
    titles = {level.name: level.title for level in levels.objectives}
    return sheet.render(
        "gitguard/status.html",
        levels=levels,
        log=log,
        happened=happened,
        planned=planned,
        in_force=in_force,
        titles=titles,
        has_rollout=bool(sheet.link("rollout")),
        script=sheet.file("assets/gitguard/status.js"),
        feed=sheet.file(f"{STATUS}/feed.xml"),
        json=sheet.file(f"{STATUS}/status.json"),
        badge=sheet.file(f"{STATUS}/badge.svg"),
        path=STATUS,
        day_bar=day_bar,
        **_WORDS,
    )


def _write_objective(
    sheet: Sheet,
    *,
    level: ObjectiveLevel,
    breaches: tuple[Breach, ...],
    at: datetime | None,
    stale: int,
    in_force: Mapping[str, ReleaseInForce],
) -> Markup:
    return sheet.render(
        "gitguard/objective.html",
        level=level,
        breaches=breaches,
        in_force=in_force,
        at=at,
        stale=stale,
        script=sheet.file("assets/gitguard/status.js"),
        chart=chart,
        days_in_words=days_in_words,
        measured_days=[day for day in reversed(level.days) if day.number > 0],
        **_WORDS,
    )


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield style and script, and the levels as JSON, badge and feed."""
    yield own_asset("status.css", "style")
    yield own_asset("status.js")
    levels = portal.options.levels
    if levels is None:
        return
    document = {"schema_version": "1.0", **msgspec.to_builtins(levels)}
    yield Asset(path=f"{STATUS}/status.json", data=msgspec.json.format(msgspec.json.encode(document), indent=1))
    message, colour = _BADGES[levels.state]
    endpoint = {"schemaVersion": 1, "label": "service levels", "message": message, "color": colour}
    yield Asset(path=f"{STATUS}/badge.json", data=msgspec.json.encode(endpoint))
    yield Asset(path=f"{STATUS}/badge.svg", data=_badge("service levels", message, colour).encode())
    yield Asset(path=f"{STATUS}/feed.xml", data=_feed(portal, levels))


def _badge(label: str, message: str, colour: str) -> str:
    widths = [round(len(text) * _CHARACTER) + 12 for text in (label, message)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sum(widths)}" height="20" role="img" '
        f'aria-label="{label}: {message}"><title>{label}: {message}</title>'
        f'<rect width="{sum(widths)}" height="20" rx="3" fill="#3d444d"/>'
        f'<path d="M{widths[0]} 0h{widths[1] - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{widths[1] - 3}z" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14">{label}</text><text x="{widths[0] + 6}" y="14">{message}</text></g></svg>\n'
    )


def _feed(portal: Portal, levels: ServiceLevels) -> bytes:
    """Return the breaches as an Atom feed; one that has ended is another version of the same entry."""
    titles = {level.name: level.title for level in levels.objectives}
    entries = [
        Entry(
            key=f"breach:{breach.objective}:{iso(breach.alerted)}",
            title=f"{titles[breach.objective]}: {'over' if breach.ended else 'somebody must act'}",
            updated=breach.ended or breach.alerted,
            author="",
            text=f"Began {iso(breach.began)}. {_good_of(breach)} {breach.cause}".strip(),
            url=portal.address_of(portal.as_url(portal.file_at(f"{STATUS}/{breach.objective}"))),
        )
        for breach in levels.breaches
    ]
    return feed(
        "status",
        "Service levels",
        entries,
        author="mkdocs-gitguard",
        url=portal.address_of(portal.as_url(portal.file_at(STATUS, is_index=True))),
        self_url=portal.address_of(f"{STATUS}/feed.xml"),
    )


def _good_of(breach: Breach) -> str:
    share = breach.good / breach.number if breach.number else 0.0
    return f"{in_percent(share)} of {breach.number:,.0f} were good."


def _span(seconds: float) -> str:
    """Return how long something took: `2 h 10 min`."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h {seconds % _HOUR / _MINUTE:.0f} min"
    return f"{count(int(seconds // _DAY), 'day')} {seconds % _DAY / _HOUR:.0f} h"


def _between(first: datetime, last: datetime) -> str:
    return _span((last - first).total_seconds())


def _budget(left: float | None) -> str:
    """Return how much of a budget is left, and how often it has been used where more than all of it was."""
    if left is None:
        return "\u2013"
    return f"{left:.0%}".replace("%", " %") if left >= 0 else f"none, used {1 - left:,.1f} times"


_WORDS: Final[Mapping[str, Any]] = {
    "marks": _MARKS,
    "percent": in_percent,
    "figure": figure,
    "budget": _budget,
    "between": _between,
    "moment": exact,
    "good_of": _good_of,
    "breach_key": breach_key,
}

VIEW = View(name="service-levels", needs="slo_monitoring", pages=pages, assets=assets)
