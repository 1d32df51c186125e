"""What a page read, and whether that still holds.

A page is written from its own record, the graph, the moment and links (`Sheet`). `Recording` stands in the place of the
last three and keeps what was asked for: a key of an index, the others of a relation, a link's target, a relative date.
Not the values: those are looked up again by `Values`, for the build that wrote the page and for the build that wonders
whether to write it again, by the same code. A page holds if every answer has the digest that it had.

Reads are kept by number in one table for all pages, so that a build looks at each once, however many pages asked.
"""

from __future__ import annotations

import hashlib
import operator
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from itertools import compress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, cast

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.model.graph_changes import GraphChanges, changed_keys
from mkdocs_gitguard.model.ids import path_for

if TYPE_CHECKING:
    from mkdocs_gitguard.portal.page import PortalPage
    from mkdocs_gitguard.portal.pages import Pages
    from mkdocs_gitguard.portal.recording import Read

DIGEST_SIZE: Final = 8
_ABSENT: Final = b"\0absent\0"
_PLAIN: Final = frozenset({str, int, float, bool, bytes, type(None)})
"""Types whose values MessagePack tells apart by itself."""
_LISTS: Final = frozenset({tuple, list})
_RECORD, _MOMENT, _MAPPING, _SET, _OTHER = range(5)
"""What stands in the place of a value is a map with one of these as its key: nothing else becomes a map."""
_encode: Final = msgspec.msgpack.Encoder().encode


