"""Which vectors are close to each other: by the cosine of their angle.

The numbers of a vector are whole and small, so that every product and sum is exact in a `float32` too: whatever the
order in which a library sums, the same bytes come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from mkdocs_gitguard.model import Related

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MOST_RELATED: Final = 5
LEAST_RELATED: Final = 0.4
"""What is not as close is not called related."""
_ROWS_AT_ONCE: Final = 512


class Near(NamedTuple):
    """A node that is close to a question."""

    id: str
    score: float


class _Vectors:
    """Vectors of one length in a matrix."""

    def __init__(self, vectors: Mapping[str, bytes]) -> None:
        self.ids = list(vectors)
        self.rows: NDArray[np.float32] = (
            np.frombuffer(b"".join(vectors.values()), dtype=np.int8).reshape(len(self.ids), -1).astype(np.float32)
        )
        self.lengths: NDArray[np.float64] = np.sqrt((self.rows * self.rows).sum(axis=1, dtype=np.float64))

    def scores(self, rows: NDArray[np.float32], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cosines of some vectors, a row each, with all of these."""
        products: NDArray[np.float64] = (rows @ self.rows.T).astype(np.float64)
        return products / np.outer(lengths, self.lengths)


def nearest(question: bytes, vectors: Mapping[str, bytes], weights: Mapping[str, float], least: float) -> list[Near]:
    """Return the nodes that are close to a question, the closest first.

    Args:
        question: its vector, `b""` where it says nothing.
        vectors: of the nodes by id, of lists by path, by the same model.
        weights: by kind of node, or `list`, what a score is multiplied with; 1 where nothing is said.
        least: what is not as close is left out.
    """
    if not question or not vectors:
        return []
    all_of_them, asked = _Vectors(vectors), _Vectors({"": question})
    scores = all_of_them.scores(asked.rows, asked.lengths)[0]
    weighed = [
        Near(node, float(score) * weights.get(_kind(node), 1.0))
        for node, score in zip(all_of_them.ids, scores, strict=True)
    ]
    return sorted((near for near in weighed if near.score >= least), key=lambda near: (-near.score, near.id))


def _kind(node: str) -> str:
    """Return the kind of a node; what has a path for an id is a list."""
    return node.partition(":")[0] if ":" in node else "list"


def related_nodes(
    vectors: Mapping[str, bytes], holders: Mapping[str, str], least: float = LEAST_RELATED
) -> dict[str, tuple[Related, ...]]:
    """Return for each of some nodes those of them that are closest to it, the closest first.

    Of those with the very same text one stands for all: the files of one package would leave no room for anything else.

    Args:
        vectors: by node id.
        holders: by id of those nodes, what they are part of, which everybody knows to be related; `""` for nothing.
        least: what is not as close is left out.
    """
    chosen = {node: vectors[node] for node in sorted(holders) if vectors.get(node)}
    if len(chosen) < 2:  # noqa: PLR2004 - a pair
        return {}
    all_of_them = _Vectors(chosen)
    places = {node: place for place, node in enumerate(all_of_them.ids)}
    known: dict[str, list[int]] = {node: [place] for node, place in places.items()}
    for node, holder in holders.items():
        if node in places and holder in places:
            known[node].append(places[holder])
            known[holder].append(places[node])
    first_of: dict[bytes, int] = {}
    texts = np.array([first_of.setdefault(vector, len(first_of)) for vector in chosen.values()], dtype=np.int64)
    # Of equal scores the first id comes first: no two have the same rank.
    ties = np.arange(len(places), dtype=np.int64)[::-1]
    related: dict[str, tuple[Related, ...]] = {}
    for first in range(0, len(places), _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        scores = all_of_them.scores(all_of_them.rows[part], all_of_them.lengths[part])
        for row, node in zip(scores, all_of_them.ids[part], strict=True):
            row[known[node]] = -1
            close = np.flatnonzero(row >= least)
            hundredths = np.rint(row[close] * 100).astype(np.int64)
            ranked = np.argsort(-(hundredths * len(places) + ties[close]))
            best = _without_twins(ranked, texts[close])
            if best:
                related[node] = tuple(
                    Related(id=all_of_them.ids[close[place]], score=int(hundredths[place]) / 100) for place in best
                )
    return related


def _without_twins(ranked: NDArray[np.int64], texts: NDArray[np.int64]) -> list[int]:
    """Return the first few places, of those with the same text the first alone."""
    best: dict[int, int] = {}
    for place in ranked.tolist():
        best.setdefault(int(texts[place]), place)
        if len(best) == MOST_RELATED:
            break
    return list(best.values())
