"""Words as vectors, out of the weights of wordllama: what a browser can do, too, without any server or tokenizer.

wordllama (https://github.com/dleemiller/WordLlama, 0.4.0) has a vector for each token of a language model. Here each
token is a piece of a word: one that a word may begin with, or go on with. A word is the sum of the longest pieces that
it is made of; the rarer the rarest of them, the more it counts; a text is the sum of its words. That needs no
counting of words over all texts, so that a text's vector depends on the text alone. Only its two files are read: the
package itself is not imported.
"""

from __future__ import annotations

import hashlib
import json
import struct
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.meaning.as_bytes import in_bytes
from mkdocs_gitguard.meaning.words import DIMENSIONS, telling_words

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mkdocs_gitguard.model import EmbeddingCounts

WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
TOKENIZER: Final = "tokenizers/l2_supercat_tokenizer_config.json"
_COMMON: Final = 2_000
"""A token of this rank counts half (smooth inverse frequency; https://openreview.net/forum?id=SyK00v5xx). The ids of a
byte-pair encoding are in the order of their frequency, which falls with the rank (Zipf)."""
_LARGEST: Final = 1 << 26
"""Bytes of a file."""
_BEGINS: Final = late_pattern("\u2581[A-Za-z]{2,}")
_GOES_ON: Final = late_pattern("[A-Za-z]{2,}")


class WordTable:
    """The pieces of words, and their vectors."""

    name = "word table"

    def __init__(self, identity: str, tokens: Mapping[str, int], rows: NDArray[np.float64]) -> None:
        """Make the table.

        Args:
            identity: digest of the files.
            tokens: rank by token, in the way of SentencePiece: what a word begins with has a mark before it.
            rows: vectors by rank.
        """
        begins, goes_on = _pieces(tokens, _BEGINS), _pieces(tokens, _GOES_ON)
        ranks = [*begins.values(), *goes_on.values()]
        chosen = rows[ranks]
        # What all have in common says nothing. Rounded: another way to sum must not show in the bytes.
        centred = chosen - np.round(chosen.mean(axis=0), 4)
        self.identity = identity
        self.begins: Mapping[str, int] = {piece: row for row, piece in enumerate(begins)}
        """By piece that a word may begin with, its row."""
        self.goes_on: Mapping[str, int] = {piece: row for row, piece in enumerate(goes_on, len(begins))}
        self.vectors: NDArray[np.int8] = np.rint(centred * (127 / np.abs(centred).max())).astype(np.int8)
        """A row a piece."""
        self.weights: NDArray[np.uint8] = np.array(
            [max(1, round(255 * rank / (rank + _COMMON))) for rank in ranks], dtype=np.uint8
        )
        """How much each piece counts, of 255."""
        self._words: dict[str, NDArray[np.float64] | None] = {}

    def pieces(self, word: str) -> Iterator[int]:
        """Yield the rows of the longest pieces that a word is made of, from its beginning on."""
        place = 0
        while place < len(word):
            known = self.goes_on if place else self.begins
            end = next((end for end in range(len(word), place + 1, -1) if word[place:end] in known), 0)
            if end:
                yield known[word[place:end]]
            place = end or place + 1

    def embed(self, texts: Sequence[str], counts: EmbeddingCounts) -> list[bytes]:
        """Return the vectors of texts; see `Model`."""
        del counts
        return [self._embedded(text) for text in texts]

    def _embedded(self, text: str) -> bytes:
        vectors = [vector for word in telling_words(text) if (vector := self._vector(word)) is not None]
        if not vectors:
            return b""
        total = vectors[0]
        for vector in vectors[1:]:
            total = total + vector
        return in_bytes(total)

    def _vector(self, word: str) -> NDArray[np.float64] | None:
        if word not in self._words:
            rows = list(self.pieces(word))
            total = self.vectors[rows].astype(np.int64).sum(axis=0)
            length = float((total * total).sum()) ** 0.5
            weight = int(np.max(self.weights[rows])) if rows else 0
            self._words[word] = total * (weight / length) if length else None
        return self._words[word]


def _pieces(tokens: Mapping[str, int], shape: re.Pattern[str]) -> dict[str, int]:
    """Return the rank by piece, in small letters and in order; a token that is written so wins over a capital one."""
    pieces: dict[str, int] = {}
    for token, rank in sorted(tokens.items(), key=lambda item: (item[0] != item[0].lower(), item[1])):
        if shape.fullmatch(token):
            pieces.setdefault(token.removeprefix("\u2581").lower(), rank)
    return dict(sorted(pieces.items()))


@lru_cache(maxsize=1)
def word_table(folder: str) -> WordTable:
    """Return the word table of a folder that holds wordllama's files, read once in a process.

    Raises:
        SettingError: they are not there, or cannot be read.
    """
    weights, tokenizer = _content(Path(folder, WEIGHTS)), _content(Path(folder, TOKENIZER))
    try:
        tokens, vectors = _checked(json.loads(tokenizer)["model"]["vocab"], _rows(weights))
        digest = hashlib.sha256(weights + tokenizer).hexdigest()
        return WordTable(f"{digest} {_COMMON}", tokens, vectors)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error, RecursionError) as error:
        raise SettingError(
            f"{folder} does not hold the files of wordllama: {error}.", hint="Name the folder of version 0.4."
        ) from error


def _content(path: Path) -> bytes:
    try:
        return read_file(path, _LARGEST)
    except OSError as error:
        raise SettingError(
            f"The word table cannot be read: {path}: {error.strerror}.",
            hint="Let `folder` under `embeddings` name the folder of the package wordllama, or take it out.",
        ) from error


def _checked(tokens: Mapping[str, Any], rows: NDArray[np.float16]) -> tuple[Mapping[str, int], NDArray[np.float64]]:
    """Return tokens and vectors, the vectors at the length that counts.

    Raises:
        ValueError: they do not go together.
    """
    if not all(isinstance(rank, int) and 0 <= rank < len(rows) for rank in tokens.values()):
        raise ValueError("a token has no vector")
    if not any(_BEGINS.fullmatch(token) for token in tokens):
        raise ValueError("it has no words")
    vectors = np.array(rows, dtype=np.float64)[:, :DIMENSIONS]
    if vectors.shape[1] != DIMENSIONS or not np.isfinite(vectors).all():
        raise ValueError(f"its vectors are not {DIMENSIONS} numbers")
    return tokens, vectors


def _rows(data: bytes) -> Any:
    """Return the vectors in a file of safetensors (https://huggingface.co/docs/safetensors, "Format")."""
    (length,) = struct.unpack_from("<Q", data)
    tensor = json.loads(data[8 : 8 + length])["embedding.weight"]
    if tensor["dtype"] != "F16":
        raise ValueError(f"its numbers are {tensor['dtype']}, not F16")
    begin, end = tensor["data_offsets"]
    return np.frombuffer(data[8 + length + begin : 8 + length + end], dtype="<f2").reshape(tensor["shape"])
