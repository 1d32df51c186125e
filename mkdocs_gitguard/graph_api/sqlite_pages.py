"""The pages of one table of an SQLite file, written without SQLite (https://www.sqlite.org/fileformat2.html).

SQLite fills a table's pages one after another, so that a row more shifts all that follow. Here the rows come in parts,
and the pages of a part hold nothing that depends on other parts, but for where rows that need more than a page go on.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

_LEAF: Final = 0x0D
_INTERIOR: Final = 0x05
_LEAF_HEADER: Final = 8
_INTERIOR_HEADER: Final = 12
_FILE_HEADER: Final = 100
_ONE_BYTE: Final = 0x80
"""Numbers below need one byte."""
_LOCK_BYTE: Final = 1 << 30
"""The page with this byte is never used (section 1.4)."""


class TableLeaves(NamedTuple):
    """The pages of some rows of a table."""

    data: bytes
    """Leaves first, then the pages on which rows go on that need more than one."""
    last_rows: tuple[int, ...]
    """The number of the last row of each leaf."""
    is_placed: bool
    """Whether the bytes count on where the first page stands in the file."""


def record(*values: str | None) -> bytes:
    """Return a row of texts as SQLite keeps it (section 2.1); the row's own number stands in it as None."""
    texts = [b"" if value is None else value.encode() for value in values]
    header = b"".join(
        b"\0" if value is None else varint(2 * len(text) + 13) for value, text in zip(values, texts, strict=True)
    )
    # The header's length counts itself.
    length = len(header) + 1
    return b"".join((varint(length + (length >= _ONE_BYTE)), header, *texts))


def varint(value: int) -> bytes:
    """Return a number that is not negative as SQLite writes those of any length (section 1.6)."""
    if value < _ONE_BYTE:
        return bytes((value,))
    if value >= 1 << 56:
        raise ValueError(f"{value} is not below 2^56: no number of a row or length of a text is.")
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def leaves(rows: Sequence[tuple[int, bytes]], first: int, size: int) -> TableLeaves:
    """Return the pages of rows.

    Args:
        rows: number and record of each, in the order of the numbers.
        first: the page in the file at which they begin, from 1.
        size: of a page, in bytes.
    """
    heads = [varint(len(payload)) + varint(number) for number, payload in rows]
    local = [_local(len(payload), size) for _, payload in rows]
    pages: list[list[int]] = []
    left = 0
    for place, (_, payload) in enumerate(rows):
        needed = 2 + len(heads[place]) + local[place] + (4 if local[place] < len(payload) else 0)
        if needed > left or not pages:
            pages.append([])
            left = size - _LEAF_HEADER
        pages[-1].append(place)
        left -= needed
    further: list[bytes] = []
    filled = []
    for page in pages:
        cells = []
        for place in page:
            payload = rows[place][1]
            cell = heads[place] + payload[: local[place]]
            if local[place] < len(payload):
                cell += (first + len(pages) + len(further)).to_bytes(4, "big")
                further += _further(payload[local[place] :], first + len(pages) + len(further), size)
            cells.append(cell)
        filled.append(_page(_LEAF, cells, size))
    return TableLeaves(b"".join(filled + further), tuple(rows[page[-1]][0] for page in pages), bool(further))


def interior(children: Sequence[tuple[int, int]], first: int, size: int) -> tuple[list[bytes], bytes]:
    """Return the pages that lead to leaves, the root apart.

    Args:
        children: the page of each leaf, and the number of its last row, in the order of the rows; two at least.
        first: the page in the file at which those that are not the root begin.
        size: of a page, in bytes.
    """
    # A cell takes four bytes for the page, nine at most for the number, and two for its place.
    most = (size - _INTERIOR_HEADER) // 15
    pages: list[bytes] = []
    while len(children) > most:
        # None may have a single child.
        ways = -(-len(children) // most)
        ends = [len(children) * way // ways for way in range(ways + 1)]
        groups = [children[start:end] for start, end in pairwise(ends)]
        children = [(first + len(pages) + place, group[-1][1]) for place, group in enumerate(groups)]
        pages += [_interior_page(group, size) for group in groups]
    return pages, _interior_page(children, size)


def leaves_below(root: int, page: Callable[[int], bytes]) -> Iterator[int]:
    """Yield the pages of a table but its root, where it has other pages than that.

    Args:
        root: page of the table.
        page: gives a page's bytes.
    """
    data = page(root)
    start = _FILE_HEADER if root == 1 else 0
    if data[start] != _INTERIOR:
        return
    count = int.from_bytes(data[start + 3 : start + 5], "big")
    pointers = start + _INTERIOR_HEADER
    places = [int.from_bytes(data[at : at + 2], "big") for at in range(pointers, pointers + 2 * count, 2)]
    for child in (*(int.from_bytes(data[at : at + 4], "big") for at in places), _number(data, start + 8)):
        yield child
        yield from leaves_below(child, page)


def free_pages(free: Sequence[int], size: int) -> dict[int, bytes]:
    """Return what stands on pages that are free, by page: lists of the others (section 1.5). The first is the first."""
    most = size // 4 - 8
    lists = [free[at : at + most + 1] for at in range(0, len(free), most + 1)]
    filled = {}
    for place, (page, *others) in enumerate(lists):
        after = lists[place + 1][0] if place + 1 < len(lists) else 0
        words = (after, len(others), *others)
        filled[page] = b"".join(word.to_bytes(4, "big") for word in words).ljust(size, b"\0")
    return filled


def with_counts(first_page: bytes, pages: int, free: Sequence[int]) -> bytes:
    """Return the first page of a file that is so long and has these free pages (section 1.3)."""
    header = bytearray(first_page)
    header[28:32] = pages.to_bytes(4, "big")
    header[32:36] = (free[0] if free else 0).to_bytes(4, "big")
    header[36:40] = len(free).to_bytes(4, "big")
    return bytes(header)


def lock_page(size: int) -> int:
    """Return the page that a file must leave alone."""
    return _LOCK_BYTE // size + 1


def _local(length: int, size: int) -> int:
    """Return how many bytes of a row so long stand in its leaf."""
    most = size - 35
    if length <= most:
        return length
    least = (size - 12) * 32 // 255 - 23
    wanted = least + (length - least) % (size - 4)
    return wanted if wanted <= most else least


def _further(rest: bytes, first: int, size: int) -> list[bytes]:
    room = size - 4
    pages = [rest[at : at + room] for at in range(0, len(rest), room)]
    last = len(pages) - 1
    return [
        (0 if place == last else first + place + 1).to_bytes(4, "big") + data.ljust(room, b"\0")
        for place, data in enumerate(pages)
    ]


def _page(kind: int, cells: Sequence[bytes], size: int, right: bytes = b"") -> bytes:
    pointers, end = [], size
    for cell in cells:
        end -= len(cell)
        pointers.append(end.to_bytes(2, "big"))
    # Zero stands for 65,536, which two bytes cannot hold.
    header = bytes((kind, 0, 0)) + len(cells).to_bytes(2, "big") + (end & 0xFFFF).to_bytes(2, "big") + b"\0" + right
    head = b"".join((header, *pointers))
    return b"".join((head, bytes(end - len(head)), *reversed(cells)))


def _interior_page(children: Sequence[tuple[int, int]], size: int) -> bytes:
    *others, (last, _) = children
    cells = [child.to_bytes(4, "big") + varint(row) for child, row in others]
    return _page(_INTERIOR, cells, size, last.to_bytes(4, "big"))


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")
