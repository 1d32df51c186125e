"""What of the last build still holds: which pages need not be made again, and why the others do.

A build leaves a memory beside the state file: what each page read and the digests of the answers, what else went into
all pages (the epoch), and the files as they were left. A page is kept if all of that is the same. Whatever is in doubt
is made again, and the reason is told.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Finding, Record
from mkdocs_gitguard.portal.page import PortalPage
from mkdocs_gitguard.portal.recording import Read
from mkdocs_gitguard.portal.traces import DIGEST_SIZE, ReadTable, Values, first_of
from mkdocs_gitguard.state.folder import make_state_folder

CLEAN: Final = "GITGUARD_BUILD_CLEAN"
"""Variable by which `gitguard build --clean` asks MkDocs' process to keep nothing."""
EXPLAIN: Final = "GITGUARD_BUILD_EXPLAIN"
"""Variable by which `gitguard build --explain PAGE` names the page."""
MEMORY_VERSION: Final = 1
"""Raised whenever the memory of an older build would be read wrongly."""


class FileState(Record, frozen=True, array_like=True):
    """A file as a build left it. Where it is the same, the file is; where it is not, its bytes are looked at."""

    size: int
    modified: int
    """Nanoseconds."""
    changed: int
    """Nanoseconds; whoever sets the time of modification back cannot set this one."""
    inode: int


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
    search: bytes = b"[]"
    """Its entries in the search index, a JSON array."""
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
    pages: tuple[KeptPage, ...]


class Keeping:
    """One build's judgement of what the last one made."""

    def __init__(self, memory: Memory | None, site: Path, epoch: Mapping[str, str], values: Values) -> None:
        """Compare what went into all pages, and every answer.

        Args:
            memory: of the last build, None if there is none.
            site: the folder of the site, as it will be called.
            epoch: what goes into all pages now.
            values: the answers of this build.
        """
        self._values = values
        self.reasons: Counter[str] = Counter()
        """How many pages are made, by the reason."""
        self.whole = _reason_for_all(memory, site, epoch)
        """Why every page is made again; `""`: not every one is."""
        self._pages = {} if memory is None or self.whole else {page.path: page for page in memory.pages}
        self._reads = memory.reads if memory is not None and not self.whole else ()
        digests = memory.digests if memory is not None else b""
        self._changed = frozenset(
            number
            for number, read in enumerate(self._reads)
            if values.digest(read) != digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE]
        )

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

    def reads_of(self, page: KeptPage) -> Iterable[Read]:
        """Return what a kept page read."""
        numbers = memoryview(page.reads).cast("I")
        return (self._reads[number] for number in numbers)

    def _judge(self, page: PortalPage, folder: Path) -> tuple[str, KeptPage | None]:
        known = self._pages.get(page.path)
        if known is None:
            overview = "" if page.is_traced else "it is an overview, which is always made"
            return self.whole or overview or "it is new", None
        if known.fields != self._values.fields(page):
            return "what it shows has changed", known
        changed = first_of(known.reads, self._changed)
        if changed is not None:
            return f"something that it reads has changed: {self._reads[changed]}", known
        if state_of(folder / known.file) != known.state and digest_of(folder / known.file) != known.digest:
            return "its file is not as the last build left it", known
        return "", known


def _reason_for_all(memory: Memory | None, site: Path, epoch: Mapping[str, str]) -> str:
    if memory is None:
        return "there is no memory of an earlier build"
    if memory.version != MEMORY_VERSION or memory.site != str(site):
        return "the memory is of another version or site"
    if changed := sorted(
        name for name in epoch.keys() | memory.epoch.keys() if epoch.get(name) != memory.epoch.get(name)
    ):
        return f"changed for all pages: {', '.join(changed)}"
    return ""


def remember(
    site: Path, epoch: Mapping[str, str], pages: Iterable[tuple[KeptPage, Iterable[Read]]], values: Values
) -> Memory:
    """Return the memory of a build.

    Args:
        site: the folder of the site.
        epoch: what went into all pages.
        pages: each with what it read; its own `reads` are filled in.
        values: the answers of the build.
    """
    table = ReadTable()
    kept = tuple(msgspec.structs.replace(page, reads=table.numbers(reads)) for page, reads in pages)
    reads = table.reads
    digests = b"".join(map(values.digest, reads))
    return Memory(MEMORY_VERSION, str(site), dict(epoch), reads, digests, kept)


def state_of(path: Path | str) -> FileState | None:
    """Return how a file stands, None where there is no plain file."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def digest_of(path: Path) -> bytes:
    """Return the digest of a file's bytes, `b""` where there is no plain file."""
    try:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() and not path.is_symlink() else b""
    except OSError:
        return b""


def load(site: Path, state_folder: Path) -> Memory | None:
    """Return the memory of the last build of a site, None where there is none that can be read."""
    try:
        memory = _DECODER.decode(_memory_file(site, state_folder).read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return memory if memory.version == MEMORY_VERSION else None


def save(memory: Memory | None, site: Path, state_folder: Path) -> None:
    """Keep the memory of a site, or forget it. Where it can't be written, the next build makes every page."""
    path = _memory_file(site, state_folder)
    with suppress(OSError):
        if memory is None:
            path.unlink(missing_ok=True)
            return
        make_state_folder(state_folder)
        aside = path.with_suffix(".next")
        aside.write_bytes(msgspec.msgpack.encode(memory))
        aside.replace(path)


def _memory_file(site: Path, state_folder: Path) -> Path:
    name = hashlib.sha256(str(site).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return state_folder / f"pages-{name}.memory"


_DECODER: Final = msgspec.msgpack.Decoder(Memory)
