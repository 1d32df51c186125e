"""A sentence model of the MiniLM family by onnxruntime: better than words, but no browser can ask it.

Its folder holds `model.onnx` and the words that it knows: `vocab.txt`, one a line, or a `tokenizer.json` of BERT's
WordPiece. A text's vector is the mean of its tokens' (as sentence-transformers/all-MiniLM-L6-v2 is meant to be used).
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.meaning.as_bytes import in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mkdocs_gitguard.model import EmbeddingCounts

_LARGEST: Final = 1 << 30
"""Bytes of a file."""
_MOST_TOKENS: Final = 256
"""Of a text: what the model was made for."""
_LONGEST_WORD: Final = 100
"""Characters; BERT's tokenizer gives up longer ones."""
_WORD: Final = late_pattern(r"[^\W_]+|[^\w\s]|_")


class MiniLm:
    """The model."""

    def __init__(self, folder: Path) -> None:
        """Read its files.

        Raises:
            SettingError: one is missing or broken.
        """
        self._model, self._vocabulary = _content(folder / "model.onnx"), _vocabulary(folder)
        self.name = folder.name
        self.identity = hashlib.sha256(self._model + "\n".join(self._vocabulary).encode()).hexdigest()
        self._folder = folder

    @cached_property
    def _session(self) -> Any:
        """What runs the model; not started where nothing is asked.

        Raises:
            SettingError: onnxruntime is not installed, or the model is broken.
        """
        try:
            runtime = import_module("onnxruntime")
        except ImportError as error:
            raise SettingError(
                "`model` under `embeddings` is minilm, which needs onnxruntime.",
                hint="Install it: pip install 'mkdocs-gitguard[minilm]'",
            ) from error
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            return runtime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise SettingError(
                f"{self._folder}/model.onnx cannot be loaded.", hint="Put the model's file there again."
            ) from error

    def embed(self, texts: Sequence[str], counts: EmbeddingCounts) -> list[bytes]:
        """Return the vectors of texts; see `Model`. One at a time, so that the others of a build have no part in it."""
        del counts
        return [self._embedded(text) for text in texts]

    def _embedded(self, text: str) -> bytes:
        tokens = list(self._tokens(text))[: _MOST_TOKENS - 2]
        if not tokens:
            return b""
        ids = np.array([[self._vocabulary["[CLS]"], *tokens, self._vocabulary["[SEP]"]]], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        wanted = (item.name for item in self._session.get_inputs())
        (hidden, *_) = self._session.run(None, {name: given[name] for name in wanted})
        vector = np.asarray(hidden, dtype=np.float64)[0]
        return in_bytes(vector.mean(axis=0) if vector.ndim > 1 else vector)

    def _tokens(self, text: str) -> Iterator[int]:
        plain = "".join(
            character for character in unicodedata.normalize("NFD", text.lower()) if not _is_mark(character)
        )
        for word in _WORD.findall(plain):
            yield from self._pieces(word)

    def _pieces(self, word: str) -> Iterator[int]:
        unknown = self._vocabulary.get("[UNK]", 0)
        if len(word) > _LONGEST_WORD:
            yield unknown
            return
        pieces, place = [], 0
        while place < len(word):
            prefix = "##" if place else ""
            end = next((end for end in range(len(word), place, -1) if prefix + word[place:end] in self._vocabulary), 0)
            if not end:
                pieces = [unknown]
                break
            pieces.append(self._vocabulary[prefix + word[place:end]])
            place = end
        yield from pieces


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _vocabulary(folder: Path) -> Mapping[str, int]:
    lines, tokenizer = folder / "vocab.txt", folder / "tokenizer.json"
    words: dict[str, int]
    try:
        if lines.exists():
            words = {word: place for place, word in enumerate(_content(lines).decode().splitlines())}
        else:
            words = dict(json.loads(_content(tokenizer))["model"]["vocab"].items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingError(f"{folder} has no words that can be read.", hint="Put vocab.txt there again.") from error
    if not {"[CLS]", "[SEP]"} <= words.keys():
        raise SettingError(f"{folder} has not the words of BERT's WordPiece.", hint="Put vocab.txt there again.")
    return words


def _content(path: Path) -> bytes:
    try:
        return read_file(path, _LARGEST)
    except OSError as error:
        raise SettingError(
            f"The model cannot be read: {path}: {error.strerror}.",
            hint="Let `minilm` under `embeddings` name the folder of model.onnx and vocab.txt.",
        ) from error
