"""The rounds of a watch: look where events say, build, publish, and acknowledge what is answered then.

Level-triggered: an event is answered by any round that began when it was in hand and looked where it says, whoever
asked for that round. So duplicates and events out of order cost nothing, and one that is lost costs freshness until the
next reconcile. An event is acknowledged when the round that answers it is over, never before. No clock decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.errors import EventError, ParseError
from mkdocs_gitguard.events.own import gap_in_words
from mkdocs_gitguard.service.look import Look, look_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mkdocs_gitguard.events.event import Event
    from mkdocs_gitguard.events.log import Delivery, EventLog
    from mkdocs_gitguard.model.log_state import SetRight
    from mkdocs_gitguard.site_build.event_selection import EventPlaces


_SKEW: Final = timedelta(seconds=5)
"""That two machines' clocks may be apart."""


class Stages(NamedTuple):
    """When a round came to its stages."""

    seen: datetime
    """When it began: the events in hand were seen before."""
    read: datetime
    """When the repositories were read."""
    made: datetime
    """When the pages stood in the site's folder."""
    published: datetime | None = None
    """When readers saw them; None: the flags keep it in."""

    @property
    def ended(self) -> datetime:
        """When the round was over."""
        return self.published or self.made


class Answered(NamedTuple):
    """An event that a round has answered."""

    event: Event
    stages: Stages

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds from the event's acceptance to each stage that the round came to; 0 if the clock was set back."""
        accepted = self.event.accepted_at
        return {
            stage: max(0.0, (at - accepted).total_seconds())
            for stage, at in self.stages._asdict().items()
            if at is not None
        }

    @property
    def is_ahead(self) -> bool:
        """Whether it was taken on by a clock that is ahead of ours: then nobody can tell how fresh it was answered."""
        return self.event.accepted_at - self.stages.ended > _SKEW

    @property
    def freshness(self) -> float:
        """Seconds from the event's acceptance until its pages were on our own origin; 0 if the clock was set back."""
        return max(0.0, (self.stages.ended - self.event.accepted_at).total_seconds())


Run = Callable[[Look], Stages]
"""Builds and publishes. Raises a GitGuardError where either fails: then nothing is answered."""


@dataclass
class Rounds:
    """Takes events in hand, runs rounds, and acknowledges.

    Attributes:
        log: of events; None: only reconciles ask for rounds.
        places: the repositories of the site, as of the last round.
        run: builds and publishes.
        tell: is told what goes wrong, a sentence.
        away: why the log cannot be used now; None: it can.
        refuses: why the log takes no events now; None: it does.
        set_right: what was set right in the log since the last round.
        has_buried: whether an event has become a dead letter since the last round, which shows it.
        in_hand: by sequence, what was handed out and is not answered yet, and where it says to look.
    """

    log: EventLog | None
    places: EventPlaces
    run: Run
    tell: Callable[[str], None]
    away: EventError | None = None
    refuses: EventError | None = None
    set_right: list[SetRight] = field(default_factory=list)
    has_buried: bool = False
    in_hand: dict[int, tuple[Delivery, Look]] = field(default_factory=dict)

    def take(self, deliveries: Iterable[Delivery]) -> int:
        """Take events in hand, and return how many.

        One that cannot be read is refused at once, and is a dead letter after its last try. One about nothing that the
        phase shows is answered already.
        """
        number = 0
        for delivery in deliveries:
            assert self.log is not None  # noqa: S101 - somebody handed it out
            number += 1
            try:
                look = look_of(delivery.event, self.places, self.log)
            except ParseError as error:
                self._refuse(self.log, delivery, error)
                continue
            if reason := gap_in_words(delivery.event):
                self.tell(reason)
            if look:
                self.in_hand[delivery.sequence] = (delivery, look)
            else:
                self._acknowledge([delivery])
        return number

    @property
    def wanted(self) -> Look:
        """Where the events in hand say to look."""
        wanted = Look()
        for _, look in self.in_hand.values():
            wanted |= look
        return wanted

    def round(self, look: Look) -> tuple[Answered, ...]:
        """Look there, and return the events that are answered now, which are acknowledged.

        Raises:
            GitGuardError: it failed. The events stay in hand, for the next round.
        """
        stages = self.run(look)
        self.has_buried = False
        answered = {sequence: delivery for sequence, (delivery, wanted) in self.in_hand.items() if look.covers(wanted)}
        self._acknowledge(list(answered.values()))
        for sequence in answered:
            del self.in_hand[sequence]
        return tuple(Answered(delivery.event, stages) for delivery in answered.values())

    def _refuse(self, log: EventLog, delivery: Delivery, error: ParseError) -> None:
        log.refuse(delivery, reason=str(error), delay=1.0)
        most = delivery.consumer.most_tries
        self.tell(f"The event {delivery.sequence} cannot be used, try {delivery.tries} of {most}: {error}")
        if delivery.tries >= most:
            self.has_buried = True
            self.tell(f"The event {delivery.sequence} is a dead letter now: see `gitguard events dead`.")

    def _acknowledge(self, deliveries: list[Delivery]) -> None:
        if deliveries and self.log is not None:
            try:
                self.log.acknowledge(deliveries)
            except EventError as error:
                # They are handed out again, and cost a round that finds nothing moved.
                self.tell(str(error))


def backoff(failures: int, *, first: float = 1.0, longest: float = 300.0) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    return min(longest, first * 2.0 ** max(0, failures - 1))
