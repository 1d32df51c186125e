"""Tables that are longer than a person reads, in parts: the first on its page, each other on a page of its own.

So no page grows without bound with what it shows, and a browser without scripts sees all of it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mkdocs_gitguard.portal.page import PortalPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markupsafe import Markup

T = TypeVar("T")

ROWS: Final = 125
"""Rows on one page of a table that the page is about. With two links in each, a page without scripts has fewer than 300
stops for the keyboard."""
FEWER: Final = 75
"""Rows of one of several tables on a page, or of one whose rows are wide."""
_AROUND: Final = 3
"""Parts before and behind the one at hand that it links to, beside the first and the last."""


class Part(NamedTuple):
    """One part of a table."""

    path: str
    """Of the page that the first part stands on."""
    name: str
    """Anchor of the table on that page, `""` for the one that the page is about."""
    number: int
    """From 1."""
    of: int
    size: int
    """Rows in a part."""

    def rows(self, rows: Sequence[T]) -> Sequence[T]:
        """Return the rows of this part, of those of the whole table."""
        return rows[(self.number - 1) * self.size : self.number * self.size]

    @property
    def places(self) -> list[tuple[int, str, str]]:
        """Number, path and anchor of the parts to link to, in order; the number 0 for some that are left out."""
        near = range(self.number - _AROUND, self.number + _AROUND + 1)
        numbers = sorted({1, self.of, *(number for number in near if 1 <= number <= self.of)})
        places: list[tuple[int, str, str]] = []
        for number in numbers:
            if places and number > places[-1][0] + 1:
                places.append((0, "", ""))
            places.append((number, self.path_of(number), self.name if number == 1 else ""))
        return places

    @property
    def another(self) -> int:
        """The number of a part beside this one and the first, whose URL shows how the others' are made; 0: none."""
        return next((number for number in (self.of, self.of - 1) if number not in (0, 1, self.number)), 0)

    def path_of(self, number: int) -> str:
        """Return the path of the page that a part stands on."""
        return self.path if number == 1 else "/".join((self.path, f"{self.name}-page-{number}".lstrip("-")))


def first_part(path: str, rows: int, *, name: str = "", size: int = 0) -> Part:
    """Return the first part of a table with so many rows in all.

    Args:
        path: of the page that it stands on.
        rows: in all parts.
        name: the table's anchor, where the page has several.
        size: rows in a part; 0: as many as tables of this kind have.
    """
    size = size or (FEWER if name else ROWS)
    return Part(path, name, 1, max(1, -(-rows // size)), size)


def further_pages(
    first: Part, title: str, write: Callable[..., Markup], *, rows: Sequence[Any] = ()
) -> Iterator[PortalPage]:
    """Yield a page for each part of a table but the first.

    Args:
        first: the first part.
        title: of the pages, to which their numbers are added.
        write: writes the body of one, given the sheet, `part` and, if there are `rows`, those of the part.
        rows: of the whole table, where a page is to know its own.
    """
    for number in range(2, first.of + 1):
        part = first._replace(number=number)
        yield PortalPage(
            path=part.path_of(number),
            title=f"{title}, page {number} of {first.of}",
            nav_title=f"Page {number}",
            write=partial(write, part=part, rows=part.rows(rows)) if rows else partial(write, part=part),
            is_wide=True,
            section=first.path,
        )