class Values:
    """The answers of one build to reads, as digests, each worked out once."""

    def __init__(self, pages: Pages, before: Values | None = None) -> None:
        """Take what the build shows.

        Args:
            pages: of the build.
            before: the answers of an earlier build of this process: what is equal there need not be digested again.
        """
        self._pages = pages
        self._portal = pages.portal
        self._before = before
        self._digests: dict[Read, bytes] = {}
        self._fields: dict[str, bytes] = {}
        self._paths: _Paths = before._paths if before is not None else _Paths()  # noqa: SLF001 - of the same class
        """Where links look for a page."""
        self._of_values: dict[int, tuple[object, bytes]] = {}
        """By the number of an object, the object, so that no other takes its number, and its digest."""
        self._of_values_before = before._of_values if before is not None else {}  # noqa: SLF001 - of the same class
        self._remembered: Sequence[Read] = ()
        """The reads that all answers are known of."""
        self._grouped: _Grouped | None = None
        """The reads that were asked for at once, by what answers them."""

    def forget_before(self) -> None:
        """Let the earlier build go: the answers of this one are all there."""
        self._before, self._of_values_before = None, {}

    @property
    def snapshot(self) -> str:
        """Digest of the whole snapshot, and of the checks that it is judged by.

        Where it is the same, so is every answer that the day has no part in, and what views say of nodes.
        """
        return f"{self._portal.graph.digest} {self._checks}"

    @cached_property
    def _checks(self) -> str:
        return hashlib.sha256(_encode([check.said for check in self._portal.options.checks])).hexdigest()[:32]

    def are_of(self, snapshot: str) -> bool:
        """Tell whether what is shown has a digest, which need not be made where it can be told from what was shown."""
        before = self._before
        if before is None or before.snapshot != snapshot:
            return self.snapshot == snapshot
        graph, graph_before = self._portal.graph, before._portal.graph  # noqa: SLF001 - of the same class
        return graph.facts == graph_before.facts and self._checks == before._checks  # noqa: SLF001 - as above

    @property
    def day(self) -> str:
        """The day (UTC) of the build."""
        return self._portal.now.today()

    def digest(self, read: Read) -> bytes:
        """Return the digest of the answer to a read, `DIGEST_SIZE` bytes."""
        digest = self._digests.get(read)
        if digest is None:
            digest = self._digests[read] = self._ANSWERS[read.root](self, read)
        return digest

    def suspects(self, reads: Sequence[Read]) -> Iterable[int]:
        """Return the numbers of those reads whose answer may differ from that of the earlier build; take the others.

        Records, texts and tuples of them that are equal have one digest, so that comparing is enough. Where there is
        no earlier build in this process, every answer may differ.
        """
        before = self._before
        if before is None:
            return range(len(reads))
        self._grouped = _grouped(reads, before._grouped)  # noqa: SLF001 - of the same class
        changes = self._changes_since(before)
        numbers: list[int] = []
        for (root, name), (members, keys) in self._grouped.groups.items():
            # A portal of 3,000 pages asks 300,000 questions: no line of Python for each.
            if root in {"index", "others"}:
                changed = changes.keys("relations" if root == "others" else name)
                numbers += compress(members, map(changed.__contains__, keys)) if changed else ()
            elif root == "link":
                paths, targets = self._places_changed_since(before)
                if len(self._paths) > 2 * len(keys):
                    # Most are of links that no page has any more.
                    self._paths.clear()
                at_path = map(paths.__contains__, map(self._paths.__getitem__, keys))
                numbers += compress(members, map(operator.or_, at_path, map(targets.__contains__, keys)))
            elif root != "ago" or self.day != before.day:
                numbers += members
        known = before._digests  # noqa: SLF001 - as above
        self._digests |= known
        for number in numbers:
            self._digests.pop(reads[number], None)
        if reads is not before._remembered:  # noqa: SLF001 - as above
            numbers += [number for number, read in enumerate(reads) if read not in known]
        return numbers

    def digests(self, reads: Sequence[Read]) -> bytes:
        """Return the digests of answers, one behind the other, for a memory that the next build asks by."""
        self._remembered = reads
        return b"".join(map(self.digest, reads))

    def _changes_since(self, before: Values) -> GraphChanges:
        graph, graph_before = self._portal.graph, before._portal.graph
        changes = self._portal.options.kept_work.changes(graph)
        known = changes is not None and changes.before is graph_before
        return changes if changes is not None and known else GraphChanges(graph_before, graph)

    def _places_changed_since(self, before: Values) -> tuple[frozenset[str], frozenset[str]]:
        """Return the paths where other pages stand, or none, and the nodes that another place on a page shows."""
        now, then = self._pages, before._pages
        stand, stood = ({path: page.is_index for path, page in pages.by_path.items()} for pages in (now, then))
        shown, shown_then = (
            {node: (page.path, page.is_index, anchor) for node, (page, anchor) in pages.shown_on.items()}
            for pages in (now, then)
        )
        return changed_keys(stood, stand), changed_keys(shown_then, shown)

    def take(self, read: Read, digest: bytes) -> None:
        """Take the digest of an answer that is known to be the same as in an earlier build."""
        self._digests[read] = digest

    def fields(self, page: PortalPage) -> bytes:
        """Return the digest of all that a view says of a page, the arguments of its writer among it."""
        digest = self._fields.get(page.path)
        if digest is None:
            digest = self._fields[page.path] = self._fields_before(page) or self._digest_of_fields(page)
        return digest

    def _fields_before(self, page: PortalPage) -> bytes | None:
        before = self._before
        if before is None:
            return None
        page_before = before._pages.by_path.get(page.path)  # noqa: SLF001 - of the same class
        is_equal = page_before is not None and _says_the_same(page, page_before)
        return before._fields.get(page.path) if is_equal else None

    def _digest_of_fields(self, page: PortalPage) -> bytes:
        fields, name, arguments = _said_of(page)
        return self.of((*fields, name, arguments))

    def of(self, value: object) -> bytes:
        """Return the digest of a value made of records, tuples, mappings and plain values.

        A record or named tuple that many values hold is encoded once, also where an earlier build held it.

        Raises:
            TypeError: it holds something else.
        """
        if isinstance(value, Record) or hasattr(value, "_fields"):
            known = self._of_values.get(id(value))
            if known is None:
                known = self._of_values_before.get(id(value)) or (value, self._of_shared(value))
                self._of_values[id(value)] = known
            return known[1]
        return self._of_plain(self._plain(value))

    def _plain(self, value: object) -> object:
        """Return a value with the digests of its records in their place, and with no two values made equal."""
        if type(value) in _PLAIN:
            return value
        # A portal of 13,000 pages says a million plain values of them: no call for each.
        if type(value) in _LISTS or (
            isinstance(value, Sequence) and not isinstance(value, str | bytes) and not hasattr(value, "_fields")
        ):
            items = cast("Sequence[object]", value)
            return [item if type(item) in _PLAIN else self._plain(item) for item in items]
        return dict([self._marked(value)])

    def _marked(self, value: object) -> tuple[int, bytes]:
        """Return what kind of value it is, and the digest of what is in it."""
        if isinstance(value, Record) or hasattr(value, "_fields"):
            return _RECORD, self.of(value)
        if isinstance(value, datetime):
            return _MOMENT, value.isoformat().encode()
        if isinstance(value, Mapping):
            return _MAPPING, self.of([part for item in value.items() for part in item])
        if isinstance(value, frozenset | set):
            return _SET, b"".join(sorted(map(self.of, value)))
        if isinstance(value, str | bytes | int | float):
            return _OTHER, self.of([type(value).__name__, str(value)])
        raise TypeError(f"{type(value).__name__} has no digest.")

    def _of_shared(self, value: object) -> bytes:
        name = type(value).__name__
        if isinstance(value, Record):
            return _short(name.encode() + _encode(value))
        return self._of_plain([name, *map(self._plain, cast("tuple[object, ...]", value))])

    @staticmethod
    def _of_plain(plain: object) -> bytes:
        try:
            return _short(_encode(plain))
        except (UnicodeEncodeError, OverflowError):
            return _short(repr(plain).encode("utf-8", "surrogatepass"))

    def _of_index(self, read: Read) -> bytes:
        index = getattr(self._portal.graph, read.name)
        return self.of(index[read.key]) if read.key in index else _ABSENT

    def _of_link(self, read: Read) -> bytes:
        place = self._pages.find(read.key)
        return self.of((self._pages.target(place[0]), place[1])) if place else _ABSENT

    def _of_section(self, read: Read) -> bytes:
        page = self._pages.by_path.get(read.key)
        return self.of((page.title, page.nav_title, page.section)) if page else _ABSENT

    def _of_state(self, read: Read) -> bytes:
        owners = self._portal.graph.owners
        owner, *members = (owners.get(key) for key in read.key.split("\n"))
        if owner is None or None in members:
            return _ABSENT
        return self.of(self._portal.now.state_of(owner, [member for member in members if member is not None]))

    _ANSWERS: ClassVar[Mapping[str, Callable[[Values, Read], bytes]]] = MappingProxyType(
        {
            "index": _of_index,
            "has": lambda self, read: self.of(read.key in getattr(self._portal.graph, read.name)),
            "keys": lambda self, read: self.of(tuple(getattr(self._portal.graph, read.name))),
            "whole": lambda self, read: self.of(getattr(self._portal.graph, read.name)),
            "others": lambda self, read: self.of(self._portal.graph.others(read.key, read.name)),
            "link": _of_link,
            "section": _of_section,
            "ago": lambda self, read: self.of(self._portal.now.ago(datetime.fromisoformat(read.key))),
            "months": lambda self, read: self.of(self._portal.now.months(int(read.key))),
            "today": lambda self, _: self.of(self._portal.now.today()),
            "over": lambda self, read: self.of(
                self._portal.now.is_over(int(read.name), datetime.fromisoformat(read.key))
            ),
            "state": _of_state,
        }
    )
    """By root, what answers a read. Bound to an object, it would hold it, and all of a build with it, until cycles are
    looked for."""


