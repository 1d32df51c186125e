"""A sentence model by onnxruntime: its words, the mean of its vectors, and what may be wrong with its files."""

import json
import struct
import sys
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.meaning.minilm import MiniLm
from mkdocs_gitguard.meaning.router import Router
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.model import EmbeddingCounts

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "pay", "##ments", "##ment", "cafe", "!", "un", "##paid"]


def field(number: int, value: int | bytes) -> bytes:
    """Return a field of a protobuf message (https://protobuf.dev/programming-guides/encoding/)."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    head = bytes([number & 127 | (128 if number > 127 else 0)])
    return head + (_varint(number >> 7) if number > 127 else b"")


def model() -> bytes:
    """Return a model of one node that looks a token's vector up: its id, and minus one."""
    numbers = [float(number) for token in range(len(WORDS)) for number in (token, -1)]
    table = field(1, len(WORDS)) + field(1, 2) + field(2, 1) + field(8, b"E")
    table += field(9, struct.pack(f"<{len(numbers)}f", *numbers))

    def value(name: bytes, kind: int) -> bytes:
        return field(1, name) + field(2, field(1, field(1, kind)))

    node = field(1, b"E") + field(1, b"input_ids") + field(2, b"hidden") + field(4, b"Gather")
    graph = field(1, node) + field(2, b"g") + field(5, table)
    graph += field(11, value(b"input_ids", 7)) + field(12, value(b"hidden", 1))
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(model())
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Payments", ["pay", "##ments"]),
        ("CAFÉ!", ["cafe", "!"]),
        ("unpaid  payment", ["un", "##paid", "pay", "##ment"]),
        ("payx", ["[UNK]"]),
        ("x" * 300, ["[UNK]"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("form", ["vocab.txt", "tokenizer.json"])
def test_words_are_taken_apart_as_bert_does(folder: Path, form: str, text: str, tokens: list[str]) -> None:
    if form == "tokenizer.json":
        (folder / "vocab.txt").unlink()
        vocabulary = {word: place for place, word in enumerate(WORDS)}
        (folder / form).write_text(json.dumps({"model": {"vocab": vocabulary}}))
    assert [WORDS[token] for token in MiniLm(folder)._tokens(text)] == tokens


def test_a_text_is_the_mean_of_its_tokens(folder: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `minilm` is not installed")
    settings = ModelSettings(model="minilm", minilm=folder.name)
    router = Router(settings, root=folder.parent, state_folder=None, warn=print)
    # [CLS] is 2, [SEP] 3, pay 4: the mean 3, and minus one.
    assert router.vectors({"a": "pay", "b": "", "c": "pay"}, EmbeddingCounts()) == {
        "a": bytes([127, 256 - 42]),
        "c": bytes([127, 256 - 42]),
    }
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(SettingError, match=r"model\.onnx cannot be loaded"):
        MiniLm(folder).embed(["pay"], EmbeddingCounts())


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("model.onnx", None, r"model\.onnx: No such file.*`minilm` under `embeddings`"),
        ("vocab.txt", None, r"tokenizer\.json: No such file"),
        ("vocab.txt", b"pay", "has not the words of BERT"),
        ("vocab.txt", b"\xff\xfe", "has no words that can be read"),
        ("tokenizer.json", b"[1]", "has no words that can be read"),
        ("tokenizer.json", b"[" * 100_000, "has no words that can be read"),
    ],
)
def test_files_that_are_wrong_are_named(folder: Path, name: str, data: bytes | None, message: str) -> None:
    if name == "tokenizer.json":
        (folder / "vocab.txt").unlink()
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    with pytest.raises(SettingError, match=message):
        MiniLm(folder)


def test_without_onnxruntime_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingError, match=r"needs onnxruntime\. Install it: pip install 'mkdocs-gitguard\[minilm\]'"):
        MiniLm(folder).embed(["pay"], EmbeddingCounts())
