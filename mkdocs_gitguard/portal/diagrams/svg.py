"""Mermaid drawn at the build: SVG with links, a title and a description, in the colours of the page's palette."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mkdocs_gitguard.errors import ParseError, SettingError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from mkdocs_gitguard.portal.diagrams.mermaid import Diagram

_SVG: Final = "{http://www.w3.org/2000/svg}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_VERSION: Final = "1"
"""Raise it when what is made of a source changes, so that caches are not believed."""
_COLOURS: Final = {"#ffffff": "var(--gg-back,#fff)", "#333333": "currentColor", "#666666": "currentColor"}
"""Those of mermaid-render's theme `default`, which no box of ours has: lines, edge labels and their background."""


def to_svg(diagram: Diagram, source: str, cache: MutableMapping[str, str]) -> str:
    """Return the SVG element for a page.

    Args:
        diagram: what is drawn; gives links and words.
        source: its Mermaid text without links.
        cache: drawn SVG by digest of the source.

    Raises:
        SettingError: mermaid-render is not installed.
        ParseError: it cannot draw the source.
    """
    key = hashlib.sha256(f"{_VERSION}\0{source}".encode()).hexdigest()
    drawn = cache.get(key)
    if drawn is None:
        drawn = cache[key] = _draw(source)
    return _finish(drawn, diagram, key)


def _draw(source: str) -> str:
    try:
        from mermaid_render import mermaid_to_svg  # type: ignore[import-untyped] # noqa: PLC0415 an extra
    except ImportError as error:
        raise SettingError(
            "The option diagrams is svg, which needs mermaid-render",
            hint="Install it: pip install 'mkdocs-gitguard[offline]'",
        ) from error
    try:
        drawn: bytes = mermaid_to_svg(source, theme="default")
    except ValueError as error:  # its RenderError is one
        raise ParseError(f"mermaid-render says: {error}") from error
    return drawn.decode("utf-8")


def _finish(drawn: str, diagram: Diagram, key: str) -> str:
    """Put in what belongs to this page and not to the source: links relative to it, ids of its own."""
    root = ET.fromstring(drawn)  # noqa: S314 - written by mermaid-render from our own escaped text, not from outside
    width = root.get("width", "")
    for attribute in ("style", "width", "height", "aria-roledescription", "class"):
        root.attrib.pop(attribute, None)
    root.set("role", "img")
    root.set("class", "gg-diagram-svg")
    root.set("fill", "currentColor")
    root.set("font-family", "inherit")
    root.set("font-size", "16")
    root.set("style", f"width:{_pixels(width)};max-width:100%;height:auto")
    for element in root.iter():
        _recolour(element)
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if "pele-node" in child.get("class", "").split():
                _link(parent, place, child, diagram)
    for place, (tag, text) in enumerate((("title", diagram.title), ("desc", diagram.described()))):
        element = ET.Element(f"{_SVG}{tag}", {"id": f"gg-{key[:12]}-{tag}"})
        element.text = text
        root.insert(place, element)
    root.set("aria-labelledby", f"gg-{key[:12]}-title")
    root.set("aria-describedby", f"gg-{key[:12]}-desc")
    text = ET.tostring(root, encoding="unicode")
    # ElementTree invents prefixes. In HTML, SVG needs none, and links must be called xlink.
    text = text.replace(' xmlns:ns0="http://www.w3.org/2000/svg"', "").replace(" xmlns:ns1=", " xmlns:xlink=")
    return re.sub(r"(</?)ns0:", r"\1", text).replace("<a ns1:href=", "<a xlink:href=")


def _recolour(element: ET.Element) -> None:
    for attribute in ("fill", "stroke"):
        value = element.get(attribute, "").lower()
        if value in _COLOURS:
            element.set(attribute, _COLOURS[value])


def _link(parent: ET.Element, place: int, box: ET.Element, diagram: Diagram) -> None:
    """Give a box a link if its node has one."""
    number = re.fullmatch(r"n(\d+)", box.get("data-id", ""))
    link = diagram.nodes[int(number[1])].link if number else ""
    if link:
        # Not plain `href`: Material's instant navigation sets it on every `a[href]`, which SVG's links do not take.
        anchor = ET.Element(f"{_SVG}a", {f"{_XLINK}href": link})
        anchor.append(box)
        parent[place] = anchor


def _pixels(length: str) -> str:
    return f"{float(length):.0f}px" if re.fullmatch(r"\d+(\.\d+)?", length) else "auto"
