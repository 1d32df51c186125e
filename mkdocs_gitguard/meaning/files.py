"""What a browser reads to place a question among the portal's texts: the word table, and the vectors, in small parts.

docs/meaning-search.md tells the format. A file is a line of script, as those of the search index beside it are.
"""

from __future__ import annotations

import hashlib
import shutil
from base64 import b64encode
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from mkdocs_gitguard.graph_api.layout import part_of, parts_for
from mkdocs_gitguard.meaning.texts import texts_of_lists
from mkdocs_gitguard.meaning.words import DIMENSIONS, STOP_WORDS
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.portal.search import digest_of, reference_of_change, references_of
from mkdocs_gitguard.portal.search.shards import GROUP_DIGITS, as_script
from mkdocs_gitguard.state.file_state import FileState  # noqa: TC001 - msgspec reads the record's types
from mkdocs_gitguard.state.files import write_whole
from mkdocs_gitguard.state.memory_file import load_memory, save_memory
from mkdocs_gitguard.state.tree import states_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mkdocs_gitguard.meaning.word_table import WordTable
    from mkdocs_gitguard.model import Meaning
    from mkdocs_gitguard.portal import Pages

MEANING_ROOT: Final = "assets/gitguard/meaning"
"""Under the site. All in it is written here."""
FORMAT: Final = 1
LEAST_SCORE: Final = 0.2
"""What is not as close to a question is not shown."""
WEIGHTS: Final[Mapping[str, float]] = {"pull-request": 0.7, "list": 0.85}
"""By kind of node, or `list`, what a score is multiplied with. The title of a pull request is short, so that any word
that it shares with a question brings it close; a list tells of much, and of nothing in particular."""
_LETTERS: Final[Mapping[str, str]] = {"pull-request": "c", "list": "l"}
_ROWS_A_FILE: Final = 160
"""On average: some 30 kB."""
_FROM_SEARCH: Final = "../meaning/"
"""The search's script names files from its own folder on."""


class Written(NamedTuple):
    """What a build did to the folder, counted in files, and what it holds now."""

    kept: int
    written: int
    deleted: int
    size: int
    """Bytes of all files."""


class FilesMemory(Record, frozen=True, array_like=True):
    """What stands in the folder, and what it was made of."""

    folder: str
    whole: bytes
    files: dict[str, FileState]


