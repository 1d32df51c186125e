"""The scans of all files of a commit, packed as they are kept."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Final, Self

import msgspec

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.policies.file_scan import FileScan

_DAMAGE: Final = (msgspec.MsgspecError, zlib.error)
_FAST: Final = 1
"""zlib's level: the others take three times as long for a tenth less."""
_OF_A_PART: Final = 64
"""Scans that a part has about; less are hardly made smaller."""
_MOST_PARTS: Final = 63
_REMEMBERED: Final = 128
"""Parts that stay unpacked in a process."""


class ScannedFiles(Record, frozen=True, kw_only=True, array_like=True):
    """The scans of a commit's files, packed until somebody asks for them.

    They are most of what is kept of a repository, and a run that shows no policies, or only looks whether anything
    moved, needs none of them.
    """

    packed: tuple[bytes, ...] = ()
    """Those that hold something, as MessagePack that zlib has made a quarter of, in parts. A file's path tells its
    part, so that most of them stay as they are where few files have moved."""
    held: bytes = b""
    """Path and blob of these, by path, each ended by NUL; no path that is fit to be shown holds one."""
    blank: bytes = b""
    """Path and blob of the others, as `held`. That they hold nothing is worth keeping, so that they are not read again.
    """
    paired: tuple[bytes, ...] = ()
    """Scans of the files that are tests by their names alone, as `packed`. They are of the whole tree, not of a file,
    so that no file's own scan, which outlives the tree, holds them."""
    rule_files: tuple[str, ...] = ()
    """Paths of the files that those stand beside."""
    is_whole: bool = True
    """Whether each file was read: none is missing or one too many."""

    @classmethod
    def of(
        cls,
        scans: Iterable[FileScan],
        *,
        paired: Iterable[FileScan] = (),
        rule_files: tuple[str, ...] = (),
        is_whole: bool = True,
        before: "ScannedFiles | None" = None,
    ) -> Self:
        """Keep scans, in any order. Arguments as the fields, and what was kept of an earlier commit."""
        before = cls() if before is None else before
        by_path = sorted(scans, key=_PATH)
        holding = [scan for scan in by_path if not scan.is_blank]
        return cls(
            packed=_packed(holding, before.packed),
            held=_listed(holding),
            blank=_listed(scan for scan in by_path if scan.is_blank),
            paired=_packed(sorted(paired, key=_PATH), before.paired),
            rule_files=rule_files,
            is_whole=is_whole,
        )

    def paired_anew(self, paired: Iterable[FileScan]) -> Self:
        """Return the same, beside other files that are tests by their names."""
        return msgspec.structs.replace(self, paired=_packed(sorted(paired, key=_PATH), self.paired))

    @property
    def blobs(self) -> dict[str, str]:
        """Path to blob of every file that was read."""
        return dict(_files_in(self.held + self.blank))

    def holding(self) -> tuple[FileScan, ...]:
        """Return those that hold something, by path, with the tests that their names make them.

        Raises:
            SourceError: what was kept is damaged.
        """
        return with_tests(_unpacked(self.packed), _unpacked(self.paired))

    def __iter__(self) -> Iterator[FileScan]:
        """Yield all of them, blank ones last, each as the file alone tells it."""
        yield from _unpacked(self.packed)
        for path, blob in _files_in(self.blank):
            yield FileScan(path=path, blob=blob)


def with_tests(scans: Iterable[FileScan], paired: Iterable[FileScan]) -> tuple[FileScan, ...]:
    """Return scans by path, with those of the files that are tests by their names."""
    by_path = {scan.path: scan for scan in scans}
    for scan in paired:
        known = by_path.get(scan.path, scan)
        tests = tuple(dict.fromkeys((*known.tests, *scan.tests)))
        by_path[scan.path] = msgspec.structs.replace(known, tests=tests)
    return tuple(by_path[path] for path in sorted(by_path))


def _listed(scans: Iterable[FileScan]) -> bytes:
    return "".join(f"{scan.path}\0{scan.blob}\0" for scan in scans).encode()


def _files_in(listed: bytes) -> Iterable[tuple[str, str]]:
    fields = listed.decode().split("\0")
    return zip(fields[:-1:2], fields[1::2], strict=True)


def _packed(scans: Sequence[FileScan], before: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return scans that are by path in parts, each that holds what it held before as it was."""
    # The same scans give the same parts, whatever was kept before.
    number = 1 << min(len(scans) // _OF_A_PART, _MOST_PARTS).bit_length() if scans else 0
    by_part: list[list[FileScan]] = [[] for _ in range(number)]
    for scan in scans:
        by_part[zlib.crc32(scan.path.encode()) % number].append(scan)
    known = before if len(before) == number else [b""] * number
    return tuple(
        old if old and _holds(old, tuple(part)) else zlib.compress(msgspec.msgpack.encode(part), _FAST)
        for part, old in zip(by_part, known, strict=True)
    )


def _unpacked(parts: Iterable[bytes]) -> tuple[FileScan, ...]:
    """Return the scans of parts by path.

    Raises:
        SourceError: what was kept is damaged.
    """
    try:
        return tuple(sorted(chain.from_iterable(map(_part, parts)), key=_PATH))
    except _DAMAGE as error:
        raise SourceError(
            f"What was kept of a repository's policy files is damaged: {error}.",
            hint="Delete .gitguard/state.db; it is made anew.",
        ) from error


def _holds(packed: bytes, scans: tuple[FileScan, ...]) -> bool:
    try:
        return _part(packed) == scans
    except _DAMAGE:
        return False


@lru_cache(_REMEMBERED)
def _part(packed: bytes) -> tuple[FileScan, ...]:
    # What is read of a repository is put together next, and by a process that stays read again.
    return _DECODER.decode(zlib.decompress(packed))


_PATH: Final = attrgetter("path")
_DECODER: Final = msgspec.msgpack.Decoder(tuple[FileScan, ...])
