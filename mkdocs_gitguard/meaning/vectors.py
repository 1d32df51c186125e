"""Vectors of texts, kept between builds by the digest of model and text: only a text that has changed is embedded."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mkdocs_gitguard.model import EmbeddingCounts

_VERSION: Final = 1
_DIGEST_SIZE: Final = 16


class Model(Protocol):
    """Makes vectors of texts: close ones of texts that are about the same."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def identity(self) -> str:
        """Differs where its vectors may."""

    def embed(self, texts: Sequence[str], counts: EmbeddingCounts) -> Sequence[bytes | None]:
        """Return for each text its vector, a signed byte a dimension, `b""` where it says nothing.

        None: not now; a later build asks again.
        """


class VectorMemory(Record, frozen=True, array_like=True):
    """The vectors of the last build."""

    version: int
    identity: str
    """Of the model."""
    vectors: dict[bytes, bytes]
    """By digest of the text."""


def vectors_of(
    texts: Mapping[str, str], model: Model, memory: Path | None, counts: EmbeddingCounts
) -> dict[str, bytes]:
    """Return the vectors of texts, those that say nothing or have to wait left out.

    Args:
        texts: by id.
        model: makes what is not kept.
        memory: the file that keeps them; None: nowhere.
        counts: takes what it cost.
    """
    began = time.perf_counter()
    last = load_memory(memory, _decoder.decode) if memory is not None else None
    known = last.vectors if last is not None and (last.version, last.identity) == (_VERSION, model.identity) else {}
    digests = {node: _digest(text) for node, text in texts.items()}
    wanted = {digests[node]: text for node, text in texts.items() if digests[node] not in known}
    made = dict(zip(wanted, model.embed(list(wanted.values()), counts), strict=True)) if wanted else {}
    kept = sorted(set(digests.values()) & known.keys())
    vectors = {digest: known[digest] for digest in kept}
    vectors.update((digest, vector) for digest, vector in sorted(made.items()) if vector is not None)
    packed = msgspec.msgpack.encode(VectorMemory(_VERSION, model.identity, dict(sorted(vectors.items()))))
    if memory is not None and vectors.keys() != known.keys():
        save_memory(memory, packed)
    waiting = sum(vector is None for vector in made.values())
    counts.kept += len(kept)
    counts.embedded += len(wanted) - waiting
    counts.waiting += waiting
    counts.stored += memory.stat().st_size if memory is not None and memory.is_file() else len(packed)
    counts.seconds += time.perf_counter() - began
    return {node: vector for node, digest in digests.items() if (vector := vectors.get(digest))}


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_SIZE).digest()


_decoder: Final = msgspec.msgpack.Decoder(VectorMemory)
