"""What every drill is made of: a sandbox, and the steps of a trial."""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model.drill import DrillStep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mkdocs_gitguard.model.drill import DrillAbout, Tally


class NotRunError(Exception):
    """This machine lacks what a drill needs; the message ends a sentence that begins "not run, because"."""


class Sandbox:
    """The folder that a drill has for itself, its chance, and what it tells of itself."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        """Take an empty folder."""
        self.folder = folder
        self.dice = random.Random(seed)  # noqa: S311 - to be had again from the seed
        self.steps: list[DrillStep] = []
        self.detected_after: float | None = None
        self.recovered_after: float | None = None
        self._began = time.monotonic()
        self._fault_at = self._began
        self._over_at = self._began

    def note(self, words: str) -> None:
        """Add a line to the timeline."""
        self.steps.append(DrillStep(after=time.monotonic() - self._began, words=words))

    def fault_begins(self) -> None:
        """Count the time to detect from now on."""
        self._fault_at = time.monotonic()

    def detected(self, words: str) -> None:
        """Say that the system has noticed the fault; the first time counts."""
        if self.detected_after is None:
            self.detected_after = time.monotonic() - self._fault_at
        self.note(words)

    def fault_ends(self) -> None:
        """Count the time to recover from now on."""
        self._over_at = time.monotonic()

    def recovered(self) -> None:
        """Say that all is well again."""
        self.recovered_after = time.monotonic() - self._over_at


class Trial(ABC):
    """One run of a drill. Its steps are called in the order in which they stand here."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Take the sandbox, and touch nothing yet."""
        self.sandbox = sandbox

    @abstractmethod
    def prepare(self) -> None:
        """Make what the drill needs, and the steady state.

        Raises:
            NotRunError: this machine lacks something.
        """

    @abstractmethod
    def disturb(self) -> None:
        """Bring the fault on, and end it."""

    @abstractmethod
    def recover(self) -> None:
        """Do what the service, or whoever runs it, does afterwards; return when all is well again."""

    @abstractmethod
    def tally(self) -> Tally:
        """Answer the three questions, before the fault and after it: lost? doubled? equal to a clean build?"""

    def put_right(self) -> None:
        """Take away what stands beyond the sandbox's folder; always called, whatever has happened."""
        return


class Drill(NamedTuple):
    """A drill of the set."""

    about: DrillAbout
    trial: Callable[[Sandbox], Trial]
