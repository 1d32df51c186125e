"""What an export remembers of the last one: what each file was made of, and how it was left.

A file is kept if it is to be made of the same and its bytes are those that it was left with. Whatever is in doubt is
made again, so a memory that is gone, torn or of yesterday costs time and nothing else.
"""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.graph_api.documents import KindEntry
from mkdocs_gitguard.graph_api.pieces import KeptPiece
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.state.file_state import FileState
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

_VERSION: Final = 4
"""Raised whenever the memory of an older export would be read wrongly."""


class RememberedFile(Record, frozen=True, array_like=True):
    """A file as an export left it."""

    inputs: bytes
    """Digest of what it was made of; `b""` for those that are not planned one by one."""
    sha256: str
    state: FileState
    pieces: tuple[KeptPiece, ...] = ()
    """Of an export of the whole graph, what it consists of."""


class ApiMemory(Record, frozen=True, array_like=True):
    """One export, remembered."""

    version: int
    folder: str
    """That was exported into, absolute."""
    epoch: str
    """What went into all files: the package and what writes them."""
    whole: bytes
    """Digest of all that the export was made of."""
    of_graph: bytes
    """Digest of the same without the service levels, which every build measures anew."""
    counts: tuple[int, int]
    """Nodes and relations."""
    kinds: tuple[KindEntry, ...]
    """As `index.json` has them."""
    releases: dict[str, str]
    """Of which release each export of the whole graph is, by its name."""
    files: dict[str, RememberedFile]
    """All that the folder held, by path."""


class Made(NamedTuple):
    """What an export was made of, and what it counted."""

    whole: bytes
    of_graph: bytes
    counts: tuple[int, int]
    kinds: tuple[KindEntry, ...]
    releases: dict[str, str]


def remember(folder: Path, made: Made, *, epoch: str, files: dict[str, RememberedFile]) -> ApiMemory:
    """Return the memory of an export into `folder`."""
    return ApiMemory(_VERSION, str(folder.absolute()), epoch, *made, files)


def load(path: Path | None, folder: Path) -> ApiMemory | None:
    """Return the memory of the last export into `folder` that stands in a file, None where none can be read."""
    memory = load_memory(path, _DECODER.decode) if path is not None else None
    if memory is None or memory.version != _VERSION or memory.folder != str(folder.absolute()):
        return None
    return memory


def save(memory: ApiMemory, path: Path) -> None:
    """Keep a memory. Where it can't be written, the next export makes every file again."""
    save_memory(path, msgspec.msgpack.encode(memory))


_DECODER: Final = msgspec.msgpack.Decoder(ApiMemory)
