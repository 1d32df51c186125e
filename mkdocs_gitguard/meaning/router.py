"""Which model answers what.

The one that the site chose tells what is related, and answers the command line. For browsers, which can ask no model,
the word table makes vectors beside it, where its files are at hand.
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.meaning.texts import subjects_of, texts_of
from mkdocs_gitguard.meaning.vectors import vectors_of
from mkdocs_gitguard.model import EmbeddingCounts, Meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mkdocs_gitguard.meaning.settings import ModelSettings
    from mkdocs_gitguard.meaning.vectors import Model
    from mkdocs_gitguard.meaning.word_table import WordTable
    from mkdocs_gitguard.model import Snapshot

_HINT: Final = "Install it: pip install 'mkdocs-gitguard[embeddings]'"
_LEDGER: Final = "embeddings-spent.memory"


class Router:
    """Gives the models of a site."""

    def __init__(
        self,
        settings: ModelSettings,
        *,
        root: Path,
        state_folder: Path | None,
        key: str = "",
        today: str = "",
        warn: Callable[[str], None],
    ) -> None:
        """Keep what is given; no model is loaded yet.

        Args:
            settings: the option `embeddings`.
            root: where relative folders count from.
            state_folder: that keeps vectors, and what was spent; None: nowhere.
            key: of the endpoint.
            today: the day (UTC), on which the endpoint's budget is counted.
            warn: is told why texts have to wait.
        """
        self._settings = settings
        self._root = root
        self._state_folder = state_folder
        self._key = key
        self._today = today
        self._warn = warn

    @property
    def words_folder(self) -> str:
        """Folder of the word table: the one that is named, else the installed package's; `""` where none is."""
        if self._settings.folder:
            return str(self._root / self._settings.folder)
        spec = find_spec("wordllama")
        return next(iter(spec.submodule_search_locations or ()), "") if spec is not None else ""

    def words(self) -> WordTable:
        """Return the word table.

        Raises:
            SettingError: it is not installed, or cannot be read.
        """
        _need_numpy()
        from mkdocs_gitguard.meaning.word_table import word_table  # noqa: PLC0415 - the extra `embeddings`

        if not self.words_folder:
            raise SettingError(
                "CODEX_EMBEDDINGS_ENABLED is true, which needs a model, and wordllama is not installed.", hint=_HINT
            )
        return word_table(self.words_folder)

    @cached_property
    def model(self) -> Model:
        """The model that the site chose.

        Raises:
            SettingError: it is not installed, or cannot be read.
        """
        _need_numpy()
        if self._settings.model == "minilm":
            from mkdocs_gitguard.meaning.minilm import MiniLm  # noqa: PLC0415 - the extra `minilm`

            return MiniLm(self._root / self._settings.minilm)
        if self._settings.model == "endpoint":
            from mkdocs_gitguard.meaning.endpoint import Endpoint  # noqa: PLC0415 - the extra `embeddings`

            return Endpoint(
                self._settings, key=self._key, ledger=self._kept(_LEDGER), today=self._today, warn=self._warn
            )
        return self.words()

    def vectors(self, texts: Mapping[str, str], counts: EmbeddingCounts) -> dict[str, bytes]:
        """Return the vectors of texts by the chosen model.

        Raises:
            SettingError: see `model`.
        """
        return vectors_of(texts, self.model, self._kept(f"embeddings-{self._settings.model}.memory"), counts)

    def meaning_of(self, snapshot: Snapshot) -> Meaning:
        """Return what the texts of a snapshot mean.

        Raises:
            SettingError: see `model`.
        """
        texts, counts = texts_of(snapshot), EmbeddingCounts()
        vectors = self.vectors(texts, counts)
        words, folder = vectors, self.words_folder
        if self._settings.model != "words":
            words = vectors_of(texts, self.words(), self._kept("embeddings-words.memory"), counts) if folder else {}
        from mkdocs_gitguard.meaning.near import related_nodes  # noqa: PLC0415 - the extra `embeddings`

        related = related_nodes(vectors, subjects_of(snapshot))
        return Meaning(
            model=self.model.name, related=related, vectors=vectors, words=words, folder=folder, counts=counts
        )

    def _kept(self, name: str) -> Path | None:
        return self._state_folder / name if self._state_folder is not None else None


def _need_numpy() -> None:
    if find_spec("numpy") is None:
        raise SettingError("CODEX_EMBEDDINGS_ENABLED is true, which needs numpy.", hint=_HINT)
