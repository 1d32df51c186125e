"""`gitguard search`: what has the words of a question, and what is close to it in meaning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.export import portal_pages
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.repositories import instead_option
from mkdocs_gitguard.cli.site import read_to_answer
from mkdocs_gitguard.meaning.exact import Exact
from mkdocs_gitguard.meaning.search import close_to
from mkdocs_gitguard.site_build.meaning import router_of
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from mkdocs_gitguard.meaning.exact import Hit
    from mkdocs_gitguard.meaning.near import Near

_FLAG: Final = "CODEX_EMBEDDINGS_ENABLED"


@click.command(
    "search",
    epilog=examples(
        'gitguard search "who approves dependency changes"',
        "gitguard search billing --limit 5 --format json",
        f'{_FLAG}=true gitguard search "public storage"',
    ),
)
@click.argument("question", nargs=-1, required=True, metavar="QUESTION")
@instead_option
@config_option
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="The most hits of each list."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def search(
    *, question: tuple[str, ...], repositories: tuple[str, ...], config_file: Path | None, limit: int, form: str
) -> None:
    """Find what has the words of QUESTION, and below it what is close to it in meaning.

    The second list needs CODEX_EMBEDDINGS_ENABLED and a model: see docs/meaning-search.md. Nothing is built.
    """
    words = " ".join(question)
    loaded = load_site(Path(), config_file, repositories)
    site = read_to_answer(loaded)
    pages = portal_pages(loaded, site)
    index = Exact(pages)
    exact = index.find(words)
    close: list[tuple[Hit, Near]] = []
    if pages.portal.meaning is not None:
        router = router_of(site, loaded.options, loaded.state_folder)
        shown = {hit.id for hit in exact[:limit]}
        nearest = close_to(words, pages, pages.portal.meaning, router)
        close = [(index.by_id[near.id], near) for near in nearest if near.id in index.by_id and near.id not in shown]
    if form == "json":
        echo_json(json.dumps(_as_value(words, exact[:limit], close[:limit]), indent=2, ensure_ascii=False))
        return
    echo(f"{count(len(exact), 'hit')} with these words" + (f", the first {limit}:" if len(exact) > limit else ""))
    for hit in exact[:limit]:
        echo(f"  {_in_words(hit)}")
    if pages.portal.meaning is None:
        echo(f"What is close in meaning is not looked for: {_FLAG} is false.", err=True)
        return
    echo(f"Close in meaning ({pages.portal.meaning.model}):" if close else "Nothing else is close in meaning.")
    for hit, near in close[:limit]:
        echo(f"  {near.score:.2f}  {_in_words(hit)}")


def _in_words(hit: Hit) -> str:
    return "  ".join(filter(None, (f"{hit.label} ({hit.kind})", hit.context, hit.url)))


def _as_value(question: str, exact: list[Hit], close: list[tuple[Hit, Near]]) -> dict[str, Any]:
    return {
        "question": question,
        "exact": [_hit(hit) for hit in exact],
        "close_in_meaning": [{**_hit(hit), "score": round(near.score, 4)} for hit, near in close],
    }


def _hit(hit: Hit) -> dict[str, str]:
    return {"kind": hit.kind, "id": hit.id, "label": hit.label, "context": hit.context, "url": hit.url}
