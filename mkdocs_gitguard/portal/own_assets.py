"""The portal's own scripts and style sheets, as a site gets them: without comments and indentation, a quarter less."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.portal.page import Asset

if TYPE_CHECKING:
    from typing import Literal

_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
"""One that has its lines to itself: what stands behind code may be part of a string."""
_INDENTATION: Final = re.compile(r"\n\s+")


def own_text(name: str) -> str:
    """Return the text of a file of `portal/assets`. A text that goes over several lines loses its indentation."""
    text = (files("mkdocs_gitguard.portal") / "assets" / name).read_text("utf-8")
    return _INDENTATION.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def own_asset(name: str, load: Literal["", "style", "script"] = "") -> Asset:
    """Return a file of `portal/assets` for the site."""
    return Asset(path=f"assets/gitguard/{name}", data=own_text(name).encode(), load=load)
