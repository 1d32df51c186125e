"""The portal's own scripts and style sheets, as a site gets them: without comments and indentation, a quarter less."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.portal.page import Asset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Literal

_FOLDER: Final = "assets/gitguard"

_COMMENT: Final = late_pattern(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
"""One that has its lines to itself: what stands behind code may be part of a string."""
_INDENTATION: Final = late_pattern(r"\n\s+")


@cache
def own_text(name: str) -> str:
    """Return the text of a file of `portal/assets`. A text that goes over several lines loses its indentation."""
    text = (files("mkdocs_gitguard.portal") / "assets" / name).read_text("utf-8")
    return _INDENTATION.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def own_asset(name: str, load: Literal["", "style", "script"] = "") -> Asset:
    """Return a file of `portal/assets` for the site."""
    return Asset(path=f"{_FOLDER}/{name}", data=own_text(name).encode(), load=load)


def bundled(assets: Iterable[Asset], taken: Collection[str] = ()) -> Iterator[Asset]:
    """Yield assets, those of the portal's own that every page loads as one style sheet and one script.

    A page that names a dozen files is half a kilobyte longer than one that names two, and is shown later.
    The two stand where the first of their kind stood.

    Args:
        assets: the files.
        taken: paths in the site at which a file of the user's own wins: those are loaded by themselves.
    """
    every = [*assets]
    own: dict[str, list[Asset]] = {"style": [], "script": []}
    for asset in every:
        if asset.load and posixpath.dirname(asset.path) == _FOLDER and asset.path not in taken:
            own[asset.load].append(asset)
    for asset in every:
        bundle = own.get(asset.load, [])
        if bundle and asset is bundle[0]:
            yield replace(asset, data=b"".join(part.data for part in bundle))
        elif not any(asset is part for part in bundle):
            yield asset