class _Paths(dict[str, str]):
    """By what a link leads to, a node or a path, the path at which a page of its own would stand: `Pages.find`."""

    def __missing__(self, target: str) -> str:
        path = self[target] = path_for(target)
        return path


class ReadTable:
    """Numbers reads, so that a page's are a few bytes."""

    def __init__(self, reads: Iterable[Read] = ()) -> None:
        """Know some reads, numbered as they come."""
        self._numbers: dict[Read, int] = {read: number for number, read in enumerate(reads)}

    def numbers(self, reads: Iterable[Read]) -> bytes:
        """Return the numbers of reads, 4 bytes each, in the order of this machine."""
        known = self._numbers
        return array("I", [known.setdefault(read, len(known)) for read in reads]).tobytes()

    @property
    def reads(self) -> tuple[Read, ...]:
        """All of them, by number."""
        return tuple(self._numbers)


def numbers_in(numbers: bytes) -> memoryview[int]:
    """Return the numbers that `ReadTable.numbers` gave."""
    return memoryview(numbers).cast("I")


def first_of(numbers: bytes, changed: frozenset[int]) -> int | None:
    """Return the first of a page's reads whose answer has changed, None if all hold."""
    own = array("I")
    own.frombytes(numbers)
    return None if changed.isdisjoint(own) else next(number for number in own if number in changed)


class _Grouped(NamedTuple):
    """Reads by what answers them: root and name."""

    reads: Sequence[Read]
    groups: Mapping[tuple[str, str], tuple[list[int], list[str]]]
    """Their numbers and their keys."""


def _grouped(reads: Sequence[Read], before: _Grouped | None) -> _Grouped:
    """Group reads; those that were grouped before, of which more have come, need not be looked at again."""
    known = before if before is not None and reads[: len(before.reads)] == before.reads else _Grouped((), {})
    first = len(known.reads)
    new: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, read in enumerate(reads[first:], first):
        new[read.root, read.name].append(number)
    groups = {**known.groups}
    for group, more in new.items():
        members, keys = groups.get(group, ([], []))
        groups[group] = [*members, *more], [*keys, *(reads[number].key for number in more)]
    return _Grouped(reads, groups)


_PLAIN_FIELDS: Final = operator.attrgetter(
    *("path", "title", "is_index", "nav", "nav_group", "nav_title", "is_wide", "search", "description", "node"),
    *("source_url", "edit_url", "updated_at", "section", "feed"),
)
"""Of `_fields_of`, all that compares as it is."""


def _says_the_same(page: PortalPage, other: PortalPage) -> bool:
    """Tell whether `_said_of` two pages is equal, where that can be told without making it; there are thousands."""
    write, other_write = page.write, other.write
    if page is other:
        return True
    if isinstance(write, partial) and isinstance(other_write, partial):
        is_same = write.func is other_write.func and write.args == other_write.args
        if not is_same or write.keywords != other_write.keywords:
            return False
    elif write is not other_write:
        return False
    return _PLAIN_FIELDS(page) == _PLAIN_FIELDS(other) and [*page.shows.items()] == [*other.shows.items()]


def _said_of(page: PortalPage) -> tuple[tuple[object, ...], str, tuple[object, ...]]:
    """Return what a view says of a page: its fields, which function writes it, and with which arguments."""
    write = page.write
    arguments: tuple[object, ...] = ()
    if isinstance(write, partial):
        arguments = (*write.args, *sorted(write.keywords.items()))
        write = write.func
    return _fields_of(page), _name_of(write), arguments


def _fields_of(page: PortalPage) -> tuple[object, ...]:
    return (*_PLAIN_FIELDS(page), tuple(page.shows.items()))


def _name_of(write: Callable[..., Any]) -> str:
    return f"{write.__module__}.{write.__qualname__}"


def _short(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()
