"""The service of the plan: takes events, looks again in time whether there were any or not, and keeps a site fresh."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.collector import clear_away
from mkdocs_gitguard.errors import EventError, GitGuardError
from mkdocs_gitguard.events.log import Consumer
from mkdocs_gitguard.model.log_state import SetRight
from mkdocs_gitguard.service.look import EVERYWHERE
from mkdocs_gitguard.service.rounds import Answered, Rounds, backoff

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from mkdocs_gitguard.events.log import EventLog
    from mkdocs_gitguard.service.look import Look

CONSUMER: Final = "watch"
_MOST_AT_ONCE: Final = 1_000
_TOGETHER: Final = 0.02
"""Seconds that are waited for more events once one is there: a merge sends several."""
_LONGEST_WAIT: Final = 1.0
"""Seconds between two looks at whether to stop."""
_CHECK_EVERY: Final = 15.0
"""Seconds between two looks at whether the log takes events: nobody who only takes them would notice."""
_MOST_LITTER: Final = 8
"""Rounds after which what they have left behind is cleared away, whether anybody waits or not."""
_WHOLE_EVERY: Final = 3600.0
"""Seconds after which what earlier rounds have needed is looked through, too."""
_QUIET: Final = 30.0
"""Seconds without an event after which what was left for later is done. Earlier, the round of an event does it: one of
its own would be in the way of the next event."""
_JUMP: Final = 5.0
"""Seconds that the clock goes in a second of time, beside which it was set."""
_JITTER: Final = 0.1
"""Share by which reconciles come earlier or later, so that many machines do not ask one forge at once."""


@dataclass
class Health:
    """How the service is, for `/healthz` and `/readyz`."""

    is_ready: bool = False
    """Whether a first round has ended well, and what answers an event is at hand."""
    failures: int = 0
    """Rounds that failed in a row."""
    last_error: str = ""
    rounds: int = 0
    answered: int = 0
    """Events."""
    in_hand: int = 0
    log: str = ""
    """How the event log is: `well`, `takes no events`, `away`; `""`: none is used."""
    ended_at: float = 0.0
    """Of the last round that ended well, seconds since 1970."""
    objectives: str = ""
    """How they are: `alert`, `missed`, `no data`, `met`, `stale`, `unknown`; `""`: nobody judges them."""
    judged_at: float = 0.0
    """When they were judged last, seconds since 1970."""
    notices_told: int = 0
    notices_failed: int = 0
    """Tries that failed."""


@dataclass
class Watch:
    """One service over one site.

    Attributes:
        rounds: what is done.
        open_log: opens the log of events; None: none are taken.
        reconcile: seconds between two looks everywhere; 0: never but at the start.
        answered: is told of events that were answered.
        warm_up: is called when a first round has ended well, before the service is ready: gets at hand what answering
            an event takes.
        is_left: whether an earlier round has left something for later, which a round without events does now.
        must_stop: whether to stop, asked between rounds.
        must_start_over: whether what the site is made by has changed, asked between rounds.
        tell: is told what happens, a sentence.
    """

    rounds: Rounds
    open_log: Callable[[], EventLog] | None
    reconcile: float
    ack_wait: float
    answered: Callable[[tuple[Answered, ...]], None]
    must_stop: Callable[[], bool]
    must_start_over: Callable[[], bool]
    tell: Callable[[str], None]
    warm_up: Callable[[], None] = lambda: None
    is_left: Callable[[], bool] = lambda: False
    health: Health = field(default_factory=Health)
    dice: random.Random = field(default_factory=random.Random)
    _log_trouble: str = ""
    _shown_log: str = ""
    """How the log was at the last round."""
    _shown_day: date | None = None
    """That of the last round that ended well (UTC); None: there was none."""
    _check_at: float = 0.0
    _clock: float = field(default_factory=lambda: time.time() - time.monotonic())
    """Between the time of day and that of the machine."""
    _taken_at: float = float("-inf")
    """When an event was taken last."""
    _litter: int = 0
    """Rounds since the last clearing away."""
    _whole_at: float = 0.0
    """When all is to be looked through again."""

    def run(self) -> bool:
        """Work until told to stop; return whether to start over."""
        consumer = Consumer(name=CONSUMER, ack_wait=self.ack_wait)
        due = time.monotonic()
        retry_at = 0.0
        # The first round shows what events say, too.
        self._reach_log()
        while not self.must_stop():
            if self.must_start_over():
                return True
            self._watch_clock()
            now = time.monotonic()
            is_news = self.rounds.has_buried or self.health.log != self._shown_log
            is_quiet = now - self._taken_at >= _QUIET
            is_due = bool(self.rounds.in_hand) or is_news or self._is_new_day() or (is_quiet and self.is_left())
            next_at = max(now if is_due else due, retry_at)
            if now < next_at:
                if not self._take(consumer, min(_LONGEST_WAIT, next_at - now)) and self._litter:
                    self._clear_away()
                continue
            look = EVERYWHERE if now >= due else self.rounds.wanted
            if not self._round(look):
                retry_at = time.monotonic() + backoff(self.health.failures)
            elif look.everywhere:
                due = self._next_reconcile()
        return False

    def _watch_clock(self) -> None:
        """Tell when the clock has gone otherwise than the time: events in hand seem older or younger then.

        What is waited for goes by the time that passes, so that nothing comes too early or too late.
        """
        between = time.time() - time.monotonic()
        moved, self._clock = between - self._clock, between
        if abs(moved) > _JUMP:
            way = "forward" if moved > 0 else "back"
            self.tell(
                f"The clock has gone {way} by {abs(moved):,.0f} s: it was set, or the machine slept. Nothing is "
                "lost; how fresh the events of this moment are answered is measured wrongly."
            )

    def _is_new_day(self) -> bool:
        """Tell whether a day has begun since the last round: what ages is another on every page, and no event's."""
        return self._shown_day is not None and system_moment().date() != self._shown_day

    def _next_reconcile(self) -> float:
        if not self.reconcile:
            return float("inf")
        return time.monotonic() + self.reconcile * (1 + self.dice.uniform(-_JITTER, _JITTER))

    def _round(self, look: Look) -> bool:
        self._shown_log = self.health.log
        try:
            began_on = system_moment().date()
            answered = self.rounds.round(look)
        except GitGuardError as error:
            self.health.failures += 1
            self.health.last_error = str(error)
            self.tell(f"{error} Trying again in {backoff(self.health.failures):g} s.")
            return False
        health = self.health
        health.failures, health.last_error = 0, ""
        self._shown_day = began_on
        health.rounds += 1
        health.answered += len(answered)
        health.in_hand = len(self.rounds.in_hand)
        health.ended_at = time.time()
        if answered:
            self.answered(answered)
        if not health.is_ready:
            self._get_ready()
        self._litter += 1
        if self._litter >= _MOST_LITTER:
            self._clear_away()
        return True

    def _get_ready(self) -> None:
        try:
            if not self.rounds.in_hand:
                self.warm_up()
        except GitGuardError as error:
            self.tell(str(error))
        self.health.is_ready = True

    def _clear_away(self) -> None:
        """Collect what builds, which collect rarely, have left behind, so that memory does not grow with events.

        No event is seen meanwhile, so that it is done where none has come for a while: a tenth of a second for 3,000
        pages, and a fourth where all is looked through.
        """
        now = time.monotonic()
        is_due = now >= self._whole_at
        clear_away(whole=is_due)
        if is_due:
            self._whole_at = now + _WHOLE_EVERY
        self._litter = 0

    def _reach_log(self) -> EventLog | None:
        """Return the log, opened if it is not yet; None: none is used, or it is away."""
        try:
            if self.rounds.log is None and self.open_log is not None:
                self.rounds.log = self.open_log()
                # The state folder is held by this process alone: whoever had them in hand is gone.
                self.rounds.log.take_back(CONSUMER)
                self.health.log = "well"
        except EventError as error:
            self._miss_log(error)
        return self.rounds.log

    def _check(self, log: EventLog) -> None:
        """See now and then whether the log takes events."""
        if time.monotonic() < self._check_at:
            return
        self._check_at = time.monotonic() + _CHECK_EVERY
        try:
            log.check()
        except EventError as error:
            if self.rounds.refuses is None:
                self.tell(str(error))
            self.rounds.refuses = error
        else:
            if self.rounds.refuses is not None:
                self.tell("The event log takes events again.")
            self.rounds.refuses = None

    def _miss_log(self, error: EventError) -> None:
        """Take note that the log is away. The reconcile goes on without events."""
        self.rounds.away = error
        self.health.log = "away"
        self.health.last_error = str(error)
        if str(error) != self._log_trouble:
            self._log_trouble = str(error)
            self.tell(str(error))

    def _take(self, consumer: Consumer, wait: float) -> int:
        """Take what has come, and what comes with it, and return how much; wait where nothing has."""
        number = 0
        if self.open_log is None:
            time.sleep(wait)
            return number
        log = self._reach_log()
        try:
            if log is not None:
                number = self.rounds.take(log.consume(consumer, most=_MOST_AT_ONCE, wait=wait))
                if number:
                    self._taken_at = time.monotonic()
                    time.sleep(_TOGETHER)
                    self.rounds.take(log.consume(consumer, most=_MOST_AT_ONCE))
                for sentence in log.notices():
                    self.tell(sentence)
                    self.rounds.set_right.append(SetRight(what=sentence, at=system_moment().replace(microsecond=0)))
                self._check(log)
                self._log_trouble, self.rounds.away = "", None
                self.health.log = "well" if self.rounds.refuses is None else "takes no events"
        except EventError as error:
            self._miss_log(error)
        if self.rounds.away is not None:
            time.sleep(_LONGEST_WAIT)
        self.health.in_hand = len(self.rounds.in_hand)
        return number
