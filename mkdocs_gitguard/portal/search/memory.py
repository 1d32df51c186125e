"""What the search index remembers of the last build: what each group put into it, and how each file was left."""

from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.portal.search.segments import Segment, TableName
from mkdocs_gitguard.portal.search.shards import Shard
from mkdocs_gitguard.state.file_state import FileState
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

_VERSION: Final = 2
"""Raised whenever the memory of an older index would be read wrongly."""


class RememberedGroup(Record, frozen=True, array_like=True):
    """A group as an index has it."""

    digest: bytes
    segment: bytes
    """What it put into the tables, packed; see `packed`."""


class IndexMemory(Record, frozen=True, array_like=True):
    """One index, remembered."""

    version: int
    folder: str
    """Absolute."""
    epoch: str
    """Digest of the code that wrote it."""
    whole: bytes
    """Digest of all that it was made of."""
    groups: dict[str, RememberedGroup]
    """By id, in order: the place is the number of a group."""
    tables: dict[TableName, tuple[Shard, ...]]
    """Files of each table, in order."""
    files: dict[str, FileState]
    """All that the folder held, by file name."""


def remember(
    folder: Path,
    *,
    epoch: str,
    whole: bytes,
    groups: dict[str, RememberedGroup],
    tables: dict[TableName, tuple[Shard, ...]],
    files: dict[str, FileState],
) -> IndexMemory:
    """Return the memory of an index in `folder`."""
    return IndexMemory(_VERSION, str(folder.absolute()), epoch, whole, groups, tables, files)


def load(path: Path, folder: Path, epoch: str) -> IndexMemory | None:
    """Return the memory of the last index in `folder`, None where none can be read or other code wrote it."""
    memory = load_memory(path, _DECODER.decode)
    known = (_VERSION, str(folder.absolute()), epoch)
    return memory if memory is not None and (memory.version, memory.folder, memory.epoch) == known else None


def save(memory: IndexMemory, path: Path) -> None:
    """Keep a memory. Where it can't be written, the next build makes the whole index."""
    save_memory(path, msgspec.msgpack.encode(memory))


def packed(segment: Segment) -> bytes:
    """Return a segment as the memory keeps it."""
    return msgspec.msgpack.encode(segment)


def unpacked(segment: bytes) -> Segment:
    """Return a segment that the memory has kept."""
    return _SEGMENT_DECODER.decode(segment)


_DECODER: Final = msgspec.msgpack.Decoder(IndexMemory)
_SEGMENT_DECODER: Final = msgspec.msgpack.Decoder(Segment)
