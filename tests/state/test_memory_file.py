"""What is remembered is read if it can be, and never in the way."""

from pathlib import Path

import msgspec
import pytest

from mkdocs_gitguard.graph_api import memory as api_memory
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

decode = msgspec.msgpack.Decoder(tuple[str, int]).decode


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    save_memory(tmp_path / "state" / "x.memory", msgspec.msgpack.encode(("a", 1)))
    assert load_memory(tmp_path / "state" / "x.memory", decode) == ("a", 1)


@pytest.mark.parametrize(
    "data", [b"", b"\x92", b"\x92\xa2\xff\xfe\x01", b"\x91" * 100_000, msgspec.msgpack.encode(("a", "b"))]
)
def test_what_cannot_be_read_was_not_remembered(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.memory").write_bytes(data)
    assert load_memory(tmp_path / "x.memory", decode) is None


@pytest.mark.parametrize("is_synced", [True, False])
def test_what_a_loss_of_power_has_torn_was_not_remembered(tmp_path: Path, *, is_synced: bool) -> None:
    path = tmp_path / "x.memory"
    data = msgspec.msgpack.encode(("a", 1))
    save_memory(path, data, is_synced=is_synced)
    whole = path.read_bytes()
    for torn in (whole[:-1], bytes(len(whole)), whole[: -len(data)] + msgspec.msgpack.encode(("b", 1)), data):
        path.write_bytes(torn)
        assert load_memory(path, decode) is None


def test_nothing_is_there(tmp_path: Path) -> None:
    assert load_memory(tmp_path / "x.memory", decode) is None
    (tmp_path / "file").touch()
    save_memory(tmp_path / "file" / "x.memory", b"x")
    assert load_memory(tmp_path / "file" / "x.memory", decode) is None


def test_a_broken_memory_of_an_export_is_none(tmp_path: Path) -> None:
    made = api_memory.Made(b"x", b"y", (1, 2), (), {"ndjson": "1"})
    whole = api_memory.remember(tmp_path, made, epoch="epoch", files={})
    api_memory.save(whole, tmp_path / "x.memory")
    assert api_memory.load(tmp_path / "x.memory", tmp_path) == whole
    (tmp_path / "x.memory").write_bytes((tmp_path / "x.memory").read_bytes().replace(b"epoch", b"ep\xff\xfeh"))
    assert api_memory.load(tmp_path / "x.memory", tmp_path) is None
