"""One streamed log pass: commits, authorship and the first-parent line of the default branch.

Pure functions over the bytes that `git log` writes when it is given `log_arguments`. Fields are separated by NUL,
the one byte that no commit's text and no path can hold; each field starts with `=`, so that none is empty and two
NULs in a row are the border between commits.

Everything in a `History` is what git says, kept so that two of them can be joined: what is read from old to new,
joined to what was known of old, is byte for byte what a whole reading gives.
"""

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.harvest.printable import printable
from mkdocs_gitguard.harvest.pull_requests import LONGEST_MESSAGE, Claim
from mkdocs_gitguard.model import Record

_FORMAT: Final = "%x00%H%x00=%P%x00=%an%x00=%ae%x00=%at%x00=%cn%x00=%ce%x00=%ct%x00=%B"
_FIELDS: Final = 9
_LATEST: Final = 253_402_300_799
"""The last second that a datetime can hold; commits with wild clocks are put there."""

STATUSES: Final = ("modified", "added", "deleted", "type-changed")
_STATUS_CODES: Final = {b"M": 0, b"A": 1, b"D": 2, b"T": 3}
_STATUS_BITS: Final = 2
_STATUS_MASK: Final = 3

_FORGE_NAMES: Final = frozenset(["", "github", "web-flow", "gitlab", "bitbucket", "gitea", "codeberg", "forgejo"])
_FORGE_ADDRESSES: Final = frozenset(
    ["noreply@github.com", "noreply@gitlab.com", "noreply@bitbucket.org", "noreply@gitea.com", "noreply@codeberg.org"]
)

_Key = TypeVar("_Key")

Recognise = Callable[[str, int], Claim]
"""Message and number of parents to what they say of a pull request."""


def log_arguments(new: str, old: str = "") -> tuple[str, ...]:
    """Return the arguments of the `git log` whose output `read_history` reads, from commit `old` (excluded) to `new`.

    `--name-status` gives half of `--raw`'s bytes and is a third faster; `--topo-order` costs nothing and makes sure
    that a commit never comes before its children, whatever their clocks said. What a repository's own configuration
    could change is set here.
    """
    return (
        "log",
        "-z",
        "--name-status",
        "--root",
        "--topo-order",
        "--diff-merges=first-parent",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--ignore-submodules=none",
        "--encoding=UTF-8",
        f"--format={_FORMAT}",
        "--end-of-options",
        new,
        *([f"^{old}"] if old else []),
        "--",
    )


def is_forge(name: str, email: str) -> bool:
    """Whether a forge committed by itself what somebody merged in the browser: it does not say who."""
    return email.lower() in _FORGE_ADDRESSES and name.lower() in _FORGE_NAMES


class Identity(Record, frozen=True, kw_only=True, array_like=True):
    """A name and address as commits have them, and how often and when they were seen. Moments are Unix seconds."""

    name: str
    email: str
    commits: int = 0
    """Authored, merge commits not counted."""
    first_at: int = 0
    """Of the authored commits; 0 where there are none."""
    last_at: int = 0
    first_seen: int
    """In any role: author, committer, co-author."""
    last_seen: int


class LineCommit(Record, frozen=True, kw_only=True, array_like=True):
    """A commit of the first-parent line: a pull request, or a direct push. Numbers for people index `identities`."""

    commit: str
    at: int
    """When it was committed."""
    claim: Claim
    author: int
    """Who wrote what it brought: of a merge, who wrote most of its commits."""
    authored_at: int
    merger: int = -1
    """Who merged it; -1 where the forge committed, or nobody merged."""
    co_authors: tuple[int, ...] = ()
    commits: int = 0
    """Commits that a merge brought; 0 for a commit that is no merge."""
    tip: str = ""
    """A merge's second parent."""
    brought: bytes = b""
    """Ids (20 or 32 bytes each) of the commits that a merge without a number brought, so that pull refs can name it."""
    files: bytes = b""
    """Touched paths: 32-bit numbers, little end first, path index * 4 + index into `STATUSES`, by path."""

    def touched(self) -> Iterator[tuple[int, int]]:
        """Yield path index and status index of each touched path, by path."""
        for packed in unpack(self.files):
            yield packed >> _STATUS_BITS, packed & _STATUS_MASK


