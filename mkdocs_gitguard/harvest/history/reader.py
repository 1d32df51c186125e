"""Reads the one log pass: commits, authorship and the first-parent line, as a stream.

Pure functions over the bytes that `git log` writes when it is given `history_log.log_arguments`.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter, or_
from typing import Final, NamedTuple, TypeVar

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.harvest.history.branches import brought_by
from mkdocs_gitguard.harvest.history.log import FIELDS, blocks
from mkdocs_gitguard.harvest.history.messages import LONGEST_MESSAGE, PullRequestMention
from mkdocs_gitguard.harvest.history.records import (
    LATEST,
    STATUS_BITS,
    Authorship,
    History,
    Identity,
    LineCommit,
    by_month,
    is_forge,
    newest_first,
    pack,
    seconds_of,
)

MOST_PATHS: Final = 5_000_000
"""Different paths in a whole history. The largest public ones have two million."""
MOST_TOUCHES: Final = 50_000_000
"""Paths touched by all commits together. The largest public histories, with a million and a half commits, have ten
million; a "git bomb" of some kilobytes has any number."""
_LATEST_UNSIGNED: Final = 0xFFFF_FFFF
_LONGEST_MERGE: Final = len("=Rollup merge")
"""How far from its start a merge's message says `Merge`, the equals sign of the format included."""
_STATUS_CODES: Final = bytes.maketrans(b"MADT", b"\0\1\2\3")
"""Git's letters to indices into `STATUSES`."""

_Key = TypeVar("_Key")

Recognise = Callable[[str, int], PullRequestMention]
"""Message and number of parents to what they say of a pull request."""


class _Line(NamedTuple):
    """A first-parent commit while its branch is not yet known."""

    number: int
    commit: str
    at: int
    author: int
    authored_at: int
    committer: int
    claim: PullRequestMention
    co_authors: tuple[int, ...]
    tip: str
    touched: slice
    """Where the touched paths stand among those of all such commits."""


class HistoryRead(NamedTuple):
    """A history, and where it leaves off."""

    history: History
    boundary: str
    """The commit that comes next on the first-parent line; `""` at its root."""
    is_cut: bool = False
    """Whether merges are nested so deep that not all were looked at."""


