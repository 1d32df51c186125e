"""What one file holds, as far as the file alone can tell: the part of a scan that is cached by blob.

Nothing here names a repository or commit, so a file that did not move need not be read again. `link.py` joins what
the files of one repository say into policies and rules.
"""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Final, Literal, Self

import msgspec

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.model import ExceptionType, Finding, Record

_FAST: Final = 1
"""zlib's level: the others take three times as long for a tenth less."""


class Description(Record, frozen=True, kw_only=True):
    """What a policy or rule says of itself."""

    title: str = ""
    description: str = ""
    severity: str = ""
    category: str = ""
    related: tuple[str, ...] = ()
    """http(s) URLs."""


class FoundRule(Record, frozen=True, kw_only=True):
    """One definition of a rule."""

    name: str
    label: str = ""
    """A lasting name for this definition among others of `name`, where the source gives one."""
    type: str = ""
    about: Description = Description()
    first_line: int
    last_line: int
    metadata_line: int = 0
    keys: tuple[str, ...] = ()


class FoundPolicy(Record, frozen=True, kw_only=True):
    """One policy of a file."""

    format: str
    type: str
    name: str
    """What its id is made of: segments joined by `/`."""
    shown_name: str = ""
    """What people call it, where `name` holds more than that."""
    about: Description = Description()
    first_line: int
    last_line: int
    metadata_line: int = 0
    rules: tuple[FoundRule, ...] = ()
    keys: tuple[str, ...] = ()
    enforcement: str = ""
    """The source's own word for what comes of a violation: `deny`, `dryrun`, `Audit`, `disabled`; `""`: not said."""
    resources: tuple[str, ...] = ()
    """Kinds of resources of a cluster or a cloud that it says it applies to, as it writes them."""
    resources_line: int = 0
    """Where it says so."""
    package: tuple[str, ...] = ()
    """Of a Rego file: what `Inherited` records are matched with."""


class FoundTest(Record, frozen=True, kw_only=True):
    """One test and what it exercises."""

    name: str
    first_line: int
    last_line: int
    targets: tuple[str, ...]
    """Keys of rules or policies (a Rego reference may reach beyond the rule), or `path:<file>` for all of a file."""


class PolicyUse(Record, frozen=True, kw_only=True):
    """A place that says which policies are asked about its repository: a command of a workflow, a setting."""

    tool: str
    """In words: `conftest test`."""
    path: str
    """Of a policy's file or a folder of them, in the repository that holds them; `.` for all of it."""
    line: int
    repository: str = ""
    """Name or URL of the repository that holds them; `""`: its own."""


class FoundException(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One exception from policies: see `PolicyException`, whose fields these are."""

    format: str
    type: ExceptionType
    name: str
    scope: str = ""
    reason: str = ""
    reference: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_line: int
    last_line: int
    keys: tuple[str, ...] = ()


class Inherited(Record, frozen=True, kw_only=True):
    """A Rego annotation that speaks for more than the rule below it."""

    scope: Literal["package", "subpackages", "document"]
    package: tuple[str, ...]
    rule: str = ""
    about: Description


class FileScan(Record, frozen=True, kw_only=True, array_like=True, omit_defaults=True):
    """All that one file holds. Packed short, because most files that a format wants hold nothing."""

    path: str
    blob: str
    policies: tuple[FoundPolicy, ...] = ()
    tests: tuple[FoundTest, ...] = ()
    inherited: tuple[Inherited, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Without repository: `link` fills it in."""
    text: str = ""
    """Kept where the file holds policies or tests."""
    is_truncated: bool = False
    uses: tuple[PolicyUse, ...] = ()
    exceptions: tuple[FoundException, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether the file holds nothing that a format knows."""
        return self == FileScan(path=self.path, blob=self.blob)


class ScannedFiles(Record, frozen=True, kw_only=True, array_like=True):
    """The scans of a commit's files, packed until somebody asks for them.

    They are most of what is kept of a repository, and a run that shows no policies, or only looks whether anything
    moved, needs none of them.
    """

    packed: bytes = b""
    """Those that hold something, by path, as MessagePack that zlib has made a quarter of."""
    held: bytes = b""
    """Path and blob of these, by path, each ended by NUL; no path that is fit to be shown holds one."""
    blank: bytes = b""
    """Path and blob of the others, as `held`. That they hold nothing is worth keeping, so that they are not read again.
    """
    paired: bytes = b""
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
    ) -> Self:
        """Keep scans, in any order. Arguments as the fields."""
        by_path = sorted(scans, key=_PATH)
        holding = [scan for scan in by_path if not scan.is_blank]
        return cls(
            packed=_packed(holding),
            held=_listed(holding),
            blank=_listed(scan for scan in by_path if scan.is_blank),
            paired=_packed(sorted(paired, key=_PATH)),
            rule_files=rule_files,
            is_whole=is_whole,
        )

    def paired_anew(self, paired: Iterable[FileScan]) -> Self:
        """Return the same, beside other files that are tests by their names."""
        return msgspec.structs.replace(self, paired=_packed(sorted(paired, key=_PATH)))

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


def _packed(scans: list[FileScan]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(scans), _FAST) if scans else b""


def _unpacked(packed: bytes) -> tuple[FileScan, ...]:
    try:
        return _DECODER.decode(zlib.decompress(packed)) if packed else ()
    except (msgspec.MsgspecError, zlib.error) as error:
        raise SourceError(
            f"What was kept of a repository's policy files is damaged: {error}.",
            hint="Delete .gitguard/state.db; it is made anew.",
        ) from error


_PATH: Final = attrgetter("path")
_DECODER: Final = msgspec.msgpack.Decoder(tuple[FileScan, ...])