class Authorship(Record, frozen=True, kw_only=True, array_like=True):
    """Who changed which path how often: columns of 32-bit numbers, a row for each pair, by path and identity."""

    paths: bytes = b""
    identities: bytes = b""
    commits: bytes = b""
    last_at: bytes = b""
    """Unix seconds, cut to 32 bits (until 2106)."""


class History(Record, frozen=True, kw_only=True, array_like=True):
    """What one log pass tells of a default branch."""

    commits: int = 0
    """Reachable, merges included."""
    first_at: int = 0
    last_at: int = 0
    months: tuple[tuple[str, int], ...] = ()
    """Commits by month (UTC, when committed), oldest first; merges not counted."""
    identities: tuple[Identity, ...] = ()
    """By address and name."""
    paths: bytes = b""
    """Every path that ever was, as git has it, sorted, separated by NUL."""
    line: tuple[LineCommit, ...] = ()
    """Newest first."""
    authorship: Authorship = Authorship()

    def path_names(self) -> list[str]:
        """Return the paths by index, fit to be shown."""
        return [printable(path.decode("utf-8", "surrogateescape")) for path in split_paths(self.paths)]


def split_paths(paths: bytes) -> list[bytes]:
    """Return the paths of a `History.paths`."""
    return paths.split(b"\0") if paths else []


def pack(numbers: Iterable[int]) -> bytes:
    """Return 32-bit numbers, little end first."""
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(data: bytes) -> "array[int]":
    """Return the numbers that `pack` packed."""
    packed = array("I", data)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed


def repack_files(files: bytes, paths: Sequence[int]) -> bytes:
    """Return `LineCommit.files` with each path index replaced by what stands at that index of `paths`."""
    return pack(paths[packed >> _STATUS_BITS] << _STATUS_BITS | packed & _STATUS_MASK for packed in unpack(files))


class _Line(NamedTuple):
    """A first-parent commit while its branch is not yet known."""

    number: int
    commit: str
    at: int
    author: int
    authored_at: int
    committer: int
    claim: Claim
    co_authors: tuple[int, ...]
    tip: str
    files: "array[int]"


class Reading(NamedTuple):
    """A history, and where it leaves off."""

    history: History
    boundary: str
    """The commit that comes next on the first-parent line; `""` at its root."""


def read_history(chunks: Iterable[bytes], head: str, recognise: Recognise) -> Reading:
    """Return what the output of `git log` with `log_arguments` tells.

    Args:
        chunks: the output, cut anywhere.
        head: the commit at which the first-parent line starts, as hexadecimal.
        recognise: what a message says of a pull request.

    Raises:
        SourceError: the output is not what was asked for.
    """
    reader = _Reader(head.encode(), recognise)
    for record in _records(chunks):
        reader.add(record)
    return Reading(reader.history(), reader.next_on_line.decode())