def read_history(chunks: Iterable[bytes], head: str, recognise: Recognise, present: Iterable[bytes]) -> HistoryRead:
    """Return what the output of `git log` with `log_arguments` tells.

    Args:
        chunks: the output, cut anywhere.
        head: the commit at which the first-parent line starts, as hexadecimal.
        recognise: what a message says of a pull request.
        present: the paths of `head`'s tree; authorship is counted of these only.

    Raises:
        SourceError: the output is not what was asked for.
        RepositoryError: there is more of it than `MOST_PATHS`, `MOST_TOUCHES` or `log.LARGEST_COMMIT` allow.
    """
    reader = _Reader(head.encode(), recognise, present)
    for fields in blocks(chunks):
        reader.add(fields)
        if len(reader.paths) > MOST_PATHS or reader.touches > MOST_TOUCHES:
            raise RepositoryError(
                "too-large",
                f"The history touches more than {MOST_PATHS:,} different files, or files more than {MOST_TOUCHES:,} "
                "times, which is not read.",
                hint="Leave the repository out, or name a branch that holds less.",
            )
    history = reader.history()
    return HistoryRead(history, reader.next_on_line.decode(), reader.is_cut)


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

    def __init__(self, head: bytes, recognise: Recognise, present: Iterable[bytes]) -> None:
        self.recognise = recognise
        self.next_on_line = head
        self.is_cut = False
        self.touches = 0
        self.line: list[_Line] = []
        self.nested: dict[int, _Line] = {}
        # Each of these gives a new key the next number, in C.
        self.commits: defaultdict[bytes, int] = defaultdict()
        self.commits.default_factory = self.commits.__len__
        self.paths: defaultdict[bytes, int] = defaultdict()
        self.paths.default_factory = self.paths.__len__
        self.paths.update({path: number for number, path in enumerate(dict.fromkeys(present))})
        self.present = len(self.paths)
        """Paths with lower numbers are those of the head's tree."""
        self.touched: list[int] = []
        self.statuses: list[bytes] = []
        """One byte for each touched path of the line and of nested commits."""
        self.people = _People()
        self.forges: frozenset[int] = frozenset()
        self.parents: dict[int, tuple[int, ...]] = {}
        self.authors: dict[int, int] = {}
        self.co_authors: dict[int, tuple[int, ...]] = {}
        self.committed: list[int] = []
        self.changed: list[int] = []
        self.changes: list[tuple[int, int, list[int]]] = []
        self.authored: defaultdict[int, list[int]] = defaultdict(list)
        self.seen: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, fields: list[bytes]) -> None:
        """Take the commits of a block, column by column: what is a column can be left to C as a whole."""
        starts, ends = _borders(fields)
        # Half of what follows each commit's own fields are paths.
        self.touches += (len(fields) - (FIELDS + 1) * len(starts)) // 2
        ids = [fields[start].split() for start in starts]
        number_of = self.commits.__getitem__
        numbers = list(map(number_of, [commit[0] for commit in ids]))
        self.parents.update(zip(numbers, [tuple(map(number_of, commit[1:])) for commit in ids], strict=True))
        person_of = self.people.__getitem__
        authors = [person_of((fields[start + 1], fields[start + 2])) for start in starts]
        committers = [person_of((fields[start + 4], fields[start + 5])) for start in starts]
        authored_at = _moments([fields[start + 3] for start in starts])
        committed_at = _moments([fields[start + 6] for start in starts])
        # A clock that runs ahead must not make its owner active for ever.
        wrote_at = list(map(min, authored_at, committed_at))
        self.committed.extend(committed_at)
        seen = self.seen
        for person, at in zip(chain(authors, committers), chain(wrote_at, committed_at), strict=True):
            seen[person].append(at)
        path_of, present = self.paths.__getitem__, self.present
        rows = zip(numbers, ids, authors, wrote_at, starts, ends, strict=True)
        for row, (number, commit, author, wrote, start, end) in enumerate(rows):
            message = fields[start + FIELDS - 1]
            is_merge = len(commit) > 2  # noqa: PLR2004 - itself and one parent
            co_authors = self._co_authors(message, author, wrote) if b"uthored-" in message else ()
            if co_authors:
                self.co_authors[number] = co_authors
            on_line = commit[0] == self.next_on_line
            paths: list[int] = []
            if not is_merge:
                paths = list(map(path_of, fields[start + FIELDS + 1 : end : 2]))
                self.authors[number] = author
                self.changed.append(committed_at[row])
                self.authored[author].append(wrote)
                if of_head := [path for path in paths if path < present]:
                    self.changes.append((wrote, author, of_head))
            if on_line:
                self.next_on_line = commit[1] if len(commit) > 1 else b""
            elif not is_merge or b"erge" not in message[:_LONGEST_MERGE]:
                # Only merges can be nested.
                continue
            claim = self.recognise(message[1 : LONGEST_MESSAGE + 1].decode("utf-8", "replace"), len(commit) - 1)
            if not on_line and not (claim.number and claim.confidence == "high"):
                # Most merges off the line; what they touched, nobody asks.
                continue
            begin = len(self.touched)
            self.touched.extend(map(path_of, fields[start + FIELDS + 1 : end : 2]) if is_merge else paths)
            # The first has a newline before its letter.
            self.statuses.append(b"".join(fields[start + FIELDS : end : 2])[1:])
            one = _Line(
                number,
                commit[0].decode(),
                committed_at[row],
                author,
                authored_at[row],
                committers[row],
                claim,
                co_authors,
                commit[2].decode() if is_merge else "",
                slice(begin, len(self.touched)),
            )
            if on_line:
                self.line.append(one)
            else:
                self.nested[number] = one

    def _co_authors(self, message: bytes, author: int, at: int) -> tuple[int, ...]:
        authors: dict[int, None] = {}
        for line in message.split(b"\n"):
            if b"uthored-" not in line:
                continue
            key, _, value = line.partition(b":")
            if key.strip(b" =\t").lower() != b"co-authored-by":
                continue
            name, opened, rest = value.strip().rpartition(b"<")
            email, closed, _ = rest.partition(b">")
            if opened and closed and email.strip():
                person = self.people[b"=" + name, b"=" + email]
                if person != author:
                    authors[person] = None
                    self.seen[person].append(at)
        return tuple(authors)

    def history(self) -> History:
        people = sorted(self.people.names)
        new_person = _renumbered(self.people.names, people)
        paths = sorted(self.paths)
        new_path = _renumbered(self.paths, paths)
        self.forges = frozenset(number for (email, name), number in self.people.names.items() if is_forge(name, email))
        line = [commit.number for commit in self.line]
        brought, self.is_cut = brought_by(line, self.nested, self.parents, len(self.commits))
        shifted = [path << STATUS_BITS for path in new_path]
        statuses = b"".join(self.statuses).translate(_STATUS_CODES)
        files = pack(map(or_, map(shifted.__getitem__, self.touched), statuses))

        def numbered(commit: _Line) -> LineCommit:
            of_commit = files[4 * commit.touched.start : 4 * commit.touched.stop]
            return self._line_commit(commit, brought.get(commit.number, ()), new_person, of_commit)

        return History(
            commits=len(self.parents),
            first_at=min(self.committed, default=0),
            last_at=max(self.committed, default=0),
            months=by_month(self.changed),
            identities=tuple(self._identity(person) for person in people),
            paths=b"\0".join(paths),
            line=tuple(map(numbered, self.line)),
            nested=tuple(sorted((numbered(commit) for commit in self.nested.values()), key=newest_first)),
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
        self, commit: _Line, brought: Sequence[int], new_person: Sequence[int], files: bytes
    ) -> LineCommit:
        """Say who it is of, in the new numbers.

        Args:
            commit: of the line, or nested.
            brought: the commits of its branch, the tip first.
            new_person: people's new numbers by old.
            files: what it touched, packed. Git lists paths in the order of their bytes, which is the new order.
        """
        author, co_authors = commit.author, commit.co_authors
        merger = -1 if commit.committer in self.forges or not commit.claim.number else commit.committer
        if commit.tip:
            merger = -1 if commit.author in self.forges else commit.author
            # The tip may be a merge by whoever pressed "Update branch".
            writers = Counter(self.authors[index] for index in brought if index in self.authors)
            author = max(writers, key=lambda person: (writers[person], -new_person[person]), default=commit.author)
            tip_author = self.authors.get(brought[0], -1) if brought else -1
            if writers[tip_author] == writers[author] and tip_author >= 0:
                author = tip_author
            with_them = (self.co_authors[index] for index in brought if index in self.co_authors)
            co_authors = (*co_authors, *chain.from_iterable(with_them), *writers)
        return LineCommit(
            commit=commit.commit,
            at=commit.at,
            claim=commit.claim,
            author=new_person[author],
            authored_at=commit.authored_at,
            merger=new_person[merger] if merger >= 0 else -1,
            co_authors=tuple(sorted({new_person[person] for person in co_authors if person != author}))
            if co_authors
            else (),
            commits=len(brought),
            tip=commit.tip,
            files=files,
        )

    def _authorship(self, new_person: Sequence[int], new_path: Sequence[int]) -> Authorship:
        """Count person by person: a table of all pairs at once would be the largest thing in memory."""
        # Oldest first, so that a later commit simply overwrites.
        self.changes.sort(key=itemgetter(0))
        by_person: defaultdict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        for at, author, touched in self.changes:
            by_person[new_person[author]].append((at, touched))
        columns = [array("I") for _ in range(4)]
        for person in sorted(by_person):
            changes = by_person.pop(person)
            count = Counter(chain.from_iterable(touched for _, touched in changes))
            moments = chain.from_iterable(repeat(min(at, _LATEST_UNSIGNED), len(touched)) for at, touched in changes)
            last = dict(zip(chain.from_iterable(touched for _, touched in changes), moments, strict=True))
            order = sorted(count, key=new_path.__getitem__)
            columns[0].extend(repeat(person, len(order)))
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


def _borders(fields: list[bytes]) -> tuple[list[int], list[int]]:
    """Return where each commit of a block starts, and where it ends."""
    starts: list[int] = []
    ends: list[int] = []
    end, last = 0, len(fields) - 1
    while end < last:
        start, end = end + 1, fields.index(b"", end + 1)
        if end - start >= FIELDS and fields[start].strip():
            starts.append(start)
            ends.append(end)
        elif end > start:
            raise SourceError(
                "git log wrote something that is not a commit.", hint="Check the repository with git fsck."
            )
    return starts, ends


def _moments(column: list[bytes]) -> list[int]:
    """Return Unix seconds, brought into the range of a datetime; 0 for what is not a number."""
    try:
        seconds = list(map(int, column))
    except ValueError:
        seconds = list(map(seconds_of, column))
    if min(seconds, default=0) < 0 or max(seconds, default=0) > LATEST:
        seconds = [min(max(at, 0), LATEST) for at in seconds]
    return seconds


def _text(field: bytes) -> str:
    return field[1:].decode("utf-8", "replace").strip()