def write_files(pages: Pages, meaning: Meaning | None, site: Path, memory: Path, *, epoch: str) -> Written:
    """Bring the folder of a built site up to date; without vectors it is taken away.

    Args:
        pages: of the portal.
        meaning: of its snapshot; None: the flag is off.
        site: the built site.
        memory: file that keeps what this build must know of the last one.
        epoch: digest of the code.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = site / MEANING_ROOT
    if meaning is None or not meaning.folder:
        memory.unlink(missing_ok=True)
        if folder.is_dir():
            shutil.rmtree(folder)
        return Written(0, 0, 0, 0)
    from mkdocs_gitguard.meaning.word_table import word_table  # noqa: PLC0415 - the extra `embeddings`

    table = word_table(meaning.folder)
    whole = _digest_of(pages, meaning, table, epoch)
    there = states_below(folder) if folder.is_dir() else {}
    last = load_memory(memory, _decode)
    if last is not None and (last.folder, last.whole, last.files) == (str(folder.absolute()), whole, there):
        return Written(len(there), 0, 0, sum(state.size for state in there.values()))
    files = dict(_files(pages, meaning, table))
    written = [name for name, data in files.items() if _write(folder / name, data)]
    gone = there.keys() - files.keys()
    for name in gone:
        (folder / name).unlink()
    states = states_below(folder)
    save_memory(memory, msgspec.msgpack.encode(FilesMemory(str(folder.absolute()), whole, states)))
    return Written(len(files) - len(written), len(written), len(gone), sum(map(len, files.values())))


def _write(path: Path, data: bytes) -> bool:
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        return False
    write_whole(path, data)
    return True


def _digest_of(pages: Pages, meaning: Meaning, table: WordTable, epoch: str) -> bytes:
    vectors = msgspec.msgpack.encode(sorted(meaning.words.items()))
    return hashlib.sha256(digest_of(pages, epoch, table.identity) + vectors).digest()


def _files(pages: Pages, meaning: Meaning, table: WordTable) -> Iterator[tuple[str, bytes]]:
    begins = list(_shards_of_pieces("begins", table.begins))
    goes_on = list(_shards_of_pieces("goes-on", table.goes_on))
    vectors = _by_reference(pages, meaning, table)
    parts: dict[str, list[str]] = {}
    for kind, of_kind in sorted(vectors.items()):
        parts[kind] = []
        for name, members in _shards(kind, of_kind):
            parts[kind].append(name)
            data = b"".join(vector for _, vector in members)
            yield _file(name, [" ".join(reference for reference, _ in members), _text(data)])
    for name, pieces in (*begins, *goes_on):
        rows = [row for _, row in pieces]
        data = b"".join(bytes([table.weights[row]]) + table.vectors[row].tobytes() for row in rows)
        yield _file(name, [" ".join(piece for piece, _ in pieces), _text(data)])
    directory = {
        "format": FORMAT,
        "dimensions": DIMENSIONS,
        "least": LEAST_SCORE,
        "stop": " ".join(sorted(STOP_WORDS)),
        "weights": {_LETTERS[kind]: weight for kind, weight in WEIGHTS.items()},
        "counts": {kind: len(of_kind) for kind, of_kind in sorted(vectors.items())},
        "vectors": parts,
        "begins": [name_or_key for name, pieces in begins for name_or_key in (pieces[0][0][:2], name)],
        "goesOn": [name_or_key for name, pieces in goes_on for name_or_key in (pieces[0][0][:2], name)],
    }
    yield _file("index", directory)


def _by_reference(pages: Pages, meaning: Meaning, table: WordTable) -> dict[str, dict[str, bytes]]:
    """Return by letter of the kind, and by the search index's name of an entry, its vector."""
    references = references_of(pages)
    lists = texts_of_lists(pages)
    of_lists = dict(zip(lists, table.embed(list(lists.values()), meaning.counts), strict=True))
    changes = {change.id: (change.repository, change.number) for change in pages.portal.snapshot.pull_requests}
    by_kind: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for node, vector in (*meaning.words.items(), *of_lists.items()):
        if node in changes and changes[node][0] in references:
            repository, number = changes[node]
            by_kind["c"][reference_of_change(references[repository], number)] = vector
        elif vector and (reference := references.get(node)):
            by_kind[reference[GROUP_DIGITS]][reference] = vector
    return by_kind


def _shards(kind: str, vectors: Mapping[str, bytes]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Yield the vectors of a kind in files: which one an entry stands in is told by its name alone."""
    parts = parts_for(len(vectors), _ROWS_A_FILE)
    by_part: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)
    for reference, vector in sorted(vectors.items()):
        by_part[part_of(reference, parts)].append((reference, vector))
    for part, members in sorted(by_part.items()):
        yield f"{kind}-{part}", members


def _shards_of_pieces(name: str, pieces: Mapping[str, int]) -> Iterator[tuple[str, Sequence[tuple[str, int]]]]:
    """Yield pieces in files: those that begin with the same two letters stand in one."""
    shard: list[tuple[str, int]] = []
    for _, group in groupby(pieces.items(), key=lambda item: item[0][:2]):
        members = list(group)
        if shard and len(shard) + len(members) > _ROWS_A_FILE:
            yield f"{name}-{shard[0][0][:2]}", shard
            shard = []
        shard += members
    if shard:
        yield f"{name}-{shard[0][0][:2]}", shard


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _file(name: str, value: Any) -> tuple[str, bytes]:
    return f"{name}.js", as_script(f"{_FROM_SEARCH}{name}", value)


_decode: Final = msgspec.msgpack.Decoder(FilesMemory).decode