def _records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the output of each commit, the NULs around it taken off."""
    pending: list[bytes] = []
    for chunk in chunks:
        pending.append(chunk)
        # A border can lie across two chunks.
        if b"\0\0" not in chunk and not (len(pending) > 1 and chunk[:1] == b"\0" and pending[-2][-1:] == b"\0"):
            continue
        records = b"".join(pending).split(b"\0\0")
        pending = [records.pop()]
        for record in records:
            if record:
                yield record
    last = b"".join(pending).strip(b"\0")
    if last:
        yield last


class _Reader:
    """Takes commits one by one, newest first, and holds no more of them than the history needs."""

    def __init__(self, head: bytes, recognise: Recognise) -> None:
        self.recognise = recognise
        self.next_on_line = head
        self.line: list[_Line] = []
        # Each of these gives a new key the next number, in C.
        self.commits: defaultdict[bytes, int] = defaultdict()
        self.commits.default_factory = self.commits.__len__
        self.paths: defaultdict[bytes, int] = defaultdict()
        self.paths.default_factory = self.paths.__len__
        self.names: defaultdict[tuple[str, str], int] = defaultdict()
        self.names.default_factory = self.names.__len__
        self.people: dict[tuple[bytes, bytes], int] = {}
        self.parents: dict[int, tuple[int, ...]] = {}
        self.authors: dict[int, int] = {}
        self.co_authors: dict[int, tuple[int, ...]] = {}
        self.months: Counter[int] = Counter()
        self.changes: list[tuple[int, int, array[int]]] = []
        self.authored: dict[int, list[int]] = {}
        self.seen: dict[int, list[int]] = {}
        self.first_at = _LATEST
        self.last_at = 0

    def add(self, record: bytes) -> None:
        fields = record.lstrip(b"\0").split(b"\0")
        if len(fields) < _FIELDS:
            raise SourceError(
                "git log wrote something that is not a commit.", hint="Check the repository with git fsck."
            )
        sha, parents, author_name, author_email, authored_at, name, email, committed_at, message = fields[:_FIELDS]
        author = self._person(author_name, author_email)
        committer = self._person(name, email)
        at = _seconds(committed_at)
        # A clock that runs ahead must not make its owner active for ever.
        wrote_at = min(_seconds(authored_at), at)
        index = self.commits[sha]
        parent_ids = parents[1:].split()
        paths = fields[_FIELDS + 1 :: 2]
        touched = array("I", map(self.paths.__getitem__, paths))
        self.parents[index] = tuple(map(self.commits.__getitem__, parent_ids))
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        _widen(self.seen, author, wrote_at)
        _widen(self.seen, committer, at)
        co_authors = self._co_authors(message, author, wrote_at) if b"uthored-" in message else ()
        if co_authors:
            self.co_authors[index] = co_authors
        if len(parent_ids) < 2:  # noqa: PLR2004 - fewer than two parents is no merge
            self.authors[index] = author
            self.months[at // 86_400] += 1
            tally = self.authored.setdefault(author, [0, wrote_at, wrote_at])
            tally[0] += 1
            tally[1] = min(tally[1], wrote_at)
            tally[2] = max(tally[2], wrote_at)
            if touched:
                self.changes.append((wrote_at, author, touched))
        if sha == self.next_on_line:
            self.next_on_line = parent_ids[0] if parent_ids else b""
            text = message[1 : LONGEST_MESSAGE + 1].decode("utf-8", "replace")
            statuses = fields[_FIELDS::2]
            self.line.append(
                _Line(
                    index,
                    sha.decode(),
                    at,
                    author,
                    _seconds(authored_at),
                    committer,
                    self.recognise(text, len(parent_ids)),
                    co_authors,
                    parent_ids[1].decode() if len(parent_ids) > 1 else "",
                    array(
                        "I",
                        [
                            path << _STATUS_BITS | _STATUS_CODES[status[-1:]]
                            for path, status in zip(touched, statuses, strict=False)
                        ],
                    ),
                )
            )

    def _person(self, name: bytes, email: bytes) -> int:
        number = self.people.get((name, email))
        if number is None:
            # Two spellings in bytes can be one in text.
            number = self.people[name, email] = self.names[_text(email), _text(name)]
        return number

    def _co_authors(self, message: bytes, author: int, at: int) -> tuple[int, ...]:
        found: dict[int, None] = {}
        at_word = message.find(b"uthored-")
        while at_word >= 0:
            start, end = message.rfind(b"\n", 0, at_word) + 1, message.find(b"\n", at_word)
            key, _, value = message[start : end if end >= 0 else None].partition(b":")
            at_word = message.find(b"uthored-", at_word + 1)
            if key.strip(b" =\t").lower() != b"co-authored-by":
                continue
            name, opened, rest = value.strip().rpartition(b"<")
            email, closed, _ = rest.partition(b">")
            if opened and closed and email.strip():
                person = self._person(b"=" + name, b"=" + email)
                if person != author:
                    found[person] = None
                    _widen(self.seen, person, at)
        return tuple(found)

    def history(self) -> History:
        people = sorted(self.names)
        new_person = _renumbered(self.names, people)
        paths = sorted(self.paths)
        new_path = _renumbered(self.paths, paths)
        return History(
            commits=len(self.parents),
            first_at=self.first_at if self.parents else 0,
            last_at=self.last_at,
            months=_by_month(self.months),
            identities=tuple(self._identity(person) for person in people),
            paths=b"\0".join(paths),
            line=tuple(self._line_commits(new_person, new_path)),
            authorship=self._authorship(new_person, new_path),
        )

    def _identity(self, person: tuple[str, str]) -> Identity:
        number = self.names[person]
        commits, first_at, last_at = self.authored.get(number, (0, 0, 0))
        first_seen, last_seen = self.seen[number]
        return Identity(
            name=person[1],
            email=person[0],
            commits=commits,
            first_at=first_at,
            last_at=last_at,
            first_seen=first_seen,
            last_seen=last_seen,
        )

    def _line_commits(self, new_person: Sequence[int], new_path: Sequence[int]) -> Iterator[LineCommit]:
        forge = {number for (email, name), number in self.names.items() if is_forge(name, email)}
        shas = list(self.commits)
        for commit, brought in zip(self.line, self._brought(), strict=True):
            author, co_authors = commit.author, list(commit.co_authors)
            merger = -1 if commit.committer in forge or not (commit.tip or commit.claim.number) else commit.committer
            if commit.tip:
                merger = -1 if commit.author in forge else commit.author
                # The tip may be a merge by whoever pressed "Update branch".
                writers = Counter(self.authors[index] for index in brought if index in self.authors)
                author = max(writers, key=lambda person: (writers[person], -new_person[person]), default=commit.author)
                tip_author = self.authors.get(brought[0], -1) if brought else -1
                if writers[tip_author] == writers[author] and tip_author >= 0:
                    author = tip_author
                for index in brought:
                    co_authors.extend(self.co_authors.get(index, ()))
                co_authors.extend(writers)
            others = {new_person[person] for person in co_authors if person != author}
            yield LineCommit(
                commit=commit.commit,
                at=commit.at,
                claim=commit.claim,
                author=new_person[author],
                authored_at=commit.authored_at,
                merger=new_person[merger] if merger >= 0 else -1,
                co_authors=tuple(sorted(others)),
                commits=len(brought),
                tip=commit.tip,
                brought=b""
                if commit.claim.number
                else b"".join(sorted(bytes.fromhex(shas[index].decode()) for index in brought)),
                files=pack(
                    sorted(
                        new_path[packed >> _STATUS_BITS] << _STATUS_BITS | packed & _STATUS_MASK
                        for packed in commit.files
                    )
                ),
            )

    def _brought(self) -> list[list[int]]:
        """Return for each commit of the line, newest first, what its other parents brought; the second parent first."""
        known = bytearray(len(self.commits))
        for commit in self.line:
            known[commit.number] = 1
        result: list[list[int]] = []
        for commit in reversed(self.line):
            if not commit.tip:
                result.append([])
                continue
            found: list[int] = []
            waiting = list(reversed(self.parents[commit.number][1:]))
            while waiting:
                index = waiting.pop()
                if known[index] or index not in self.parents:
                    continue
                known[index] = 1
                found.append(index)
                waiting.extend(self.parents[index])
            result.append(found)
        result.reverse()
        return result

    def _authorship(self, new_person: Sequence[int], new_path: Sequence[int]) -> Authorship:
        count: Counter[int] = Counter()
        last: dict[int, int] = {}
        people = len(new_person)
        # Oldest first, so that a later commit simply overwrites: all of it in C.
        self.changes.sort(key=lambda change: change[0])
        for at, author, touched in self.changes:
            person = new_person[author]
            keys = [new_path[path] * people + person for path in touched]
            count.update(keys)
            last.update(dict.fromkeys(keys, min(at, 0xFFFF_FFFF)))
        pairs = sorted(count)
        return Authorship(
            paths=pack(pair // people for pair in pairs),
            identities=pack(pair % people for pair in pairs),
            commits=pack(map(count.__getitem__, pairs)),
            last_at=pack(map(last.__getitem__, pairs)),
        )


def _renumbered(numbers: Mapping[_Key, int], order: Sequence[_Key]) -> list[int]:
    """Return the new number by the old one, when keys are put in `order`."""
    renumbered = [0] * len(order)
    for new, key in enumerate(order):
        renumbered[numbers[key]] = new
    return renumbered


def _widen(spans: dict[int, list[int]], person: int, at: int) -> None:
    span = spans.get(person)
    if span is None:
        spans[person] = [at, at]
    elif at < span[0]:
        span[0] = at
    elif at > span[1]:
        span[1] = at


def _by_month(days: Counter[int]) -> tuple[tuple[str, int], ...]:
    months: Counter[str] = Counter()
    for day, commits in days.items():
        months[f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m}"] += commits
    return tuple(sorted(months.items()))


def _seconds(field: bytes) -> int:
    try:
        return min(max(int(field[1:]), 0), _LATEST)
    except ValueError:
        return 0


def _text(field: bytes) -> str:
    return field[1:].decode("utf-8", "replace").strip()
