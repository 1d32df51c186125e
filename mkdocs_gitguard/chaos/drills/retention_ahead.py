"""Retention cuts events that a consumer has not acknowledged."""

from mkdocs_gitguard.chaos.made_events import CONSUMER, LogPlace, made_event
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.errors import GateError
from mkdocs_gitguard.events.log import Retention
from mkdocs_gitguard.events.own import GAP, read_gap
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_EVENTS = 100
_DONE = 20
_KEPT = 30


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._place = LogPlace(sandbox.folder / "events.db")
        self._appended: set[int] = set()
        self._seen: set[int] = set()
        self._wrong: list[str] = []

    def prepare(self) -> None:
        log = self._place.open()
        try:
            appended = log.append([made_event(f"event-{number}") for number in range(_EVENTS)])
            self._appended = {item.sequence for item in appended}
            deliveries = log.consume(CONSUMER, most=_DONE)
            log.acknowledge(deliveries)
            self._seen = {item.sequence for item in deliveries}
        finally:
            log.close()

    def disturb(self) -> None:
        log = self._place.open()
        try:
            try:
                log.retain(Retention(max_messages=_KEPT))
                self._wrong.append("What a consumer had not acknowledged was cut without a word.")
            except GateError:
                self.sandbox.detected("The cut was refused, as a consumer had not acknowledged what it takes")
            cut = log.retain(Retention(max_messages=_KEPT), force=True)
            self.sandbox.note(cut.in_words())
        finally:
            log.close()

    def recover(self) -> None:
        """Work on: a gap has all repositories looked at, which covers what was cut."""
        log = self._place.open()
        try:
            while deliveries := log.consume(CONSUMER, most=50, wait=0.3):
                for delivery in deliveries:
                    self._seen.add(delivery.sequence)
                    if delivery.event.name == GAP:
                        gap = read_gap(delivery.event)
                        self._seen |= {*range(gap.first, gap.last + 1)}
                        self.sandbox.note(f"The consumer was told of a gap, {gap.first} to {gap.last}")
                log.acknowledge(deliveries)
        finally:
            log.close()

    def tally(self) -> Tally:
        log = self._place.open()
        try:
            waiting = {stored.sequence for stored in log.read()}
        finally:
            log.close()
        lost = sorted(self._appended - self._seen - waiting)
        return Tally(
            looked_at=len(self._appended),
            lost=len(lost) + len(self._wrong),
            examples=(*self._wrong, *(f"Event {sequence} is gone, and no gap tells of it." for sequence in lost[:3])),
        )


DRILL = Drill(
    DrillAbout(
        name="retention-ahead",
        title="Retention cut ahead of the consumer",
        component="event log (embedded)",
        hypothesis="What is cut before it was acknowledged is told as a gap, on which everything is looked at.",
        fault=f"Of {_EVENTS} events {_EVENTS - _KEPT} are cut by force, of which a consumer has acknowledged {_DONE}.",
        blast_radius="A log in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Trial,
)
