"""A table of the index in parts: which keys stand in which file, and the bytes of one.

A table is a list of keys in order, each with its units: what a group has under it. It is parted where the keys
themselves say, so that whatever is added or taken away changes the files beside it and no other: about one key in so
many begins a run, a run is one file, or several where it is long.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.portal.search.segments import TableName

GROUP_DIGITS: Final = 3
"""Characters that a unit begins with: the number of its group, base 36."""
RUNS: Final[Mapping[TableName, int]] = {"names": 1024, "words": 400, "authors": 60, "paths": 900, "records": 640}
"""By table, one key in how many begins a run: about 30 kB."""
MOST_BYTES: Final = 44_000
"""Of a file, by its characters."""
MOST_OF_UNIT: Final = 16_000
"""Characters of a unit in one piece; only a list of entries is longer."""
CALLBACK: Final = "gitguardSearch"
"""The function that a file calls when it is loaded as a script, as pages opened from a disk must."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHARED: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AROUND_UNIT: Final = 3
"""Characters around a unit: its quotes and a comma."""

Content = Sequence[tuple[str, Sequence[str]]]
"""Keys in order, each with its units by group."""
_encode = msgspec.json.Encoder().encode
_decode_entries = msgspec.json.Decoder(list[list[str]]).decode


class Shard(Record, frozen=True, array_like=True):
    """A file of a table."""

    name: str
    """Without its ending."""
    first: str
    """Its first key."""
    last: str
    begins_run: bool


def number_of(place: int) -> str:
    """Return the number of a group, base 36, always of the same length."""
    digits = ""
    for _ in range(GROUP_DIGITS):
        place, digit = divmod(place, 36)
        digits = _DIGITS[digit] + digits
    return digits


def begins_run(table: TableName, key: str) -> bool:
    """Tell whether a key begins a run."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % RUNS[table] == 0


def shards_of(table: TableName, content: Content) -> Iterator[tuple[Shard, bytes]]:
    """Yield the files of one or more whole runs."""
    for run in _runs_of(table, content):
        for number, part in enumerate(_parts_of(run)):
            yield _shard(table, run[0][0], number, part)


def _runs_of(table: TableName, content: Content) -> Iterator[Content]:
    run: list[tuple[str, Sequence[str]]] = []
    for key, units in content:
        if run and begins_run(table, key):
            yield run
            run = []
        run.append((key, units))
    if run:
        yield run


def _parts_of(run: Content) -> Iterator[Content]:
    """Yield a run in parts that are not too long; a key may go on from one to the next."""
    part: list[tuple[str, list[str]]] = []
    size = 0
    for key, units in run:
        is_begun = False
        for unit in chain.from_iterable(map(_pieces, units)):
            if part and size > MOST_BYTES:
                yield part
                part, size, is_begun = [], 0, False
            if not is_begun:
                part.append((key, []))
                size += len(key) + _AROUND_UNIT
                is_begun = True
            part[-1][1].append(unit)
            size += len(unit) + _AROUND_UNIT
    if part:
        yield part


def _pieces(unit: str) -> Iterator[str]:
    """Yield a unit, one of many entries in pieces: each begins with the number of the group."""
    group, rest = unit[:GROUP_DIGITS], unit[GROUP_DIGITS:]
    while len(rest) > MOST_OF_UNIT and (comma := rest.find(",", MOST_OF_UNIT)) > 0:
        yield group + rest[:comma]
        rest = rest[comma + 1 :]
    yield group + rest


def _shard(table: TableName, run: str, number: int, part: Content) -> tuple[Shard, bytes]:
    digest = hashlib.sha256(f"{table}\0{run}\0{number}".encode("utf-8", "surrogatepass")).hexdigest()
    name = f"{table}-{digest[:10]}"
    entries: list[list[str]] = []
    before = ""
    for key, units in part:
        shared = _shared(before, key)
        entries.append([_SHARED[shared] + key[shared:], *units])
        before = key
    return Shard(name, part[0][0], part[-1][0], number == 0), as_script(name, entries)


def as_script(name: str, value: object) -> bytes:
    """Return a file of the index: JSON that calls a function, so that it can be read with `fetch` and without."""
    return b'%b("%b",%b)\n' % (CALLBACK.encode(), name.encode(), _encode(value))


def content_of(data: bytes) -> list[tuple[str, list[str]]]:
    """Return the content of a file.

    Raises:
        msgspec.MsgspecError: it is not one.
        ValueError: as above.
    """
    entries = _decode_entries(data[data.index(b",") + 1 : data.rindex(b")")])
    content: list[tuple[str, list[str]]] = []
    before = ""
    for entry in entries:
        before = before[: _SHARED.index(entry[0][0])] + entry[0][1:]
        content.append((before, entry[1:]))
    return content


def joined(parts: Iterable[Iterable[tuple[str, list[str]]]]) -> dict[str, list[str]]:
    """Return the content of files that follow each other, a key or a unit that goes on in the next one as one."""
    content: dict[str, list[str]] = {}
    for part in parts:
        for key, units in part:
            known = content.setdefault(key, [])
            for unit in units:
                if known and known[-1][:GROUP_DIGITS] == unit[:GROUP_DIGITS]:
                    known[-1] += f",{unit[GROUP_DIGITS:]}"
                else:
                    known.append(unit)
    return content


def separators(shards: Sequence[Shard]) -> Iterator[str]:
    """Yield for each file of a table the shortest text that is behind all keys before it and before none of its own."""
    last = ""
    for shard in shards:
        yield shard.first[: _shared(last, shard.first, most=len(shard.first)) + 1]
        last = shard.last


def _shared(before: str, key: str, *, most: int = len(_SHARED) - 1) -> int:
    """Return how many characters two keys begin with alike."""
    end = min(len(before), len(key), most)
    for place in range(end):
        if before[place] != key[place]:
            return place
    return end
