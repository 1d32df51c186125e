"""The word table: real weights, read without the package that brings them."""

import hashlib
import json
import shutil
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.meaning.near import nearest
from mkdocs_gitguard.meaning.router import Router
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.meaning.word_table import TOKENIZER, WEIGHTS, WordTable, word_table
from mkdocs_gitguard.meaning.words import telling_words
from mkdocs_gitguard.model import EmbeddingCounts


def router(**entries) -> Router:
    return Router(ModelSettings(**entries), root=Path(), state_folder=None, warn=print)


@pytest.fixture(scope="module")
def table() -> WordTable:
    return router().words()


def embedded(table: WordTable, *texts: str) -> list[bytes]:
    return table.embed(texts, EmbeddingCounts())


@pytest.mark.parametrize(
    ("question", "closest"),
    [
        ("money owed by customers", "invoices"),
        ("who may look at passwords", "readers of secrets"),
        ("docker", "containers"),
        ("disaster recovery", "restore a backup"),
    ],
)
def test_what_is_about_the_same_is_closest(table: WordTable, question: str, closest: str) -> None:
    texts = ["invoices", "readers of secrets", "containers", "restore a backup", "weather in spring", "time zones"]
    vectors = dict(zip(texts, embedded(table, *texts), strict=True))
    assert nearest(embedded(table, question)[0], vectors, {}, 0.0)[0].id == closest


def test_the_bytes_are_the_same_everywhere(table: WordTable) -> None:
    """Browsers and builds of other machines compare them: all that they are made of is exact."""
    data = b"".join(embedded(table, "who approves dependency changes", "K8sRequiredLabels", "approvals"))
    assert hashlib.sha256(table.vectors.tobytes() + table.weights.tobytes()).hexdigest()[:16] == "b65d9aced5bb9183"
    assert hashlib.sha256(data).hexdigest()[:16] == "e8221ba85f5e1584"


def test_words_in_camel_case_and_stop_words() -> None:
    assert telling_words("The K8sRequiredLabels of HTTPServer, and the labels") == [
        *("k8s", "required", "labels", "http", "server"),
    ]
    assert telling_words("who is it, and why?") == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_a_vector_depends_on_its_text_alone(texts: list[str]) -> None:
    table = router().words()
    assert embedded(table, *texts) == [embedded(table, text)[0] for text in texts]
    assert all(len(vector) in {0, 128} for vector in embedded(table, *texts))


def test_a_folder_may_be_named_and_its_files_are_checked(tmp_path: Path) -> None:
    ours = Path(router().words_folder)
    for name in (WEIGHTS, TOKENIZER):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ours / name, tmp_path / name)
    assert router(folder=str(tmp_path)).words().identity == word_table(str(ours)).identity


def broken(folder: Path, weights: bytes, tokenizer: bytes) -> Path:
    for name, data in ((WEIGHTS, weights), (TOKENIZER, tokenizer)):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(data)
    return folder


def header(**tensor) -> bytes:
    text = json.dumps({"embedding.weight": {"dtype": "F16", "shape": [1, 256], "data_offsets": [0, 512], **tensor}})
    return struct.pack("<Q", len(text)) + text.encode()


TOKENS = json.dumps({"model": {"vocab": {"\u2581pay": 0}}}).encode()


@pytest.mark.parametrize(
    ("weights", "tokenizer"),
    [
        (b"", TOKENS),
        (b"\xff" * 40, TOKENS),
        (header(dtype="I8") + bytes(512), TOKENS),
        (header() + bytes(100), TOKENS),
        (header(shape=[2, 128]) + bytes(512), b"[]"),
        (header(shape=[8, 32]) + bytes(512), TOKENS),
        (header() + b"\x00\x7e" * 256, TOKENS),
        (header() + bytes(512), json.dumps({"model": {"vocab": {"\u2581pay": 7}}}).encode()),
        (header() + bytes(512), b"[" * 100_000),
        (header() + bytes(512), json.dumps({"model": {"vocab": {}}}).encode()),
    ],
)
def test_files_that_are_no_table_are_named(tmp_path: Path, weights: bytes, tokenizer: bytes) -> None:
    folder = broken(tmp_path, weights, tokenizer)
    with pytest.raises(SettingError, match="does not hold the files of wordllama") as caught:
        router(folder=str(folder)).words()
    assert str(folder) in str(caught.value)


def test_without_files_or_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match=r"safetensors: No such file.*`folder` under `embeddings`"):
        router(folder=str(tmp_path)).words()
    monkeypatch.setattr("mkdocs_gitguard.meaning.router.find_spec", lambda name: None if name == "wordllama" else name)
    with pytest.raises(SettingError, match=r"wordllama is not installed.*pip install 'mkdocs-gitguard\[embeddings\]'"):
        router().words()
    monkeypatch.setattr("mkdocs_gitguard.meaning.router.find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"needs numpy\. Install it: pip install"):
        router().words()
