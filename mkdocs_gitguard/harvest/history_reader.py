"""Reads the one log pass: commits, authorship and the first-parent line, as a stream.

Pure functions over the bytes that `git log` writes when it is given `log_arguments`. Fields are separated by NUL,
the one byte that no commit's text and no path can hold; each field starts with `=`, so that none is empty and two
NULs in a row are the border between commits.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.harvest.history import (
    STATUS_BITS,
    Authorship,
    History,
    Identity,
    LineCommit,
    is_forge,
    newest_first,
    pack,
)
from mkdocs_gitguard.harvest.pull_requests import LONGEST_MESSAGE, Claim

_FORMAT: Final = "%x00%H%x00=%P%x00=%an%x00=%ae%x00=%at%x00=%cn%x00=%ce%x00=%ct%x00=%B"
_FIELDS: Final = 9
_LATEST: Final = 253_402_300_799
"""The last second that a datetime can hold; commits with wild clocks are put there."""
_LATEST_UNSIGNED: Final = 0xFFFF_FFFF
_STATUS_CODES: Final = bytes.maketrans(b"MADT", b"\0\1\2\3")
"""Git's letters to indices into `STATUSES`."""

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
    touched: "array[int]"
    statuses: bytes
    """One byte for each touched path."""


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


class _People(dict[tuple[bytes, bytes], int]):
    """Numbers by name and address as the log has them; two spellings in bytes can be one in text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[tuple[str, str], int] = {}
        """Numbers by address and name."""

    def __missing__(self, person: tuple[bytes, bytes]) -> int:
        name, email = person
        number = self[person] = self.names.setdefault((_text(email), _text(name)), len(self.names))
        return number


class _Reader:
    """Takes commits one by one, newest first, and holds no more of them than the history needs.

    This is the harvest's innermost loop. What can be left to a dict's or a list's own methods is, and moments are
    gathered to be compared at the end.
    """

    def __init__(self, head: bytes, recognise: Recognise) -> None:
        self.recognise = recognise
        self.next_on_line = head
        self.line: list[_Line] = []
        self.nested: dict[int, _Line] = {}
        # Each of these gives a new key the next number, in C.
        self.commits: defaultdict[bytes, int] = defaultdict()
        self.commits.default_factory = self.commits.__len__
        self.paths: defaultdict[bytes, int] = defaultdict()
        self.paths.default_factory = self.paths.__len__
        self.people = _People()
        self.forges: frozenset[int] = frozenset()
        self.parents: dict[int, tuple[int, ...]] = {}
        self.authors: dict[int, int] = {}
        self.co_authors: dict[int, tuple[int, ...]] = {}
        self.committed: list[int] = []
        self.changed: list[int] = []
        self.changes: list[tuple[int, int, array[int]]] = []
        self.authored: defaultdict[int, list[int]] = defaultdict(list)
        self.seen: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, record: bytes) -> None:
        fields = record.lstrip(b"\0").split(b"\0")
        if len(fields) < _FIELDS:
            raise SourceError(
                "git log wrote something that is not a commit.", hint="Check the repository with git fsck."
            )
        sha, parents, author_name, author_email, written_at, name, email, committed_at, message = fields[:_FIELDS]
        author = self.people[author_name, author_email]
        committer = self.people[name, email]
        at = _seconds(committed_at)
        authored_at = _seconds(written_at)
        # A clock that runs ahead must not make its owner active for ever.
        wrote_at = authored_at if authored_at < at else at  # noqa: FURB136 - twice as fast as min()
        index = self.commits[sha]
        parent_ids = parents[1:].split()
        touched = array("I", map(self.paths.__getitem__, fields[_FIELDS + 1 :: 2]))
        self.parents[index] = tuple(map(self.commits.__getitem__, parent_ids))
        self.committed.append(at)
        self.seen[author].append(wrote_at)
        self.seen[committer].append(at)
        co_authors = self._co_authors(message, author, wrote_at) if b"uthored-" in message else ()
        if co_authors:
            self.co_authors[index] = co_authors
        if len(parent_ids) < 2:  # noqa: PLR2004 - fewer than two parents is no merge
            self.authors[index] = author
            self.changed.append(at)
            self.authored[author].append(wrote_at)
            if touched:
                self.changes.append((wrote_at, author, touched))
        on_line = sha == self.next_on_line
        if on_line:
            self.next_on_line = parent_ids[0] if parent_ids else b""
        elif len(parent_ids) < 2 or b"erge" not in message[:10]:  # noqa: PLR2004 - only merges can be nested
            return
        claim = self.recognise(message[1 : LONGEST_MESSAGE + 1].decode("utf-8", "replace"), len(parent_ids))
        commit = _Line(
            index,
            sha.decode(),
            at,
            author,
            authored_at,
            committer,
            claim,
            co_authors,
            parent_ids[1].decode() if len(parent_ids) > 1 else "",
            touched,
            # The first has a newline before its letter.
            b"".join(fields[_FIELDS::2])[1:].translate(_STATUS_CODES),
        )
        if on_line:
            self.line.append(commit)
        elif claim.number and claim.confidence == "high":
            self.nested[index] = commit

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
                person = self.people[b"=" + name, b"=" + email]
                if person != author:
                    found[person] = None
                    self.seen[person].append(at)
        return tuple(found)

    def history(self) -> History:
        people = sorted(self.people.names)
        new_person = _renumbered(self.people.names, people)
        paths = sorted(self.paths)
        new_path = _renumbered(self.paths, paths)
        self.forges = frozenset(number for (email, name), number in self.people.names.items() if is_forge(name, email))
        brought = self._brought()

        def told(commit: _Line) -> LineCommit:
            return self._line_commit(commit, brought.get(commit.number, ()), new_person, new_path)

        return History(
            commits=len(self.parents),
            first_at=min(self.committed, default=0),
            last_at=max(self.committed, default=0),
            months=_by_month(self.changed),
            identities=tuple(self._identity(person) for person in people),
            paths=b"\0".join(paths),
            line=tuple(map(told, self.line)),
            nested=tuple(sorted((told(commit) for commit in self.nested.values()), key=newest_first)),
            authorship=self._authorship(new_person, new_path),
        )

    def _identity(self, person: tuple[str, str]) -> Identity:
        number = self.people.names[person]
        authored, seen = self.authored.get(number, []), self.seen[number]
        return Identity(
            name=person[1],
            email=person[0],
            commits=len(authored),
            first_at=min(authored, default=0),
            last_at=max(authored, default=0),
            first_seen=min(seen),
            last_seen=max(seen),
        )

    def _line_commit(
        self, commit: _Line, brought: Sequence[int], new_person: Sequence[int], new_path: Sequence[int]
    ) -> LineCommit:
        author, co_authors = commit.author, list(commit.co_authors)
        merger = -1 if commit.committer in self.forges or not commit.claim.number else commit.committer
        if commit.tip:
            merger = -1 if commit.author in self.forges else commit.author
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
        return LineCommit(
            commit=commit.commit,
            at=commit.at,
            claim=commit.claim,
            author=new_person[author],
            authored_at=commit.authored_at,
            merger=new_person[merger] if merger >= 0 else -1,
            co_authors=tuple(sorted(others)),
            commits=len(brought),
            tip=commit.tip,
            # Git lists paths in the order of their bytes, which is the new order.
            files=pack(
                [
                    new_path[path] << STATUS_BITS | status
                    for path, status in zip(commit.touched, commit.statuses, strict=True)
                ]
            ),
        )

    def _brought(self) -> dict[int, list[int]]:
        """Return what their other parents brought for the merges of the line and for nested ones, the tip first."""
        result: dict[int, list[int]] = {}
        known = bytearray(len(self.commits))
        waiting = [([commit.number for commit in self.line], known)]
        while waiting:
            line, known = waiting.pop()
            for index in line:
                known[index] = 1
            for index in reversed(line):
                others = self.parents[index][1:]
                if not others:
                    continue
                found = result[index] = self._reachable(others, known)
                if not self.nested.keys().isdisjoint(found):
                    # The branch that was merged has a first-parent line of its own.
                    outside = bytearray(b"\1") * len(self.commits)
                    for one in found:
                        outside[one] = 0
                    waiting.extend((line, outside) for line in self._branches(others, outside))
        return result

    def _reachable(self, starts: Sequence[int], known: bytearray) -> list[int]:
        """Return the commits reachable from `starts` that are not known yet, the first of `starts` first; know them."""
        found: list[int] = []
        waiting = list(reversed(starts))
        while waiting:
            index = waiting.pop()
            if not known[index] and index in self.parents:
                known[index] = 1
                found.append(index)
                waiting.extend(self.parents[index])
        return found

    def _branches(self, tips: Sequence[int], outside: bytearray) -> Iterator[list[int]]:
        """Yield the first-parent lines from `tips`, newest first, as far as they are not outside."""
        for tip in tips:
            line: list[int] = []
            index = tip
            while index in self.parents and not outside[index]:
                line.append(index)
                if not self.parents[index]:
                    break
                index = self.parents[index][0]
            if line:
                yield line

    def _authorship(self, new_person: Sequence[int], new_path: Sequence[int]) -> Authorship:
        """Count person by person: a table of all pairs at once would be the largest thing in memory."""
        # Oldest first, so that a later commit simply overwrites.
        self.changes.sort(key=lambda change: change[0])
        by_person: defaultdict[int, list[tuple[int, array[int]]]] = defaultdict(list)
        for at, author, touched in self.changes:
            by_person[new_person[author]].append((min(at, _LATEST_UNSIGNED), touched))
        columns = [array("I") for _ in range(4)]
        for person in sorted(by_person):
            count: Counter[int] = Counter()
            last: dict[int, int] = {}
            for at, touched in by_person.pop(person):
                count.update(touched)
                last.update(dict.fromkeys(touched, at))
            order = sorted(count, key=new_path.__getitem__)
            columns[0].extend([person] * len(order))
            columns[1].extend(map(new_path.__getitem__, order))
            columns[2].extend(map(count.__getitem__, order))
            columns[3].extend(map(last.__getitem__, order))
        identities, paths, commits_of, last_at = map(pack, columns)
        return Authorship(identities=identities, paths=paths, commits=commits_of, last_at=last_at)


def _renumbered(numbers: Mapping[_Key, int], order: Sequence[_Key]) -> list[int]:
    """Return the new number by the old one, when keys are put in `order`."""
    renumbered = [0] * len(order)
    for new, key in enumerate(order):
        renumbered[numbers[key]] = new
    return renumbered


def _by_month(moments: Iterable[int]) -> tuple[tuple[str, int], ...]:
    months: Counter[str] = Counter()
    for day, commits in Counter(at // 86_400 for at in moments).items():
        months[f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m}"] += commits
    return tuple(sorted(months.items()))


def _seconds(field: bytes) -> int:
    try:
        return min(max(int(field[1:]), 0), _LATEST)
    except ValueError:
        return 0


def _text(field: bytes) -> str:
    return field[1:].decode("utf-8", "replace").strip()
