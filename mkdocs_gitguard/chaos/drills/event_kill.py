"""Appenders and consumers of the embedded log are killed at random moments."""

import time

from mkdocs_gitguard.chaos.made_events import LogPlace, LogUsers, append_well, tally_of, work_through
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_ROUNDS = 9
_ROLES = (("consumer",), ("appender", "consumer"), ("appender",))
_BEFORE = 20


class EventKill(Trial):
    """Kills users of a log; a drill with a broker kills that, too."""

    rounds = _ROUNDS

    def __init__(self, sandbox: Sandbox) -> None:
        """Name the log."""
        super().__init__(sandbox)
        self._users: LogUsers | None = None

    @property
    def place(self) -> LogPlace:
        """Where the log is."""
        return LogPlace(self.sandbox.folder / "events.db")

    def prepare(self) -> None:
        """Make the log, with some events that are worked on."""
        log = self.place.open()
        try:
            append_well(log, self.place, (f"before-{number}" for number in range(_BEFORE)))
            work_through(log, self.place)
        finally:
            log.close()

    def disturb(self) -> None:
        """Kill them at random moments, and start them again."""
        self._users = LogUsers(self.place)
        dice = self.sandbox.dice
        # By turns, so that each is killed in every run; in which order is left to chance.
        turns = [_ROLES[number % len(_ROLES)] for number in range(self.rounds)]
        dice.shuffle(turns)
        for roles in turns:
            time.sleep(dice.uniform(0.1, 0.3))
            self._users.kill(*roles)
            self.sandbox.note(f"Killed: {' and '.join(roles)}")
            self.beside()
            self._users.start(*roles)
        time.sleep(0.1)
        self._users.end()

    def beside(self) -> None:
        """Do what a drill does beside each kill."""

    def recover(self) -> None:
        """Work through what is left, as the next consumer does."""
        log = self.place.open()
        try:
            work_through(log, self.place)
        finally:
            log.close()

    def tally(self) -> Tally:
        """Compare what was written down with the log."""
        log = self.place.open()
        try:
            return tally_of(log, self.place)
        finally:
            log.close()

    def put_right(self) -> None:
        """End those that still run."""
        if self._users:
            self._users.end()


DRILL = Drill(
    DrillAbout(
        name="event-kill",
        title="Appenders and consumers of events killed",
        component="event log (embedded)",
        hypothesis="Every event that was acknowledged is in the log, once, and is worked on.",
        fault=f"Appender and consumer are killed at {_ROUNDS} random moments.",
        blast_radius="A log in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    EventKill,
)
