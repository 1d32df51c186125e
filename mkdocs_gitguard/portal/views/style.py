"""How the portal looks and behaves in the browser: one style sheet, one script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Asset, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.portal.portal import Portal


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the style sheet and the script."""
    yield own_asset("portal.css", "style")
    yield own_asset("portal.js", "script")


VIEW = View(name="style", assets=assets)
