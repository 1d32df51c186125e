"""What of the last build still holds: which pages need not be made again, and why the others do.

A build leaves a memory beside the state file: what each page read and the digests of the answers, what else went into
all pages (the epoch), and the files as they were left. A page is kept if all of that is the same. Whatever is in doubt
is made again, and the reason is told.
"""

import hashlib
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Finding, Record
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.recording import OF_DAY, Read
from mkdocs_gitguard.portal.traces import DIGEST_SIZE, ReadTable, Values, first_of, numbers_in
from mkdocs_gitguard.state.file_state import FileState, sha256_of_file, state_of
from mkdocs_gitguard.state.memory_file import load_memory, save_memory
from mkdocs_gitguard.state.tree import OwnFolders

MEMORY_VERSION: Final = 3
"""Raised whenever the memory of an older build would be read wrongly."""
_MOST_MEMORIES: Final = 4
"""Of one state folder: a site is built into one folder, or into a few by turns."""


class KeptPage(Record, frozen=True, array_like=True):
    """One page as a build made it."""

    path: str
    file: str
    """In the site, with `/`."""
    state: FileState | None = None
    digest: bytes = b""
    """Of the file."""
    fields: bytes = b""
    """Digest of what its view says of it."""
    reads: bytes = b""
    """Numbers of its reads in the memory's table."""
    diagrams: int = 0
    drawn: int = 0
    """1 for a pull request whose diagram was drawn."""
    failures: tuple[Finding, ...] = ()
    """Diagrams on it that were shown as tables."""


class Memory(Record, frozen=True, array_like=True):
    """What a build remembers of the pages of one site."""

    version: int
    site: str
    """The folder, absolute."""
    epoch: dict[str, str]
    """What went into all pages, by the word for it, as digests."""
    reads: tuple[Read, ...]
    digests: bytes
    """Of the answers, `DIGEST_SIZE` bytes each, in the order of `reads`."""
    snapshot: str
    """Digest of the snapshot that was shown."""
    day: str
    """Of the build (UTC)."""
    pages: tuple[KeptPage, ...]


class Keeping:
    """One build's judgement of what the last one made."""

    def __init__(
        self,
        memory: Memory | None,
        site: Path,
        epoch: Mapping[str, str],
        values: Values,
        *,
        states: Mapping[str, FileState] | None = None,
    ) -> None:
        """Compare what went into all pages, and every answer.

        Args:
            memory: of the last build, None if there is none.
            site: the folder of the site, as it will be called.
            epoch: what goes into all pages now.
            values: the answers of this build.
            states: by path, how the files of the last build stand, where somebody has just looked.
        """
        self._states = states
        self._folders = cache(OwnFolders)
        self._values = values
        self._site = site
        self._epoch = epoch
        self.reasons: Counter[str] = Counter()
        """How many pages are made, by the reason."""
        self.whole = _reason_for_all(memory, site, epoch)
        """Why every page is made again; `""`: not every one is."""
        self._memory = None if self.whole else memory
        self._is_same = self._memory is not None and values.are_of(self._memory.snapshot)
        """Whether the snapshot is that of the last build: then only the day can have changed an answer."""
        self._pages = {} if self._memory is None else {page.path: page for page in self._memory.pages}
        self._changed = frozenset(() if self._memory is None else self._changed_of(self._memory))

    def kept(self, page: PortalPage, folder: Path) -> KeptPage | None:
        """Return what is remembered of a page if it holds; else count the reason.

        Args:
            page: as this build would make it.
            folder: where the files of the last build are now.
        """
        reason, known = self._judge(page, folder)
        if reason:
            self.reasons[reason.partition(":")[0]] += 1
            return None
        return known

    def why(self, page: PortalPage, folder: Path) -> str:
        """Return why a page is made again, in words; `""` if it is kept."""
        return self._judge(page, folder)[0]

    def _changed_of(self, memory: Memory) -> Iterator[int]:
        """Yield the numbers of the reads whose answer has changed."""
        values, digests, reads = self._values, memory.digests, memory.reads
        is_same_day = memory.day == values.day
        # Of the same snapshot all is known but what the day has a part in.
        for number in range(len(reads)) if self._is_same else values.suspects(reads):
            read, digest = reads[number], _digest_at(digests, number)
            if self._is_same and (is_same_day or read.root not in OF_DAY):
                values.take(read, digest)
            elif values.digest(read) != digest:
                yield number

    @property
    def _reads(self) -> tuple[Read, ...]:
        return () if self._memory is None else self._memory.reads

    def numbered(self, page: KeptPage, reads: Iterable[Read]) -> KeptPage:
        """Return a page with the numbers that what it read has in the memory of this build."""
        return msgspec.structs.replace(page, reads=self._table.numbers(reads))

    @cached_property
    def _table(self) -> ReadTable:
        return ReadTable(self._reads)

    def remember(self, pages: Iterable[KeptPage]) -> Memory:
        """Return the memory of this build; the very one of the last if nothing differs."""
        table, kept, memory, values = self._table, [*pages], self._memory, self._values
        if (
            memory is not None
            and (memory.snapshot, memory.day) == (values.snapshot, values.day)
            and all(map(operator.is_, kept, memory.pages))
            and len(kept) == len(memory.pages)
        ):
            return memory
        numbers = set().union(*(numbers_in(page.reads) for page in kept))
        if 2 * len(numbers) < len(table.reads):
            table, kept = _renumbered(table.reads, kept)
        reads = table.reads
        return Memory(
            MEMORY_VERSION,
            str(self._site),
            dict(self._epoch),
            reads,
            values.digests(reads),
            values.snapshot,
            values.day,
            tuple(kept),
        )

    def _judge(self, page: PortalPage, folder: Path) -> tuple[str, KeptPage | None]:
        known = self._pages.get(page.path)
        if known is None:
            return self.whole or "it is new", None
        if not page.is_traced and not self._is_same:
            return "it is an overview, which is made whenever anything has changed", known
        # What a view says of a node's page comes from the snapshot; other pages may show what a run was told.
        if not (self._is_same and page.node) and known.fields != self._values.fields(page):
            return "what it shows has changed", known
        changed = first_of(known.reads, self._changed)
        if changed is not None:
            return f"something that it reads has changed: {self._reads[changed]}", known
        if not self._is_as_left(known, folder):
            return "its file is not as the last build left it", known
        return "", known

    def _is_as_left(self, known: KeptPage, folder: Path) -> bool:
        state = self._states.get(known.file) if self._states is not None else state_of(folder / known.file)
        if self._states is None and not self._folders(str(folder)).hold(known.file):
            return False
        return (state is not None and state == known.state) or sha256_of_file(folder / known.file) == known.digest


