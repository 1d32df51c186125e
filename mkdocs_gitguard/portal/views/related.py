"""What is close in meaning to a repository or policy, on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard.model import Policy, Repository
from mkdocs_gitguard.portal.own_assets import own_asset
from mkdocs_gitguard.portal.page import Panel, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.portal.page import Asset, Sheet
    from mkdocs_gitguard.portal.portal import Portal


def _on(sheet: Sheet, record: Repository | Policy) -> Panel | None:
    related = sheet.graph.related.get(record.id, ())
    if not related:
        return None
    return Panel(
        "Close in meaning",
        sheet.render("gitguard/related.html", related=related, policies=sheet.graph.policies),
        order=80,
    )


def assets(_: Portal) -> Iterator[Asset]:
    """Yield the script of the search by meaning, which that of the search loads when it is needed."""
    yield own_asset("meaning.js")


VIEW = View(name="related", needs="embeddings", assets=assets, panels={Repository: (_on,), Policy: (_on,)})
