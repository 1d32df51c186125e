"""A question put to a whole portal: what is close to it in meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_gitguard.meaning.files import LEAST_SCORE, WEIGHTS
from mkdocs_gitguard.meaning.texts import texts_of_lists
from mkdocs_gitguard.model import EmbeddingCounts

if TYPE_CHECKING:
    from mkdocs_gitguard.meaning.near import Near
    from mkdocs_gitguard.meaning.router import Router
    from mkdocs_gitguard.model import Meaning
    from mkdocs_gitguard.portal import Pages


def close_to(question: str, pages: Pages, meaning: Meaning, router: Router) -> list[Near]:
    """Return what is close to a question, the closest first: nodes by their ids, lists by their paths.

    Args:
        question: in words.
        pages: of the portal.
        meaning: of its snapshot, by the router's model.
        router: gives the model.

    Raises:
        SettingError: the model cannot be read.
    """
    from mkdocs_gitguard.meaning.near import nearest  # noqa: PLC0415 - the extra `embeddings`

    lists = texts_of_lists(pages)
    asked, *of_lists = router.model.embed([question, *lists.values()], EmbeddingCounts())
    vectors = {**meaning.vectors, **{path: vector for path, vector in zip(lists, of_lists, strict=True) if vector}}
    return nearest(asked or b"", vectors, WEIGHTS, LEAST_SCORE)