def state_as_written(kept: KeptPage, site: Path) -> FileState | None:
    """Return how the file of a page stands that this build has written; None where another file stands in its place.

    Another build of the same site may have put its own there meanwhile, of repositories as they were then.

    Args:
        kept: with the state that the file was written in.
        site: the folder of the site.
    """
    state = state_of(f"{site}/{kept.file}")
    if state is None or kept.state is None:
        return None
    # One that was there with the same bytes has stayed.
    return state if state.is_file_of(kept.state) or sha256_of_file(site / kept.file) == kept.digest else None


def _digest_at(digests: bytes, number: int) -> bytes:
    return digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE]


def _reason_for_all(memory: Memory | None, site: Path, epoch: Mapping[str, str]) -> str:
    if memory is None:
        return "there is no memory of an earlier build"
    if memory.version != MEMORY_VERSION or memory.site != str(site):
        return "the memory is of another version or site"
    if changed := sorted(
        name for name in epoch.keys() | memory.epoch.keys() if epoch.get(name) != memory.epoch.get(name)
    ):
        return f"what all pages are made of has changed: {', '.join(changed)}"
    return ""


def _renumbered(reads: Sequence[Read], pages: Iterable[KeptPage]) -> tuple[ReadTable, list[KeptPage]]:
    """Return a table without the reads that no page asks any more, and the pages by it."""
    table = ReadTable()
    return table, [
        msgspec.structs.replace(page, reads=table.numbers(reads[number] for number in numbers_in(page.reads)))
        for page in pages
    ]


def load(site: Path, state_folder: Path) -> Memory | None:
    """Return the memory of the last build of a site, None where there is none that can be read."""
    memory = load_memory(_memory_file(site, state_folder), _DECODER.decode)
    return memory if memory is not None and memory.version == MEMORY_VERSION else None


def save(memory: Memory | None, site: Path, state_folder: Path) -> None:
    """Keep the memory of a site, or forget it. Where it can't be written, the next build makes every page.

    Of other folders that were built into, the memories of the last few are kept.
    """
    path = _memory_file(site, state_folder)
    with suppress(OSError):
        if memory is None:
            path.unlink(missing_ok=True)
            return
        save_memory(path, msgspec.msgpack.encode(memory))
        others = [other for other in state_folder.glob("pages-*.memory") if other != path]
        others.sort(key=lambda other: other.stat().st_mtime_ns, reverse=True)
        for other in others[_MOST_MEMORIES - 1 :]:
            other.unlink(missing_ok=True)


def _memory_file(site: Path, state_folder: Path) -> Path:
    name = hashlib.sha256(str(site).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return state_folder / f"pages-{name}.memory"


_DECODER: Final = msgspec.msgpack.Decoder(Memory)
