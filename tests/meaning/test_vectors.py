"""Vectors are kept between builds, compared exactly, and only what has changed is made."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.meaning.near import nearest, related_nodes
from mkdocs_gitguard.meaning.vectors import vectors_of
from mkdocs_gitguard.model import EmbeddingCounts, Related


class Lengths:
    """A model of its own: a text is its length; one that begins with a question mark has to wait."""

    name = "lengths"

    def __init__(self, identity: str = "1") -> None:
        self.identity = identity
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], counts: EmbeddingCounts) -> list[bytes | None]:
        self.asked += texts
        return [None if text.startswith("?") else bytes([len(text)]) for text in texts]


def made(texts: dict[str, str], model: Lengths, memory: Path) -> tuple[dict[str, bytes], EmbeddingCounts]:
    counts = EmbeddingCounts()
    model.asked.clear()
    return vectors_of(texts, model, memory, counts), counts


def test_only_a_text_that_has_changed_is_embedded(tmp_path: Path) -> None:
    model, memory = Lengths(), tmp_path / "vectors.memory"
    vectors, counts = made({"a": "one", "b": "three", "c": "one"}, model, memory)
    assert (vectors, model.asked) == ({"a": b"\x03", "b": b"\x05", "c": b"\x03"}, ["one", "three"])
    assert (counts.embedded, counts.kept, counts.stored) == (2, 0, memory.stat().st_size)
    before = memory.stat().st_mtime_ns
    vectors, counts = made({"b": "one", "a": "three"}, model, memory)
    assert (model.asked, counts.embedded, counts.kept) == ([], 0, 2)
    assert memory.stat().st_mtime_ns == before, "nothing to keep that is not there"
    vectors, counts = made({"a": "eleven"}, model, memory)
    assert (vectors, model.asked) == ({"a": b"\x06"}, ["eleven"])
    made({"a": "one"}, model, memory)
    assert model.asked == ["one"], "what no text says any more is forgotten"


@pytest.mark.parametrize("harm", ["another model", "torn", "gone"])
def test_what_is_in_doubt_is_made_again(tmp_path: Path, harm: str) -> None:
    memory = tmp_path / "vectors.memory"
    made({"a": "one"}, Lengths(), memory)
    model = Lengths("2" if harm == "another model" else "1")
    if harm == "torn":
        memory.write_bytes(memory.read_bytes()[:-1])
    elif harm == "gone":
        memory.unlink()
    assert made({"a": "one"}, model, memory)[0] == {"a": b"\x03"}
    assert model.asked == ["one"]


def test_what_has_to_wait_is_asked_again(tmp_path: Path) -> None:
    model, memory = Lengths(), tmp_path / "vectors.memory"
    for _ in range(2):
        vectors, counts = made({"a": "one", "b": "?"}, model, memory)
        assert vectors == {"a": b"\x03"}
        assert counts.waiting == 1
    assert model.asked == ["?"]


def naive(one: bytes, other: bytes) -> float:
    first, second = ([number - 256 if number > 127 else number for number in vector] for vector in (one, other))
    return sum(a * b for a, b in zip(first, second, strict=True)) / (
        (sum(a * a for a in first) * sum(b * b for b in second)) ** 0.5
    )


VECTORS = st.lists(st.binary(min_size=4, max_size=4).filter(any), min_size=2, max_size=12).map(
    lambda vectors: {f"policy:{place:02}": vector for place, vector in enumerate(vectors)}
)


@given(VECTORS)
def test_related_are_those_with_the_largest_cosine(vectors: dict[str, bytes]) -> None:
    related = related_nodes(vectors, dict.fromkeys(vectors, ""), 0.4)
    for node, vector in vectors.items():
        scores = {other: naive(vector, theirs) for other, theirs in vectors.items() if other != node}
        ranked = sorted((-round(score, 2), other) for other, score in scores.items() if score >= 0.4)
        # Of those with the same text the first stands for all.
        close = list({vectors[other]: (score, other) for score, other in reversed(ranked)}.values())[::-1]
        close.sort()
        told_of = [(-item.score, item.id) for item in related.get(node, ())]
        assert len(told_of) == min(5, len(close))
        for (score, _), (expected, _) in zip(told_of, close, strict=False):
            assert abs(score - expected) <= 0.0101


def test_what_holds_a_policy_is_not_called_related_and_other_nodes_are_not_compared() -> None:
    same = b"\x01\x02"
    vectors = dict.fromkeys(["repository:a", "repository:b", "policy:a/p", "rule:a/p#r"], same)
    related = related_nodes(vectors, {"repository:a": "", "repository:b": "", "policy:a/p": "repository:a"})
    assert related["policy:a/p"] == (Related(id="repository:b", score=1.0),)
    assert [item.id for item in related["repository:a"]] == ["repository:b"]
    assert "rule:a/p#r" not in related


def test_scores_are_weighed_by_kind_and_equal_ones_in_order() -> None:
    vectors = {"pull-request:b": b"\x01\x00", "policy:b": b"\x01\x00", "policy:a": b"\x01\x00", "gap": b"\x01\x00"}
    hits = nearest(b"\x01\x00", vectors, {"pull-request": 0.5, "list": 0.8}, 0.6)
    assert [hit.id for hit in hits] == ["policy:a", "policy:b", "gap"]
    assert nearest(b"", vectors, {}, 0.0) == []
