"""What texts mean, as far as views show it: which nodes are close to each other, vectors for browsers, and the cost."""

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import msgspec

from mkdocs_gitguard.model.record import Record


class Related(Record, frozen=True, kw_only=True):
    """A node whose text is close in meaning to that of another."""

    id: str
    score: float
    """Cosine of the two texts' vectors, in hundredths: 1 is the same text."""


RelatedNodes = Mapping[str, tuple[Related, ...]]
"""By node id, the closest first."""
NONE_RELATED: Final[RelatedNodes] = MappingProxyType({})


def digest_of_related(related: RelatedNodes) -> str:
    """Return the SHA-256 of what is said to be related, `""` where nothing is."""
    return sha256(msgspec.json.encode(dict(sorted(related.items())))).hexdigest() if related else ""


class EmbeddingCounts(msgspec.Struct):
    """What the embeddings of one build took. Counted while it runs."""

    embedded: int = 0
    """Texts for which a model was asked; the same text of many nodes counts once."""
    kept: int = 0
    """Texts whose vectors an earlier build has made, likewise."""
    waiting: int = 0
    """Texts that the budget, or an endpoint that fails, left for a later build."""
    seconds: float = 0.0
    stored: int = 0
    """Bytes of the vectors in the state folder."""
    published: int = 0
    """Bytes of what browsers may read."""
    requests: int = 0
    """To an endpoint."""
    tokens: int = 0
    """As the endpoint counts them."""


class Meaning(Record, frozen=True, kw_only=True):
    """What the texts of one snapshot mean."""

    model: str
    """That compares them, as people call it."""
    related: RelatedNodes = NONE_RELATED
    vectors: Mapping[str, bytes] = {}
    """By node id, as that model has them."""
    words: Mapping[str, bytes] = {}
    """By node id, what browsers compare a question with; nothing where no word table is at hand."""
    folder: str = ""
    """Of the word table, `""` for none."""
    counts: EmbeddingCounts = msgspec.field(default_factory=EmbeddingCounts)
