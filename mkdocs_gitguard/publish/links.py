"""Do the links and anchors of a built site lead somewhere? Internal ones only: nothing here asks the network."""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.publish.release import ReleaseFile, side_by_side

_START_TAG: Final = late_pattern(
    r"<(?P<tag>[a-z][^\s/>]*+)(?P<attributes>(?>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*))>", re.IGNORECASE
)
_UNQUOTED_TAG: Final = late_pattern(r"<(?P<tag>[a-z][^\s/>]*+)(?P<attributes>[^>]*+)>", re.IGNORECASE)
"""What is left of a tag whose quotes do not pair: it ends at the first `>`, as browsers have it."""
_RAW_ENDS: Final = {
    tag: late_pattern(rf"</{tag}\s*+>", re.IGNORECASE) for tag in ("script", "style", "template", "textarea")
}
_ATTRIBUTE: Final = late_pattern(r"(?<![^\s=>/\"'])([^\s=>/\"']++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LONGEST_SHOWN: Final = 300
_SCHEME: Final = late_pattern(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


READING: Final = 2
"""Raise it whenever a page is read differently: what is remembered of pages is then read anew."""


class PageLinks(NamedTuple):
    """What one page links to, and what can be linked to in it."""

    anchors: frozenset[str]
    links: tuple[str, ...]
    canonical: str
    has_base: bool


class Page(NamedTuple):
    """A page that was read."""

    digest: str
    """SHA-256 of the content that was read."""
    content: PageLinks


def read_pages(site: Path, files: Iterable[ReleaseFile], known: Mapping[str, PageLinks]) -> dict[str, Page]:
    """Return what the pages among the files of a site link to, by path.

    Args:
        site: the built site.
        files: all of its files.
        known: what is known of pages already, by the digest of their content.

    Raises:
        PublishError: a page cannot be read.
    """
    pages = {file.path: file.sha256 for file in files if file.path.endswith(".html")}
    fresh = [path for path, digest in pages.items() if digest not in known]
    try:
        read = dict(zip(fresh, side_by_side(lambda path: _page((site / path).read_bytes()), fresh), strict=True))
    except OSError as error:
        raise PublishError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return {path: read.get(path) or Page(digest, known[digest]) for path, digest in sorted(pages.items())}


def check_links(pages: Mapping[str, Page], paths: Iterable[str]) -> list[Finding]:
    """Return a finding for each internal link or anchor that leads nowhere, by page.

    Args:
        pages: those of a site, by path.
        paths: all of its files.
    """
    files = frozenset(paths)
    read = {path: page.content for path, page in pages.items()}
    home = read.get("index.html")
    base = urlsplit(home.canonical).path if home else ""
    broken = []
    for path, page in read.items():
        if page.has_base:
            continue
        for link in page.links:
            problem = _problem(link, path, files, read, base.rstrip("/") + "/")
            if problem:
                broken.append(Finding(code="broken-link", severity="error", message=problem, path=path))
    return broken


def _problem(link: str, page: str, files: frozenset[str], read: Mapping[str, PageLinks], base: str) -> str:
    """Return what is wrong with a page's link, `""` for nothing."""
    path, _, anchor = link.partition("#")
    path = unquote(path.partition("?")[0])
    if path.startswith("/"):
        if not path.startswith(base):
            return ""
        path = "/" + path.removeprefix(base)
    target = _file(posixpath.join("/", posixpath.dirname(page), path) if path else f"/{page}", files)
    if not target:
        return f"links to {_shown(link)!r}, which is not there."
    known = read.get(target)
    # An anchor with "=" is state for a script, as is a text fragment; "top" is the page itself by the HTML standard.
    if known and anchor and "=" not in anchor and anchor.lower() != "top":
        names = {anchor, unquote(anchor)}
        if not names & known.anchors:
            return f"links to {_shown(link)!r}, where there is no such anchor."
    return ""


def _shown(link: str) -> str:
    return link if len(link) <= _LONGEST_SHOWN else f"{link[:_LONGEST_SHOWN]}…"


def _file(path: str, files: frozenset[str]) -> str:
    """Return the file that a web server gives for an absolute path, `""` for none."""
    normal = posixpath.normpath(path).lstrip("/")
    is_folder = path.endswith(("/", "/.", "/..")) or normal in {"", "."}
    folder = "" if normal in {"", "."} else f"{normal}/"
    for candidate in [f"{folder}index.html"] if is_folder else [normal, f"{normal}/index.html", f"{normal}.html"]:
        if candidate in files:
            return candidate
    return ""


def _page(content: bytes) -> Page:
    return Page(hashlib.sha256(content).hexdigest(), _read(content.decode("utf-8", errors="replace")))


def _read(text: str) -> PageLinks:
    anchors: set[str] = set()
    links: list[str] = []
    canonical = ""
    has_base = False
    for tag, attributes in _tags(text):
        anchors.update(attributes[name] for name in ("id", "name") if name in attributes)
        has_base = has_base or tag == "base"
        if tag == "link" and "canonical" in attributes.get("rel", ""):
            canonical = attributes.get("href", "")
            continue
        for name in ("href", "src"):
            link = attributes.get(name, "").strip()
            if link and not _SCHEME.match(link) and not (name == "src" and link.startswith("#")):
                links.append(link)
    return PageLinks(frozenset(anchors), tuple(dict.fromkeys(links)), canonical, has_base)


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every start tag with its attributes; scripts and styles count, what stands in them does not."""
    at, last = -1, text.rfind(">")
    while (at := text.find("<", at + 1)) >= 0:
        if text.startswith("<!--", at):
            # What is not closed goes on to the end of the page, here and below.
            end = text.find("-->", at + len("<!--"))
        elif match := _START_TAG.match(text, at) or _UNQUOTED_TAG.match(text, at):
            tag = match["tag"].lower()
            if "=" in match["attributes"]:
                pairs = _ATTRIBUTE.findall(match["attributes"])
                yield tag, {name.lower(): unescape(double or single or bare) for name, double, single, bare in pairs}
            end = match.end()
            if tag in _RAW_ENDS:
                closing = _RAW_ENDS[tag].search(text, end)
                end = closing.end() if closing else -1
        else:
            end = at + 1 if at < last else -1
        if end < 0:
            return
        at = end - 1
