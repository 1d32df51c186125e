"""The portal as Markdown files, for generators that run no MkDocs plugins (Zensical) and for other tools.

Each page is front matter and one raw HTML block. The block holds no blank line, which would end it
(https://spec.commonmark.org/0.31.2/#html-blocks), and no `{{`, `{%` or `{#`, which a template step could run.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.portal.own_assets import bundled
from mkdocs_gitguard.portal.page import NAV_GROUPS
from mkdocs_gitguard.words import TEMPLATE_OPENING, one_line, title_html, without_templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.portal.page import PortalPage, Written
    from mkdocs_gitguard.portal.pages import Pages

_PREFORMATTED = late_pattern(r"(<(pre|textarea)\b.*?</\2>)", re.DOTALL)
_SCRIPT = late_pattern(r"(<(?:script|style)\b.*?</(?:script|style)>)", re.DOTALL)
_BLANK_LINES = late_pattern(r"\n\s*\n")
_MARKDOWN_TEXT = late_pattern(r"([\\`*_\[\]<>#|!])")


def markdown_files(pages: Pages) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file: pages, assets, redirects, `SUMMARY.md`, `.nav.yml`, the snapshot as JSON.

    Paths are relative to the docs folder. `SUMMARY.md` is read by mkdocs-literate-nav and others, `.nav.yml` by
    mkdocs-awesome-nav; Zensical reads either where `plugins:` lists the plugin.
    """
    for page in pages.by_path.values():
        yield _source_of(pages, page), markdown_page(pages, pages.write(page)).encode()
    for asset in (*bundled(pages.assets()), *pages.redirects()):
        yield asset.path, asset.data
    entries = sorted(
        (page for page in pages.by_path.values() if page.nav is not None), key=lambda page: (page.nav, page.path)
    )
    summary, nav = [], ["nav:"]
    for group in (None, *NAV_GROUPS):
        members = [page for page in entries if page.nav_group == group]
        if group and members:
            summary.append(f"* {group}")
            nav.append(f"  - {group}:")
        indent = "    " if group else ""
        for page in members:
            title, source = page.nav_title or page.title, _source_of(pages, page)
            summary.append(f"{indent}* [{_escape(title)}]({source})")
            nav.append(f"{indent}  - {_quoted(title)}: {_quoted(source)}")
    yield "SUMMARY.md", ("\n".join(summary) + "\n").encode()
    yield ".nav.yml", ("\n".join(nav) + "\n").encode()
    yield "gitguard.json", pages.portal.snapshot.to_json()


def _source_of(pages: Pages, page: PortalPage) -> str:
    """Return where a page's Markdown stands: where the page will, so that links lead there from either.

    MkDocs leaves links in HTML as they are, which count from the page. Zensical (0.0.73) takes them to count from the
    source, and sets them right.
    """
    return f"{pages.target(page).removesuffix('.html')}.md"


def markdown_page(pages: Pages, written: Written) -> str:
    """Return one page as Markdown."""
    page = written.page
    depth = pages.target(page).count("/")
    front = [f"title: {_quoted(title_html(page.title))}"]
    if page.description:
        front.append(f"description: {_quoted(title_html(page.description))}")
    loads = "".join(
        _load(asset.load, "../" * depth + asset.path) for asset in bundled(pages.assets_of_views()) if asset.load
    )
    return (
        "---\n" + "\n".join(front) + "\n---\n\n" + _block(f'<div class="gg-export">{loads}{written.html}</div>') + "\n"
    )


def _block(html: str) -> str:
    html = _PREFORMATTED.sub(lambda match: match[0].replace("\n", "&#10;"), html)
    html = _BLANK_LINES.sub("\n", html)
    parts = _SCRIPT.split(html)
    parts[::2] = [without_templates(part) for part in parts[::2]]
    return "".join(parts).strip()


def _load(kind: str, url: str) -> str:
    if kind == "style":
        return f'<link rel="stylesheet" href="{url}">'
    return f'<script src="{url}" defer></script>'


def _escape(text: str) -> str:
    return _MARKDOWN_TEXT.sub(r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> str:
    """Return a JSON string, which is also a YAML one once no control character is left in it."""
    plain = "".join(character if character.isprintable() else " " for character in one_line(text))
    return json.dumps(TEMPLATE_OPENING.sub("{ ", plain), ensure_ascii=False)
