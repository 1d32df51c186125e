"""Portals made up for tests."""

from collections.abc import Sequence
from datetime import datetime

from make.snapshot import NOW

from mkdocs_gitguard.model import ALL_VIEWS, Flags, Snapshot
from mkdocs_gitguard.policies.registry import BUILT_IN
from mkdocs_gitguard.portal import Options, Pages, Portal, View
from mkdocs_gitguard.portal.diagrams.drawing import Drawer
from mkdocs_gitguard.portal.views import VIEWS

FORMATS = {known.name: known.traits for known in BUILT_IN}


def pages_of(
    snapshot: Snapshot,
    *,
    now: datetime = NOW,
    flags: Flags = ALL_VIEWS,
    views: Sequence[View] = VIEWS,
    drawer: Drawer | None = None,
    **options,
) -> Pages:
    """Return the pages of a snapshot, with every view unless the test says otherwise; `options` are `Options`."""
    portal = Portal(snapshot, now=now, flags=flags, options=Options(**options), formats=FORMATS)
    return Pages(portal, views, drawer=drawer)


def html_of(pages: Pages, path: str) -> str:
    """Return the article of the page at a path."""
    return pages.write(pages.by_path[path]).html
