"""Where a page's links lead: what every page is given, and what stands in its place while it is recorded."""

from typing import Protocol


class Links(Protocol):
    """The URLs on one page, each relative to it."""

    def link(self, target: str, anchor: str = "") -> str:
        """Return the URL of a node (by id) or a page (by path), or `""` if there is none."""
        ...

    def file(self, path: str) -> str:
        """Return the URL of another file of the site."""
        ...
