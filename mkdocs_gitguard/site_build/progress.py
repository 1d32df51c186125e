"""How progress is shown: of a harvest by a bar where a terminal is attached, else by plain lines; of pages by lines."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

from mkdocs_gitguard.log_text import log_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mkdocs_gitguard.harvest.progress import ReadOutcome
    from mkdocs_gitguard.harvest.sources import RepositorySource

T = TypeVar("T")

_PAUSE: Final = 5.0
"""Seconds between two lines on pages."""
_WORDS: Final[dict[ReadOutcome, str]] = {
    "cached": "has not moved",
    "updated": "read what is new",
    "read": "read",
    "failed": "could not be read",
}


class Bar:
    """A progress bar on standard error that names what is being read."""

    def __init__(self) -> None:
        """Make the bar; it shows from `begin` to `end`."""
        # They take longer to load than all else here, and most builds have no terminal.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._bar = Progress(
            TextColumn("Reading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("")
        self._reading: list[str] = []

    def begin(self, total: int) -> None:
        """Show an empty bar."""
        self._bar.update(self._task, total=total)
        self._bar.start()

    def start(self, source: RepositorySource) -> None:
        """Name one more repository."""
        self._reading.append(source.label)
        self._describe()

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:  # noqa: ARG002 - the contract's
        """Move on by one."""
        if source.label in self._reading:
            self._reading.remove(source.label)
        self._describe(1)

    def end(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def _describe(self, advance: int = 0) -> None:
        names = log_line(", ".join(self._reading[:3])) + (" …" if len(self._reading) > 3 else "")  # noqa: PLR2004
        self._bar.update(self._task, description=names, advance=advance)


class Lines:
    """A line for each repository that is done."""

    def __init__(self, tell: Callable[[str], object], *, names_unmoved: bool = True) -> None:
        """Start counting when `begin` is called.

        Args:
            tell: is given each line.
            names_unmoved: repositories that have not moved get a line too.
        """
        self._tell = tell
        self._names_unmoved = names_unmoved
        self._outcomes: Counter[ReadOutcome] = Counter()
        self._total = 0
        self._began = 0.0

    def begin(self, total: int) -> None:
        """Start counting."""
        self._total, self._began = total, time.perf_counter()

    def start(self, source: RepositorySource) -> None:
        """Show nothing yet: a line when it is done is enough."""

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        """Tell how it went."""
        self._outcomes[outcome] += 1
        if outcome != "cached" or self._names_unmoved:
            self._tell(f"[{self._outcomes.total()}/{self._total}] {source.label}: {_WORDS[outcome]}")

    def end(self) -> None:
        """Tell how long all took."""
        failed = self._outcomes["failed"]
        seconds = time.perf_counter() - self._began
        parts = [f"{self._outcomes.total() - failed} of {self._total} repositories in {seconds:.1f} s"]
        if self._outcomes["cached"] and not self._names_unmoved:
            parts.append(f"{self._outcomes['cached']} had not moved")
        if failed:
            parts.append(f"{failed} could not be read")
        self._tell(", ".join(parts))


def harvest_progress(tell: Callable[[str], object], *, names_unmoved: bool = True) -> Bar | Lines:
    """Return what fits where standard error leads: see `Lines`."""
    return Bar() if sys.stderr.isatty() else Lines(tell, names_unmoved=names_unmoved)


def counted(pages: Iterable[T], total: int, tell: Callable[[str], object]) -> Iterator[T]:
    """Yield pages as they are made, and tell every few seconds how many of them there are by now."""
    last_line = time.perf_counter()
    for number, page in enumerate(pages, 1):
        if (now := time.perf_counter()) - last_line >= _PAUSE:
            tell(f"{number:,} of {total:,} pages made")
            last_line = now
        yield page
