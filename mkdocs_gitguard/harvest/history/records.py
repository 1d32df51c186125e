"""What one log pass tells of a repository's default branch.

Everything in a `History` is what git says, kept so that two of them can be joined: what is read from old to new,
joined to what was known of old, is byte for byte what a whole reading gives. Tables are kept as packed numbers, a
tenth of the memory of objects.
"""

import re
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import floordiv
from time import gmtime
from typing import Final

from mkdocs_gitguard.git.tree import path_texts
from mkdocs_gitguard.harvest.history.messages import PullRequestMention
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Record

STATUSES: Final = ("modified", "added", "deleted", "type-changed")
STATUS_BITS: Final = 2
_STATUS_MASK: Final = 3

LATEST: Final = 253_402_300_799
"""The last second that a datetime can hold; commits that claim a later one are put there."""
_MOST_DIGITS: Final = 12
"""Of a moment up to `LATEST`. Python refuses to read numbers of thousands of digits."""

_LONGEST: Final = 300
"""Characters of a name or address that are looked at."""
_FORGE: Final = "git(?:hub|lab|ea|ee|bucket)|bitbucket|forgejo|codeberg|gogs|rhodecode|gerrit"
_FORGE_NAME: Final = late_pattern(rf"|web-flow|(?:[^@<>]*\W)?(?:{_FORGE})(?:\W[^@<>]*)?", re.IGNORECASE)
_FORGE_ADDRESS: Final = late_pattern(
    rf"(?:[\w.+-]*no[-_.]?reply[\w.+-]*|do-?not-?reply|web-flow|git|(?:{_FORGE})(?:[-_.+][\w.+-]*)?)@[^@\s]+",
    re.IGNORECASE,
)
"""GitHub Enterprise Server: `noreply@HOST`; Gitea (modules/git) and Forgejo: `gitea@fake.local`, or what SIGNING_NAME
SIGNING_EMAIL say; GitLab 17 (Gitaly's `committer_name`, `committer_email`): `noreply@gitlab.com` or the host's own;
Gerrit: `gerrit@HOST`."""


def is_forge(name: str, email: str) -> bool:
    """Whether a forge, anybody's own one too, committed by itself what somebody merged in the browser.

    It does not say who. Name and address both must be a forge's: people have such addresses as well.
    """
    return bool(_FORGE_NAME.fullmatch(name[:_LONGEST].strip()) and _FORGE_ADDRESS.fullmatch(email[:_LONGEST].strip()))


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
    claim: PullRequestMention
    author: int
    """Who wrote what it brought: of a merge, who wrote most of its commits."""
    authored_at: int
    merger: int = -1
    """Who merged it; -1 where the forge committed, or nobody merged."""
    co_authors: tuple[int, ...] = ()
    commits: int = 0
    """Commits that a merge brought; 0 for a commit that is not a merge."""
    tip: str = ""
    """A merge's second parent."""
    files: bytes = b""
    """Touched paths: 32-bit numbers, little end first, path index * 4 + index into `STATUSES`, by path."""

    @property
    def touched_count(self) -> int:
        """How many paths it touched."""
        return len(self.files) // 4

    @property
    def last_touched(self) -> int:
        """The largest index of a touched path; -1 where there is none."""
        return int.from_bytes(self.files[-4:], "little") >> STATUS_BITS if self.files else -1

    def touched_paths(self) -> list[int]:
        """Return the index of each touched path."""
        return [packed >> STATUS_BITS for packed in unpack(self.files)]


class Authorship(Record, frozen=True, kw_only=True, array_like=True):
    """Who changed which path of the head's tree how often: columns of 32-bit numbers, a row for each pair.

    By identity and path. Paths that are gone are left out: nobody asks who changed them, and they are three in four.
    """

    identities: bytes = b""
    paths: bytes = b""
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
    nested: tuple[LineCommit, ...] = ()
    """Merges off that line whose own words name a pull request: it was merged into a branch that was merged later.
    Newest first."""
    authorship: Authorship = Authorship()

    def path_names(self) -> list[str]:
        """Return the paths by index, fit to be shown."""
        return path_texts(self.paths)


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


def path_and_status(touch: int) -> tuple[int, int]:
    """Return path index and status index of a number in `LineCommit.files`."""
    return touch >> STATUS_BITS, touch & _STATUS_MASK


def repack_files(files: bytes, paths: Sequence[int], first: int) -> bytes:
    """Return `LineCommit.files` with each path index replaced by what stands at that index of `paths`.

    Args:
        files: to replace them in.
        paths: by index.
        first: the first index that is replaced by another.
    """
    touches = unpack(files)
    same = bisect_left(touches, first << STATUS_BITS)
    moved = pack([paths[packed >> STATUS_BITS] << STATUS_BITS | packed & _STATUS_MASK for packed in touches[same:]])
    return files[: 4 * same] + moved


def seconds_of(field: bytes) -> int:
    """Return Unix seconds as git prints them, brought into the range of a datetime; 0 for what is not a number.

    Git prints the date of a commit or tag as the object has it: of any length, negative or garbled.
    """
    digits = field.lstrip(b"0")
    if not digits.isdigit():
        return 0
    return min(int(digits), LATEST) if len(digits) <= _MOST_DIGITS else LATEST


def by_month(moments: Iterable[int]) -> tuple[tuple[str, int], ...]:
    """Return how many of some moments, in Unix seconds, are in each month (`2026-11`, UTC), the first month first."""
    months: Counter[tuple[int, int]] = Counter()
    for day, number in Counter(map(floordiv, moments, repeat(86_400))).items():
        year, month, *_ = gmtime(day * 86_400)
        months[year, month] += number
    return tuple((f"{year:04}-{month:02}", number) for (year, month), number in sorted(months.items()))


def newest_first(commit: LineCommit) -> tuple[int, str]:
    """Return the key that sorts commits that stand on no one line."""
    return -commit.at, commit.commit
