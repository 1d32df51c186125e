"""The clock goes forward by weeks and back again, between appends and publishes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mkdocs_gitguard.chaos.made_events import LogPlace, made_event, tally_of, work_through
from mkdocs_gitguard.chaos.made_release import MadeReleases
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_VARIABLE = "SOURCE_DATE_EPOCH"
_DAY = 86_400
_JUMPS = (0, 20, -30, 10, -1, 0)
"""Days from the moment that the drill began at."""
_BATCH = 5


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, files=8, keep=4)
        self._place = LogPlace(sandbox.folder / "events.db")
        self._wrong: list[str] = []

    def prepare(self) -> None:
        self._made.publish("start 0")
        self._made.publish("start 1")
        self._append(0)

    @contextmanager
    def _at(self, days: int) -> Iterator[None]:
        before = os.environ[_VARIABLE]
        os.environ[_VARIABLE] = str(int(before) + days * _DAY)
        try:
            yield
        finally:
            os.environ[_VARIABLE] = before

    def _append(self, number: int) -> None:
        """Append some events, each of them twice, and have all worked on."""
        log = self._place.open()
        try:
            events = [made_event(f"event-{number}-{more}") for more in range(_BATCH)]
            log.append(events)
            log.append(events)
            with self._place.file("acknowledged").open("a") as file:
                file.writelines(f"{event.delivery}\n" for event in events)
            work_through(log, self._place)
            kept = {stored.event.delivery for stored in log.read()}
            self._wrong += [f"{event.delivery} was cut at once." for event in events if event.delivery not in kept]
        finally:
            log.close()

    def disturb(self) -> None:
        for number, days in enumerate(_JUMPS, 1):
            with self._at(days):
                self.sandbox.note(f"The clock is {days} days from where it was")
                self._append(number)
                published = self._made.publish(f"release {number}")
                newest = self._made.target.releases()[0]
                if newest.id != published.release.id:
                    self._wrong.append(f"Release {number}, {days} days off, does not count as the newest.")
                back = self._made.target.rollback()
                if back.id == published.release.id or back.id > published.release.id:
                    self._wrong.append(f"The way back from release {number} leads to {back.id}.")
                self._made.target.rollback(published.release.id)

    def recover(self) -> None:
        self._append(len(_JUMPS) + 1)
        self._made.publish("after")

    def tally(self) -> Tally:
        tally = self._made.tally()
        log = self._place.open()
        try:
            # Retention may cut what is old by the clock: all of it was worked on.
            events = tally_of(log, LogPlace(self._place.path, notes=self.sandbox.folder), extra=self._wrong)
            worked_on = {delivery for _, delivery in self._place.effects()}
            missing = [delivery for delivery in self._place.acknowledged() if delivery not in worked_on]
            kept = {stored.event.delivery for stored in log.read()}
        finally:
            log.close()
        cut = sum(delivery not in kept for delivery in self._place.acknowledged())
        return Tally(
            looked_at=tally.looked_at + events.looked_at,
            lost=tally.lost + events.lost - cut + len(missing),
            doubled=tally.doubled + events.doubled,
            differing=tally.differing,
            examples=(*tally.examples, *events.examples, *missing[:3]),
        )


DRILL = Drill(
    DrillAbout(
        name="clock-jumps",
        title="The clock jumps forward and back",
        component="event log and publish",
        hypothesis="Events are kept once and worked on, and the last release is the newest, whatever the clock says.",
        fault="The clock jumps by up to 40 days, forward and back, between appends and publishes.",
        blast_radius="A log and releases in the sandbox; the clock is that of the drill's process alone.",
        time_limit=60,
        is_short=True,
    ),
    _Trial,
)
