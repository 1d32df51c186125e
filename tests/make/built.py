"""What is looked for in any built site."""

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

_LINK = re.compile(r"<(?:a|img|link|script)\b[^>]*?\s(?:href|src)=[\"']?([^\"'\s>]*)")
_ELSEWHERE = re.compile(r"[a-z]+:|//|#")


def contents(site: Path) -> dict[str, bytes]:
    """Return every file by its path in the site."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def dead_links(site: Path, *, root: str = "/") -> list[tuple[str, str]]:
    """Return page and target of each link of the site's own that leads to nothing; `root` is the path of its URL."""
    dead = []
    for page in site.rglob("*.html"):
        for link_target in sorted({unescape(link) for link in _LINK.findall(page.read_text())}):
            path = unquote(re.split(r"[?#]", link_target)[0])
            if not path or _ELSEWHERE.match(link_target):
                continue
            target = site / path.removeprefix(root) if path.startswith("/") else page.parent / path
            if not (target / "index.html" if target.is_dir() else target).is_file():
                dead.append((page.relative_to(site).as_posix(), link_target))
    return dead


def searched_by_mkdocs(site: Path) -> set[str]:
    """Return the pages that stand in the index of MkDocs' own search."""
    index = json.loads((site / "search" / "search_index.json").read_text())
    return {document["location"].split("#")[0] for document in index["docs"]}
