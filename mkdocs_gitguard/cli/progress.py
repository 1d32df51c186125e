"""How a harvest's progress is shown: a bar where a terminal is attached, plain lines elsewhere."""

import sys
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.harvest.progress import ReadOutcome
from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.log_text import log_line

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
    """A line on standard error for each repository that is done."""

    def __init__(self) -> None:
        """Start counting when `begin` is called."""
        self._done = 0
        self._failed = 0
        self._total = 0
        self._began = 0.0

    def begin(self, total: int) -> None:
        """Start counting."""
        self._total, self._began = total, time.perf_counter()

    def start(self, source: RepositorySource) -> None:
        """Show nothing yet: a line when it is done is enough."""

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        """Tell how it went."""
        self._done += 1
        self._failed += outcome == "failed"
        echo(f"[{self._done}/{self._total}] {source.label}: {_WORDS[outcome]}", err=True)

    def end(self) -> None:
        """Tell how long all took."""
        failed = f", {self._failed} could not be read" if self._failed else ""
        seconds = time.perf_counter() - self._began
        echo(f"{self._done - self._failed} of {self._total} repositories in {seconds:.1f} s{failed}", err=True)


def progress() -> Bar | Lines:
    """Return what fits where standard error leads."""
    return Bar() if sys.stderr.isatty() else Lines()
