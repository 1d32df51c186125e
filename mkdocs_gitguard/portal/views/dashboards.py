"""The rollout plan's dashboards: an index, a page each, and their figures as JSON.

Written from the figures that they are given, as the pages of service levels are; of the snapshot come the names of the
repositories that took longest to read, as far as they are shown.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mkdocs_gitguard.portal.figure_charts import day_chart, figure
from mkdocs_gitguard.portal.page import Asset, PortalPage, View
from mkdocs_gitguard.words import exact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from mkdocs_gitguard.model.dashboards import Dashboard, Dashboards, SlowRepository
    from mkdocs_gitguard.portal.page import Sheet
    from mkdocs_gitguard.portal.portal import Portal

PATH: Final = "dashboards"
"""Path of the index."""
_OF_READING: Final = "performance"
"""The dashboard that names the repositories which took longest to read."""


def pages(portal: Portal) -> Iterator[PortalPage]:
    """Yield the index and a page a dashboard, where there is something to show them by."""
    dashboards = portal.options.dashboards
    if dashboards is None:
        return
    yield PortalPage(
        path=PATH,
        title="Dashboards",
        write=partial(_write_index, dashboards=dashboards),
        is_index=True,
        is_wide=True,
        nav=86,
        nav_group="Health",
        search="Dashboards: what was measured in the last 30 days.",
    )
    frame = _frame(dashboards)
    # Figures stay for some minutes, in which a repository may have been left out.
    slowest = tuple(one for one in dashboards.slowest if one.repository in portal.graph.nodes)
    for board in dashboards.boards:
        yield PortalPage(
            path=f"{PATH}/{board.name}",
            title=board.title,
            write=partial(_write_board, board=board, slowest=slowest if board.name == _OF_READING else (), **frame),
            is_wide=True,
            section=PATH,
            search=", ".join(panel.title for panel in board.panels),
            description=f"{board.title}: what was measured in the last 30 days.",
        )


def _frame(dashboards: Dashboards) -> dict[str, Any]:
    """Return what a page of one dashboard has to know of all."""
    return {
        "at": dashboards.at,
        "stale": dashboards.stale_after,
        "first": dashboards.first,
        "last": dashboards.last,
    }


def _write_index(sheet: Sheet, dashboards: Dashboards) -> Markup:
    return sheet.render(
        "gitguard/dashboards.html",
        boards=dashboards.boards,
        path=PATH,
        script=sheet.file("assets/gitguard/status.js"),
        figure=figure,
        moment=exact,
        **_frame(dashboards),
    )


def _write_board(sheet: Sheet, board: Dashboard, slowest: tuple[SlowRepository, ...], **frame: Any) -> Markup:
    return sheet.render(
        "gitguard/dashboard.html",
        board=board,
        slowest=slowest,
        data=sheet.file(f"{PATH}/{board.name}.json"),
        script=sheet.file("assets/gitguard/status.js"),
        day_chart=day_chart,
        figure=figure,
        moment=exact,
        **frame,
    )


def assets(portal: Portal) -> Iterator[Asset]:
    """Yield the figures of each dashboard as JSON."""
    dashboards = portal.options.dashboards
    for board in dashboards.boards if dashboards is not None else ():
        document = {"schema_version": "1.0", "at": dashboards.at if dashboards else None, **msgspec.to_builtins(board)}
        yield Asset(path=f"{PATH}/{board.name}.json", data=msgspec.json.format(msgspec.json.encode(document), indent=1))


VIEW = View(name="dashboards", needs="slo_monitoring", pages=pages, assets=assets)
