"""Judges the objectives beside the rounds of a watch, and tells who is to be told. No round ever waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.errors import GitGuardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_gitguard.service.watch import Health
    from mkdocs_gitguard.slo.delivery import Delivery

_EVERY: Final = 60.0
"""Seconds between two looks where nothing asks for one."""
_AT_LEAST: Final = 5.0
"""Seconds between two looks, however often they are asked for."""
_REST: Final = 20
"""So many times what a look has taken, until the next: rounds work in the same process."""


@dataclass
class Alarm:
    """Looks at the objectives after each round and each minute.

    Attributes:
        judge: returns the state of the objectives: `alert`, `missed`, `no data`, `met` or `stale`.
        deliver: tells what is new, and returns what was tried; None in quiet hours.
        health: shows how that went.
        tell: is told what goes wrong, a sentence.
        note: is told who was told what, a sentence.
    """

    judge: Callable[[], str]
    deliver: Callable[[], Sequence[Delivery] | None]
    health: Health
    tell: Callable[[str], None]
    note: Callable[[str], None]
    every: float = _EVERY
    _asked: Event = field(default_factory=Event)
    _trouble: str = ""

    def start(self) -> None:
        """Look in a thread of its own, as long as the process lives."""
        Thread(target=self._run, name="objectives", daemon=True).start()

    def ask(self) -> None:
        """Look soon: something was measured."""
        self._asked.set()

    def _run(self) -> None:
        while True:
            self._asked.wait(self.every)
            self._asked.clear()
            began = time.monotonic()
            self.look()
            time.sleep(pause_after(time.monotonic() - began, self.every))

    def look(self) -> None:
        """Judge, and tell what is new."""
        try:
            self.health.objectives = self.judge()
            tried = self.deliver()
        except GitGuardError as error:
            self.health.objectives = "unknown"
            if str(error) != self._trouble:
                self.tell(str(error))
            self._trouble = str(error)
            return
        finally:
            self.health.judged_at = time.time()
        self._trouble = ""
        if tried is None:
            return
        failed = [delivery for delivery in tried if delivery.error]
        self.health.notices_told += len(tried) - len(failed)
        self.health.notices_failed += len(failed)
        for delivery in tried:
            if delivery.error:
                what = f"{delivery.receiver} could not be told {delivery.title!r}"
                self.tell(f"{what}: {delivery.error}. It is tried again.")
            else:
                self.note(f"{delivery.receiver} was told: {delivery.title}.")


def pause_after(took: float, every: float) -> float:
    """Return the seconds until the next look, which takes longer the more was measured: a twentieth is for looking.

    Args:
        took: seconds of the look before.
        every: seconds that are the most.
    """
    return min(max(_AT_LEAST, _REST * took), every)
