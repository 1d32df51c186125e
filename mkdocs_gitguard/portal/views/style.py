"""How the portal looks and behaves in the browser: one style sheet, one script."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from mkdocs_gitguard.portal.page import Asset, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.portal.portal import Portal


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the style sheet and the script."""
    folder = files("mkdocs_gitguard.portal") / "assets"
    yield Asset(path="assets/gitguard/portal.css", data=(folder / "portal.css").read_bytes(), load="style")
    yield Asset(path="assets/gitguard/portal.js", data=(folder / "portal.js").read_bytes(), load="script")


VIEW = View(name="style", assets=assets)
