"""The search by meaning answers questions that have none of the words of what they ask for; benchmarks/meaning.py."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from benchmarks.meaning import QUESTIONS, Acme, by_bm25, by_meaning, by_words, judged, read
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.meaning.word_table import WordTable
from mkdocs_gitguard.meaning.words import telling_words


@pytest.fixture(scope="module")
def acme(tmp_path_factory) -> Iterator[Acme]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
        yield read(tmp_path_factory.mktemp("judged") / "acme")


def reciprocal(find: Callable[[str], Sequence[str]]) -> float:
    quality, _ = judged(find)
    return quality.reciprocal


def test_there_are_enough_questions_and_each_has_an_answer(acme: Acme) -> None:
    assert len(QUESTIONS) >= 30
    for question in QUESTIONS:
        assert set(question.answers) & acme.texts.keys(), question.words


def test_the_questions_avoid_the_words_of_their_answers(acme: Acme) -> None:
    shared = {
        question.words: words
        for question in QUESTIONS
        for answer in question.answers
        if (words := set(telling_words(question.words)) & set(telling_words(acme.texts.get(answer, ""))))
    }
    assert shared == {}


def test_meanings_answer_what_words_do_not(acme: Acme) -> None:
    quality, _ = judged(by_meaning(acme, ModelSettings()))
    # Measured: 15 first, 20 in three, 0.45; BM25 1, 1 and 0.03.
    assert quality.first >= 13
    assert quality.in_three >= 18
    assert quality.reciprocal >= 0.40
    assert max(reciprocal(by_bm25(acme)), reciprocal(by_words(acme))) < 0.1


@pytest.mark.parametrize("broken", ["beginnings only", "one direction", "every other piece"])
def test_a_broken_table_misses_the_floor(acme: Acme, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    pieces = WordTable.pieces

    def other_pieces(table: WordTable, word: str) -> list[int]:
        rows = list(pieces(table, word))
        if broken == "beginnings only":
            return [table.begins[word[:2]]] if word[:2] in table.begins else []
        return [row + 1 for row in rows[:-1]] if broken == "one direction" else [row ^ 1 for row in rows]

    monkeypatch.setattr(WordTable, "pieces", other_pieces)
    # What words a table knows already are kept in it.
    monkeypatch.setattr(WordTable, "_vector", _vector_anew)
    assert reciprocal(by_meaning(acme, ModelSettings())) < 0.40


_vector_of_word = WordTable._vector


def _vector_anew(table: WordTable, word: str) -> object:
    table._words.pop(word, None)
    try:
        return _vector_of_word(table, word)
    finally:
        table._words.pop(word, None)
